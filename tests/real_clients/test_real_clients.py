"""Libraries that others wrote, against the running broker: Authlib in Flask, openid-client in Node, mod_auth_openidc in Apache.

Each application is, letter by letter, the one that docs/integrate.md shows.
"""

import sqlite3
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests

from tests.e2e.cast import Identity, newcomer
from tests.e2e.http_visitor import HttpVisitor, form_of, give_right
from tests.e2e.links import LB_INVOERDER
from tests.e2e.own_house import OUTBOX, OwnHouse
from tests.real_clients.conftest import RENEWED_AFTER_SECONDS, Example, shown

ROOT = Path(__file__).parents[2]
AT_ONCE_SECONDS = 5


@pytest.fixture(scope="session")
def holder(real_house: OwnHouse) -> Identity:
    """Somebody with a right that nobody ends."""
    return give_right(real_house.live, newcomer("Nora"), LB_INVOERDER).who


@pytest.fixture
def visitor(real_house: OwnHouse, holder: Identity) -> HttpVisitor:
    """The same person in a fresh browser."""
    return HttpVisitor(real_house.live, holder)


def signed_in(visitor: HttpVisitor, example: Example) -> dict[str, Any]:
    """Open the application, sign in at the broker where it asks, and read the page that comes then."""
    page = visitor.browser.get(example.page, timeout=30)
    return shown(visitor.sign_in(page) if page.url.startswith(visitor.live.broker) else page)


def is_out(visitor: HttpVisitor, example: Example) -> bool:
    """Whether the application sends this browser to the broker, without following."""
    answer = visitor.browser.get(example.page, allow_redirects=False, timeout=30)
    assert answer.status_code in (200, 302, 303), f"{answer.status_code}\n{answer.text[:2000]}"
    return answer.status_code != 200


def ends_within(seconds: float, visitor: HttpVisitor, example: Example) -> bool:
    """Whether the application lets go of this browser in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_out(visitor, example):
            return True
        time.sleep(0.1)
    return False


def generation(house: OwnHouse, sid: str) -> int:
    """How often the tokens of this session were renewed."""
    with sqlite3.connect(f"file:{house.database}?mode=ro", uri=True) as database:
        (found,) = database.execute("SELECT generation FROM client_sessions WHERE id = ?", (UUID(sid).hex,)).fetchone()
    return int(found)


def test_signing_in_leads_to_the_claims(visitor: HttpVisitor, example: Example) -> None:
    claims = signed_in(visitor, example)
    assert (claims["given_name"], claims["family_name"]) == (visitor.who.given_name, visitor.who.family_name)
    assert claims["rights"] == [f"CultuurmonitorInvoerder-cultuurcentra:{claims['vo_orgcode']}"]
    assert UUID(claims["sid"])
    assert signed_in(visitor, example) == claims


def test_tokens_are_renewed_without_the_browser(visitor: HttpVisitor, example: Example, real_house: OwnHouse) -> None:
    claims = signed_in(visitor, example)
    before = generation(real_house, claims["sid"])
    for _renewal in range(2):
        time.sleep(RENEWED_AFTER_SECONDS + 1)
        assert not is_out(visitor, example)
    assert generation(real_house, claims["sid"]) == before + 2
    assert signed_in(visitor, example)["sid"] == claims["sid"]


def test_signing_out_ends_both_sessions(visitor: HttpVisitor, example: Example) -> None:
    signed_in(visitor, example)
    left = example.leave(visitor.browser)
    assert left.status_code == 200, f"{left.url}\n{left.text[:2000]}"
    assert left.url.startswith(f"{example.base}/signed-out"), left.url
    page = visitor.browser.get(example.page, timeout=30)
    assert form_of(page, "/aanmelden/itsme")  # the broker asks which key: nobody is signed in there either


def test_a_sign_out_at_the_broker_reaches_the_application(visitor: HttpVisitor, example: Example) -> None:
    """OpenID Back-Channel Logout 1.0: within five seconds, without its browser."""
    signed_in(visitor, example)
    visitor.submit(visitor.get("/taken"), form="/afmelden")
    assert ends_within(AT_ONCE_SECONDS, visitor, example)


def test_a_false_logout_token_ends_nothing(visitor: HttpVisitor, example: Example) -> None:
    """BC2."""
    signed_in(visitor, example)
    for token in ("", "x", "eyJhbGciOiJub25lIn0.e30."):
        answer = requests.post(example.logout_uri, data={"logout_token": token}, timeout=30)
        assert answer.status_code == 400
    assert not is_out(visitor, example)


def test_a_right_that_ends_ends_here_too(real_house: OwnHouse, example: Example) -> None:
    """A right that ends, ends now: within five seconds the session is over, and the broker gives no other."""
    applicant = give_right(real_house.live, newcomer("Noud"), LB_INVOERDER)
    signed_in(applicant, example)
    give_back(applicant)
    assert ends_within(AT_ONCE_SECONDS, applicant, example)
    page = applicant.browser.get(example.page, timeout=30)
    assert page.url.startswith(real_house.live.broker)


def test_without_the_outbox_a_right_ends_when_its_tokens_must_be_renewed(
    real_house: OwnHouse, example: Example
) -> None:
    applicant = give_right(real_house.live, newcomer("Nele"), LB_INVOERDER)
    signed_in(applicant, example)
    real_house.stop(OUTBOX)
    try:
        give_back(applicant)
        assert not is_out(applicant, example)
        time.sleep(RENEWED_AFTER_SECONDS + 1)
        assert is_out(applicant, example)
    finally:
        real_house.start(OUTBOX)


def give_back(applicant: HttpVisitor) -> None:
    """The applicant gives the right back, on the page of the request."""
    page = applicant.get(f"/aanvraag/{applicant.number}/teruggeven")
    applicant.submit(page, form="/teruggeven")
