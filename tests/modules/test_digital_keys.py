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
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from jose import jwk, jws
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
    behaviours(keys_app)["itsme"] = Behaviour(slow_seconds=0.2)
    before = time.monotonic()
    visitor.get("/itsme/jwks")
    assert time.monotonic() - before >= 0.2
    behaviours(keys_app).clear()
    assert visitor.get("/itsme/.well-known/openid-configuration").status_code == 200


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
