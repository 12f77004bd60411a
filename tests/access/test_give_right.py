"""A local administrator gives a right directly (seed 002): the same rules as an approval, the same mails, never to oneself."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.explain_direct import DirectGrant, explain_direct
from broker.access.give_grant import Given
from broker.access.give_right import give_right
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import grant_is_active
from broker.audit import AuditEvent
from broker.clock import end_of_day, last_day, local_date, start_of_day
from broker.database import perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.inbox import Inbox
from tests.worlds.world import World


def today() -> date:
    return local_date(broker_clock.now())


def direct(person: Person, place: Organisation, right: str = "invoerder", **more: object) -> DirectGrant:
    """The right of the Cultuurmonitor for `person` at `place`."""
    return replace(DirectGrant(place.id, person.id, "cultuurmonitor", right, "cultuurcentra"), **more)  # type: ignore[arg-type]


def give(actor: Person, wanted: DirectGrant) -> Given:
    return perform(give_right, installation(), actor.id, wanted)


def test_a_right_given_directly_is_mailed_as_after_an_approval(world: World, inbox: Inbox, session: Session) -> None:
    """W15: the person reads who gave it and until when; so does the owner of the application."""
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk)
    given = give(ilse, direct(nele, genk))
    kept = session.get_one(Grant, given.grant.id)
    assert (kept.given_by, kept.request_id, given.outcome) == (ilse.id, None, "given")
    assert grant_is_active(session, installation().catalogue, kept.id)
    mail = inbox.last_to(str(nele.email))
    assert "gaf u een recht" in mail.text
    assert "aanvraag" not in mail.text.replace("toegang vroeg", "")
    events = session.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == kept.id)).all()
    assert "access:grant:give" in events


def test_an_administrator_gives_nothing_to_himself(world: World, session: Session) -> None:
    """DG1."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    with pytest.raises(ForbiddenError) as refused:
        give(ilse, direct(ilse, genk))
    assert refused.value.code == "not_for_yourself"
    assert session.scalars(select(Grant)).all() == []


@pytest.mark.parametrize("who", ["a stranger", "an officer", "an administrator elsewhere", "one whose mandate ended"])
def test_only_a_living_mandate_of_that_organisation_gives(world: World, session: Session, who: str) -> None:
    """ID2, AP1: an officer decides requests in place, but gives nothing; another organisation is not found."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    nele = world.person(works_for=genk)
    ended = world.administrator_of(genk, "Ann Ex")
    actors: dict[str, Person] = {
        "a stranger": world.person("Vreemde Eend"),
        "an officer": world.officer_of("LB", "gemeente"),
        "an administrator elsewhere": world.administrator_of(gent, "Gentse Beheerder"),
        "one whose mandate ended": ended,
    }
    mandate = session.scalars(select(Mandate).where(Mandate.person_id == ended.id)).one()
    mandate.ended_at, mandate.end_reason = broker_clock.now(), "dismissed"
    session.commit()
    with pytest.raises(NotFoundError):
        give(actors[who], direct(nele, genk))
    assert session.scalars(select(Grant)).all() == []


def test_who_works_elsewhere_only_is_not_found(world: World) -> None:
    """DG2: the same answer as for an id that nobody has."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse, far = world.administrator_of(genk), world.person(works_for=gent)
    codes = set()
    for person_id in (far.id, uuid.uuid4()):
        with pytest.raises(NotFoundError) as refused:
            give(ilse, replace(direct(far, genk), person_id=person_id))
        codes.add(refused.value.code)
    assert codes == {"person_unknown"}


def test_a_right_is_not_given_twice(world: World) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk)
    give(ilse, direct(nele, genk))
    with pytest.raises(ConflictError) as refused:
        give(ilse, direct(nele, genk))
    assert refused.value.code == "already"


def test_a_second_role_needs_a_change_of_role(world: World, inbox: Inbox, session: Session) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk)
    first = give(ilse, direct(nele, genk))
    with pytest.raises(ConflictError) as refused:
        give(ilse, direct(nele, genk, "raadpleger"))
    assert refused.value.code == "one_role"
    second = give(ilse, direct(nele, genk, "raadpleger", change_of_role=True))
    old = session.get_one(Grant, first.grant.id)
    assert (old.end_reason, old.ended_at) == ("change_of_role", second.grant.valid_from)
    assert "stopte op hetzelfde moment" in inbox.last_to(str(nele.email)).text


def test_a_role_elsewhere_is_told_without_where_and_stays(world: World, session: Session) -> None:
    """DG4, DG5: no change of role across the border, whatever is ticked."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk)
    there = world.grant(nele, gent)
    for change_of_role in (False, True):
        with pytest.raises(ConflictError) as refused:
            give(ilse, direct(nele, genk, "raadpleger", change_of_role=change_of_role))
        assert refused.value.code == "one_role"
        assert "elders" in refused.value.text.nl
        assert "Gent" not in refused.value.text.nl + refused.value.text.en
    assert session.get_one(Grant, there.id).ended_at is None


def test_what_the_application_does_not_offer_here_is_not_given(world: World) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk)
    for wrong in (
        direct(nele, genk, "beheerder"),
        replace(direct(nele, genk), context_code="musea"),
        replace(direct(nele, genk), application_code="iets"),
    ):
        with pytest.raises(ConflictError) as refused:
            give(ilse, wrong)
        assert refused.value.code == "offered"


def test_the_label_opens_by_itself(world: World, inbox: Inbox, session: Session) -> None:
    """Seed 002: an economische actor needs "Cultuurmonitor Afnemer"; giving asks it, once."""
    kaai = world.organisation("De Kaai", kind="economische_actor")
    world.officer_of("EA", "economische_actor")
    ilse = world.administrator_of(kaai)
    nele, tom = world.person(works_for=kaai), world.person("Tom Baert", works_for=kaai)
    context = next(iter(installation().catalogue.applications["cultuurmonitor"].rights["invoerder"].contexts))
    for person in (nele, tom):
        given = give(ilse, replace(direct(person, kaai), context_code=context))
        assert given.outcome == "waiting_for_label"
    assert len(session.scalars(select(Label)).all()) == 1
    assert "wacht nog op een label" in inbox.last_to(str(nele.email)).subject


def test_a_page_that_is_out_of_date_gives_nothing(world: World, session: Session) -> None:
    """ID5: the fingerprint of what was shown."""
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk)
    seen = explain_direct(session, installation(), ilse.id, direct(nele, genk)).fingerprint
    world.grant(nele, genk, "raadpleger")
    with pytest.raises(ConflictError) as refused:
        give(ilse, direct(nele, genk, seen=seen))
    assert refused.value.code == "explanation_changed"


def test_the_days_lie_within_the_policy(world: World) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk)
    latest = explain_direct_of(ilse, direct(nele, genk))
    for field, wrong in (
        ("first_day", {"first_day": today() - timedelta(days=1)}),
        ("first_day", {"first_day": today() + timedelta(days=400)}),
        ("first_day", {"first_day": today() + timedelta(days=1), "change_of_role": True}),
        ("last_day", {"last_day": today() - timedelta(days=1)}),
        ("last_day", {"first_day": today() + timedelta(days=9), "last_day": today() + timedelta(days=8)}),
        ("last_day", {"last_day": latest + timedelta(days=1)}),
    ):
        with pytest.raises(InvalidError) as refused:
            give(ilse, direct(nele, genk, **wrong))
        assert field in refused.value.fields
    chosen = today() + timedelta(days=30)
    assert last_day(end_of(give(ilse, direct(nele, genk, last_day=chosen)))) == chosen


def explain_direct_of(actor: Person, wanted: DirectGrant) -> date:
    return perform(explain_direct, installation(), actor.id, wanted).last_day


def end_of(given: Given) -> datetime:
    assert given.grant.valid_until is not None
    return given.grant.valid_until


def test_without_a_chosen_last_day_it_ends_when_the_policy_says(world: World) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk)
    latest = explain_direct_of(ilse, direct(nele, genk))
    assert end_of(give(ilse, direct(nele, genk))) == end_of_day(latest)


def test_a_right_that_begins_later_says_so_on_the_day(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk)
    begin = today() + timedelta(days=10)
    given = give(ilse, direct(nele, genk, first_day=begin))
    assert (given.outcome, given.grant.valid_from) == ("planned", start_of_day(begin))
    assert not grant_is_active(session, installation().catalogue, given.grant.id)
    first = inbox.last_to(str(nele.email))
    assert "Begint op" in first.text
    clock.shift(timedelta(days=11))
    session.rollback()
    assert grant_is_active(session, installation().catalogue, given.grant.id)
    assert "loopt vanaf nu" in inbox.last_to(str(nele.email)).subject


def test_somebody_who_never_signed_in_waits_for_that(world: World, inbox: Inbox) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    nele = world.person(works_for=genk, state="unlinked", email=None)
    world.affiliation(nele, genk)
    assert give(ilse, direct(nele, genk)).outcome == "waiting_for_identity"


def test_the_owner_reads_these_fields_and_no_others(world: World, inbox: Inbox) -> None:
    """C3, seed 000: organisation, name, address, right, what changed and from when; and from when it begins later."""
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person(works_for=genk, phone="+32470123456", phone_source="proved")
    right = DirectGrant(genk.id, nele.id, "jeugdmonitor", "projectcoordinator", "Projectcoordinator")
    give(ilse, replace(right, first_day=today() + timedelta(days=10)))
    mail = inbox.last_to("jeugdmonitor@vlaanderen.be")
    for told in ("Genk", "Nele Vercauteren", str(nele.email), "DCJM Jeugdmonitor", "27 november 2026"):
        assert told in mail.text
    for kept in ("+32470123456", "Ilse", "Maes"):
        assert kept not in mail.text


def test_two_administrators_give_two_roles_at_once_and_one_stays(app: Flask, world: World, session: Session) -> None:
    """Lifecycles §14: never two roles, on both databases."""
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    nele = world.person(works_for=genk)
    outcomes = at_once(
        app,
        lambda: give(ilse, direct(nele, genk, "invoerder")),
        lambda: give(karim, direct(nele, genk, "raadpleger")),
    )
    assert sorted(outcomes) == ["given", "one_role"]
    assert len(session.scalars(select(Grant).where(Grant.ended_at.is_(None))).all()) == 1


def test_two_changes_of_role_at_once_leave_one_role(app: Flask, world: World, session: Session) -> None:
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    nele = world.person(works_for=genk)
    give(ilse, direct(nele, genk, "invoerder"))
    outcomes = at_once(
        app,
        lambda: give(ilse, direct(nele, genk, "raadpleger", change_of_role=True)),
        lambda: give(karim, direct(nele, genk, "raadpleger", change_of_role=True)),
    )
    assert sorted(outcomes) == ["already", "given"]
    assert len(session.scalars(select(Grant).where(Grant.ended_at.is_(None))).all()) == 1


def at_once(app: Flask, *doing: Callable[[], Given]) -> list[str]:
    """What came of operations that began at the same moment."""
    barrier, outcomes = Barrier(len(doing)), []

    def run(each: Callable[[], Given]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                outcomes.append(each().outcome)
            except (ConflictError, BusyError) as error:
                outcomes.append(error.code)

    threads = [Thread(target=run, args=(each,)) for each in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
