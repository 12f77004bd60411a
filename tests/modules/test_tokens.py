"""Forged, foreign and worn-out tokens: none of them opens the door."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa

from modules.kit.key_set import KeySet
from modules.kit.person import NotAPersonError, read_person
from modules.kit.tokens import TokenExpiredError, TokenRefusedError, TokenVerifier, read_key
from tests.modules.conftest import Browser
from tests.modules.fake_broker import NELE, FakeBroker, Key, parts_of, person, put_together

ISSUER = "https://broker.voorbeeld.test/op"
KEY = Key("key-1")
ANOTHER = Key("key-1")  # the same id, another key


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with time_machine.travel("2026-11-17T08:00:00Z", tick=False):
        yield


@pytest.fixture
def verifier() -> TokenVerifier:
    return make_verifier([KEY.public()])


def make_verifier(published: list[dict[str, Any]]) -> TokenVerifier:
    keys = KeySet(lambda: published, read_key)
    return TokenVerifier(issuer=ISSUER, client_id="cultuurmonitor", audience="cultuurmonitor", find_key=keys.find)


def claims_of_access_token(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": "cultuurmonitor",
        "client_id": "cultuurmonitor",
        "iat": now,
        "exp": now + 300,
        **person(NELE),
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def access_token(
    key: Key = KEY, typ: str | None = "at+jwt", header: dict[str, Any] | None = None, **changes: Any
) -> str:
    return key.sign(claims_of_access_token(**changes), typ, **(header or {}))


def id_token(typ: str | None = "JWT", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": "cultuurmonitor",
        "sub": NELE["sub"],
        "iat": now,
        "exp": now + 300,
        "nonce": "n",
        **changes,
    }
    return KEY.sign({name: value for name, value in claims.items() if value is not None}, typ)


def test_a_good_access_token_is_accepted(verifier: TokenVerifier) -> None:
    assert verifier.access_token(access_token())["sub"] == NELE["sub"]
    assert verifier.access_token(access_token(aud=["cultuurmonitor"], typ="application/at+jwt"))


def tampered() -> str:
    header, claims, signature = parts_of(access_token())
    return put_together(header, {**claims, "vo_orgcode": "0999003493"}, signature)


def signed_with_the_public_key(public: bytes) -> str:
    """UP2: the public key as if it were a shared secret (CVE-2024-33663 and its bypass by DER)."""
    header = {"alg": "HS256", "typ": "at+jwt", "kid": "key-1"}
    unsigned = put_together(header, claims_of_access_token(), "")[:-1]
    mac = hmac.digest(public, unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def unsigned(alg: str) -> str:
    return put_together({"alg": alg, "typ": "at+jwt", "kid": "key-1"}, claims_of_access_token(), "")


def with_header(**more: Any) -> str:
    """Signed over the changed header, as only the holder of the key can."""
    return access_token(header=more)


BAD_ACCESS_TOKENS: dict[str, Callable[[], str]] = {
    "tampered": tampered,
    "another key under the same id": lambda: access_token(ANOTHER),
    "unknown key id": lambda: access_token(Key("key-9")),
    "no key id": lambda: access_token(header={"kid": None}),
    "another audience": lambda: access_token(aud="jeugdmonitor"),
    "another audience beside ours": lambda: access_token(aud=["jeugdmonitor", "cultuurmonitor"]),
    "no audience": lambda: access_token(aud=None),
    "another issuer": lambda: access_token(iss="https://elders.voorbeeld.test/op"),
    "another client": lambda: access_token(client_id="jeugdmonitor"),
    "no client": lambda: access_token(client_id=None),
    "an ID token in its place": lambda: access_token(typ="JWT"),
    "no type": lambda: access_token(typ=None),
    "a logout token in its place": lambda: access_token(typ="logout+jwt"),
    "expired": lambda: access_token(exp=int(time.time())),
    "no expiry": lambda: access_token(exp=None),
    "expiry as text": lambda: access_token(exp=str(int(time.time()) + 300)),
    "expiry as truth": lambda: access_token(exp=True),
    "issued in the future": lambda: access_token(iat=int(time.time()) + 120),
    "no issue date": lambda: access_token(iat=None),
    "no subject": lambda: access_token(sub=None),
    "algorithm none": lambda: unsigned("none"),
    "algorithm None": lambda: unsigned("None"),
    "HS256 with the public key in PEM": lambda: signed_with_the_public_key(KEY.public_pem),
    "HS256 with the public key in DER": lambda: signed_with_the_public_key(KEY.public_der),
    "critical header": lambda: with_header(crit=["exp"]),
    "unencoded payload": lambda: with_header(b64=False),
    "key in the header": lambda: with_header(jwk=KEY.public()),
    "address of keys in the header": lambda: with_header(jku="https://elders.voorbeeld.test/keys"),
    "padding after the signature": lambda: access_token() + "==",
    "four parts": lambda: access_token() + ".x",
    "nothing": lambda: "",
    "very long": lambda: access_token(motive="x" * 20_000),
    "claims that are a list": lambda: ".".join(
        (access_token().split(".")[0], base64.urlsafe_b64encode(json.dumps([1]).encode()).decode(), "AAAA")
    ),
}


@pytest.mark.parametrize("kind", BAD_ACCESS_TOKENS)
def test_a_bad_access_token_is_refused(verifier: TokenVerifier, kind: str) -> None:
    """UP2: tampered, expired, foreign audience, wrong type, wrong algorithm, none, unknown key…"""
    with pytest.raises(TokenRefusedError):
        verifier.access_token(BAD_ACCESS_TOKENS[kind]())


BAD_ID_TOKENS: dict[str, Callable[[], str]] = {
    "another nonce": lambda: id_token(nonce="other"),
    "no nonce": lambda: id_token(nonce=None),
    "another audience": lambda: id_token(aud="other"),
    "an audience too many": lambda: id_token(aud=["cultuurmonitor", "other"]),
    "another party": lambda: id_token(azp="other"),
    "an access token in its place": lambda: id_token(typ="at+jwt"),
    "of another access token": lambda: id_token(at_hash="AAAA"),
    "expired": lambda: id_token(exp=int(time.time()) - 1),
}


@pytest.mark.parametrize("kind", BAD_ID_TOKENS)
def test_a_bad_id_token_is_refused(verifier: TokenVerifier, kind: str) -> None:
    with pytest.raises(TokenRefusedError):
        verifier.id_token(BAD_ID_TOKENS[kind](), nonce="n", access_token="x")


def test_a_good_id_token_is_accepted_with_or_without_type(verifier: TokenVerifier) -> None:
    for typ in ("JWT", None):
        assert verifier.id_token(id_token(typ), nonce="n", access_token="x")["nonce"] == "n"


def test_a_verified_token_is_remembered_for_a_minute_but_never_past_its_time() -> None:
    """Decision 13: at most 60 seconds."""
    asked: list[str] = []
    keys = KeySet(lambda: [KEY.public()], read_key)

    def find(kid: str) -> Any:
        asked.append(kid)
        return keys.find(kid)

    verifier = TokenVerifier(issuer=ISSUER, client_id="cultuurmonitor", audience="cultuurmonitor", find_key=find)
    start = time.time()
    token = access_token(exp=int(start) + 90)
    for seconds, verified in ((0, 1), (59, 1), (61, 2), (89, 2)):
        with time_machine.travel(start + seconds, tick=False):
            verifier.access_token(token)
            assert len(asked) == verified
    with time_machine.travel(start + 90, tick=False), pytest.raises(TokenExpiredError):
        verifier.access_token(token)


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "oct", "kid": "k", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "k", "n": "AQAB", "e": "AQAB"},
        {"kty": "EC", "crv": "P-384", "kid": "k", "x": "AA", "y": "AA"},
        {**KEY.public(), "use": "enc"},
        {**KEY.public(), "alg": "ES384"},
        {name: value for name, value in KEY.public().items() if name != "kid"},
        {"kty": "EC", "crv": "P-256", "kid": "k"},
    ],
)
def test_a_key_for_something_else_is_no_key_for_us(key: dict[str, Any]) -> None:
    assert read_key(key) is None


@pytest.mark.parametrize(("pinned", "signed_with"), [("ES256", "RS256"), ("RS256", "ES256")])
def test_the_one_algorithm_is_the_one_of_the_setting(pinned: Any, signed_with: Any) -> None:
    """UP2: RS256 and ES256 by setting; the other one is refused, though the broker publishes such a key."""
    keys = {algorithm: Key(f"key-{algorithm}", algorithm) for algorithm in ("ES256", "RS256")}
    published = [key.public() for key in keys.values()]
    verifier = TokenVerifier(
        issuer=ISSUER,
        client_id="cultuurmonitor",
        audience="cultuurmonitor",
        find_key=KeySet(lambda: published, lambda key: read_key(key, pinned)).find,
        algorithm=pinned,
    )
    assert verifier.access_token(access_token(keys[pinned]))["sub"] == NELE["sub"]
    with pytest.raises(TokenRefusedError, match="algorithm"):
        verifier.access_token(access_token(keys[signed_with]))


def test_an_rsa_key_that_is_too_short_is_no_key_for_us() -> None:
    short = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    modulus = base64.urlsafe_b64encode(short.n.to_bytes(128, "big")).rstrip(b"=").decode()
    assert read_key({"kty": "RSA", "kid": "k", "n": modulus, "e": "AQAB"}, "RS256") is None


def test_what_was_verified_cannot_be_changed_by_who_reads_it(verifier: TokenVerifier) -> None:
    claims: Any = verifier.access_token(access_token())
    with pytest.raises(TypeError):
        claims["sub"] = "b" * 40


def test_a_change_that_was_told_is_not_overlooked_for_a_minute(verifier: TokenVerifier) -> None:
    """Decision 13: what was verified is dropped by an event."""
    for named in ({"sid": "s"}, {"sub": NELE["sub"]}):
        verifier.access_token(access_token(sid="s"))
        verifier.access_token(access_token(sid="t", sub="b" * 40))
        verifier.forget(**named)  # type: ignore[arg-type]
        assert [claims["sid"] for _until, claims in verifier._verified.values()] == ["t"]
        verifier._verified.clear()


READ = {"rights_claim": "cjm_cultuurmonitor_rol_3d", "context": "cultuurcentra"}


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "cultuurmonitor"},
        {"sub": "nachtelijke-taak"},
        {"sub": None},
        {"vo_id": None},
        {"vo_orgcode": None},
        {"vo_orgcode": ""},
        {"vo_orgnaam": None},
        {"given_name": None, "family_name": None},
        {"cjm_cultuurmonitor_rol_3d": "CultuurmonitorInvoerder-cultuurcentra:0999001218"},
        {"cjm_cultuurmonitor_rol_3d": ["CultuurmonitorInvoerder-cultuurcentra:0999001218, 0999003493"]},
        {"cjm_cultuurmonitor_rol_3d": [1]},
    ],
)
def test_a_token_that_is_not_a_persons_is_refused(changes: dict[str, Any]) -> None:
    """OA8: a program's token has no person in it."""
    with pytest.raises(NotAPersonError):
        read_person(claims_of_access_token(**changes), **READ)


@pytest.mark.parametrize("spoil", ["sub", "vo_orgcode", "audience", "type", "expired", "id_token_subject", "nonce"])
def test_no_bad_token_makes_a_session(new_browser: Callable[[], Browser], fake_broker: FakeBroker, spoil: str) -> None:
    """OA8 and UP2, through the door."""
    match spoil:
        case "sub":
            fake_broker.access_token_changes = {"sub": "cultuurmonitor"}
        case "vo_orgcode":
            fake_broker.access_token_changes = {"vo_orgcode": None}
        case "audience":
            fake_broker.access_token_changes = {"aud": "jeugdmonitor"}
        case "type":
            fake_broker.access_token_type = "JWT"
        case "expired":
            fake_broker.access_token_changes = {"exp": int(time.time()) - 1}
        case "id_token_subject":
            fake_broker.id_token_changes = {"sub": "c" * 40}
        case "nonce":
            fake_broker.id_token_changes = {"nonce": "other"}
    browser = new_browser()
    page = browser.sign_in()
    assert page.status_code == 400
    assert "Aanmelden is niet gelukt" in page.text
    assert browser.get("/cultuurmonitor/centra", follow=False).status_code == 303
