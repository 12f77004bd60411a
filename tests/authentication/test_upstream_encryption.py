"""What a provider encrypts to us (RFC 7516): opened as agreed and in no other way, and then checked like any other token.

The other side encrypts with python-jose, to the key that the broker publishes; the broker opens with joserfc.
"""

import base64
import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jose import jwe

from broker.catalogue.model import Encryption
from broker.database import db
from broker.keys.decryption import ALGORITHMS, LONGEST, METHODS, DecryptionKey, decrypt
from broker.keys.jose import JoseError, new_private_key, sign, signing_key
from broker.keys.private_keys import read_private_key
from tests.authentication.conftest import Traveller
from tests.authentication.fake_provider import CLIENT_ID, KEY, FakeProvider
from tests.authentication.test_sign_in import NUMBER, events, living
from tests.authentication.test_upstream_protocol import number_here

WithPolicy = Callable[..., Traveller]
JwkSet = dict[str, Any]


def decryption_key(kid: str) -> DecryptionKey:
    """A fresh key of the broker."""
    return DecryptionKey(kid, cast(RSAPrivateKey, read_private_key(new_private_key("RS256")).private))


NOW_KEY, EARLIER_KEY, STRANGERS_KEY = decryption_key("now"), decryption_key("earlier"), decryption_key("strange")
AGREED = Encryption("RSA-OAEP-256", "A256GCM", (NOW_KEY, EARLIER_KEY))


def sealed(
    inner: str,
    key: DecryptionKey = NOW_KEY,
    alg: str = "RSA-OAEP-256",
    enc: str = "A256GCM",
    *,
    kid: str | None = "",
    compressed: bool = False,
    cty: str | None = "JWT",
) -> str:
    """`inner` as a provider encrypts it; `kid` "" is the one of `key`."""
    named = key.kid if kid == "" else kid
    jwk = key.public_jwk(alg)
    token: bytes = jwe.encrypt(inner, jwk, enc, alg, zip="DEF" if compressed else None, cty=cty, kid=named)
    return token.decode()


def with_header(token: str, **changes: Any) -> str:
    """`token` with another header; what it protects is not made anew."""
    first, rest = token.split(".", 1)
    header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    return f"{encoded(json.dumps({**header, **changes}).encode())}.{rest}"


def encoded(raw: bytes) -> str:
    """Base64url."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


UNSIGNED = encoded(b'{"alg":"none","kid":"now"}')


def refusal() -> object:
    """Why the one sign-in was refused."""
    (event,) = events(db.session(), "authentication:session:refuse")
    return event.details["reason"]


@pytest.mark.parametrize("enc", METHODS)
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_encrypted_id_token_signs_in(with_policy: WithPolicy, itsme: FakeProvider, alg: str, enc: str) -> None:
    """Encrypted to the key that we publish; the names and the number inside are those of the signed token."""
    traveller = with_policy(encryption=Encryption(alg, enc, (NOW_KEY,)))
    published = traveller.client.get("/aanmelden/itsme/sleutels").json
    assert published is not None
    (ours,) = [key for key in published["keys"] if key["use"] == "enc"]
    assert ours["alg"] == alg
    itsme.behaviour.sealed = lambda inner: jwe.encrypt(inner, ours, enc, alg, cty="JWT", kid=ours["kid"]).decode()
    assert traveller.sign_in(itsme, rrn=NUMBER).status_code == 303
    assert number_here() == NUMBER


@pytest.mark.parametrize("key", [NOW_KEY, EARLIER_KEY])
def test_while_a_key_is_replaced_both_open(with_policy: WithPolicy, itsme: FakeProvider, key: DecryptionKey) -> None:
    """A provider that still has our earlier key in its cache loses nobody; with or without the key's id."""
    traveller = with_policy(encryption=AGREED)
    for kid in ("", None):
        itsme.behaviour.sealed = lambda inner, kid=kid: sealed(inner, key, kid=kid)
        assert traveller.sign_in(itsme, query="?vers=1").status_code == 303


def test_an_id_token_that_was_not_encrypted_is_refused(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    """What was agreed is not given up because the other side does."""
    assert with_policy(encryption=AGREED).sign_in(itsme).status_code == 400
    assert refusal() == "not_encrypted"
    assert living(db.session()) == []


def test_an_encrypted_id_token_where_none_was_agreed_is_refused(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    itsme.behaviour.sealed = sealed
    assert with_policy().sign_in(itsme).status_code == 400
    assert refusal() == "not_three_parts"


@pytest.mark.parametrize(
    ("seal", "said"),
    [
        (lambda inner: sealed(inner, alg="RSA-OAEP"), "encryption_wrong"),
        (lambda inner: sealed(inner, enc="A128CBC-HS256"), "encryption_wrong"),
        (lambda inner: sealed(inner, enc="A128GCM"), "encryption_wrong"),
        (lambda inner: with_header(sealed(inner), alg="RSA1_5"), "encryption_wrong"),
        (lambda inner: with_header(sealed(inner), alg="dir"), "encryption_wrong"),
        (lambda inner: with_header(sealed(inner), alg=["RSA-OAEP-256"]), "encryption_wrong"),
        (lambda inner: with_header(sealed(inner), alg=None), "encryption_wrong"),
        (lambda inner: sealed(inner, compressed=True), "extension_unknown"),
        (lambda inner: with_header(sealed(inner), crit=["exp"], exp=1), "extension_unknown"),
        (lambda inner: with_header(sealed(inner), zip="DEF"), "extension_unknown"),
        (lambda inner: sealed(inner, cty="text/html"), "type_wrong"),
        (lambda inner: sealed(inner, STRANGERS_KEY), "not_for_us"),
        (lambda inner: sealed(inner, STRANGERS_KEY, kid="now"), "not_for_us"),
        (lambda inner: sealed(inner, kid="../../etc/passwd"), "not_for_us"),
        (lambda inner: with_header(sealed(inner), jku="https://evil.example/keys"), "not_for_us"),
        (lambda inner: with_header(sealed(inner), jwk={"kty": "RSA"}), "not_for_us"),
        (lambda inner: sealed(inner)[:-4] + "AAAA", "not_for_us"),
        (lambda inner: ".".join([*sealed(inner).split(".")[:4], "AAAA"]), "not_for_us"),
        (lambda inner: ".".join([*sealed(inner).split(".")[:4], ""]), "not_for_us"),
        (lambda inner: "....", "not_json"),
        (lambda inner: f"{encoded(b'[]')}.a.b.c.d", "not_an_object"),
        (lambda inner: f"{encoded(b'[' * 5000)}.a.b.c.d", "not_json"),
        (lambda inner: "é.a.b.c.d", "not_json"),
        (lambda inner: sealed("x" * 20_000), "too_long"),
        (lambda inner: sealed(inner) + ".e", "not_encrypted"),
    ],
)
def test_what_is_not_encrypted_as_agreed_is_refused(
    with_policy: WithPolicy, itsme: FakeProvider, seal: Callable[[str], str], said: str
) -> None:
    """Exactly the agreed algorithms, nothing compressed, no extension, at most 64 kB, to a key of ours and untouched."""
    itsme.behaviour.sealed = seal
    assert with_policy(encryption=AGREED).sign_in(itsme).status_code == 400
    assert refusal() == said
    assert living(db.session()) == []


def test_nobody_learns_why_a_cipher_did_not_open() -> None:
    """A wrong key, a touched key part, a touched text: one answer, so that none can be told from the others."""
    good = sealed("a.b.c").split(".")
    spoiled = [
        [*good[:1], good[0], *good[2:]],
        [*good[:1], "", *good[2:]],
        [*good[:2], "", *good[3:]],
        [*good[:3], "", good[4]],
        [*good[:3], good[3][:-2], good[4]],
    ]
    for parts in spoiled:
        with pytest.raises(JoseError) as error:
            decrypt(".".join(parts), keys=AGREED.keys, alg=AGREED.alg, enc=AGREED.enc)
        assert error.value.reason == "not_for_us"


def test_more_than_64_kb_is_not_even_looked_at() -> None:
    """Whoever hands it on; an answer of that size does not come through the guarded client either."""
    with pytest.raises(JoseError) as error:
        decrypt("a" * (LONGEST + 1), keys=AGREED.keys, alg=AGREED.alg, enc=AGREED.enc)
    assert error.value.reason == "too_long"


# Inside: a signed token like any other (UP2)


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (json.dumps, "not_three_parts"),
        (
            lambda claims: f"{UNSIGNED}.{encoded(json.dumps(claims).encode())}.",
            "not_base64url",
        ),
        (
            lambda claims: sign(claims, signing_key(KEY.kid, "RS256", new_private_key("RS256")), "JWT"),
            "signature_wrong",
        ),
        (lambda claims: sign({**claims, "aud": "another-client"}, KEY, "JWT"), "aud_wrong"),
        (lambda claims: sign({**claims, "nonce": "another"}, KEY, "JWT"), "nonce_wrong"),
        (lambda claims: sealed(sign(claims, KEY, "JWT")), "not_three_parts"),
        (lambda claims: "", "not_three_parts"),
        (lambda claims: "é", "not_base64url"),
    ],
)
def test_encryption_proves_nothing_of_what_is_inside(
    with_policy: WithPolicy, itsme: FakeProvider, inside: Callable[[dict[str, Any]], str], said: str
) -> None:
    """UP2: anybody can encrypt to a public key; it is the signature inside that counts."""
    itsme.behaviour.token, itsme.behaviour.sealed = inside, sealed
    assert with_policy(encryption=AGREED).sign_in(itsme).status_code == 400
    assert refusal() == said
    assert living(db.session()) == []


# Userinfo


def test_an_encrypted_userinfo_is_opened_and_checked(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    """itsme signs and encrypts both."""
    itsme.behaviour.userinfo = {"rrn": NUMBER, "iss": itsme.issuer, "aud": CLIENT_ID}
    itsme.behaviour.sealed = sealed
    itsme.behaviour.userinfo_token = lambda told: sealed(sign(told, KEY, "JWT"))
    assert with_policy(encryption=AGREED, userinfo="encrypted").sign_in(itsme).status_code == 303
    assert number_here() == NUMBER


def test_a_userinfo_that_was_to_be_encrypted_and_is_only_signed_is_refused(
    with_policy: WithPolicy, itsme: FakeProvider
) -> None:
    itsme.behaviour.userinfo = {"rrn": NUMBER, "iss": itsme.issuer, "aud": CLIENT_ID}
    itsme.behaviour.sealed = sealed
    itsme.behaviour.userinfo_token = lambda told: sign(told, KEY, "JWT")
    assert with_policy(encryption=AGREED, userinfo="encrypted").sign_in(itsme).status_code == 400
    assert refusal() == "not_encrypted"
