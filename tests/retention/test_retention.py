"""What names somebody goes when its purpose has ended, and only then (threats RE1, RE2, RE3)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import JSON, String, Text, event, select
from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.access.withdraw_request import withdraw_request
from broker.audit import AuditEvent
from broker.audit.audit_event import AuditSource
from broker.audit.verify import verify_audit
from broker.authentication.browser_session import BrowserSession
from broker.authentication.end_session import end_session
from broker.clock import now as broker_now
from broker.database import db, perform
from broker.errors import ConflictError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.hold_person import hold_person, release_person
from broker.people.identity_link import IdentityLink
from broker.people.name_at_work import name_at_work
from broker.people.one_time_link import TRACKING
from broker.people.person import Person
from broker.retention import run_retention as retention
from broker.retention.people_without_ties import PEOPLE_WITHOUT_TIES
from broker.retention.register import CODES, PERSONAL
from broker.tables import metadata
from tests.worlds.at_once import at_once
from tests.worlds.client import Client
from tests.worlds.world import World

Command = Callable[..., object]


def run(*, force: bool = False) -> dict[str, int]:
    """Apply the rules; rows erased by rule, where there were any."""
    done = {each.rule: each.due for each in retention.run_retention(installation(), force=force) if each.due}
    db.session.rollback()
    return done


def test_every_column_that_can_hold_text_stands_in_the_register() -> None:
    """RE1: whoever adds a column decides what becomes of what is in it."""
    for table in metadata.sorted_tables:
        written = {each.name for each in table.columns if isinstance(each.type, String | Text | JSON)}
        personal, codes = set(PERSONAL.get(table.name, {})), set(CODES.get(table.name, ()))
        assert personal | codes == written, table.name
        assert not personal & codes, table.name


def test_the_register_names_rules_that_exist() -> None:
    known = {rule.code for rule in retention.RULES}
    named = {
        word.strip(",")
        for columns in PERSONAL.values()
        for how in columns.values()
        if "rule" in how
        for word in how.split("rule")[1].replace("rules ", "").split()
        if "_" in word
    }
    assert named <= known


def test_a_withdrawn_request_forgets_who_asked(world: World, session: Session, clock: time_machine.Traveller) -> None:
    request = world.request(world.person("Nele Vercauteren"), world.organisation())
    perform(withdraw_request, installation(), request.id)
    clock.shift(timedelta(days=89))
    assert "refused_requests" not in run()
    clock.shift(timedelta(days=2))
    assert run()["refused_requests"] == 1
    kept = session.get_one(AccessRequest, request.id)
    assert (kept.given_name, kept.family_name, kept.email, kept.phone, kept.answers) == ("", "", "", None, {})
    assert (kept.number, kept.status) == (request.number, "withdrawn"), "what was asked and how it ended stays"
    assert "refused_requests" not in run(), "once is enough"


def test_an_erased_request_cannot_be_followed_any_more(
    world: World, client: Client, clock: time_machine.Traveller
) -> None:
    """TL4: the tracking link dies with what it showed."""
    request = world.request(world.person(), world.organisation())
    token = world.link_token(request.id, TRACKING)
    perform(withdraw_request, installation(), request.id)
    clock.shift(timedelta(days=91))
    run()
    assert client.get(f"/link/{token}", follow_redirects=True).status_code == 404


def test_an_ended_job_forgets_its_address_and_a_living_one_does_not(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    nele, genk, gent = world.person(), world.organisation("Genk"), world.organisation("Gent")
    now = datetime.now(UTC)
    living = world.affiliation(nele, gent, email="nele@gent.test", email_source="proved", phone="09 1")
    ended = world.affiliation(
        nele,
        genk,
        email="nele@genk.test",
        email_source="proved",
        phone="089 1",
        ended_at=now,
        end_reason="left",
    )
    clock.shift(timedelta(days=366))
    assert run()["ended_jobs"] == 1
    assert session.get_one(Affiliation, ended.id).email is None
    assert session.get_one(Affiliation, living.id).email == "nele@gent.test"


def test_erasing_a_name_that_nobody_confirmed_does_not_show_whose_number_it_was(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    """RE1, DG2: the name that was typed is gone, and the one of whoever has that number does not take its place."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    known = world.person("Xaveria Geheim", works_for=gent)
    typed = {"entered_given_name": "Nele", "entered_family_name": "Vercauteren", "email": "nele@genk.test"}
    job = world.affiliation(known, genk, **typed, ended_at=broker_now(), end_reason="left")
    clock.shift(timedelta(days=800))
    run(force=True)
    kept = session.get_one(Affiliation, job.id)
    assert "Vercauteren" not in f"{kept.entered_given_name}{kept.entered_family_name}"
    assert name_at_work(session.get_one(Person, known.id), kept).full_name == "…"


def test_a_typed_name_goes_also_when_the_contact_was_emptied_before(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    """RE1: an administrator may empty the address of a job; the name that was typed does not stay for that."""
    typed = {"entered_given_name": "Nele", "entered_family_name": "Vercauteren"}
    job = world.affiliation(world.person(), world.organisation(), **typed, ended_at=broker_now(), end_reason="left")
    clock.shift(timedelta(days=366))
    assert run()["ended_jobs"] == 1
    kept = session.get_one(Affiliation, job.id)
    assert (kept.entered_given_name, kept.entered_family_name) == ("", ""), "erased, and still unconfirmed"
    assert "ended_jobs" not in run(), "once is enough"


def test_the_jobs_of_somebody_without_ties_name_nobody_any_more(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    """RE1: by its own rule, whatever the period of the other."""
    gone = world.person()
    typed = {"entered_given_name": "Nele", "entered_family_name": "Vercauteren", "general_email": "jeugd@genk.test"}
    job = world.affiliation(gone, world.organisation(), **typed, ended_at=broker_now(), end_reason="left")
    clock.shift(timedelta(days=731))
    PEOPLE_WITHOUT_TIES.erase(db.session(), installation(), [gone.id])
    db.session.commit()
    kept = session.get_one(Affiliation, job.id)
    assert (kept.entered_given_name, kept.entered_family_name, kept.general_email) == ("", "", None)


def test_a_number_that_nobody_signed_in_with_goes_and_the_waiting_right_with_it(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    """W10: "slechts zolang bewaard als nodig"."""
    waiting = world.person(state="unlinked")
    grant = world.grant(waiting, world.organisation())
    assert session.get_one(Person, waiting.id).number_hash is not None
    clock.shift(timedelta(days=91))
    assert run()["never_linked"] == 1
    person = session.get_one(Person, waiting.id)
    assert (person.number_sealed, person.number_hash, person.number_hash_version) == (None, None, None)
    assert session.get_one(Grant, grant.id).end_reason == "never_linked"


@pytest.mark.parametrize("why", ["appointed", "doubted"])
def test_of_somebody_who_is_still_awaited_only_the_number_that_can_be_read_goes(
    world: World, session: Session, clock: time_machine.Traveller, why: str
) -> None:
    """W10: an administrator who never signed in, or a doubt that nobody settles, keeps no number for ever."""
    genk = world.organisation()
    awaited = world.person(state="unlinked" if why == "appointed" else "doubted", number_sealed="test1.sealed")
    if why == "appointed":
        world.administrator_of(genk, person=awaited)
    clock.shift(timedelta(days=91))
    assert run()["never_linked"] == 1
    person = session.get_one(Person, awaited.id)
    assert person.number_sealed is None
    assert person.number_hash is not None, "known again when they come"
    assert "never_linked" not in run()


def test_a_recent_right_keeps_the_number_it_waits_for(world: World, clock: time_machine.Traveller) -> None:
    waiting = world.person(state="unlinked")
    clock.shift(timedelta(days=91))
    world.grant(waiting, world.organisation())
    assert "never_linked" not in run()


def test_sessions_that_ended_long_ago_are_forgotten(
    world: World, client: Client, session: Session, clock: time_machine.Traveller
) -> None:
    world.sign_in(client, world.person())
    row = session.scalars(select(BrowserSession)).one()
    perform(end_session, installation(), row.id, "signed_out")
    clock.shift(timedelta(days=91))
    assert run()["ended_sessions"] == 1
    assert session.scalars(select(BrowserSession)).all() == []


def test_source_addresses_go_and_the_chain_still_holds(
    world: World, client: Client, session: Session, clock: time_machine.Traveller
) -> None:
    nele = world.person()
    world.sign_in(client, nele)
    client.post("/afmelden")
    request = world.request(nele, world.organisation())
    perform(withdraw_request, installation(), request.id)
    clock.shift(timedelta(days=181))
    run()
    assert session.scalars(select(AuditSource)).all() == []
    assert verify_audit(session, None).sound


def test_somebody_without_ties_is_erased_and_their_sub_stays_taken(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    gone = world.person("Nele Vercauteren")
    clock.shift(timedelta(days=731))
    assert run()["people_without_ties"] == 1
    person = session.get_one(Person, gone.id)
    assert (person.state, person.given_name, person.number_hash, person.sub) == ("erased", "", None, gone.sub)
    assert session.scalars(select(IdentityLink).where(IdentityLink.person_id == gone.id)).all() == []
    assert person.full_name == "…"
    erased = session.scalars(select(AuditEvent).where(AuditEvent.name == "people:person:erase")).one()
    assert erased.subject_id == gone.id


@pytest.mark.parametrize("tie", ["job", "right", "mandate", "investigation"])
def test_somebody_with_a_tie_stays(world: World, clock: time_machine.Traveller, tie: str) -> None:
    """RE3: neither a mandate nor an investigation can be erased away."""
    person, genk = world.person(), world.organisation()
    if tie == "job":
        world.affiliation(person, genk)
    elif tie == "right":
        world.grant(person, genk, valid_until=datetime.now(UTC) + timedelta(days=800))
    elif tie == "mandate":
        world.administrator_of(genk, person=person)
    else:
        perform(hold_person, person.id, "2026/14")
    clock.shift(timedelta(days=731))
    assert "people_without_ties" not in run()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
@pytest.mark.parametrize(
    ("rule", "state", "days"), [("people_without_ties", "matched", 731), ("never_linked", "unlinked", 91)]
)
def test_who_gets_a_right_just_before_they_are_erased_keeps_name_and_right(
    world: World, session: Session, app: Flask, clock: time_machine.Traveller, rule: str, state: str, days: int
) -> None:
    """RE3: between finding whom nothing ties and locking them, somebody else gives a right and commits."""
    person, genk = world.person("Nele Vercauteren", state=state), world.organisation()
    clock.shift(timedelta(days=days))
    given: list[str] = []

    def give(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not given and "FROM persons" in statement and "FOR NO KEY UPDATE" in statement:
            given.append(rule)
            at_once(app, lambda: world.grant(person, genk))

    event.listen(db.engine, "before_cursor_execute", give)
    try:
        assert rule not in run()
    finally:
        event.remove(db.engine, "before_cursor_execute", give)
    assert given == [rule], "in the middle of it"
    kept = session.get_one(Person, person.id)
    assert (kept.state, kept.full_name) == (state, "Nele Vercauteren")
    assert kept.number_hash is not None
    assert session.scalars(select(Grant).where(Grant.person_id == person.id)).one().ended_at is None


def test_who_was_released_is_erased_in_time(world: World, clock: time_machine.Traveller) -> None:
    person = world.person()
    perform(hold_person, person.id, "2026/14")
    with pytest.raises(ConflictError):
        perform(hold_person, person.id, "2026/15")
    clock.shift(timedelta(days=731))
    perform(release_person, person.id, "2026/14")
    assert run()["people_without_ties"] == 1


def test_too_many_at_once_are_not_erased_unless_forced(
    world: World, session: Session, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RE2: a slip of the pen in a period wipes nothing."""
    monkeypatch.setattr(retention, "SMALL", 2)
    for _ in range(5):
        world.person()
    clock.shift(timedelta(days=731))
    with pytest.raises(ConflictError) as refused:
        run()
    assert refused.value.code == "retention_too_many"
    assert {each.state for each in session.scalars(select(Person))} == {"matched"}
    assert run(force=True)["people_without_ties"] == 5


def test_a_dry_run_counts_and_changes_nothing(
    world: World, session: Session, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person()
    clock.shift(timedelta(days=731))
    counted = {each.rule: each.due for each in retention.count_due(session, installation())}
    assert counted["people_without_ties"] == 1
    assert session.scalars(select(Person)).one().state == "matched"


def test_every_rule_that_erased_something_is_audited_with_its_count(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    world.person()
    clock.shift(timedelta(days=731))
    run()
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "retention:rule:apply")).one()
    assert (event.details["rule"], event.details["count"]) == ("people_without_ties", 1)
    assert "Vercauteren" not in json.dumps(event.details)


def test_a_run_that_is_cut_short_goes_on_where_it_stopped(
    world: World, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _ in range(5):
        world.person()
    clock.shift(timedelta(days=731))
    begun = retention.run_retention(installation())
    for report in begun:
        if report.rule == "people_without_ties":
            assert report.due == 5
    assert run() == {}
