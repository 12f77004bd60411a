"""Deputies: who may name whom, and when a deputyship counts (lifecycles §5, threats AP1)."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.end_affiliation import end_affiliation
from broker.audit import AuditEvent
from broker.database import changing_session, db, perform
from broker.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.deputy import Deputy
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.end_deputy import end_deputy
from broker.people.end_organisations import end_organisations
from broker.people.living_deputies import deputy_members, living_deputies
from broker.people.living_mandates import living_mandates, pool_members
from broker.people.mandate import HEAD_LOCAL_ADMIN, LOCAL_ADMIN, Mandate, organisation_scope
from broker.people.name_deputy import NewDeputy, name_deputy
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.settle_run_out_deputies import settle_run_out_deputies
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

TODAY = date(2026, 11, 17)


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, genk: Organisation) -> Person:
    return world.administrator_of(genk)


@pytest.fixture
def eva(world: World, genk: Organisation) -> Person:
    return world.person("Eva Janssens", works_for=genk)


def mandate_of(person: Person) -> uuid.UUID:
    found = db.session.scalars(
        select(Mandate.id).where(Mandate.person_id == person.id, Mandate.ended_at.is_(None))
    ).one()
    db.session.rollback()
    return found


def name(world: World, holder: Person, deputy: Person, *, mandate: uuid.UUID | None = None, **days: Any) -> Deputy:
    wish = NewDeputy(deputy.id, **{"first_day": TODAY, "last_day": TODAY + timedelta(days=14)} | days)
    return perform(name_deputy, world.installation, holder.id, mandate or mandate_of(holder), wish)


def test_a_deputy_counts_within_the_days_and_is_no_administrator(
    world: World, session: Session, clock: time_machine.Traveller, genk: Organisation, ilse: Person, eva: Person
) -> None:
    """AP1: a deputy decides tasks only, so no list of mandates holds one."""
    scope = organisation_scope(genk.id)
    name(world, ilse, eva, first_day=TODAY + timedelta(days=2))
    assert living_deputies(session, scope_key=scope) == []
    clock.shift(timedelta(days=2))
    session.rollback()
    assert [view.person.full_name for view in living_deputies(session, scope_key=scope)] == ["Eva Janssens"]
    assert [member.person_id for member in deputy_members(session, scope)] == [eva.id]
    assert living_mandates(session, person_id=eva.id) == []
    assert [member.person_id for member in pool_members(session, scope)] == [ilse.id]
    clock.shift(timedelta(days=13))
    session.rollback()
    assert living_deputies(session, scope_key=scope) == []


def test_the_deputy_and_the_other_administrators_are_told(
    world: World, inbox: Inbox, genk: Organisation, ilse: Person, eva: Person
) -> None:
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    deputy = name(world, ilse, eva)
    assert {mail.to for mail in inbox.mails} == {eva.email, karim.email}
    assert "Ilse Maes" in inbox.last_to(str(eva.email)).text
    assert "1 december 2026" in inbox.last_to(str(eva.email)).text
    perform(end_deputy, world.installation, ilse.id, deputy.id)
    assert "niet langer" in inbox.last_to(str(eva.email)).subject
    assert "niet langer" in inbox.last_to(str(karim.email)).subject


@pytest.mark.parametrize("who", ["a stranger", "the deputy", "a fellow administrator", "the head"])
def test_only_the_holder_names_a_deputy_so_there_is_no_deputy_of_a_deputy(
    world: World, genk: Organisation, ilse: Person, eva: Person, who: str
) -> None:
    """AP1: the second link of a chain is refused, and whoever does not hold the mandate does not even find it."""
    name(world, ilse, eva)
    makers = {
        "a stranger": lambda: world.person("Wie Anders"),
        "the deputy": lambda: eva,
        "a fellow administrator": lambda: world.administrator_of(genk, "Tom Bogaert"),
        "the head": lambda: world.administrator_of(genk, "Karim Benali", head=True),
    }
    actor, hanne = makers[who](), world.person("Hanne Smet", works_for=genk)
    with pytest.raises(NotFoundError):
        name(world, actor, hanne, mandate=mandate_of(ilse))


def test_the_database_knows_no_deputy_of_a_deputy(world: World, genk: Organisation, ilse: Person, eva: Person) -> None:
    """AP1: a deputyship refers to a mandate together with its holder."""
    hanne = world.person("Hanne Smet", works_for=genk)
    now = broker_clock.now()
    with pytest.raises(IntegrityError):
        world._keep(
            Deputy(
                mandate_id=mandate_of(ilse),
                holder_person_id=eva.id,
                deputy_person_id=hanne.id,
                valid_from=now,
                valid_until=now + timedelta(days=1),
            )
        )


def test_three_links_of_a_chain_are_refused_each(world: World, genk: Organisation, ilse: Person, eva: Person) -> None:
    """AP1: head makes X deputy; X appoints nobody, dismisses nobody, names nobody."""
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    name(world, karim, eva)
    hanne = world.person("Hanne Smet", works_for=genk)
    attempts = [
        lambda: perform(
            appoint_mandate,
            world.installation,
            eva.id,
            Appointment(person_id=hanne.id, kind=LOCAL_ADMIN, organisation_id=genk.id),
        ),
        lambda: perform(
            appoint_mandate,
            world.installation,
            eva.id,
            Appointment(person_id=eva.id, kind=HEAD_LOCAL_ADMIN, organisation_id=genk.id, evidence="Brief."),
        ),
        lambda: perform(dismiss_mandate, world.installation, eva.id, mandate_of(ilse)),
        lambda: name(world, eva, hanne, mandate=mandate_of(karim)),
    ]
    for attempt in attempts:
        with pytest.raises((ForbiddenError, NotFoundError)):
            attempt()
    assert living_mandates(db.session(), person_id=eva.id) == []


@pytest.mark.parametrize("same", ["person", "email", "phone"])
def test_nobody_stands_in_for_himself(world: World, genk: Organisation, same: str) -> None:
    """AP1, DG1: not as a second account either."""
    phone = {"phone": "+32470123456", "phone_source": "proved"}
    ilse = world.administrator_of(genk, person=world.person("Ilse Maes", email="ilse@voorbeeld.test", **phone))
    twins = {
        "person": lambda: ilse,
        "email": lambda: world.person("Ilse Tweede", email="ilse@voorbeeld.test", works_for=genk),
        "phone": lambda: world.person("Ilse Tweede", works_for=genk, **phone),
    }
    with pytest.raises(ForbiddenError) as refused:
        name(world, ilse, twins[same]())
    assert refused.value.code == "not_for_yourself"


def test_who_works_elsewhere_is_unknown_and_an_administrator_needs_no_deputyship(
    world: World, genk: Organisation, ilse: Person, eva: Person
) -> None:
    """ID2"""
    with pytest.raises(NotFoundError):
        name(world, ilse, world.person("Wie Elders", works_for=world.organisation("Hasselt")))
    with pytest.raises(NotFoundError):
        name(world, ilse, world.person("Wie Nergens"))
    with pytest.raises(ConflictError) as refused:
        name(world, ilse, world.administrator_of(genk, "Karim Benali"))
    assert refused.value.code == "decides_already"
    name(world, ilse, eva)
    with pytest.raises(ConflictError) as again:
        name(world, ilse, eva)
    assert again.value.code == "deputy_already"


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"first_day": TODAY - timedelta(days=1)}, "first_day"),
        ({"last_day": TODAY - timedelta(days=1)}, "last_day"),
        ({"first_day": TODAY + timedelta(days=3), "last_day": TODAY + timedelta(days=2)}, "last_day"),
        ({"last_day": TODAY + timedelta(days=400)}, "last_day"),
    ],
)
def test_an_absence_has_days_that_go_together(
    world: World, ilse: Person, eva: Person, days: dict[str, date], field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        name(world, ilse, eva, **days)
    assert set(refused.value.fields) == {field}


def test_an_officer_has_no_deputy(world: World, eva: Person) -> None:
    lies = world.officer_of("LB", "gemeente")
    with pytest.raises(NotFoundError):
        name(world, lies, eva)


def _left(world: World, person: Person, genk: Organisation) -> None:
    job = world.affiliation(person, genk)
    perform(end_affiliation, world.installation, job.id, ended_by=None, reason="left")


def _organisation_ends(genk: Organisation) -> None:
    with changing_session() as session, session.begin():
        end_organisations(session, [session.get_one(Organisation, genk.id)], "inactive")
    db.session.rollback()


@pytest.mark.parametrize("why", ["mandate dismissed", "holder left", "deputy left", "organisation ended"])
def test_a_deputyship_ends_in_writing_with_what_it_stands_on(
    world: World, session: Session, genk: Organisation, ilse: Person, eva: Person, why: str
) -> None:
    """Lifecycles §6: neither the mandate, the jobs nor the organisation leave one behind."""
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    deputy = name(world, ilse, eva)
    {
        "mandate dismissed": lambda: perform(dismiss_mandate, world.installation, karim.id, mandate_of(ilse)),
        "holder left": lambda: _left(world, ilse, genk),
        "deputy left": lambda: _left(world, eva, genk),
        "organisation ended": lambda: _organisation_ends(genk),
    }[why]()
    assert world.fresh(Deputy, deputy.id).ended_at is not None
    assert living_deputies(session, person_id=eva.id) == []


def _change(statement: Any) -> None:
    with changing_session() as session, session.begin():
        session.execute(statement)
    db.session.rollback()


@pytest.mark.parametrize("why", ["the holder is doubted", "the deputy is doubted", "the job has run out"])
def test_a_deputyship_stops_by_derivation_with_what_it_stands_on(
    world: World,
    session: Session,
    clock: time_machine.Traveller,
    genk: Organisation,
    ilse: Person,
    eva: Person,
    why: str,
) -> None:
    """AP5"""
    name(world, ilse, eva)
    soon = broker_clock.now() + timedelta(minutes=1)
    _change(
        {
            "the holder is doubted": update(Person).where(Person.id == ilse.id).values(state="doubted"),
            "the deputy is doubted": update(Person).where(Person.id == eva.id).values(state="doubted"),
            "the job has run out": update(Affiliation).where(Affiliation.person_id == eva.id).values(valid_until=soon),
        }[why]
    )
    clock.shift(timedelta(minutes=2))
    assert living_deputies(session, scope_key=organisation_scope(genk.id)) == []


@pytest.mark.parametrize("who", ["the holder", "the deputy", "the head"])
def test_the_holder_the_deputy_and_the_head_end_it(
    world: World, session: Session, genk: Organisation, ilse: Person, eva: Person, who: str
) -> None:
    actors = {
        "the holder": lambda: ilse,
        "the deputy": lambda: eva,
        "the head": lambda: world.administrator_of(genk, "Karim Benali", head=True),
    }
    deputy = name(world, ilse, eva)
    actor = actors[who]()
    ended = perform(end_deputy, world.installation, actor.id, deputy.id)
    assert ended.ended_by == actor.id
    assert living_deputies(session, person_id=eva.id) == []
    with pytest.raises(ConflictError):
        perform(end_deputy, world.installation, actor.id, deputy.id)
    name(world, ilse, eva)


@pytest.mark.parametrize("who", ["a fellow administrator", "a stranger", "the head elsewhere"])
def test_nobody_else_finds_it(world: World, genk: Organisation, ilse: Person, eva: Person, who: str) -> None:
    """ID2"""
    deputy = name(world, ilse, eva)
    makers = {
        "a fellow administrator": lambda: world.administrator_of(genk, "Tom Bogaert"),
        "a stranger": lambda: world.person("Wie Anders"),
        "the head elsewhere": lambda: world.administrator_of(world.organisation("Hasselt"), "Wie Elders", head=True),
    }
    with pytest.raises(DomainError) as refused:
        perform(end_deputy, world.installation, makers[who]().id, deputy.id)
    assert isinstance(refused.value, NotFoundError)


def test_what_the_clock_ended_is_written_and_gives_the_place_free(
    world: World, session: Session, clock: time_machine.Traveller, ilse: Person, eva: Person
) -> None:
    first = name(world, ilse, eva)
    clock.shift(timedelta(days=20))
    perform(settle_run_out_deputies)
    settled = world.fresh(Deputy, first.id)
    assert (settled.ended_at, settled.end_reason, settled.ended_by) == (first.valid_until, "expired", None)
    later = {"first_day": TODAY + timedelta(days=20), "last_day": TODAY + timedelta(days=22)}
    second = name(world, ilse, eva, **later)
    clock.shift(timedelta(days=20))
    third = name(world, ilse, eva, first_day=TODAY + timedelta(days=40), last_day=TODAY + timedelta(days=41))
    assert len({first.id, second.id, third.id}) == 3
    session.rollback()
    names = session.scalars(select(AuditEvent.name).where(AuditEvent.name.like("people:deputy:%"))).all()
    assert sorted(names) == ["people:deputy:expire"] * 2 + ["people:deputy:name"] * 3


def test_one_that_ended_never_changes(world: World, ilse: Person, eva: Person) -> None:
    """Held by the database itself (lifecycles §0)."""
    deputy = name(world, ilse, eva)
    perform(end_deputy, world.installation, ilse.id, deputy.id)
    with pytest.raises(Exception, match="an ended row never changes"):
        _change(update(Deputy).values(valid_until=None))


def test_an_absence_begins_within_the_year(world: World, ilse: Person, eva: Person) -> None:
    with pytest.raises(InvalidError):
        name(world, ilse, eva, first_day=date.max - timedelta(days=1), last_day=date.max)
