"""RFC 9068: access tokens are signed JWTs that say for whom they are, by whom, and until when; never longer than the right."""

import base64
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.grant import Grant
from broker.access.label import Label
from broker.authentication.client_session import ClientSession
from broker.database import changing_session
from broker.keys.jose import JoseError, verify
from broker.people.affiliation import Affiliation
from broker.people.person import Person
from tests.oidc.conftest import ALL, ISSUER, Relying
from tests.specifications.holder import Holder, compact
from tests.specifications.refreshing import catalogue, posted, refreshed
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]


def header_of(token: str) -> dict[str, Any]:
    """The header, unverified."""
    part = token.partition(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


# Who must not take it for something else


def test_an_access_token_is_no_id_token_and_an_id_token_no_access_token(nele: Person, relying: Make) -> None:
    """Section 4: told apart by `typ` and by `aud`, whoever confuses them."""
    tool = relying()
    tokens = tool.tokens()
    keys = tool.browser.get("/op/v1/keys").json
    common = {"keys": keys, "algorithm": "ES256", "issuer": ISSUER}
    for token, audience, typ in (
        (tokens["access_token"], "cultuurmonitor", None),
        (tokens["access_token"], tool.client_id, "at+jwt"),
        (tokens["id_token"], tool.client_id, "at+jwt"),
        (tokens["id_token"], "cultuurmonitor", None),
    ):
        with pytest.raises(JoseError):
            verify(token, audience=audience, typ=typ, **common)
    assert tool.userinfo(tokens["id_token"]).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": "ES256", "kid": "another"},
        {"alg": "ES256", "kid": "../../etc/passwd"},
        {"alg": "ES256", "kid": "' OR 1=1 --"},
        {"alg": "ES256", "crit": ["exp"]},
        {"alg": "ES256", "typ": "JWT"},
        {"alg": "ES256", "jku": "https://evil.example/keys"},
    ],
    ids=str,
)
def test_a_forged_one_opens_nothing(nele: Person, relying: Make, header: dict[str, Any]) -> None:
    """The attack list: alg none, confusion of algorithms, kid injection, crit, jku; signed by the attacker's own key."""
    tool, attacker = relying(), Holder()
    tokens = tool.tokens()
    claims = tool.access_claims(tokens) | {"sub": "0" * 40}
    kid = header_of(tokens["access_token"])["kid"]
    key: Any = {"none": None, "HS256": b"a public key is no secret"}.get(header["alg"], attacker.key)
    forged = compact(
        {"typ": "at+jwt", "kid": kid} | header, claims, Holder("RS256").key if header["alg"] == "RS256" else key
    )
    assert tool.userinfo(forged).status_code == 401
    embedded = compact({"typ": "at+jwt", "kid": kid, "alg": "ES256", "jwk": attacker.jwk}, claims, attacker.key)
    assert tool.userinfo(embedded).status_code == 401, "an embedded key proves nothing"


# What stands in it


@pytest.mark.parametrize(
    ("client_id", "algorithm"), [("test-confidential", "ES256"), ("rs256", "RS256"), ("test-post", "RS256")]
)
def test_its_header_and_claims_are_those_of_the_standard(
    nele: Person, relying: Make, client_id: str, algorithm: str
) -> None:
    """Section 2: typ at+jwt, and iss, exp, aud, sub, client_id, iat, jti; signed as the policy of the client has it."""
    tool = relying(client_id)
    tokens = tool.tokens()
    header = header_of(tokens["access_token"])
    assert (header["typ"], header["alg"]) == ("at+jwt", algorithm)
    assert header["kid"] in {key["kid"] for key in tool.browser.get("/op/v1/keys").json["keys"]}
    claims = tool.access_claims(tokens)
    assert (claims["iss"], claims["aud"], claims["sub"]) == (ISSUER, "cultuurmonitor", nele.sub)
    assert claims["client_id"] == client_id
    assert claims["scope"] == " ".join(sorted(ALL.split()))
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 300
    assert uuid.UUID(claims["jti"])
    assert {"nonce", "at_hash", "rrn", "cnf"}.isdisjoint(claims)


def test_it_says_how_and_when_the_person_signed_in(world: World, client: Client, relying: Make) -> None:
    """Section 2.2.1: auth_time, acr and amr stay those of the sign-in, however often the token is renewed."""
    person = world.person()
    world.grant(person, world.organisation())
    signed_in = world.sign_in(client, person)
    tool = relying("refreshes")
    tokens = tool.tokens()
    tokens = refreshed(tool, tokens["refresh_token"]).json
    claims = tool.access_claims(tokens)
    assert claims["auth_time"] == int(signed_in.auth_time.timestamp())
    assert (claims["acr"], claims["amr"]) == (signed_in.acr, signed_in.amr)
    assert claims["sid"] == tool.id_claims(tokens)["sid"]


def test_no_two_have_one_jti(nele: Person, relying: Make) -> None:
    tool = relying("refreshes")
    tokens, seen = tool.tokens(), set()
    for _ in range(5):
        seen.add(tool.access_claims(tokens)["jti"])
        tokens = refreshed(tool, tokens["refresh_token"]).json
    assert len(seen) == 5


def test_one_for_a_proved_key_names_it(nele: Person, relying: Make) -> None:
    """RFC 9449, section 6.1: cnf with the thumbprint, and token_type DPoP; without a proof neither."""
    tool, holder = relying("refreshes"), Holder()
    plain = tool.tokens()
    assert plain["token_type"] == "Bearer"
    tokens = refreshed(tool, plain["refresh_token"], {"DPoP": holder.proof()}).json
    assert tokens["token_type"] == "DPoP"
    assert tool.access_claims(tokens)["cnf"] == {"jkt": holder.jkt}
    assert "cnf" not in tool.id_claims(tokens)


# How long it lives


def grant_ends(instant: Any) -> None:
    with changing_session() as session, session.begin():
        session.execute(update(Grant).values(valid_until=instant))


def job_ends(instant: Any) -> None:
    with changing_session() as session, session.begin():
        session.execute(update(Affiliation).values(valid_until=instant))


def label_ends(instant: Any) -> None:
    with changing_session() as session, session.begin():
        session.execute(update(Label).values(valid_until=instant))


def session_ends(instant: Any) -> None:
    with changing_session() as session, session.begin():
        session.execute(update(ClientSession).values(expires_at=instant))


@pytest.mark.parametrize("ends", [grant_ends, job_ends, label_ends, session_ends], ids=lambda each: each.__name__)
def test_it_never_outlives_what_it_speaks_of(
    world: World, client: Client, relying: Make, ends: Callable[[Any], None], clock: time_machine.Traveller
) -> None:
    """OA2: exp is the earliest of its own life and every end in it; the ID token's too."""
    kaai = world.organisation("De Kaai", kind="economische_actor")
    world.label(kaai)
    amina = world.person("Amina Ouali")
    world.grant(amina, kaai)
    world.sign_in(client, amina)
    tool = relying()
    instant = broker_clock.now() + timedelta(seconds=120)
    code = tool.code()
    ends(instant)
    tokens = tool.redeem(code).json
    assert 110 <= tokens["expires_in"] <= 120
    for claims in (tool.access_claims(tokens), tool.id_claims(tokens)):
        assert claims["exp"] <= instant.timestamp()
    clock.shift(timedelta(seconds=121))
    assert tool.userinfo(tokens["access_token"]).status_code == 401


def test_of_two_rights_the_first_to_end_counts(world: World, client: Client, relying: Make) -> None:
    """OA2: what is left of the other comes with the next token."""
    genk, nele = world.organisation("Gemeente Genk"), world.person()
    soon = broker_clock.now() + timedelta(seconds=60)
    codes = [
        each.code
        for each in world.installation.catalogue.entitlement_codes.values()
        if (each.target_group, each.organisation_type) == ("LB", "gemeente")
    ]
    world.grant(nele, genk, entitlement=codes[0], role_key=None)
    world.grant(nele, genk, entitlement=codes[1], role_key=None, valid_until=soon)
    world.sign_in(client, nele)
    tool = relying()
    tokens = tool.tokens()
    assert len(tool.access_claims(tokens)["cjm_cultuurmonitor_rol_3d"]) == 2
    assert tokens["expires_in"] <= 60


def test_less_than_a_second_gives_no_token(nele: Person, relying: Make, clock: time_machine.Traveller) -> None:
    tool = relying()
    code = tool.code()
    clock.move_to(broker_clock.now().replace(microsecond=0) + timedelta(seconds=2))
    grant_ends(broker_clock.now().replace(microsecond=999_000))
    assert tool.redeem(code).json["error"] == "invalid_grant"


# What it costs


def test_a_code_costs_three_statements_and_no_row_for_its_tokens(
    nele: Person, relying: Make, statements: Statements, session: Session
) -> None:
    """Tokens are not rows (DESIGN §5). With an assertion or a proof of possession one more, to use that up."""
    relying().tokens()  # the signing keys are read once in a while
    for client_id, headers, most in (
        ("test-confidential", {}, 3),
        ("refreshes", {}, 3),
        ("refreshes", {"DPoP": Holder().proof()}, 4),
    ):
        tool = relying(client_id)
        code = tool.code()
        body = {"grant_type": "authorization_code", "redirect_uri": tool.redirect_uri, "code_verifier": tool.verifier}
        with statements() as seen:
            answer = posted(tool, "token", headers, code=code, **body)
        assert answer.status_code == 200, answer.text
        assert len(seen) == most, seen
    tool = relying("test-jwt")
    code = tool.code()
    with statements() as seen:
        assert tool.redeem(code).status_code == 200
    assert len(seen) == 4, seen
    token = tool.tokens()["access_token"]
    assert token.rpartition(".")[2] not in str([vars(row) for row in session.scalars(select(ClientSession))])


def test_reading_one_costs_one_statement(nele: Person, relying: Make, statements: Statements) -> None:
    tool = relying()
    token = tool.tokens()["access_token"]
    with statements() as seen:
        assert tool.userinfo(token).status_code == 200
    assert len(seen) == 1, seen
