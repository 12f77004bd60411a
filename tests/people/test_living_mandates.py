"""Who may decide at this moment: everything a mandate hangs on, taken away one by one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from time_machine import Traveller

from broker import clock as broker_clock
from broker.database import changing_session
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates, pool_members
from broker.people.mandate import Mandate, officer_scope, organisation_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.statements import Statements
from tests.worlds.world import World


def change(row: type[Any], **values: Any) -> None:
    with changing_session() as session, session.begin():
        session.execute(update(row).values(**values))


ENDINGS = {
    "the mandate was ended": (Mandate, {"ended_at": "now", "end_reason": "dismissed"}),
    "the mandate has run out": (Mandate, {"valid_until": "soon"}),
    "the affiliation was ended": (Affiliation, {"ended_at": "now", "end_reason": "left"}),
    "the affiliation has run out": (Affiliation, {"valid_until": "soon"}),
    "the organisation has ended": (Organisation, {"ended_at": "now", "end_reason": "inactive"}),
    "the person is no longer matched": (Person, {"state": "doubted"}),
}


@pytest.mark.parametrize("why", ENDINGS)
def test_a_local_administrator_decides_no_more_when(world: World, session: Session, clock: Traveller, why: str) -> None:
    """AP5: a mandate outlives neither its dates, the affiliation, the organisation nor the match with a digital key."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    assert [view.person_id for view in living_mandates(session, scope_key=organisation_scope(genk.id))] == [ilse.id]
    assert [member.full_name for member in pool_members(session, organisation_scope(genk.id))] == ["Ilse Maes"]
    row, values = ENDINGS[why]
    instants = {"now": broker_clock.now(), "soon": broker_clock.now() + timedelta(minutes=1)}
    change(row, **{column: instants.get(value, value) for column, value in values.items()})
    clock.shift(timedelta(minutes=2))
    session.rollback()
    assert living_mandates(session, person_id=ilse.id) == []
    assert pool_members(session, organisation_scope(genk.id)) == []


def test_a_mandate_that_begins_later_does_not_count_yet(world: World, session: Session, clock: Traveller) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    change(Mandate, valid_from=broker_clock.now() + timedelta(days=1))
    assert living_mandates(session, person_id=ilse.id) == []
    clock.shift(timedelta(days=2))
    session.rollback()
    assert len(living_mandates(session, person_id=ilse.id)) == 1


def test_an_officer_needs_no_affiliation(world: World, session: Session) -> None:
    lies = world.officer_of("EA", "brusselse_gemeente")
    assert [member.person_id for member in pool_members(session, officer_scope("EA", "brusselse_gemeente"))] == [
        lies.id
    ]
    assert pool_members(session, officer_scope("EA", "economische_actor")) == []


def test_a_pool_names_everybody_once_heads_first_in_one_statement(
    world: World, session: Session, statements: Statements
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk, "Ilse Aerts")
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    world.administrator_of(genk, person=karim)
    world.administrator_of(world.organisation("Hasselt"), "Wie Anders")
    session.rollback()
    with statements() as seen:
        members = pool_members(session, organisation_scope(genk.id))
    assert [(member.person_id, member.kind) for member in members] == [
        (karim.id, "head_local_admin"),
        (ilse.id, "local_admin"),
    ]
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("own", "at_work", "read_at"),
    [
        (("eigen@voorbeeld.test", "proved"), ("werk@voorbeeld.test", "entered"), "werk@voorbeeld.test"),
        (("eigen@voorbeeld.test", "proved"), (None, None), "eigen@voorbeeld.test"),
        (("eigen@voorbeeld.test", "proved"), ("werk@voorbeeld.test", "typed"), "eigen@voorbeeld.test"),
        (("eigen@voorbeeld.test", "typed"), (None, None), None),
        ((None, None), (None, None), None),
    ],
)
def test_the_address_at_work_comes_first_and_a_typed_one_never(
    world: World,
    session: Session,
    own: tuple[str | None, str | None],
    at_work: tuple[str | None, str | None],
    read_at: str | None,
) -> None:
    genk = world.organisation()
    world.administrator_of(genk)
    change(Person, email=own[0], email_source=own[1])
    change(Affiliation, email=at_work[0], email_source=at_work[1])
    assert [member.email for member in pool_members(session, organisation_scope(genk.id))] == [read_at]
