"""A right stops for a while and works again: by an administrator, or by the clock (lifecycles §3)."""

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.end_right import end_right
from broker.access.grant import Grant
from broker.access.live_rights import grant_is_active, live_rights
from broker.access.resume_right import resume_right
from broker.access.settle_suspensions import settle_suspensions
from broker.access.suspend_right import Suspension, suspend_right, write_suspension
from broker.clock import end_of_day, local_date
from broker.database import changing_session, perform
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.person import Person
from tests.worlds.at_once import at_once
from tests.worlds.inbox import Inbox
from tests.worlds.world import World


def today() -> date:
    return local_date(broker_clock.now())


def suspend(actor: Person, grant: Grant, reason: str = "Lang afwezig.", last_day: date | None = None) -> None:
    perform(suspend_right, installation(), actor.id, grant.id, Suspension(reason, last_day))


def resume(actor: Person, grant: Grant, reason: str = "") -> None:
    perform(resume_right, installation(), actor.id, grant.id, reason)


def counts(session: Session, grant: Grant) -> bool:
    session.rollback()
    alive = grant_is_active(session, installation().catalogue, grant.id)
    rights = live_rights(session, installation().catalogue, grant.person_id, grant.application_code)
    assert alive == any(right.grant_id == grant.id for right in rights), "pages and tokens say the same"
    return alive


def test_a_suspended_right_does_not_count_until_it_is_resumed_and_the_person_reads_why(
    world: World, inbox: Inbox, session: Session
) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person()
    grant = world.grant(nele, genk)
    assert counts(session, grant)
    suspend(ilse, grant, "Nele is lang afwezig.")
    assert not counts(session, grant)
    mail = inbox.last_to(str(nele.email))
    assert "geschorst" in mail.subject
    assert "Nele is lang afwezig." in mail.text
    resume(ilse, grant, "Nele is terug.")
    assert counts(session, grant)
    assert "weer gebruiken" in inbox.last_to(str(nele.email)).subject
    kept = session.get_one(Grant, grant.id)
    assert (kept.suspended_from, kept.suspension_note, kept.ended_at) == (None, None, None)


def test_the_owner_of_the_application_hears_of_both(world: World, inbox: Inbox) -> None:
    """C3, W15."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    grant = world.grant(world.person(), genk)
    owners = installation().catalogue.applications["cultuurmonitor"].notify_grants
    suspend(ilse, grant, "Een vertrouwelijke reden.")
    told = [inbox.last_to(owner).text for owner in owners]
    assert told
    assert all("geschorst" in text and "vertrouwelijke" not in text for text in told)
    resume(ilse, grant)
    assert all("hervat" in inbox.last_to(owner).text for owner in owners)


def test_a_reason_is_asked(world: World, session: Session) -> None:
    genk = world.organisation()
    grant = world.grant(world.person(), genk)
    with pytest.raises(InvalidError):
        suspend(world.administrator_of(genk), grant, " ")
    assert counts(session, grant)


@pytest.mark.parametrize("days", [-1, 5000])
def test_a_last_day_in_the_past_or_after_the_right_itself_is_refused(world: World, days: int) -> None:
    genk = world.organisation()
    grant = world.grant(world.person(), genk)
    with pytest.raises(InvalidError):
        suspend(world.administrator_of(genk), grant, last_day=today() + timedelta(days=days))


def test_nobody_suspends_or_resumes_their_own_right(world: World, session: Session) -> None:
    """DG1: nor that of their second identity; the officer does, where nobody else can."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    own, twin = world.grant(ilse, genk), world.grant(world.person("I. Maes", email=ilse.email), genk)
    for grant in (own, twin):
        with pytest.raises(ForbiddenError) as refused:
            suspend(ilse, grant)
        assert refused.value.code == "not_for_yourself"
    officer = world.officer_of("LB", "gemeente")
    suspend(officer, own)
    with pytest.raises(ForbiddenError):
        resume(ilse, own)
    resume(officer, own)
    assert counts(session, own)


def test_another_organisation_does_not_exist(world: World) -> None:
    """ID2."""
    karim = world.administrator_of(world.organisation("Gent"), "Karim Benali")
    grant = world.grant(world.person(), world.organisation("Genk"))
    for doing in (suspend, resume):
        with pytest.raises(NotFoundError):
            doing(karim, grant)


def test_what_is_suspended_is_not_suspended_again_and_what_is_not_is_not_resumed(world: World) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    grant = world.grant(world.person(), genk)
    with pytest.raises(ConflictError):
        resume(ilse, grant)
    suspend(ilse, grant)
    with pytest.raises(ConflictError):
        suspend(ilse, grant)


def test_what_is_no_longer_offered_is_not_resumed(world: World) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    grant = world.grant(world.person(), genk, right_code="iets_anders")
    suspend(ilse, grant)
    with pytest.raises(ConflictError):
        resume(ilse, grant)


def test_after_its_last_day_a_suspension_is_over_by_itself_and_told_once(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person()
    grant = world.grant(nele, genk)
    suspend(ilse, grant, last_day=today() + timedelta(days=3))
    clock.shift(timedelta(days=3))
    assert not counts(session, grant)
    clock.shift(timedelta(days=1))
    assert counts(session, grant), "tokens do not wait for the worker"
    session.rollback()
    assert perform(settle_suspensions, installation()) == 1
    assert perform(settle_suspensions, installation()) == 0
    inbox.deliver()
    assert len([mail for mail in inbox.mails_to(str(nele.email)) if "weer gebruiken" in mail.subject]) == 1
    assert session.get_one(Grant, grant.id).suspension_note is None


def test_a_token_lives_no_longer_than_until_a_planned_suspension(world: World, session: Session) -> None:
    """OA2: the right says beforehand that it will stop counting."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    grant = world.grant(world.person(), genk)
    begins = broker_clock.now() + timedelta(minutes=2)
    with changing_session() as changing, changing.begin():
        write_suspension(changing, changing.get_one(Grant, grant.id), ilse.id, begins, None, "Later.")
    [right] = live_rights(session, installation().catalogue, grant.person_id, grant.application_code)
    assert right.valid_until == begins


def test_why_a_right_was_suspended_goes_when_the_right_ends(world: World, session: Session) -> None:
    """RE1."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    grant = world.grant(world.person(), genk)
    suspend(ilse, grant, "Iets persoonlijks.")
    perform(end_right, installation(), ilse.id, grant.id, "Het stopt.")
    kept = session.get_one(Grant, grant.id)
    assert kept.ended_at is not None
    assert kept.suspension_note is None


def test_a_suspended_right_still_ends_on_its_day(world: World, session: Session, clock: time_machine.Traveller) -> None:
    genk = world.organisation()
    grant = world.grant(world.person(), genk, valid_until=end_of_day(today() + timedelta(days=5)))
    suspend(world.administrator_of(genk), grant)
    clock.shift(timedelta(days=6))
    assert session.get_one(Grant, grant.id).run_out(broker_clock.now())


def test_of_a_suspension_and_an_end_at_once_the_right_ends_in_every_order(
    app: Flask, world: World, session: Session
) -> None:
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    grant = world.grant(world.person(), genk)
    outcomes = at_once(
        app,
        lambda: suspend(ilse, grant),
        lambda: perform(end_right, installation(), karim.id, grant.id, "Het stopt."),
    )
    assert session.get_one(Grant, grant.id).ended_at is not None
    assert sorted(outcomes) in (["done", "done"], ["done", "grant_ended"])


def test_of_two_suspensions_at_once_one_wins(app: Flask, world: World) -> None:
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    grant = world.grant(world.person(), genk)
    outcomes = at_once(app, lambda: suspend(ilse, grant), lambda: suspend(karim, grant))
    assert sorted(outcomes) == ["done", "grant_suspended"]


def test_the_last_day_of_the_calendar_is_a_day_that_cannot_be(world: World) -> None:
    genk = world.organisation()
    grant = world.grant(world.person(), genk)
    with pytest.raises(InvalidError):
        suspend(world.administrator_of(genk), grant, last_day=date.max)


def test_nobody_reads_that_a_right_works_again_when_it_is_over(
    world: World, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    """A suspension to the very last day of the right ends at the instant at which the right does."""
    genk = world.organisation()
    nele = world.person()
    grant = world.grant(nele, genk, valid_until=end_of_day(today() + timedelta(days=5)))
    suspend(world.administrator_of(genk), grant, last_day=today() + timedelta(days=5))
    clock.shift(timedelta(days=6))
    assert perform(settle_suspensions, installation()) == 0
    assert [mail for mail in inbox.mails_to(str(nele.email)) if "weer gebruiken" in mail.subject] == []
