"""What the one importer of python-jose signs and, above all, refuses: the list of what python-jose itself accepts."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jose import jws

from broker import clock as broker_clock
from broker.keys import jose
from broker.keys.jose import (
    JoseError,
    SigningKey,
    VerifiedAlgorithm,
    new_private_key,
    sign,
    signing_key,
    verify,
    verifying_keys,
)

ISSUER = "http://localhost:8000/op"
AUDIENCE = "cultuurmonitor"


@pytest.fixture(scope="module")
def rs256() -> SigningKey:
    return signing_key("rsa-1", "RS256", new_private_key("RS256"))


@pytest.fixture(scope="module")
def es256() -> SigningKey:
    return signing_key("ec-1", "ES256", new_private_key("ES256"))


def claims(**changes: Any) -> dict[str, Any]:
    now = int(broker_clock.now().timestamp())
    found = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 300, "sub": "a"} | changes
    return {name: value for name, value in found.items() if value is not None}


def jwks(*keys: SigningKey) -> dict[str, Any]:
    return {"keys": [key.public_jwk() for key in keys]}


def check(token: str, keys: dict[str, Any], algorithm: VerifiedAlgorithm = "RS256", **changes: Any) -> dict[str, Any]:
    return verify(token, keys=keys, **({"algorithm": algorithm, "issuer": ISSUER, "audience": AUDIENCE} | changes))


def refused(
    reason: str, token: str, keys: dict[str, Any], algorithm: VerifiedAlgorithm = "RS256", **changes: Any
) -> None:
    with pytest.raises(JoseError) as error:
        check(token, keys, algorithm, **changes)
    assert error.value.reason == reason


def encode(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_what_we_sign_we_accept_with_both_algorithms(rs256: SigningKey, es256: SigningKey) -> None:
    assert check(sign(claims(), rs256, "JWT"), jwks(rs256))["sub"] == "a"
    assert check(sign(claims(), es256, "at+jwt"), jwks(es256), "ES256", typ="at+jwt")["sub"] == "a"


def test_keys_constructed_once_serve_many_tokens(rs256: SigningKey, es256: SigningKey) -> None:
    keys = verifying_keys(jwks(rs256, es256), "RS256")
    assert list(keys.by_kid) == ["rsa-1"]
    for _ in range(3):
        verify(sign(claims(), rs256, "JWT"), keys=keys, algorithm="RS256", issuer=ISSUER, audience=AUDIENCE)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": None}, "exp_missing"),
        ({"aud": None}, "aud_missing"),
        ({"iss": None}, "iss_missing"),
        ({"iat": None}, "iat_missing"),
        ({"exp": "4102444800"}, "exp_wrong"),
        ({"exp": 1e30}, "exp_wrong"),
        ({"exp": True}, "exp_wrong"),
        ({"iat": "1"}, "iat_wrong"),
        ({"nbf": "1"}, "nbf_wrong"),
        ({"aud": "another"}, "aud_wrong"),
        ({"aud": ["another"]}, "aud_wrong"),
        ({"aud": {"cultuurmonitor": 1}}, "aud_wrong"),
        ({"aud": [AUDIENCE, "another"]}, "azp_wrong"),
        ({"azp": "another"}, "azp_wrong"),
        ({"iss": "http://localhost:8000/op/"}, "iss_wrong"),
        ({"iss": 5}, "iss_wrong"),
        ({"sub": 5}, "sub_wrong"),
    ],
)
def test_a_claim_that_lacks_or_is_of_another_kind_is_refused(
    rs256: SigningKey, changes: dict[str, Any], reason: str
) -> None:
    """UP2: python-jose lets a missing exp or aud, an exp in text and a foreign aud with azp pass."""
    refused(reason, sign(claims(**changes), rs256, "JWT"), jwks(rs256))


def test_time_is_judged_by_our_clock(rs256: SigningKey) -> None:
    now = int(broker_clock.now().timestamp())
    refused("expired", sign(claims(exp=now - 1), rs256, "JWT"), jwks(rs256))
    refused("iat_in_future", sign(claims(iat=now + 120), rs256, "JWT"), jwks(rs256))
    refused("not_yet_valid", sign(claims(nbf=now + 120), rs256, "JWT"), jwks(rs256))
    assert check(sign(claims(iat=now + 30), rs256, "JWT"), jwks(rs256))
    assert check(sign(claims(exp=now - 9999, iat=now - 19999), rs256, "JWT"), jwks(rs256), even_expired=True)


def test_a_claim_that_the_caller_needs_must_be_there(rs256: SigningKey) -> None:
    refused("jti_missing", sign(claims(), rs256, "JWT"), jwks(rs256), required=("jti",))


@pytest.mark.parametrize("typ", [None, "JWT"])
def test_an_access_token_is_no_id_token(rs256: SigningKey, typ: str | None) -> None:
    refused("type_wrong", sign(claims(), rs256, "at+jwt"), jwks(rs256), typ=typ)


def test_an_id_token_is_no_access_token(rs256: SigningKey) -> None:
    refused("type_wrong", sign(claims(), rs256, "JWT"), jwks(rs256), typ="at+jwt")


def test_a_token_without_type_passes_only_where_none_is_asked(rs256: SigningKey) -> None:
    token = _signed(rs256, {"alg": "RS256", "kid": "rsa-1"}, claims())
    assert check(token, jwks(rs256))
    refused("type_wrong", token, jwks(rs256), typ="JWT")


def _signed(key: SigningKey, header: dict[str, Any], payload: Any) -> str:
    signing_input = f"{encode(header)}.{encode(payload)}"
    signature = base64.urlsafe_b64encode(key.key.sign(signing_input.encode())).rstrip(b"=").decode()
    return f"{signing_input}.{signature}"


def test_no_algorithm_and_another_algorithm_are_refused(rs256: SigningKey, es256: SigningKey) -> None:
    """UP2: none, HS256 and a mix of our own two."""
    for alg in ("none", "None", "HS256", "ES256", "RS384", None):
        token = _signed(rs256, {"alg": alg, "kid": "rsa-1", "typ": "JWT"}, claims())
        refused("algorithm_wrong", token, jwks(rs256, es256))
    unsigned = f"{encode({'alg': 'none', 'kid': 'rsa-1'})}.{encode(claims())}."
    refused("not_base64url", unsigned, jwks(rs256))


def test_hs256_with_our_public_key_in_any_form_is_refused(rs256: SigningKey) -> None:
    """UP2: CVE-2024-33663 and its bypass by DER, which python-jose still accepts."""
    public = rs256.key.public_key().prepared_key  # type: ignore[attr-defined]
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    token = jws.sign(claims(), der, {"kid": "rsa-1"}, "HS256")
    refused("algorithm_wrong", token, jwks(rs256))
    refused("algorithm_wrong", token, jwks(rs256), "ES256")


@pytest.mark.parametrize("extension", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": True}])
def test_extensions_nobody_knows_are_refused(rs256: SigningKey, extension: dict[str, Any]) -> None:
    token = _signed(rs256, {"alg": "RS256", "kid": "rsa-1", "typ": "JWT", **extension}, claims())
    refused("extension_unknown", token, jwks(rs256))


def test_kid_picks_the_key_and_nothing_else_does(rs256: SigningKey) -> None:
    other = signing_key("rsa-2", "RS256", new_private_key("RS256"))
    mislabelled = _signed(rs256, {"alg": "RS256", "kid": "rsa-2", "typ": "JWT"}, claims())
    refused("signature_wrong", mislabelled, jwks(rs256, other))
    refused("kid_unknown", sign(claims(), other, "JWT"), jwks(rs256))
    refused("kid_missing", _signed(rs256, {"alg": "RS256", "typ": "JWT"}, claims()), jwks(rs256))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token + "=",
        lambda token: token + "==",
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token.replace(".", "=.", 1),
        lambda token: token + ".",
        lambda token: token.rsplit(".", 1)[0],
        lambda token: token[:-1] + chr(ord(token[-1]) ^ 1),
        lambda token: "",
        lambda token: "a" * 20_000,
    ],
)
def test_a_token_has_one_spelling(rs256: SigningKey, spoil: Callable[[str], str]) -> None:
    """Padding and stray bits make another text of the same token; a list of used tokens would miss it."""
    with pytest.raises(JoseError):
        check(spoil(sign(claims(), rs256, "JWT")), jwks(rs256))


def test_a_name_that_stands_there_twice_is_refused(rs256: SigningKey) -> None:
    payload = base64.urlsafe_b64encode(b'{"aud":"cultuurmonitor","aud":"x"}').rstrip(b"=").decode()
    signing_input = f"{encode({'alg': 'RS256', 'kid': 'rsa-1'})}.{payload}"
    signature = base64.urlsafe_b64encode(rs256.key.sign(signing_input.encode())).rstrip(b"=").decode()
    refused("name_twice", f"{signing_input}.{signature}", jwks(rs256))
    refused("not_an_object", _signed(rs256, {"alg": "RS256", "kid": "rsa-1"}, ["a"]), jwks(rs256))


@pytest.mark.parametrize("spoilt", [{"jti": "\ud800"}, {"deep": {"\udfff": [1]}}])
def test_half_a_character_is_refused(rs256: SigningKey, spoilt: dict[str, Any]) -> None:
    """JSON can say it (RFC 8259, 8.2), and no text can be made of it: it would stumble wherever it is written."""
    header = {"alg": "RS256", "kid": "rsa-1"}
    refused("not_json", _signed(rs256, header, claims(**spoilt)), jwks(rs256))
    assert check(_signed(rs256, header, claims(jti="\U0001f511")), jwks(rs256))["jti"] == "\U0001f511"


def test_every_spelling_but_the_one_is_refused() -> None:
    """The last sign of a part may hold bits that mean nothing: of those that decode alike, one is the spelling."""
    for raw in (b"a", b"ab", b"abc", b"\xff\xfe", b"\x00"):
        written = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
            other = written[:-1] + last
            decoded = base64.urlsafe_b64decode(other + "=" * (-len(other) % 4))
            if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() == other:
                assert jose._only_spelling(other) == decoded
            else:
                with pytest.raises(JoseError, match="not_base64url"):
                    jose._only_spelling(other)


def test_a_token_is_taken_apart_once_and_proves_nothing_by_that(rs256: SigningKey, es256: SigningKey) -> None:
    read = jose.read_token(sign(claims(), rs256, "JWT"))
    assert (read.algorithm, read.kid, read.claim("sub"), read.claim("exp")) == ("RS256", "rsa-1", "a", None)
    assert verify(read, keys=jwks(rs256), algorithm="RS256", issuer=ISSUER, audience=AUDIENCE)
    stranger = signing_key("rsa-1", "RS256", new_private_key("RS256"))
    with pytest.raises(JoseError, match="signature_wrong"):
        verify(read, keys=jwks(stranger), algorithm="RS256", issuer=ISSUER, audience=AUDIENCE)


def test_headers_that_are_kept_are_not_mixed_up(rs256: SigningKey, es256: SigningKey) -> None:
    for key in (rs256, es256, rs256):
        for typ in ("JWT", "at+jwt"):
            assert check(sign(claims(), key, typ), jwks(rs256, es256), key.algorithm, typ=typ)
            with pytest.raises(JoseError, match="type_wrong"):
                check(sign(claims(), key, typ), jwks(rs256, es256), key.algorithm, typ="logout+jwt")


def test_ps256_is_verified_with_the_same_checks_and_never_signed_with(rs256: SigningKey) -> None:
    """What python-jose cannot do."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = signing_key(
        "pss-1",
        "RS256",
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    ).public_jwk()
    published = {"keys": [public | {"alg": "PS256"}]}

    def signed(alg: str, scheme: Any, **changes: Any) -> str:
        message = f"{encode({'alg': alg, 'kid': 'pss-1', 'typ': 'JWT'})}.{encode(claims(**changes))}"
        raw = private.sign(message.encode(), scheme, SHA256())
        return f"{message}.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"

    pss = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
    assert check(signed("PS256", pss), published, "PS256")["sub"] == "a"
    refused("expired", signed("PS256", pss, exp=1), published, "PS256")
    refused("aud_wrong", signed("PS256", pss, aud="x"), published, "PS256")
    refused("signature_wrong", signed("PS256", padding.PKCS1v15()), published, "PS256")
    refused("algorithm_wrong", signed("RS256", padding.PKCS1v15()), published, "PS256")
    refused("no_usable_key", signed("RS256", padding.PKCS1v15()), published, "RS256")
    refused("algorithm_wrong", signed("PS256", pss), {"keys": [public]}, "RS256")


def test_a_key_that_would_keep_us_busy_is_left_out() -> None:
    huge = {
        "kty": "RSA",
        "kid": "huge",
        "e": "AQAB",
        "n": base64.urlsafe_b64encode(b"\xc1" * 2048).decode().rstrip("="),
    }
    for algorithm in ("RS256", "PS256"):
        with pytest.raises(JoseError):
            verifying_keys({"keys": [huge]}, algorithm)


def test_weak_and_foreign_keys_are_left_out_of_a_key_set(rs256: SigningKey) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key().public_numbers()

    def number(value: int) -> str:
        return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()

    weak = {"kty": "RSA", "kid": "weak", "n": number(short.n), "e": number(short.e)}
    for_encryption = {**rs256.public_jwk(), "use": "enc"}
    nameless = {name: value for name, value in rs256.public_jwk().items() if name != "kid"}
    with pytest.raises(JoseError, match="no_usable_key"):
        verifying_keys({"keys": [weak, for_encryption, nameless]}, "RS256")
    with pytest.raises(JoseError, match="key_id_twice"):
        verifying_keys(jwks(rs256, rs256), "RS256")


def test_another_curve_is_no_key_for_es256() -> None:
    private = ec.generate_private_key(ec.SECP384R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(JoseError, match="key_does_not_fit_algorithm"):
        signing_key("p384", "ES256", pem)
    numbers = private.public_key().public_numbers()
    published = {
        "kty": "EC",
        "crv": "P-384",
        "kid": "p384",
        "x": base64.urlsafe_b64encode(numbers.x.to_bytes(48)).rstrip(b"=").decode(),
        "y": base64.urlsafe_b64encode(numbers.y.to_bytes(48)).rstrip(b"=").decode(),
    }
    with pytest.raises(JoseError, match="no_usable_key"):
        verifying_keys({"keys": [published]}, "ES256")


def test_a_key_signs_with_its_own_algorithm_only(es256: SigningKey) -> None:
    """python-jose does not compare the two and writes a bogus token."""
    pem = new_private_key("ES256")
    with pytest.raises(JoseError, match="key_does_not_fit_algorithm"):
        signing_key("x", "RS256", pem)
    keys = verifying_keys(jwks(es256), "ES256")
    with pytest.raises(JoseError):
        verify(sign(claims(), es256, "JWT"), keys=keys, algorithm="RS256", issuer=ISSUER, audience=AUDIENCE)


def test_the_public_half_holds_nothing_private(rs256: SigningKey, es256: SigningKey) -> None:
    for key in (rs256, es256):
        assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key.public_jwk())
        assert (key.public_jwk()["use"], key.public_jwk()["alg"]) == ("sig", key.algorithm)


def test_what_a_token_claims_unverified_never_raises() -> None:
    assert jose.kid_of("rubbish") is None
    assert jose.unverified_claim("a.b.c", "sub") is None
