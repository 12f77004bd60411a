"""OpenID Connect Core 1.0, sections 2 and 3.1.3: the ID token, which says to one client who signed in, how and when."""

import base64
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import update

from broker.authentication.client_session import ClientSession
from broker.database import changing_session
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, Relying, answer_of
from tests.specifications.refreshing import catalogue, refreshed
from tests.worlds.client import Client
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]
CLIENTS = ["test-confidential", "test-public", "test-post", "test-jwt", "refreshes", "rs256"]


def test_one_client_cannot_use_the_id_token_of_another(nele: Person, relying: Make) -> None:
    """Section 3.1.3.7: its aud is the client it was made for, and nobody else."""
    tokens = relying().tokens()
    assert relying().id_claims(tokens)["aud"] == "test-confidential"
    with pytest.raises(Exception, match="aud_wrong"):
        relying("refreshes").id_claims(tokens)


def test_claims_that_were_not_asked_are_not_there(nele: Person, relying: Make) -> None:
    """Section 5.4: what the scopes hold, and no more; openid alone says who, and nothing of them."""
    tool = relying("refreshes")
    claims = tool.id_claims(tool.tokens(scope="openid"))
    assert set(claims) == {
        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"
    }  # fmt: skip


def test_nothing_a_person_is_called_can_stand_in_for_a_claim_of_the_protocol(
    world: World, client: Client, relying: Make
) -> None:
    """Whatever the claims of a person become, iss, aud, exp and sid are ours."""
    person = world.person('Ne"le {"aud": "x"}')
    world.grant(person, world.organisation())
    world.sign_in(client, person)
    tool = relying()
    claims = tool.id_claims(tool.tokens())
    assert (claims["iss"], claims["aud"]) == (ISSUER, "test-confidential")
    assert claims["given_name"] == 'Ne"le'


@pytest.mark.parametrize("client_id", CLIENTS)
def test_every_kind_of_client_gets_one_signed_as_its_policy_says(nele: Person, relying: Make, client_id: str) -> None:
    """Section 2: RS256 and ES256 side by side, each client its own."""
    tool = relying(client_id)
    claims = tool.id_claims(tool.tokens())
    assert (claims["iss"], claims["sub"], claims["aud"]) == (ISSUER, nele.sub, client_id)
    assert claims["exp"] - claims["iat"] == 300


def test_the_nonce_comes_back_as_it_was_sent_or_not_at_all(nele: Person, relying: Make) -> None:
    """Section 3.1.2.1: unmodified; it binds the token to the browser."""
    for nonce in ("een-nonce", "é ~ +/= %41", "x" * 400):
        tool = relying(nonce=nonce)
        assert tool.id_claims(tool.tokens())["nonce"] == nonce
    tool = relying(nonce=None)
    assert "nonce" not in tool.id_claims(tool.tokens())


@pytest.mark.parametrize("client_id", ["test-confidential", "rs256"])
def test_at_hash_binds_the_access_token_beside_it(nele: Person, relying: Make, client_id: str) -> None:
    """Section 3.1.3.6: the left half of the SHA-256, for both algorithms; also after a refresh."""
    tool = relying(client_id)
    answers = [tool.tokens()]
    if "refresh_token" in answers[0]:
        answers.append(refreshed(tool, answers[0]["refresh_token"]).json)
    for tokens in answers:
        half = sha256(tokens["access_token"].encode()).digest()[:16]
        assert tool.id_claims(tokens)["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def test_it_says_how_strongly_and_when_the_person_signed_in(world: World, client: Client, relying: Make) -> None:
    """Section 2: acr, amr and auth_time, always; decisions 11."""
    person = world.person()
    world.grant(person, world.organisation())
    signed_in = world.sign_in(client, person, level=35, acr="urn:be:vlaanderen:authmech:eid", amr=["hwk", "pin"])
    tool = relying()
    claims = tool.id_claims(tool.tokens())
    assert (claims["acr"], claims["amr"]) == ("urn:be:vlaanderen:authmech:eid", ["hwk", "pin"])
    assert claims["auth_time"] == int(signed_in.auth_time.timestamp())


def test_sid_is_the_session_of_this_application_alone(nele: Person, relying: Make) -> None:
    """Back-Channel Logout, section 2.1: two applications of one browser cannot be put side by side by it."""
    sids = [tool.id_claims(tool.tokens())["sid"] for tool in (relying(), relying(), relying("refreshes"))]
    assert len(set(sids)) == 3


def requested(claims: dict[str, Any]) -> None:
    """The claims parameter of the only session, as it was checked."""
    with changing_session() as session, session.begin():
        session.execute(update(ClientSession).values(requested_claims=claims))


def test_a_claim_asked_by_name_stands_in_it_as_far_as_the_policy_reaches(nele: Person, relying: Make) -> None:
    """Section 5.5: asked for the ID token, not for userinfo; and never what this client may not have."""
    tool = relying("refreshes")
    code = tool.code(scope="openid")
    requested({"id_token": ["family_name", "vo_orgcode", "phone_number"], "userinfo": ["given_name"]})
    tokens = tool.redeem(code).json
    claims = tool.id_claims(tokens)
    assert claims["family_name"] == nele.family_name
    assert "vo_orgcode" in claims
    assert {"given_name", "phone_number"}.isdisjoint(claims)
    assert "family_name" not in tool.access_claims(tokens)
    again = tool.id_claims(refreshed(tool, tokens["refresh_token"]).json)
    assert again["family_name"] == nele.family_name, "asked for the session, not for one token"


def test_nobody_gets_one_without_openid(nele: Person, relying: Make) -> None:
    """Section 3.1.2.1: it is what makes the request one of OpenID Connect."""
    assert answer_of(relying().authorize(scope="profile vo"))["error"] == "invalid_scope"
