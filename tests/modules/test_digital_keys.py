"""The digital keys for trying out: a real OpenID provider three times over, that never leaves this machine."""

import base64
import hashlib
import json
import re
import socket
import stat
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from jose import jwe, jwk, jws
from werkzeug.test import TestResponse

from modules.digital_keys import create_app
from modules.digital_keys.behaviour import Behaviour, behaviours
from modules.digital_keys.provider import PROVIDERS
from modules.digital_keys.settings import KeySettings, KeySettingsError

BASE = "http://localhost:8004"
SECRET = "tests only: the broker at a digital key"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def redirect_uri(code: str) -> str:
    return f"http://localhost:8000/aanmelden/{code}/terug"


def clients() -> dict[str, object]:
    return {
        code: [{"client_id": "poortwachter", "client_secret": SECRET, "redirect_uris": [redirect_uri(code)]}]
        for code in PROVIDERS
    }


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("digital-keys") / "data"


@pytest.fixture
def keys_app(key_folder: Path) -> Flask:
    return create_app(KeySettings(base_url=BASE, data=key_folder, clients=clients()))


@pytest.fixture
def visitor(keys_app: Flask) -> FlaskClient:
    return keys_app.test_client()


def request_of(code: str = "itsme", **changes: str | None) -> str:
    asked = {
        "response_type": "code",
        "client_id": "poortwachter",
        "redirect_uri": redirect_uri(code),
        "scope": "openid profile",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "claims": json.dumps({"id_token": {provider.number_claim: None for provider in PROVIDERS.values()}}),
        **changes,
    }
    return f"/{code}/authorize?" + urlencode({name: value for name, value in asked.items() if value is not None})


def answer(
    visitor: FlaskClient, code: str = "itsme", form: dict[str, str] | None = None, **changes: str | None
) -> TestResponse:
    address = request_of(code, **changes)
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get(address).text)
    assert token
    typed = {"person": "nele.vercauteren", "answer": "sign_in", **(form or {}), "csrf_token": token[1]}
    return visitor.post(address, data=typed)


def sent_back(response: TestResponse) -> dict[str, str]:
    assert response.status_code == 303
    return {name: values[0] for name, values in parse_qs(urlsplit(response.location).query).items()}


def redeem(visitor: FlaskClient, code_value: str, code: str = "itsme", **changes: str) -> TestResponse:
    form = {
        "grant_type": "authorization_code",
        "code": code_value,
        "redirect_uri": redirect_uri(code),
        "code_verifier": VERIFIER,
        **changes,
    }
    return visitor.post(f"/{code}/token", data=form, auth=("poortwachter", SECRET.replace(" ", "%20")))


def claims_of(visitor: FlaskClient, token: str, code: str = "itsme") -> dict[str, Any]:
    """The claims, after the signature was checked with the published key."""
    published = visitor.get(f"/{code}/jwks").json["keys"][0]  # type: ignore[index]
    claims: dict[str, Any] = json.loads(jws.verify(token, jwk.construct(published, "RS256"), ["RS256"]))
    return claims


@pytest.mark.parametrize("code", list(PROVIDERS))
def test_each_key_is_an_issuer_of_its_own(visitor: FlaskClient, code: str) -> None:
    found = visitor.get(f"/{code}/.well-known/openid-configuration").json
    assert found is not None
    assert found["issuer"] == f"{BASE}/{code}"
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert found[name].startswith(f"{BASE}/{code}/")


@pytest.mark.parametrize("code", list(PROVIDERS))
def test_a_test_person_signs_in_with_name_and_number_under_the_keys_own_claim(visitor: FlaskClient, code: str) -> None:
    back = sent_back(answer(visitor, code))
    assert (back["state"], back["iss"]) == ("the-state", f"{BASE}/{code}")
    tokens = redeem(visitor, back["code"], code).json
    assert tokens is not None
    claims = claims_of(visitor, tokens["id_token"], code)
    provider = PROVIDERS[code]
    assert claims["iss"] == f"{BASE}/{code}"
    assert claims["aud"] == "poortwachter"
    assert claims["nonce"] == "the-nonce"
    assert claims["acr"] == provider.acr_values[0]
    assert claims["exp"] - claims["iat"] == 300
    assert (claims["given_name"], claims["family_name"]) == ("Nele", "Vercauteren")
    assert claims[provider.number_claim] == "85073099833"
    assert "85073099833" not in claims["sub"]
    told = visitor.get(f"/{code}/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json
    assert told is not None
    assert told["sub"] == claims["sub"]


def test_one_person_is_another_subject_at_each_key_and_the_same_next_time(keys_app: Flask) -> None:
    subjects = []
    for code in (*PROVIDERS, *PROVIDERS):
        visitor = keys_app.test_client()
        tokens = redeem(visitor, sent_back(answer(visitor, code))["code"], code).json
        assert tokens is not None
        subjects.append(claims_of(visitor, tokens["id_token"], code)["sub"])
    assert subjects[:3] == subjects[3:]
    assert len(set(subjects)) == 3


def test_anybody_can_be_typed_with_any_acr(visitor: FlaskClient) -> None:
    typed = {
        "person": "other",
        "given_name": "Hamid",
        "family_name": "El Amrani",
        "national_number": "85.07.30-998.33",
        "acr": "other",
        "acr_other": "urn:iets:anders",
    }
    tokens = redeem(visitor, sent_back(answer(visitor, form=typed))["code"]).json
    assert tokens is not None
    claims = claims_of(visitor, tokens["id_token"])
    assert claims["family_name"] == "El Amrani"
    assert claims[PROVIDERS["itsme"].number_claim] == "85073099833"
    assert claims["acr"] == "urn:iets:anders"
    assert "email" not in claims


def test_the_acr_can_be_left_out(visitor: FlaskClient) -> None:
    tokens = redeem(visitor, sent_back(answer(visitor, form={"acr": "none"}))["code"]).json
    assert tokens is not None
    assert "acr" not in claims_of(visitor, tokens["id_token"])


def test_mistakes_are_told_and_what_was_typed_stays(visitor: FlaskClient) -> None:
    page = answer(visitor, form={"person": "other", "given_name": "Hamid", "national_number": "85073099834"})
    assert page.status_code == 422
    assert "Nog 2 dingen in orde te brengen" in page.text
    assert 'value="Hamid"' in page.text
    assert 'value="85073099834"' in page.text
    assert "Kies een testpersoon" in answer(visitor, form={"person": ""}).text


def test_cancelling_is_told_to_the_client(visitor: FlaskClient) -> None:
    back = sent_back(answer(visitor, form={"answer": "cancel"}))
    assert back == {"error": "access_denied", "state": "the-state", "iss": f"{BASE}/itsme"}


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"redirect_uri": "http://localhost:8000/elders"},
        {"redirect_uri": None},
        {"client_id": None},
    ],
)
def test_an_unknown_client_or_address_gets_a_page_and_no_redirect(
    visitor: FlaskClient, changes: dict[str, str | None]
) -> None:
    response = visitor.get(request_of(**changes))
    assert response.status_code == 400
    assert "Location" not in response.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_wrong_request_is_told_to_the_client(
    visitor: FlaskClient, changes: dict[str, str | None], error: str
) -> None:
    assert sent_back(visitor.get(request_of(**changes)))["error"] == error


def test_a_code_is_good_once_for_its_client_with_its_verifier_and_address(visitor: FlaskClient) -> None:
    def fresh() -> str:
        return sent_back(answer(visitor))["code"]

    assert redeem(visitor, fresh(), code_verifier="w" * 43).json == {"error": "invalid_grant"}
    assert redeem(visitor, fresh(), redirect_uri="http://localhost:8000/elders").json == {"error": "invalid_grant"}
    assert redeem(visitor, fresh(), code="eid").json == {"error": "invalid_grant"}
    assert redeem(visitor, "code.onzin").json == {"error": "invalid_grant"}
    assert redeem(visitor, fresh(), grant_type="password").json == {"error": "unsupported_grant_type"}
    code = fresh()
    assert redeem(visitor, code).status_code == 200
    assert redeem(visitor, code).json == {"error": "invalid_grant"}
    wrong = visitor.post("/itsme/token", data={"grant_type": "authorization_code"}, auth=("poortwachter", "wrong"))
    assert wrong.status_code == 401
    posted = visitor.post(
        "/itsme/token", data={"client_id": "poortwachter", "client_secret": SECRET, "grant_type": "x"}
    )
    assert posted.json == {"error": "unsupported_grant_type"}


def test_userinfo_needs_a_token_of_the_same_key(visitor: FlaskClient) -> None:
    tokens = redeem(visitor, sent_back(answer(visitor))["code"]).json
    assert tokens is not None
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert visitor.get("/eid/userinfo", headers=header).status_code == 401
    assert visitor.get("/itsme/userinfo").status_code == 401


@pytest.mark.parametrize(
    ("behaviour", "spoiled"),
    [
        (Behaviour(nonce="another"), {"nonce": "another"}),
        (Behaviour(audience="another"), {"aud": "another"}),
        (Behaviour(issuer="https://elders.voorbeeld.test"), {"iss": "https://elders.voorbeeld.test"}),
        (Behaviour(subject="another"), {"sub": "another"}),
    ],
)
def test_a_test_can_have_a_claim_spoiled(
    keys_app: Flask, visitor: FlaskClient, behaviour: Behaviour, spoiled: dict[str, str]
) -> None:
    behaviours(keys_app)["itsme"] = behaviour
    tokens = redeem(visitor, sent_back(answer(visitor))["code"]).json
    assert tokens is not None
    assert claims_of(visitor, tokens["id_token"]).items() >= spoiled.items()


def test_a_test_can_have_the_rest_spoiled(keys_app: Flask, visitor: FlaskClient) -> None:
    def tokens(behaviour: Behaviour) -> dict[str, Any]:
        behaviours(keys_app)["itsme"] = behaviour
        found: dict[str, Any] = redeem(visitor, sent_back(answer(visitor))["code"]).json  # type: ignore[assignment]
        return found

    def header(token: str) -> dict[str, Any]:
        part = token.split(".")[0]
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return found

    now = time.time()
    assert claims_of(visitor, tokens(Behaviour(expired=True))["id_token"])["exp"] < now
    assert claims_of(visitor, tokens(Behaviour(issued_in_the_future=True))["id_token"])["iat"] > now + 3000
    assert "acr" not in claims_of(visitor, tokens(Behaviour(without_acr=True))["id_token"])
    assert PROVIDERS["itsme"].number_claim not in claims_of(visitor, tokens(Behaviour(without_number=True))["id_token"])
    assert header(tokens(Behaviour(algorithm="none"))["id_token"])["alg"] == "none"
    assert header(tokens(Behaviour(algorithm="HS256"))["id_token"])["alg"] == "HS256"
    published = {key["kid"] for key in visitor.get("/itsme/jwks").json["keys"]}  # type: ignore[index]
    assert header(tokens(Behaviour(unknown_key=True))["id_token"])["kid"] not in published
    behaviours(keys_app)["itsme"] = Behaviour(response_issuer=None)
    assert "iss" not in sent_back(answer(visitor))
    behaviours(keys_app)["itsme"] = Behaviour(response_issuer="https://elders.voorbeeld.test")
    assert sent_back(answer(visitor))["iss"] == "https://elders.voorbeeld.test"
    behaviours(keys_app)["itsme"] = Behaviour(huge_key_set=True)
    assert len(visitor.get("/itsme/jwks").data) > 1_000_000
    behaviours(keys_app)["itsme"] = Behaviour(down=True)
    assert visitor.get("/itsme/.well-known/openid-configuration").status_code == 503
    assert visitor.get("/eid/.well-known/openid-configuration").status_code == 200
    behaviours(keys_app)["itsme"] = Behaviour(endpoints_down=("jwks",))
    assert visitor.get("/itsme/.well-known/openid-configuration").status_code == 200
    assert visitor.get("/itsme/jwks").status_code == 503
    behaviours(keys_app)["itsme"] = Behaviour(slow_seconds=0.2)
    before = time.monotonic()
    visitor.get("/itsme/jwks")
    assert time.monotonic() - before >= 0.2
    behaviours(keys_app).clear()
    assert visitor.get("/itsme/.well-known/openid-configuration").status_code == 200


# Clients that prove themselves with a key, push their request, and want encrypted or signed answers


def public_jwk(kid: str, use: str, key: Any) -> dict[str, Any]:
    """The public half of a key as a client publishes it."""
    algorithm = "ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "RS256"
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {**jwk.construct(pem, algorithm).to_dict(), "kid": kid, "use": use}


def private_pem(key: Any) -> str:
    """The private half."""
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


SIGNS, OPENS = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
STRANGER = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def strict_app(key_folder: Path) -> Flask:
    """eID, whose client proves itself with a key, has to push, and is answered encrypted; itsme, which signs userinfo."""
    registered = clients()
    registered["eid"] = [
        {
            "client_id": "poortwachter",
            "redirect_uris": [redirect_uri("eid")],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [public_jwk("s", "sig", SIGNS), public_jwk("o", "enc", OPENS)]},
            "require_pushed_authorization_requests": True,
            "id_token_encrypted_response_alg": "RSA-OAEP-256",
            "id_token_encrypted_response_enc": "A256GCM",
        }
    ]
    registered["itsme"][0]["userinfo_signed_response_alg"] = "RS256"  # type: ignore[index]
    return create_app(KeySettings(base_url=BASE, data=key_folder, clients=registered))


def assertion(key: Any = SIGNS, **changes: Any) -> dict[str, str]:
    """The proof of the client of eID; None leaves a claim out."""
    now = int(time.time())
    claims = {
        "iss": "poortwachter",
        "sub": "poortwachter",
        "aud": f"{BASE}/eid",
        "jti": str(uuid.uuid4()),
        "exp": now + 60,
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return {
        "client_id": "poortwachter",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jws.sign(kept, private_pem(key), {"kid": "s"}, "ES256"),
    }


def push(visitor: FlaskClient, **changes: Any) -> TestResponse:
    """Send a sound request ahead."""
    query = parse_qs(urlsplit(request_of("eid")).query)
    return visitor.post(
        "/eid/par", data={**{name: value[0] for name, value in query.items()}, **assertion(), **changes}
    )


def test_a_pushed_request_is_answered_once_and_encrypted(strict_app: Flask) -> None:
    """RFC 9126, RFC 7523 and RFC 7516 together, as the broker meets them in `make run`."""
    visitor = strict_app.test_client()
    pushed = push(visitor)
    assert pushed.status_code == 201
    assert pushed.json is not None
    address = "/eid/authorize?" + urlencode({"client_id": "poortwachter", "request_uri": pushed.json["request_uri"]})
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get(address).text)
    assert token
    form = {"person": "nele.vercauteren", "answer": "sign_in", "csrf_token": token[1]}
    back = sent_back(visitor.post(address, data=form))
    assert visitor.get(address).status_code == 400
    redeemed = visitor.post(
        "/eid/token",
        data={
            "grant_type": "authorization_code",
            "code": back["code"],
            "redirect_uri": redirect_uri("eid"),
            "code_verifier": VERIFIER,
            **assertion(),
        },
    )
    assert redeemed.json is not None
    id_token = redeemed.json["id_token"]
    assert jwe.get_unverified_header(id_token) == {"alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT", "kid": "o"}
    inner = jwe.decrypt(id_token, private_pem(OPENS)).decode()
    assert claims_of(visitor, inner, "eid")["rrn"] == "85073099833"


def test_a_client_that_has_to_push_cannot_do_without(strict_app: Flask) -> None:
    assert sent_back(strict_app.test_client().get(request_of("eid")))["error"] == "invalid_request"


def test_only_a_key_that_takes_pushed_requests_has_the_endpoint(strict_app: Flask) -> None:
    visitor = strict_app.test_client()
    for code, there in (("eid", True), ("itsme", False), ("token", False)):
        told = visitor.get(f"/{code}/.well-known/openid-configuration").json
        assert told is not None
        assert ("pushed_authorization_request_endpoint" in told) is there
        if not there:
            assert visitor.post(f"/{code}/par").status_code == 404


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_assertion": "x.y.z"}, "invalid_client"),
        ({"client_assertion_type": "something"}, "invalid_client"),
        ({"client_id": "somebody"}, "invalid_client"),
        (assertion(key=STRANGER), "invalid_client"),
        (assertion(aud=f"{BASE}/itsme"), "invalid_client"),
        (assertion(iss="somebody"), "invalid_client"),
        (assertion(sub=None), "invalid_client"),
        (assertion(jti=None), "invalid_client"),
        (assertion(exp=int(time.time()) - 1), "invalid_client"),
        (assertion(exp=int(time.time()) + 3600), "invalid_client"),
        ({"redirect_uri": "http://localhost:8000/elders"}, "invalid_request"),
        ({"request_uri": "urn:a"}, "invalid_request"),
    ],
)
def test_a_pushed_request_without_a_sound_proof_or_address_is_refused(
    strict_app: Flask, changes: dict[str, str], error: str
) -> None:
    assert push(strict_app.test_client(), **changes).json == {"error": error}


def test_an_assertion_proves_once(strict_app: Flask) -> None:
    visitor, proof = strict_app.test_client(), assertion()
    assert push(visitor, **proof).status_code == 201
    assert push(visitor, **proof).status_code == 401


def test_a_client_with_a_key_has_no_secret(strict_app: Flask) -> None:
    """An empty secret is none."""
    answered = strict_app.test_client().post("/eid/token", data={"client_id": "poortwachter", "client_secret": ""})
    assert answered.json == {"error": "invalid_client"}


def test_a_reference_of_another_key_or_of_nobody_gets_no_page(strict_app: Flask) -> None:
    visitor = strict_app.test_client()
    pushed = push(visitor).json
    assert pushed is not None
    for code, reference in (("itsme", pushed["request_uri"]), ("eid", "urn:ietf:params:oauth:request_uri:geraden")):
        query = urlencode({"client_id": "poortwachter", "request_uri": reference})
        assert visitor.get(f"/{code}/authorize?{query}").status_code == 400


def test_itsme_tells_a_number_only_to_who_asks_for_it_by_name(strict_app: Flask) -> None:
    """OpenID Connect Core 5.5; its userinfo is signed for a client that registered so."""
    visitor, name = strict_app.test_client(), PROVIDERS["itsme"].number_claim
    for asked, in_token, at_userinfo in (
        (None, False, False),
        ("no json", False, False),
        ("[]", False, False),
        (json.dumps({"userinfo": {name: {"essential": True}}}), False, True),
        (json.dumps({"id_token": {name: None}}), True, False),
    ):
        tokens = redeem(visitor, sent_back(answer(visitor, claims=asked))["code"]).json
        assert tokens is not None
        assert (name in claims_of(visitor, tokens["id_token"])) is in_token
        told = visitor.get("/itsme/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
        assert told.content_type == "application/jwt"
        claims = claims_of(visitor, told.text)
        assert (name in claims) is at_userinfo
        assert (claims["iss"], claims["aud"]) == (f"{BASE}/itsme", "poortwachter")


def test_a_key_that_rotates_still_publishes_its_earlier_key(tmp_path: Path) -> None:
    app = create_app(KeySettings(base_url=BASE, data=tmp_path, clients=clients()))
    visitor = app.test_client()
    (before,) = visitor.get("/itsme/jwks").json["keys"]  # type: ignore[index]
    app.extensions["digital_keys"].signers["itsme"].rotate()
    now, earlier = visitor.get("/itsme/jwks").json["keys"]  # type: ignore[index]
    assert earlier == before
    assert now["kid"] != before["kid"]
    tokens = redeem(visitor, sent_back(answer(visitor))["code"]).json
    assert tokens is not None
    assert jws.get_unverified_header(tokens["id_token"])["kid"] == now["kid"]
    assert stat.S_IMODE((tmp_path / "itsme.pem").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "entry",
    [
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://keys.voorbeeld.test/jwks"},
        {"token_endpoint_auth_method": "tls_client_auth", "client_secret": "x"},
        {"client_secret": "x", "id_token_encrypted_response_alg": "RSA1_5"},
        {"client_secret": "x", "id_token_encrypted_response_alg": "RSA-OAEP", "id_token_encrypted_response_enc": "x"},
    ],
)
def test_a_client_that_wants_what_is_not_there_is_named(tmp_path: Path, entry: dict[str, str]) -> None:
    """OP1: keys of clients are fetched from this machine only."""
    listed = {"eid": [{"client_id": "poortwachter", "redirect_uris": [], **entry}]}
    with pytest.raises(KeySettingsError, match="DIGITAL_KEYS_CLIENTS"):
        create_app(KeySettings(base_url=BASE, data=tmp_path, clients=listed))


def test_every_page_says_that_it_is_not_for_production(visitor: FlaskClient) -> None:
    for address in ("/", request_of(), "/bestaat-niet", request_of(client_id="somebody")):
        assert "Niet voor productie / not for production" in visitor.get(address).text


def test_the_form_needs_the_token_of_its_page(visitor: FlaskClient) -> None:
    assert visitor.post(request_of(), data={"person": "nele.vercauteren", "answer": "sign_in"}).status_code == 400


def test_keys_and_salt_are_made_once_and_for_the_owner_only(keys_app: Flask, key_folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in key_folder.iterdir()}
    assert set(before) == {"itsme.pem", "eid.pem", "token.pem", "subject.salt"}
    for path in key_folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    create_app(KeySettings(base_url=BASE, data=key_folder, clients=clients()))
    assert {path.name: path.read_bytes() for path in key_folder.iterdir()} == before


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "keys.voorbeeld.test"])
def test_it_binds_to_the_loopback_and_nothing_else(host: str, tmp_path: Path) -> None:
    """OP1: a simulator never serves a network."""
    with pytest.raises(KeySettingsError, match="not for production"):
        KeySettings(base_url=BASE, data=tmp_path, clients={}, host=host)
    with pytest.raises(KeySettingsError, match="not for production"):
        KeySettings(
            base_url=f"http://[{host}]:8004" if ":" in host else f"http://{host}:8004", data=tmp_path, clients={}
        )


def test_behind_a_server_that_bound_too_wide_strangers_get_nothing(visitor: FlaskClient) -> None:
    """OP1."""
    assert visitor.get("/", environ_overrides={"REMOTE_ADDR": "192.168.1.20"}).status_code == 404


def test_as_a_process_it_refuses_a_bad_setting_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "clients.json"
    file.write_text(json.dumps(clients()))
    settings = {
        "DIGITAL_KEYS_BASE_URL": BASE,
        "DIGITAL_KEYS_DATA": str(tmp_path / "data"),
        "DIGITAL_KEYS_CLIENTS": str(file),
        "DIGITAL_KEYS_HOST": "0.0.0.0",
    }
    run = subprocess.run(
        [sys.executable, "-m", "modules.digital_keys"],
        env=settings,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.strip() == "DIGITAL_KEYS_HOST must be a loopback address: this provider is not for production"


@pytest.mark.parametrize("missing", ["DIGITAL_KEYS_BASE_URL", "DIGITAL_KEYS_DATA", "DIGITAL_KEYS_CLIENTS"])
def test_a_missing_setting_is_named(missing: str, tmp_path: Path) -> None:
    settings = {
        "DIGITAL_KEYS_BASE_URL": BASE,
        "DIGITAL_KEYS_DATA": str(tmp_path),
        "DIGITAL_KEYS_CLIENTS": str(tmp_path / "c"),
    }
    del settings[missing]
    with pytest.raises(KeySettingsError, match=f"{missing} is missing"):
        KeySettings.from_environment(settings)


def test_a_bad_list_of_clients_is_named(tmp_path: Path) -> None:
    for content in ("{", "[]", '{"itsme": [{"client_id": "x"}]}', '{"itsme": "x"}'):
        file = tmp_path / "clients.json"
        file.write_text(content)
        with pytest.raises(KeySettingsError, match="DIGITAL_KEYS_CLIENTS"):
            create_app(KeySettings(base_url=BASE, data=tmp_path / "data", clients=file))


def test_it_serves_as_a_process(tmp_path: Path) -> None:
    file = tmp_path / "clients.json"
    file.write_text(json.dumps(clients()))
    port = free_port()
    settings = {
        "DIGITAL_KEYS_BASE_URL": f"http://localhost:{port}",
        "DIGITAL_KEYS_DATA": str(tmp_path / "data"),
        "DIGITAL_KEYS_CLIENTS": str(file),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "modules.digital_keys"], env=settings, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            assert "not for production" in process.stderr.readline()
            assert requests.get(f"http://127.0.0.1:{port}/health/live", timeout=5).json() == {"status": "live"}
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
