"""The session after signing in: its id, its level, its end (threats UP7, PW11; lifecycles §9)."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.audit import AuditEvent
from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession
from broker.authentication.levels import LOWEST, proved_level, reachable_level
from broker.authentication.settle_sessions import settle_sessions
from broker.database import db, perform
from broker.people.person import Person
from tests.authentication.conftest import Traveller
from tests.authentication.fake_provider import FakeProvider
from tests.authentication.test_sign_in import events, living
from tests.worlds.statements import Statements
from tests.worlds.world import World

NUMBER = "85073099833"
SIGNED_IN = "U meldt zich ook af bij de toepassingen"


def is_signed_in(traveller: Traveller) -> bool:
    """What the broker thinks of this browser."""
    return SIGNED_IN in traveller.client.get("/afmelden").text


# The id


def test_the_cookie_changes_at_every_rise_and_the_old_one_is_dead_at_once(
    app: Flask, traveller: Traveller, itsme: FakeProvider, eid: FakeProvider, session: Session
) -> None:
    """UP1: one session, two rises, and no old cookie works; what hangs on the session goes on."""
    traveller.sign_in(itsme, rrn=NUMBER)
    first, (row,) = traveller.cookie, living(session)
    answer = traveller.sign_in(eid, "eid-7", query="?niveau=35&verder=/taken", rrn=NUMBER, acr="high")
    assert answer.location == "/taken"
    assert traveller.cookie != first
    (risen,) = living(session)
    assert (risen.id, risen.level, risen.provider_code) == (row.id, 35, "eid")
    assert len(events(session, "authentication:session:step_up")) == 1
    thief = Traveller(app.test_client())
    thief.client.set_cookie("poortwachter-sessie", first or "")
    assert not is_signed_in(thief)
    assert is_signed_in(traveller)


def test_somebody_else_in_the_same_browser_ends_the_first_session(
    traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """Nobody goes on with another person's session, nor do their applications."""
    traveller.sign_in(itsme, "subject-1", rrn=NUMBER)
    (first,) = living(session)
    traveller.sign_in(itsme, "subject-2", query="?vers=1", given_name="Karim", family_name="Benali")
    (second,) = living(session)
    assert second.person_id != first.person_id
    ended = session.get_one(BrowserSession, first.id)
    assert (ended.end_reason, ended.number_sealed, ended.given_name) == ("replaced", None, None)


# How strong (UP7)


@pytest.mark.parametrize(
    ("acr", "level"), [("high", 35), ("substantial", 27), ("password", 10), ("of another world", 5), (None, 5)]
)
def test_an_acr_becomes_a_level_by_the_policy(eid: FakeProvider, acr: str | None, level: int) -> None:
    """UP3, UP7: unknown and missing are the lowest."""
    assert proved_level(eid.policy(), acr)[1] == level


def test_a_ceiling_caps_acr_and_level_together(itsme: FakeProvider) -> None:
    """UP3: what the provider says above its ceiling is its strongest within."""
    policy = itsme.policy(ceiling=27)
    assert proved_level(policy, "high") == ("urn:be:vlaanderen:authmech:itsme", 27)
    assert reachable_level(policy) == 27
    assert proved_level(itsme.policy(ceiling=3), "high") == LOWEST


def test_a_missing_acr_is_not_enough_for_a_strict_application(
    traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """UP7: the level is what was proved, not what was asked."""
    itsme.behaviour.claims = {"acr": None}
    answer = traveller.sign_in(itsme, query="?toepassing=cultuurmonitor")
    assert answer.status_code == 403
    assert "sterkere digitale sleutel" in answer.text
    assert living(session) == []
    assert session.scalars(select(Person)).all() == []


def test_a_step_up_offers_only_keys_that_reach_it_and_asks_for_it(
    traveller: Traveller, itsme: FakeProvider, eid: FakeProvider
) -> None:
    """UP7: `niveau` asks the providers with at least that level."""
    traveller.sign_in(itsme)
    page = traveller.client.get("/aanmelden?niveau=35").text
    assert 'action="/aanmelden/eid"' in page
    assert 'action="/aanmelden/itsme"' not in page
    assert "acr_values=high&" in traveller.leave(eid, "?niveau=35").location + "&"


def test_a_step_up_that_comes_back_weaker_leaves_the_session_as_it_was(
    traveller: Traveller, itsme: FakeProvider, eid: FakeProvider, session: Session
) -> None:
    """UP7: never lowers, never half."""
    traveller.sign_in(itsme, rrn=NUMBER)
    before = traveller.cookie
    answer = traveller.sign_in(eid, "eid-7", query="?niveau=35", rrn=NUMBER, acr="code")
    assert answer.status_code == 403
    assert traveller.cookie == before
    (row,) = living(session)
    assert (row.level, row.provider_code) == (27, "itsme")
    assert is_signed_in(traveller)


def test_a_fresh_sign_in_that_is_weaker_than_the_session_lowers_nothing(
    traveller: Traveller, eid: FakeProvider, session: Session
) -> None:
    """UP7: level 35 is not traded for a newer 25."""
    traveller.sign_in(eid, acr="high")
    assert traveller.sign_in(eid, query="?vers=1", acr="code").status_code == 403
    assert living(session)[0].level == 35


def test_somebody_else_at_the_same_computer_comes_in_with_a_weaker_key_that_is_enough(
    traveller: Traveller, itsme: FakeProvider, eid: FakeProvider, session: Session
) -> None:
    """prompt=select_account leads here: the strong key of one person keeps no colleague out."""
    traveller.sign_in(eid, "eid-7", query="?niveau=35", rrn=NUMBER, acr="high")
    query = "?toepassing=cultuurmonitor&vers=1&verder=/taken"
    answer = traveller.sign_in(itsme, "subject-2", query=query, given_name="Karim", family_name="Benali")
    assert answer.location == "/taken"
    (row,) = living(session)
    assert (row.provider_code, row.given_name) == ("itsme", "Karim")


def test_an_application_that_takes_only_another_key_lets_the_same_person_come_in_with_it(
    traveller: Traveller, itsme: FakeProvider, eid: FakeProvider, session: Session
) -> None:
    """Not a dead end, and no lower step of the same session: that one ends, and a new one begins."""
    traveller.sign_in(eid, "eid-7", query="?niveau=35", rrn=NUMBER, acr="high")
    (first,) = living(session)
    page = traveller.client.get("/aanmelden?toepassing=jeugdmonitor&verder=/taken").text
    assert "U bent al aangemeld, maar de Jeugdmonitor vraagt een andere digitale sleutel." in page
    answer = traveller.sign_in(itsme, query="?toepassing=jeugdmonitor&verder=/taken", rrn=NUMBER)
    assert answer.location == "/taken"
    (second,) = living(session)
    assert (second.person_id, second.provider_code, second.level) == (first.person_id, "itsme", 27)
    assert second.id != first.id
    assert session.get_one(BrowserSession, first.id).end_reason == "replaced"


def test_a_session_satisfies_by_level_and_age(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller
) -> None:
    """UP7: the matrix of what is asked; compared at every request."""
    traveller.sign_in(itsme)
    for query, goes_on in (("niveau=25", True), ("niveau=27", True), ("niveau=28", False), ("vers=1", False)):
        answer = traveller.client.get(f"/aanmelden?verder=/taken&{query}")
        assert (answer.status_code == 303) is goes_on, query


def test_a_fresh_sign_in_is_asked_of_the_provider_and_checked(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller, session: Session
) -> None:
    """UP7: a provider that remembers somebody does not count as proving it anew."""
    traveller.sign_in(itsme)
    old = int(living(session)[0].auth_time.timestamp())
    clock.shift(1800)
    away = traveller.leave(itsme, "?vers=1&verder=/taken")
    assert "prompt=login" in away.location
    assert "max_age=0" in away.location
    assert traveller.sign_in(itsme, query="?vers=1", auth_time=old).status_code == 400
    itsme.behaviour.claims = {"auth_time": None}
    assert traveller.sign_in(itsme, query="?vers=1").status_code == 400
    itsme.behaviour.claims = {}
    assert traveller.sign_in(itsme, query="?vers=1").status_code == 303
    assert living(session)[0].auth_time.timestamp() - old >= 1790


def test_the_moment_of_proof_is_the_providers(traveller: Traveller, itsme: FakeProvider, session: Session) -> None:
    """UP7: single sign-on upstream makes a sign-in no younger than it is."""
    traveller.sign_in(itsme, auth_time=1794902400 - 7200)
    assert living(session)[0].auth_time.timestamp() == 1794902400 - 7200


# The end


def test_after_ninety_idle_minutes_it_is_over(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller
) -> None:
    """Lifecycles §9: idle."""
    traveller.sign_in(itsme)
    clock.shift(89 * 60)
    assert is_signed_in(traveller)
    clock.shift(89 * 60)
    assert is_signed_in(traveller)
    clock.shift(91 * 60)
    assert not is_signed_in(traveller)


def test_after_eight_hours_it_is_over_however_busy(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller
) -> None:
    """Decisions 13: absolute."""
    traveller.sign_in(itsme)
    for _ in range(7):
        clock.shift(3600)
        assert is_signed_in(traveller)
    clock.shift(3590)
    assert is_signed_in(traveller)
    clock.shift(20)
    assert not is_signed_in(traveller)


def test_last_seen_is_written_at_most_once_a_minute(
    traveller: Traveller, itsme: FakeProvider, session: Session, clock: time_machine.Traveller
) -> None:
    """Lifecycles §9: reading pages hardly ever write."""
    traveller.sign_in(itsme)
    first = living(session)[0].last_seen
    clock.shift(50)
    is_signed_in(traveller)
    assert living(session)[0].last_seen == first
    clock.shift(15)
    is_signed_in(traveller)
    assert living(session)[0].last_seen - first >= timedelta(seconds=65)


def test_only_pages_count_as_being_there(
    traveller: Traveller, itsme: FakeProvider, session: Session, clock: time_machine.Traveller
) -> None:
    """PW11: what programs and style sheets ask keeps nobody signed in."""
    traveller.sign_in(itsme)
    first = living(session)[0].last_seen
    clock.shift(600)
    traveller.client.get("/op/.well-known/openid-configuration")
    traveller.client.get("/look/static/look.css")
    traveller.client.get("/health/live")
    assert living(session)[0].last_seen == first


def test_a_page_reads_the_session_in_one_statement(
    traveller: Traveller, itsme: FakeProvider, statements: Statements
) -> None:
    """DESIGN §5: who is signed in costs one indexed read."""
    traveller.sign_in(itsme)
    with statements() as seen:
        traveller.client.get("/afmelden")
    assert len([each for each in seen if "browser_sessions" in each]) == 1


@pytest.mark.parametrize("state", ["doubted", "erased"])
def test_a_person_who_is_no_longer_matched_has_no_session(
    traveller: Traveller, itsme: FakeProvider, session: Session, state: str
) -> None:
    """Threats rule 4: derived at every request, whatever the row says."""
    traveller.sign_in(itsme)

    def change(writing: Session) -> None:
        writing.scalars(select(Person)).one().state = state

    perform(change)
    assert not is_signed_in(traveller)


def test_signing_out_ends_the_session_its_number_and_its_applications(
    traveller: Traveller, itsme: FakeProvider, world: World, session: Session
) -> None:
    """Decisions 3, lifecycles §9: the row stays, what it held of the person does not."""
    traveller.sign_in(itsme, rrn=NUMBER)
    (row,) = living(session)
    hanging = ClientSession(
        browser_session_id=row.id,
        client_id="test-public",
        application_code="cultuurmonitor",
        person_id=row.person_id,
        provider_code="itsme",
        acr=row.acr,
        level=row.level,
        amr=[],
        auth_time=row.auth_time,
        scopes="openid",
        generation=1,
        created_at=row.created_at,
        expires_at=row.created_at + timedelta(hours=8),
    )
    perform(lambda writing: writing.add(hanging))
    page = traveller.client.get("/afmelden")
    answer = traveller.client.submit(page, form="/afmelden")
    assert (answer.status_code, answer.location) == (303, "/afgemeld")
    assert traveller.cookie is None
    assert living(session) == []
    ended = session.get_one(BrowserSession, row.id)
    assert (ended.end_reason, ended.number_sealed, ended.given_name, ended.family_name) == (
        "signed_out",
        None,
        None,
        None,
    )
    assert session.scalars(select(ClientSession)).one().revoke_reason == "signed_out"
    assert events(session, "authentication:session:end")[0].actor_id == row.person_id
    assert "U bent afgemeld" in traveller.client.get("/afgemeld").text


def test_looking_at_the_sign_out_page_signs_nobody_out(traveller: Traveller, itsme: FakeProvider) -> None:
    """Threats rule 3."""
    traveller.sign_in(itsme)
    traveller.client.get("/afmelden")
    traveller.client.head("/afmelden")
    assert is_signed_in(traveller)


def test_housekeeping_writes_the_end_that_the_clock_made(
    traveller: Traveller, itsme: FakeProvider, world: World, session: Session, clock: time_machine.Traveller
) -> None:
    """Decisions 3: the sealed number goes with the session, also when nobody signs out."""
    traveller.sign_in(itsme, rrn=NUMBER)
    (row,) = living(session)
    assert perform(settle_sessions, world.installation) == 0
    clock.shift(2 * 3600)
    assert perform(settle_sessions, world.installation) == 1
    assert perform(settle_sessions, world.installation) == 0
    db.session.rollback()
    ended = session.get_one(BrowserSession, row.id)
    assert (ended.end_reason, ended.ended_at, ended.number_sealed) == (
        "expired",
        row.last_seen + timedelta(minutes=90),
        None,
    )
    assert session.scalar(select(AuditEvent).where(AuditEvent.name == "authentication:session:end")) is not None


def test_an_unknown_cookie_is_nobody(traveller: Traveller) -> None:
    """Guessing a cookie is guessing 256 bits."""
    traveller.client.set_cookie("poortwachter-sessie", "x")
    assert not is_signed_in(traveller)
