"""Proof Key for Code Exchange (RFC 7636), and how nobody gets round it (RFC 9700, 2.1.1 and 4.8)."""

import base64
from collections.abc import Callable
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.authentication.client_session import ClientSession
from broker.people.person import Person
from tests.oidc.conftest import Relying, answer_of
from tests.worlds.client import Client
from tests.worlds.world import World

Make = Callable[..., Relying]
BARE = {"code_challenge": None, "code_challenge_method": None}
EVERY_KIND = ("test-public", "test-confidential", "test-post", "test-jwt")


def challenge_of(verifier: str) -> str:
    """S256 (4.2)."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


# 4.3, 4.4: the challenge


@pytest.mark.parametrize("client_id", EVERY_KIND)
@pytest.mark.parametrize(
    "changes",
    [
        BARE,
        {"code_challenge": None},
        {"code_challenge": ""},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "PLAIN"},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "S512"},
        {"code_challenge": "kort"},
        {"code_challenge": "a" * 42},
        {"code_challenge": "a" * 44},
        {"code_challenge": "a" * 42 + "="},
        {"code_challenge": "a" * 42 + "+"},
        {"code_challenge": "a" * 42 + "~"},
    ],
)
def test_no_client_of_any_kind_gets_a_code_without_a_sha_256(
    nele: Person, relying: Make, session: Session, client_id: str, changes: dict[str, str | None]
) -> None:
    """OA3: S256 for all; plain never, and a missing method is plain."""
    assert answer_of(relying(client_id).authorize(**changes))["error"] == "invalid_request"
    assert session.scalar(select(ClientSession)) is None


def test_only_where_the_policy_says_optional_may_a_confidential_client_do_without(nele: Person, relying: Make) -> None:
    """Decisions 11: a migrated client of ACM; its nonce is then what binds the code to the browser."""
    app = relying("test-acm")
    assert answer_of(app.authorize(**BARE, nonce=None))["error"] == "invalid_request"
    assert answer_of(app.authorize(code_challenge=None))["error"] == "invalid_request", "half of it is not nothing"
    assert answer_of(app.authorize(code_challenge_method="plain"))["error"] == "invalid_request"
    assert app.redeem(app.code(**BARE), code_verifier=None).status_code == 200


# 4.5, 4.6: the verifier


@pytest.mark.parametrize(
    "verifier",
    [None, "", "a" * 42, "a" * 43, "a" * 129, "è" * 43, " " * 43, "a" * 42 + "/"],
)
def test_a_code_is_worth_nothing_without_its_own_verifier(nele: Person, relying: Make, verifier: str | None) -> None:
    app = relying("test-public")
    code = app.code()
    refused = app.redeem(code, code_verifier=verifier)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")
    assert app.redeem(code).json["error"] == "invalid_grant", "and was used up by the attempt"


def test_the_challenge_is_no_verifier(nele: Person, relying: Make) -> None:
    """What stood in the address opens nothing."""
    app = relying("test-public")
    challenge = challenge_of(app.verifier)
    assert app.redeem(app.code(), code_verifier=challenge).json["error"] == "invalid_grant"


@pytest.mark.parametrize("length", [43, 128])
def test_verifiers_of_every_allowed_length_and_sign_are_good(nele: Person, relying: Make, length: int) -> None:
    verifier = ("-._~" + token_urlsafe(128))[:length]
    app = relying("test-public", verifier=verifier)
    assert app.redeem(app.code()).status_code == 200


def test_taking_the_challenge_out_of_the_request_is_noticed(nele: Person, relying: Make) -> None:
    """RFC 9700, 4.8.2: a downgrade. The client sends its verifier, as it always does; the code has no challenge."""
    app = relying("test-acm")
    assert app.redeem(app.code(**BARE)).json["error"] == "invalid_grant"


# RFC 9700, 4.5: code injection


def test_a_stolen_code_does_not_fit_into_another_browser_of_the_same_client(
    nele: Person, world: World, client: Client, relying: Make
) -> None:
    """OA3: the thief puts Nele's code into a flow of their own; the client then sends the thief's verifier."""
    victim, thief = relying(), relying(verifier=token_urlsafe(48))
    code = victim.code()
    assert thief.redeem(code).json["error"] == "invalid_grant"
    assert victim.redeem(code).json["error"] == "invalid_grant", "a code that was tried wrongly is dead"


def test_a_code_of_one_client_does_not_work_at_another_even_with_its_verifier(nele: Person, relying: Make) -> None:
    """OA3: and the attempt of a stranger ends nothing."""
    app = relying()
    code = app.code()
    for stranger in ("test-post", "test-jwt", "test-public"):
        other = relying(stranger, verifier=app.verifier)
        assert other.redeem(code).json["error"] == "invalid_grant"
    assert app.redeem(code).status_code == 200


def test_two_challenges_are_none(nele: Person, client: Client, relying: Make) -> None:
    app = relying()
    query = urlencode([*app.request().items(), ("code_challenge", challenge_of("b" * 43))])
    assert answer_of(client.get(f"/op/v1/auth?{query}"))["error"] == "invalid_request"


def test_the_metadata_know_s256_only(client: Client) -> None:
    told = client.get("/op/.well-known/openid-configuration").json
    assert told["code_challenge_methods_supported"] == ["S256"]
