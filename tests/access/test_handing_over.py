"""A colleague stands in for somebody for a period: their right rests, and works again by itself (seed 000, lifecycles §3)."""

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.change_last_day import LastDay, change_last_day
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.explain_direct import DirectGrant
from broker.access.give_right import give_right
from broker.access.grant import Grant
from broker.access.hand_over import HandOver, hand_over
from broker.access.leave_organisation import leave_organisation
from broker.access.live_rights import grant_is_active
from broker.access.resume_right import resume_right
from broker.access.settle_suspensions import settle_suspensions
from broker.access.suspend_right import Suspension, suspend_right
from broker.clock import end_of_day, local_date
from broker.database import perform
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.at_once import at_once
from tests.worlds.inbox import Inbox
from tests.worlds.world import World


def today() -> date:
    return local_date(broker_clock.now())


def over(
    world: World,
    actor: Person,
    grant: Grant,
    colleague: Person,
    days: int = 30,
    *,
    first: int | None = None,
    reason: str = "Lang afwezig.",
    at: Organisation | None = None,
) -> Grant:
    place = at or world.fresh(Organisation, grant.organisation_id)
    wish = HandOver(
        grant_id=grant.id,
        colleague_id=world.affiliation(colleague, place).id,
        last_day=today() + timedelta(days=days),
        reason=reason,
        first_day=today() + timedelta(days=first) if first is not None else None,
    )
    return perform(hand_over, installation(), actor.id, wish)


def active(session: Session, grant: Grant) -> bool:
    session.rollback()
    return grant_is_active(session, installation().catalogue, grant.id)


def test_the_colleague_has_the_right_for_the_period_and_the_absent_one_before_and_after(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse, nele, tom = world.administrator_of(genk), world.person(), world.person("Tom Bogaert", works_for=genk)
    grant = world.grant(nele, genk)
    stands_in = over(world, ilse, grant, tom, first=3, days=10)
    assert (active(session, grant), active(session, stands_in)) == (True, False)
    clock.shift(timedelta(days=4))
    assert (active(session, grant), active(session, stands_in)) == (False, True)
    session.rollback()
    assert perform(settle_suspensions, installation()) == 1
    assert perform(settle_suspensions, installation()) == 0
    clock.shift(timedelta(days=7))
    assert (active(session, grant), active(session, stands_in)) == (True, False)
    assert "Tom Bogaert" in next(m for m in inbox.mails_to(str(nele.email)) if "geschorst" in m.subject).text
    assert inbox.mails_to(str(tom.email)), "both are told"


def test_there_is_never_a_moment_with_two_nor_one_with_nobody(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    grant = world.grant(world.person(), genk)
    stands_in = over(world, ilse, grant, world.person("Tom Bogaert", works_for=genk), first=1, days=2)
    counted = []
    for _ in range(5 * 24):
        counted.append((active(session, grant), active(session, stands_in)))
        clock.shift(timedelta(hours=1))
    assert {one + other for one, other in counted} == {1}


def test_who_has_a_role_already_cannot_stand_in_and_nothing_changes(world: World, session: Session) -> None:
    """One role per person; a hand-over takes nobody's role away."""
    genk = world.organisation()
    ilse, tom = world.administrator_of(genk), world.person("Tom Bogaert")
    grant, other = world.grant(world.person(), genk, "invoerder"), world.grant(tom, genk, "raadpleger")
    with pytest.raises(ConflictError) as refused:
        over(world, ilse, grant, tom)
    assert refused.value.code == "one_role"
    assert (active(session, grant), active(session, other)) == (True, True)


def test_nobody_hands_over_their_own_right_nor_any_right_to_themselves(world: World) -> None:
    """DG1."""
    genk = world.organisation()
    ilse, tom = world.administrator_of(genk), world.person("Tom Bogaert", works_for=genk)
    own, nele_s = world.grant(ilse, genk), world.grant(world.person(), genk)
    twin = world.person("I. Maes", email=ilse.email, works_for=genk)
    for grant, colleague in ((own, tom), (nele_s, ilse), (nele_s, twin)):
        with pytest.raises(ForbiddenError) as refused:
            over(world, ilse, grant, colleague)
        assert refused.value.code == "not_for_yourself"


def test_neither_the_right_nor_the_colleague_may_be_of_another_organisation(world: World) -> None:
    """ID2."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse, elsewhere = world.administrator_of(genk), world.person("Tom Bogaert", works_for=gent)
    grant, foreign = world.grant(world.person(), genk), world.grant(world.person(), gent)
    with pytest.raises(NotFoundError):
        over(world, ilse, grant, elsewhere, at=gent)
    with pytest.raises(NotFoundError):
        over(world, ilse, foreign, elsewhere, at=gent)


@pytest.mark.parametrize(
    ("first", "days", "reason"), [(None, -1, "Weg."), (5, 3, "Weg."), (None, 30, " "), (None, 200, "Weg.")]
)
def test_a_period_or_reason_that_cannot_be_is_refused_and_changes_nothing(
    world: World, session: Session, first: int | None, days: int, reason: str
) -> None:
    """Also beyond the end of the right itself: never a right without an end date that policy demands."""
    genk = world.organisation()
    grant = world.grant(world.person(), genk, valid_until=end_of_day(today() + timedelta(days=100)))
    tom = world.person("Tom Bogaert", works_for=genk)
    with pytest.raises(InvalidError):
        over(world, world.administrator_of(genk), grant, tom, days, first=first, reason=reason)
    assert active(session, grant)
    assert session.scalars(select(Grant.id)).all() == [grant.id]


def test_what_rests_already_is_not_handed_over(world: World) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    grant = world.grant(world.person(), genk)
    perform(suspend_right, installation(), ilse.id, grant.id, Suspension("Onderzoek."))
    with pytest.raises(ConflictError) as refused:
        over(world, ilse, grant, world.person("Tom Bogaert", works_for=genk))
    assert refused.value.code == "grant_suspended"


def test_who_comes_back_early_gets_the_right_back_and_the_colleague_stops(
    world: World, inbox: Inbox, session: Session
) -> None:
    genk = world.organisation()
    ilse, tom = world.administrator_of(genk), world.person("Tom Bogaert", works_for=genk)
    grant = world.grant(world.person(), genk)
    stands_in = over(world, ilse, grant, tom)
    perform(resume_right, installation(), ilse.id, grant.id, "")
    assert (active(session, grant), active(session, stands_in)) == (True, False)
    assert session.get_one(Grant, stands_in.id).end_reason == "handed_back"
    assert "die is er weer" in inbox.last_to(str(tom.email)).text


# At once, on both databases


def longer(actor: Person, grant: Grant, last_day: date, seen: date) -> str:
    return perform(change_last_day, installation(), actor.id, grant.id, LastDay(last_day, "Nog niet terug.", seen))


def test_who_stands_in_for_longer_lets_the_right_of_the_absent_one_rest_for_longer(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    """Never two with the right at the same moment, also when the absence lasts longer than was thought."""
    genk = world.organisation()
    ilse, nele, tom = world.administrator_of(genk), world.person(), world.person("Tom Bogaert", works_for=genk)
    grant = world.grant(nele, genk)
    stands_in = over(world, ilse, grant, tom, days=30)
    assert longer(ilse, stands_in, today() + timedelta(days=45), today() + timedelta(days=30)) == "extended"
    rests = world.fresh(Grant, grant.id)
    assert rests.suspended_until == end_of_day(today() + timedelta(days=45))
    assert any("Nog niet terug." in mail.text for mail in inbox.mails_to(str(nele.email)))
    clock.shift(timedelta(days=31))
    perform(settle_suspensions, installation())
    assert (active(session, stands_in), active(session, grant)) == (True, False)
    clock.shift(timedelta(days=15))
    perform(settle_suspensions, installation())
    assert (active(session, stands_in), active(session, grant)) == (False, True)


def test_nobody_stands_in_for_longer_than_the_right_itself_lasts(world: World, session: Session) -> None:
    genk = world.organisation()
    ilse, nele, tom = world.administrator_of(genk), world.person(), world.person("Tom Bogaert", works_for=genk)
    grant = world.grant(nele, genk, valid_until=end_of_day(today() + timedelta(days=40)))
    stands_in = over(world, ilse, grant, tom, days=30)
    with pytest.raises(InvalidError) as refused:
        longer(ilse, stands_in, today() + timedelta(days=45), today() + timedelta(days=30))
    assert refused.value.code == "last_day_wrong"
    assert world.fresh(Grant, stands_in.id).valid_until == end_of_day(today() + timedelta(days=30))


def test_an_administrator_does_not_prolong_the_rest_of_their_own_right(world: World) -> None:
    """Threats DG1: not over one's own right, by this road neither."""
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Haddad")
    tom = world.person("Tom Bogaert", works_for=genk)
    stands_in = over(world, ilse, world.grant(karim, genk), tom, days=30)
    with pytest.raises(ForbiddenError):
        longer(karim, stands_in, today() + timedelta(days=45), today() + timedelta(days=30))


def test_once_the_absent_one_is_back_a_longer_right_is_the_colleagues_own(world: World, session: Session) -> None:
    genk = world.organisation()
    ilse, nele, tom = world.administrator_of(genk), world.person(), world.person("Tom Bogaert", works_for=genk)
    grant = world.grant(nele, genk)
    given = world.grant(tom, genk, handed_over_from=grant.id, valid_until=end_of_day(today() + timedelta(days=30)))
    assert longer(ilse, given, today() + timedelta(days=45), today() + timedelta(days=30)) == "extended"
    assert world.fresh(Grant, grant.id).suspended_until is None


def test_of_two_hand_overs_of_one_right_at_once_one_wins(app: Flask, world: World, session: Session) -> None:
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    tom, an = world.person("Tom Bogaert", works_for=genk), world.person("An Baert", works_for=genk)
    grant = world.grant(world.person(), genk)
    outcomes = at_once(app, lambda: over(world, ilse, grant, tom), lambda: over(world, karim, grant, an))
    assert sorted(outcomes) == ["done", "grant_suspended"]
    assert len(session.scalars(select(Grant.id).where(Grant.handed_over_from == grant.id)).all()) == 1


def test_of_a_hand_over_and_another_role_for_the_same_colleague_at_once_one_wins(
    app: Flask, world: World, session: Session
) -> None:
    """Never two roles."""
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    tom = world.person("Tom Bogaert", works_for=genk)
    grant = world.grant(world.person(), genk, "invoerder")
    direct = DirectGrant(genk.id, tom.id, "cultuurmonitor", "raadpleger", grant.context_code)
    outcomes = at_once(
        app,
        lambda: over(world, ilse, grant, tom),
        lambda: perform(give_right, installation(), karim.id, direct),
    )
    assert sorted(outcomes) == ["done", "one_role"]
    living = session.scalars(select(Grant).where(Grant.person_id == tom.id, Grant.ended_at.is_(None))).all()
    assert len(living) == 1
    assert all(each.valid_until is not None for each in living)


def test_of_a_hand_over_and_a_change_of_role_of_the_absent_one_no_two_roles_remain(
    app: Flask, world: World, session: Session
) -> None:
    """The absent one asked for another role; whatever comes first, nobody ends with two and nobody stands in for nothing new."""
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    nele, tom = world.person(), world.person("Tom Bogaert", works_for=genk)
    grant = world.grant(nele, genk, "invoerder")
    task = world.task(world.request(nele, genk, right="raadpleger", change_of_role=True))
    outcomes = at_once(
        app,
        lambda: over(world, ilse, grant, tom),
        lambda: perform(decide_request, installation(), karim.id, Decision(task.id, approve=True)),
    )
    for person in (nele, tom):
        living = session.scalars(select(Grant).where(Grant.person_id == person.id, Grant.ended_at.is_(None))).all()
        assert len(living) <= 1
        assert all(each.valid_until is not None for each in living)
    assert "done" in outcomes


def test_of_a_hand_over_and_the_colleague_leaving_at_once_nobody_outside_has_a_right(
    app: Flask, world: World, session: Session
) -> None:
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    tom = world.person("Tom Bogaert", works_for=genk)
    job = world.affiliation(tom, genk)
    grant = world.grant(world.person(), genk)
    outcomes = at_once(
        app,
        lambda: over(world, ilse, grant, tom),
        lambda: perform(leave_organisation, installation(), karim.id, job.id),
    )
    assert "done" in outcomes
    assert session.scalars(select(Grant).where(Grant.person_id == tom.id, Grant.ended_at.is_(None))).all() == []
