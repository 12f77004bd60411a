"""What an administrator sees and does about the rights of their organisation: end, shorten, extend; never their own (DG1)."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.change_last_day import LastDay, change_last_day
from broker.access.end_right import end_right
from broker.access.grant import Grant
from broker.access.list_rights import PAGE, RightFilter, list_rights
from broker.access.settle_run_out import settle_run_out_grants
from broker.audit import AuditEvent
from broker.clock import end_of_day, last_day, local_date
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.person import Person
from broker.standing_jobs import announce_coming_ends
from tests.worlds.inbox import Inbox
from tests.worlds.statements import Statements
from tests.worlds.world import World


def today() -> date:
    return local_date(broker_clock.now())


def end(actor: Person, grant: Grant, reason: str = "Werkt hier niet meer.") -> None:
    perform(end_right, installation(), actor.id, grant.id, reason)


def change(actor: Person, grant: Grant, chosen: date, reason: str = "", seen: date | None = None) -> str:
    shown = seen or (last_day(grant.valid_until) if grant.valid_until else None)
    return perform(change_last_day, installation(), actor.id, grant.id, LastDay(chosen, reason, shown))


def test_an_administrator_ends_a_right_and_the_person_reads_why(world: World, inbox: Inbox, session: Session) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person()
    grant = world.grant(nele, genk)
    end(ilse, grant, "Nele werkt nu in Gent.")
    ended = session.get_one(Grant, grant.id)
    assert (ended.ended_by, ended.end_reason) == (ilse.id, "ended_by_administrator")
    mail = inbox.last_to(str(nele.email))
    assert "Nele werkt nu in Gent." in mail.text
    assert "lokale beheerder" in mail.text


def test_a_right_is_not_ended_without_a_reason(world: World, session: Session) -> None:
    genk = world.organisation()
    grant = world.grant(world.person(), genk)
    with pytest.raises(InvalidError):
        end(world.administrator_of(genk), grant, " ")
    assert session.get_one(Grant, grant.id).ended_at is None


@pytest.mark.parametrize("operation", ["end", "shorten", "extend"])
def test_nobody_touches_their_own_right(world: World, session: Session, operation: str) -> None:
    """DG1: an administrator's own case is for a colleague."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    grant = world.grant(ilse, genk)
    doing: dict[str, Callable[[], object]] = {
        "end": lambda: end(ilse, grant),
        "shorten": lambda: change(ilse, grant, today() + timedelta(days=5), "Korter."),
        "extend": lambda: change(ilse, grant, today() + timedelta(days=500)),
    }
    with pytest.raises(ForbiddenError) as refused:
        doing[operation]()
    assert refused.value.code == "not_for_yourself"
    kept = session.get_one(Grant, grant.id)
    assert (kept.ended_at, kept.valid_until) == (None, grant.valid_until)


def test_ones_second_identity_is_oneself(world: World) -> None:
    """ID1, DG1: the same proved address is the same human."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    twin = world.person("I. Maes", email=ilse.email)
    with pytest.raises(ForbiddenError):
        end(ilse, world.grant(twin, genk))


def test_another_organisation_does_not_exist(world: World) -> None:
    """ID2: 404, the same as no right at all."""
    karim = world.administrator_of(world.organisation("Gent"), "Karim Benali")
    grant = world.grant(world.person(), world.organisation("Genk"))
    for doing in (lambda: end(karim, grant), lambda: change(karim, grant, today(), "Korter.")):
        with pytest.raises(NotFoundError):
            doing()


def test_the_right_of_a_sole_administrator_is_for_the_officer(world: World, session: Session) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    own, other = world.grant(ilse, genk), world.grant(world.person(), genk)
    end(marc, own)
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:grant:end")).one()
    assert event.subject_id == own.id
    with pytest.raises(NotFoundError):
        end(marc, other)  # an administrator can decide that one


def test_a_right_is_shortened_with_a_reason_and_extended_without(world: World, inbox: Inbox, session: Session) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person()
    grant = world.grant(nele, genk)
    sooner = today() + timedelta(days=10)
    with pytest.raises(InvalidError):
        change(ilse, grant, sooner)
    assert change(ilse, grant, sooner, "Het project stopt.") == "shortened"
    shortened = session.get_one(Grant, grant.id)
    assert shortened.valid_until == end_of_day(sooner)
    assert "Het project stopt." in inbox.last_to(str(nele.email)).text
    session.rollback()
    assert change(ilse, session.get_one(Grant, grant.id), today() + timedelta(days=400)) == "extended"
    assert "verlengd" in inbox.last_to(str(nele.email)).subject
    names = [event.name for event in session.scalars(select(AuditEvent).where(AuditEvent.subject_id == grant.id))]
    assert names.count("access:grant:shorten") == names.count("access:grant:extend") == 1


def test_the_owner_of_the_application_hears_of_each_change(world: World, inbox: Inbox) -> None:
    """C3: organisation, name, address, right, what changed and from when."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    grant = world.grant(world.person(), genk)
    owners = installation().catalogue.applications["cultuurmonitor"].notify_grants
    change(ilse, grant, today() + timedelta(days=10), "Korter.")
    assert owners
    assert all("einddatum vervroegd" in inbox.last_to(owner).text for owner in owners)


@pytest.mark.parametrize("days", [-1, 3000])
def test_a_day_that_cannot_be_is_refused_and_changes_nothing(world: World, session: Session, days: int) -> None:
    genk = world.organisation()
    grant = world.grant(world.person(), genk)
    with pytest.raises(InvalidError) as refused:
        change(world.administrator_of(genk), grant, today() + timedelta(days=days), "Zomaar.")
    assert "last_day" in refused.value.fields
    assert session.get_one(Grant, grant.id).valid_until == grant.valid_until


def test_a_page_that_is_out_of_date_changes_nothing(world: World) -> None:
    """ID5: two administrators with the same page open."""
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    grant = world.grant(world.person(), genk)
    shown = last_day(grant.valid_until) if grant.valid_until else None
    change(ilse, grant, today() + timedelta(days=10), "Korter.")
    with pytest.raises(ConflictError) as refused:
        change(karim, grant, today() + timedelta(days=500), seen=shown)
    assert refused.value.code == "grant_changed"


def test_of_an_end_and_an_extension_at_once_one_wins(app: Flask, world: World, session: Session) -> None:
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    grant = world.grant(world.person(), genk)
    barrier, outcomes = Barrier(2), []

    def run(doing: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                doing()
                outcomes.append("done")
            except (ConflictError, BusyError) as error:
                outcomes.append(error.code)

    threads = [
        Thread(target=run, args=(lambda: end(ilse, grant),)),
        Thread(target=run, args=(lambda: change(karim, grant, today() + timedelta(days=500)),)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = session.get_one(Grant, grant.id)
    assert kept.ended_at is not None
    assert sorted(outcomes) in (["done", "done"], ["done", "grant_ended"])


def test_what_is_no_longer_offered_cannot_be_extended(world: World, session: Session) -> None:
    genk = world.organisation()
    grant = world.grant(world.person(), genk, right_code="iets_anders")
    with pytest.raises(InvalidError):
        change(world.administrator_of(genk), grant, today() + timedelta(days=500))


# The list


def test_the_list_holds_every_living_right_of_ones_organisations_by_name(world: World, session: Session) -> None:
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse = world.administrator_of(genk)
    for name in ("Zoë Aerts", "An Baert", "Bo Aerts"):
        world.grant(world.person(name), genk)
    world.grant(world.person("Iemand Anders"), gent)
    page = list_rights(session, installation().catalogue, ilse.id)
    assert page is not None
    assert [line.person_name for line in page.lines] == ["Bo Aerts", "Zoë Aerts", "An Baert"]
    assert page.count == 3
    found = list_rights(session, installation().catalogue, ilse.id, RightFilter(words="baert"))
    assert found is not None
    assert found.count == 1


def test_who_administers_nothing_has_no_list(world: World, session: Session) -> None:
    assert list_rights(session, installation().catalogue, world.person().id) is None
    officer = world.officer_of("LB", "gemeente")
    assert list_rights(session, installation().catalogue, officer.id) is None


def test_pages_follow_each_other_without_gap_or_repeat(world: World, session: Session) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    for number in range(PAGE + 7):
        world.grant(world.person(f"An Janssens{number % 5}"), genk)
    first = list_rights(session, installation().catalogue, ilse.id)
    assert first is not None
    second = list_rights(session, installation().catalogue, ilse.id, after=first.next_key)
    assert second is not None
    assert (len(first.lines), len(second.lines), second.next_key) == (PAGE, 7, None)
    assert len({line.grant_id for line in [*first.lines, *second.lines]}) == PAGE + 7


def test_the_list_costs_the_same_with_many_as_with_few(world: World, session: Session, statements: Statements) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    counted = []
    for _ in range(2):
        for _ in range(10):
            world.grant(world.person(), genk)
        with statements() as seen:
            list_rights(session, installation().catalogue, ilse.id)
        counted.append(len(seen))
    assert counted == [3, 3]


# Announcing


def test_an_end_is_announced_thirty_and_seven_days_before_and_each_time_once(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person()
    grant = world.grant(nele, genk, valid_until=end_of_day(today() + timedelta(days=60)))
    counted = []
    for days in (29, 1, 22, 1, 6, 2):  # 31, 30, 8, 7, 1 days before, and a day after
        clock.shift(timedelta(days=days))
        announce_coming_ends()
        announce_coming_ends()
        inbox.deliver()
        counted.append(
            (
                len([mail for mail in inbox.mails_to(str(nele.email)) if "stopt op" in mail.subject]),
                len([mail for mail in inbox.mails_to(str(ilse.email)) if "binnenkort" in mail.subject]),
            )
        )
    assert counted == [(0, 0), (1, 1), (1, 1), (2, 2), (2, 2), (2, 2)]
    assert session.get_one(Grant, grant.id).end_notices == 2
    assert "/rechten?stopt=binnenkort" in inbox.last_to(str(ilse.email)).text


def test_the_end_of_a_right_that_no_administrator_can_extend_is_announced_to_the_officer(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    """DG1, decisions 9: a sole administrator's case goes to the officer, with the way to it; so does that of nobody's."""
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    genk, gent = world.organisation(), world.organisation("Stad Gent")
    ilse = world.administrator_of(genk)
    own = world.grant(ilse, genk)
    nobodys = world.grant(world.person(), gent)
    clock.shift(timedelta(days=340))
    announce_coming_ends()
    mails = [mail for mail in inbox.mails_to(str(marc.email)) if "stopt binnenkort" in mail.subject]
    assert {grant.id for grant in (own, nobodys) if any(f"/rechten/{grant.id}" in mail.text for mail in mails)} == {
        own.id,
        nobodys.id,
    }
    to_ilse = [mail for mail in inbox.mails_to(str(ilse.email)) if "stopt" in mail.subject]
    assert len(to_ilse) == 1, "as its holder; she cannot extend it as an administrator"
    assert "De doelgroepverantwoordelijke kan dat wel" in to_ilse[0].text
    assert change(marc, own, today() + timedelta(days=60)) == "extended"


def test_a_right_that_runs_out_is_told_to_the_person_the_service_and_the_owner(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    """The issue: jeugdmonitor@vlaanderen.be is told of every end, also of the one by the calendar (M9); once."""
    genk = world.organisation(kind="gemeente")
    nele = world.person()
    grant = world.grant(nele, genk, entitlement="DCJM_Jeugdmonitor_LB_Projectcoordinator")
    with db.engine.begin() as connection:
        connection.execute(update(Affiliation).values(general_email="jeugd@genk.test"))
    clock.shift(timedelta(days=366))
    assert [perform(settle_run_out_grants, installation()) for _ in range(2)] == [1, 0]
    assert session.get_one(Grant, grant.id).end_reason == "expired"
    for address in (str(nele.email), "jeugd@genk.test", "jeugdmonitor@vlaanderen.be"):
        told = [mail for mail in inbox.mails_to(address) if "beëindigd" in mail.text or "beëindigd" in mail.subject]
        assert len(told) == 1, address
    assert "De laatste dag van dit recht is voorbij." in inbox.last_to(str(nele.email)).text


def test_an_extended_right_is_announced_again_at_its_new_end(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person()
    grant = world.grant(nele, genk, valid_until=end_of_day(today() + timedelta(days=40)))
    clock.shift(timedelta(days=11))
    announce_coming_ends()
    change(ilse, session.get_one(Grant, grant.id), today() + timedelta(days=100))
    session.rollback()
    clock.shift(timedelta(days=71))
    announce_coming_ends()
    inbox.deliver()
    assert len([mail for mail in inbox.mails_to(str(nele.email)) if "stopt op" in mail.subject]) == 2


def test_many_ends_at_one_organisation_are_one_mail_to_its_administrators(
    world: World, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    for _ in range(6):
        world.grant(world.person(), genk, valid_until=end_of_day(today() + timedelta(days=60)))
    clock.shift(timedelta(days=31))
    announce_coming_ends()
    inbox.deliver()
    told = [mail for mail in inbox.mails_to(str(ilse.email)) if "binnenkort" in mail.subject]
    assert len(told) == 1
    assert "6 rechten" in told[0].subject


def test_a_right_given_for_a_fortnight_is_announced_a_week_before_only(
    world: World, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    nele = world.person()
    world.grant(nele, genk, valid_until=end_of_day(today() + timedelta(days=14)))
    announce_coming_ends()
    assert not [mail for mail in inbox.mails_to(str(nele.email)) if "stopt op" in mail.subject]
    clock.shift(timedelta(days=8))
    announce_coming_ends()
    assert len([mail for mail in inbox.mails_to(str(nele.email)) if "stopt op" in mail.subject]) == 1
