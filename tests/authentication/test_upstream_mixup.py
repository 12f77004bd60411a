"""One provider, or whoever plays one, in the place of another; and tokens made to be taken for somebody else's (threats UP1, UP2;
RFC 9207, RFC 9700 4.4 and 4.5).

The plain cases stand in test_sign_in; here are the roundabout ones.
"""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from sqlalchemy.orm import Session

from broker.authentication.browser_session import token_hash
from broker.keys.jose import new_private_key, sign, signing_key
from tests.authentication.conftest import Traveller
from tests.authentication.fake_provider import CLIENT_ID, KEY, FakeProvider
from tests.authentication.test_sign_in import events, living

STRANGERS_KEY = signing_key("strange", "RS256", new_private_key("RS256"))


def part(value: object) -> str:
    """One part of a token."""
    return encoded(json.dumps(value).encode())


def encoded(raw: bytes) -> str:
    """Base64url."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def nobody(session: Session) -> bool:
    """Whether nobody was signed in."""
    return living(session) == []


# Mix-up


def test_a_provider_that_sends_the_browser_on_to_another_gets_no_code(
    traveller: Traveller, weak: FakeProvider, itsme: FakeProvider, session: Session
) -> None:
    """UP1: RFC 9700 4.4.1: started at A, A sends the browser to B with the state of A; B's answer arrives at B's own address,
    where that state is unknown. Neither token endpoint hears of the code.
    """
    started = query_of(traveller.leave(weak).location)
    at_b = {**started, "redirect_uri": "http://localhost:8000/aanmelden/itsme/terug"}
    back = itsme.authorize(f"{itsme.issuer}/authorize?{urlencode(at_b)}", given_name="Nele", family_name="Vercauteren")
    assert traveller.arrive(back).status_code == 400
    assert nobody(session)
    assert itsme.calls == weak.calls == []


def test_a_provider_whose_metadata_name_the_page_of_another_gets_no_code(
    traveller: Traveller, weak: FakeProvider, itsme: FakeProvider, session: Session
) -> None:
    """UP1: RFC 9207: A's metadata name B's page and A's token endpoint; the answer says that it comes from B."""
    weak.behaviour.metadata = {"authorization_endpoint": f"{itsme.issuer}/authorize"}
    back = itsme.authorize(traveller.leave(weak).location)
    assert traveller.arrive(back).status_code == 400
    assert events(session, "authentication:session:refuse")[0].details["reason"] == "response_issuer_wrong"
    assert weak.calls == itsme.calls == []


def test_a_provider_cannot_say_that_it_is_another(
    traveller: Traveller, weak: FakeProvider, itsme: FakeProvider
) -> None:
    """UP1: its metadata name the issuer of its policy, or it is not used."""
    weak.behaviour.metadata = {"issuer": itsme.issuer}
    assert traveller.leave(weak).status_code == 400


def test_a_token_of_one_provider_is_nothing_at_another(
    traveller: Traveller, weak: FakeProvider, itsme: FakeProvider, session: Session
) -> None:
    """UP1, UP2: A hands on what B issued for the same client; each has its own issuer."""
    weak.behaviour.token = lambda claims: sign({**claims, "iss": itsme.issuer}, KEY, "JWT")
    assert traveller.sign_in(weak).status_code == 400
    assert nobody(session)


def test_an_error_of_another_provider_is_refused_as_well(
    traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """UP1: RFC 9207, 2: `iss` stands in an error too, so that nobody else can end a sign-in."""
    away = traveller.leave(itsme)
    itsme.behaviour.response_issuer = "http://127.0.0.1:1/other"
    assert traveller.arrive(itsme.cancel(away.location)).status_code == 400
    assert events(session, "authentication:session:refuse")[0].details["reason"] == "response_issuer_wrong"


@pytest.mark.parametrize("near", ["{}/", "{}#", "{}?", "{}%2F", "HTTP://127.0.0.1", " {}", "{} "])
def test_an_issuer_that_is_nearly_right_is_wrong(
    traveller: Traveller, itsme: FakeProvider, session: Session, near: str
) -> None:
    """UP1: RFC 9207, 2.4: compared sign by sign."""
    itsme.behaviour.response_issuer = near.format(itsme.issuer)
    assert traveller.sign_in(itsme).status_code == 400
    assert nobody(session)


def test_two_sign_ins_at_two_keys_at_once_do_not_mix(
    traveller: Traveller, itsme: FakeProvider, eid: FakeProvider, session: Session
) -> None:
    """UP1: two tabs; the state of one is nothing at the other, and each still works for itself."""
    at_itsme = itsme.authorize(traveller.leave(itsme).location, given_name="Nele", family_name="Vercauteren")
    at_eid = eid.authorize(traveller.leave(eid).location, "eid-7", given_name="Nele", family_name="Vercauteren")
    swapped = {**query_of(at_itsme), "state": query_of(at_eid)["state"]}
    assert traveller.arrive(f"/aanmelden/itsme/terug?{urlencode(swapped)}").status_code == 400
    assert traveller.arrive(at_eid).status_code == 303
    assert len(living(session)) == 1


# Injection, login CSRF, fixation


def test_a_code_of_somebody_else_with_ones_own_state_is_refused(
    app: Flask, traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """UP1: a code that an attacker caught is bound to the victim's verifier; and its nonce to the victim's attempt."""
    victim = Traveller(app.test_client())
    caught = query_of(itsme.authorize(victim.leave(itsme).location, "victim"))["code"]
    own = query_of(itsme.authorize(traveller.leave(itsme).location))
    own["code"] = caught
    assert traveller.arrive(f"/aanmelden/itsme/terug?{urlencode(own)}").status_code == 400
    assert nobody(session)


def test_a_whole_answer_of_somebody_else_is_refused_though_the_provider_ignores_pkce(
    traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """UP1: where a provider checks no challenge, the nonce in its token still belongs to one attempt."""
    itsme.behaviour.claims = {"nonce": "of-the-attempt-of-somebody-else"}
    assert traveller.sign_in(itsme).status_code == 400
    assert events(session, "authentication:session:refuse")[0].details["reason"] == "nonce_wrong"
    assert nobody(session)


def test_an_attempt_that_was_planted_in_a_browser_is_not_its_own(
    app: Flask, traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """UP1: login CSRF: the browser's own value is in a signed cookie that no other site can write."""
    attacker = Traveller(app.test_client())
    back = itsme.authorize(attacker.leave(itsme).location, given_name="Kwade", family_name="Genius")
    traveller.client.set_cookie("poortwachter_form", "geraden")
    assert traveller.arrive(back).status_code == 400
    assert traveller.cookie is None
    assert nobody(session)


def test_every_rise_gives_a_new_session_id(traveller: Traveller, eid: FakeProvider, session: Session) -> None:
    """UP1: fixation: the value from before a step-up opens nothing after it."""
    traveller.sign_in(eid, acr="code")
    before = traveller.cookie
    assert before is not None
    traveller.sign_in(eid, query="?niveau=35", acr="high")
    assert traveller.cookie != before
    (row,) = living(session)
    assert row.token_hash != token_hash(before)


# Tokens made by somebody else (UP2)


def by_hand(header: dict[str, Any], claims: dict[str, Any], signature: Callable[[bytes], bytes]) -> str:
    """A token of exactly this header."""
    message = f"{part(header)}.{part(claims)}"
    return f"{message}.{encoded(signature(message.encode()))}"


def by_stranger(**header: Any) -> Callable[[dict[str, Any]], str]:
    """Signed by a stranger, with what is given in the header."""
    return lambda claims: by_hand({"alg": "RS256", "typ": "JWT", **header}, claims, STRANGERS_KEY.key.sign)


def by_provider(**header: Any) -> Callable[[dict[str, Any]], str]:
    """Signed by the provider itself, with more in the header than belongs there."""
    return lambda claims: by_hand({"alg": "RS256", "typ": "JWT", "kid": KEY.kid, **header}, claims, KEY.key.sign)


def by_secret(algorithm: str, digest: str, secret: bytes) -> Callable[[dict[str, Any]], str]:
    """An HMAC with something public as its secret."""
    header = {"alg": algorithm, "typ": "JWT", "kid": KEY.kid}
    return lambda claims: by_hand(header, claims, lambda message: hmac.digest(secret, message, digest))


def unsigned(algorithm: str, signature: str = "") -> Callable[[dict[str, Any]], str]:
    """Not signed at all."""
    return lambda claims: f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': KEY.kid})}.{part(claims)}.{signature}"


PUBLIC: Any = KEY.key.public_key()
PEM: bytes = PUBLIC.to_pem()
DER: bytes = PUBLIC.prepared_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
JWK = STRANGERS_KEY.public_jwk()


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (unsigned("none"), "not_base64url"),
        (unsigned("none", "AAAA"), "algorithm_wrong"),
        (unsigned("None", "AAAA"), "algorithm_wrong"),
        (unsigned("NONE", "AAAA"), "algorithm_wrong"),
        (unsigned("", "AAAA"), "algorithm_wrong"),
        (by_secret("HS256", "sha256", PEM), "algorithm_wrong"),
        (by_secret("HS256", "sha256", DER), "algorithm_wrong"),
        (by_secret("HS512", "sha512", PEM), "algorithm_wrong"),
        (by_secret("HS256", "sha256", b""), "algorithm_wrong"),
        (by_secret("RS256", "sha256", PEM), "signature_wrong"),
        (by_stranger(), "kid_missing"),
        (by_stranger(kid="strange"), "kid_unknown"),
        (by_stranger(kid=KEY.kid), "signature_wrong"),
        (by_stranger(kid=KEY.kid, jwk=JWK), "signature_wrong"),
        (by_stranger(kid="strange", jwk=JWK), "kid_unknown"),
        (by_stranger(jwk=JWK), "kid_missing"),
        (by_stranger(kid="strange", jku="{here}/jwks"), "kid_unknown"),
        (by_stranger(kid="strange", x5u="{here}/certificate"), "kid_unknown"),
        (by_stranger(kid="strange", x5c=["AAAA"]), "kid_unknown"),
        (by_stranger(kid="../../../dev/null"), "kid_unknown"),
        (by_stranger(kid="now' OR '1'='1"), "kid_unknown"),
        (by_stranger(kid=["now"]), "kid_missing"),
        (by_stranger(kid={"$ne": ""}), "kid_missing"),
        (by_stranger(kid=""), "kid_unknown"),
        (by_provider(crit=["exp"]), "extension_unknown"),
        (by_provider(crit=[]), "extension_unknown"),
        (by_provider(b64=False), "extension_unknown"),
        (by_provider(alg="RS512"), "algorithm_wrong"),
        (by_provider(alg="PS256"), "algorithm_wrong"),
        (by_provider(alg="ES256"), "algorithm_wrong"),
        (by_provider(alg=["RS256"]), "algorithm_wrong"),
        (by_provider(typ="at+jwt"), "type_wrong"),
        (by_provider(typ="logout+jwt"), "type_wrong"),
    ],
)
def test_a_token_that_somebody_else_made_is_refused(
    traveller: Traveller,
    itsme: FakeProvider,
    session: Session,
    token: Callable[[dict[str, Any]], str],
    said: str,
) -> None:
    """UP2: alg none, RS/HS confusion, a key or an address in the header, kid injection, crit."""
    itsme.behaviour.token = token
    assert traveller.sign_in(itsme).status_code == 400
    assert events(session, "authentication:session:refuse")[0].details["reason"] == said
    assert nobody(session)
    assert set(itsme.asked) <= {"openid-configuration", "token", "jwks"}


@pytest.mark.parametrize("more", ["jku", "x5u"])
def test_an_address_in_a_header_is_never_called(
    traveller: Traveller, itsme: FakeProvider, eid: FakeProvider, more: str
) -> None:
    """UP2, BC1: keys come from the metadata of the provider and from nowhere else."""
    itsme.behaviour.token = by_stranger(kid="strange", **{more: f"{eid.issuer}/jwks"})
    assert traveller.sign_in(itsme).status_code == 400
    assert eid.asked == []


def test_a_name_twice_in_a_token_is_refused(traveller: Traveller, itsme: FakeProvider, session: Session) -> None:
    """UP2: nobody has to guess which of two subjects counts."""

    def twice(claims: dict[str, Any]) -> str:
        written = json.dumps(claims)[:-1] + ', "sub": "somebody-else"}'
        message = f"{part({'alg': 'RS256', 'typ': 'JWT', 'kid': KEY.kid})}.{encoded(written.encode())}"
        return f"{message}.{encoded(KEY.key.sign(message.encode()))}"

    itsme.behaviour.token = twice
    assert traveller.sign_in(itsme).status_code == 400
    assert nobody(session)


@pytest.mark.parametrize(
    "answer", [{}, {"id_token": None}, {"id_token": ["a.b.c"]}, {"id_token": {"a": 1}}, {"id_token": ""}]
)
def test_an_answer_without_an_id_token_is_refused(
    traveller: Traveller, itsme: FakeProvider, session: Session, answer: dict[str, Any]
) -> None:
    """UP2: an access token alone says nothing of who is there."""
    itsme.behaviour.raw = {"token": json.dumps({"access_token": "a", "token_type": "Bearer", **answer}).encode()}
    assert traveller.sign_in(itsme).status_code == 400
    assert nobody(session)


@pytest.mark.parametrize("audience", [[CLIENT_ID, 1], {"a": 1}, 1, [], "", [[CLIENT_ID]]])
def test_an_audience_that_is_none_is_refused(
    traveller: Traveller, itsme: FakeProvider, session: Session, audience: Any
) -> None:
    """UP2: our id, or a list of texts with our id and azp."""
    itsme.behaviour.claims = {"aud": audience}
    assert traveller.sign_in(itsme).status_code == 400
    assert nobody(session)
