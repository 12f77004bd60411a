"""Rule 6: nobody decides for himself, by any road. One test over every operation that decides something for somebody."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from broker import audit
from broker.access.admit_organisation import admit_organisation
from broker.access.appoint_head_administrator import NewHead, appoint_head_administrator
from broker.access.decide_label import decide_label
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.follow_retype import follow_retype
from broker.access.grant import Grant
from broker.access.submit_request import ProposedOrganisation
from broker.access.task import Task
from broker.database import db, perform
from broker.errors import ForbiddenError
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.mandate import HEAD_LOCAL_ADMIN, LOCAL_ADMIN, Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.world import World

NUMBER, EMAIL, PHONE = "83021999892", "ilse@voorbeeld.test", "+32470123456"

Attempt = Callable[[World, Person, str], Callable[[], Any]]


def oneself(world: World) -> Person:
    """Who tries."""
    return world.person("Ilse Maes", number=NUMBER, email=EMAIL, phone=PHONE, phone_source="proved")


def second_self(world: World, me: Person, shared: str) -> Person:
    """The same human with another account, as far as `shared` tells."""
    if shared == "person":
        return me
    columns: dict[str, Any] = {"email": {"email": EMAIL}, "phone": {"phone": PHONE, "phone_source": "proved"}}[shared]
    return world.person("Ilse Tweede", **columns)


def ask_as(world: World, me: Person, shared: str, **about: Any) -> Any:
    """The request of the second self: by digital key, or typed."""
    if shared == "person":
        return world.request(me, about.pop("organisation", None), **about)
    typed: dict[str, Any] = {"number": {"number": NUMBER}, "email": {"email": EMAIL}, "phone": {"phone": PHONE}}[shared]
    return world.typed_request(about.pop("organisation", None), name="Ilse Tweede", **about, **typed)


def _open_task() -> uuid.UUID:
    found = db.session.scalars(select(Task.id).where(Task.closed_at.is_(None))).one()
    db.session.rollback()
    return found


def deciding_a_request(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    world.administrator_of(genk, "Karim Benali")
    ask_as(world, me, shared, organisation=genk)
    return lambda: perform(decide_request, world.installation, me.id, Decision(_open_task(), approve=True))


def rejecting_a_request(world: World, me: Person, shared: str) -> Callable[[], Any]:
    deciding_a_request(world, me, shared)
    return lambda: perform(decide_request, world.installation, me.id, Decision(_open_task(), False, "Neen."))


def deciding_in_place_of_an_administrator(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.officer_of("LB", "gemeente", person=me)
    world.officer_of("LB", "gemeente", "Marc Claes")
    ask_as(world, me, shared, organisation=genk)
    return lambda: perform(decide_request, world.installation, me.id, Decision(_open_task(), approve=True))


def deciding_a_label_one_waits_for(world: World, me: Person, shared: str) -> Callable[[], Any]:
    kaai = world.organisation("De Kaai", kind="economische_actor")
    world.officer_of("EA", "economische_actor", person=me)
    world.grant(second_self(world, me, shared), kaai)
    perform(follow_retype, world.installation, kaai.id)
    return lambda: perform(decide_label, world.installation, me.id, Decision(_open_task(), approve=True))


def deciding_a_label_for_a_right_one_gave(world: World, me: Person, shared: str) -> Callable[[], Any]:
    kaai = world.organisation("De Kaai", kind="economische_actor")
    world.officer_of("EA", "economische_actor", person=me)
    world.grant(world.person(), kaai, given_by=second_self(world, me, shared).id)
    perform(follow_retype, world.installation, kaai.id)
    return lambda: perform(decide_label, world.installation, me.id, Decision(_open_task(), approve=True))


def admitting_one_s_own_organisation(world: World, me: Person, shared: str) -> Callable[[], Any]:
    world.officer_of("EA", "economische_actor", person=me)
    proposal = ProposedOrganisation("0999000228", "De Nieuwe Zaal", "Markt 1, 3600 Genk", "An Peeters")
    ask_as(world, me, shared, proposal=proposal, entitlement="CJM_Cultuurmonitor_EA_CompEnt_Invoerder")
    return lambda: perform(admit_organisation, world.installation, me.id, Decision(_open_task(), approve=True))


def appointing_as_head(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, head=True, person=me)
    wish = Appointment(person_id=second_self(world, me, shared).id, kind=LOCAL_ADMIN, organisation_id=genk.id)
    return lambda: perform(appoint_mandate, world.installation, me.id, wish)


def appointing_as_officer(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.officer_of("LB", "gemeente", person=me)
    wish = Appointment(
        person_id=second_self(world, me, shared).id, kind=HEAD_LOCAL_ADMIN, organisation_id=genk.id, evidence="Brief."
    )
    return lambda: perform(appoint_mandate, world.installation, me.id, wish)


def appointing_by_number(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.officer_of("LB", "gemeente", person=me)
    head = NewHead(given_name="Ilse", family_name="Tweede", number=NUMBER, email="x@voorbeeld.test", evidence="Brief.")
    return lambda: perform(appoint_head_administrator, world.installation, me.id, genk.id, head)


ROADS: dict[Attempt, str] = {
    deciding_a_request: "person number email phone",
    rejecting_a_request: "person number email phone",
    deciding_in_place_of_an_administrator: "number email phone",
    deciding_a_label_one_waits_for: "person email phone",
    deciding_a_label_for_a_right_one_gave: "person email phone",
    admitting_one_s_own_organisation: "person number email phone",
    appointing_as_head: "person email phone",
    appointing_as_officer: "person email phone",
    appointing_by_number: "number",
}


@pytest.mark.parametrize(
    ("road", "shared"),
    [(road, each) for road, shared in ROADS.items() for each in shared.split()],
    ids=lambda part: getattr(part, "__name__", part),
)
def test_nobody_decides_for_himself(world: World, road: Attempt, shared: str) -> None:
    """ID1, LA2, DG1, AP1: by person, number, proved address and telephone; and nothing was written."""
    me = oneself(world)
    attempt = road(world, me, shared)
    before = _written()
    with audit.acting(audit.Acting("person", me.id)), pytest.raises(ForbiddenError) as refused:
        attempt()
    assert refused.value.code in ("not_for_yourself", "label_by_someone_else")
    assert _written() == before


def _written() -> tuple[int, ...]:
    found = tuple(
        len(db.session.scalars(query).all())
        for query in (
            select(Grant.id),
            select(Mandate.id),
            select(Organisation.id),
            select(Task.id).where(Task.decision.is_not(None)),
        )
    )
    db.session.rollback()
    return found


def test_an_officer_s_own_request_is_not_in_the_pool_that_decides_in_place(world: World) -> None:
    """Decisions 9: who asked is left out; there the operator is told."""
    me = oneself(world)
    world.officer_of("LB", "gemeente", person=me)
    request = world.request(me, world.organisation("Genk"))
    with pytest.raises(ForbiddenError):
        perform(decide_request, world.installation, me.id, Decision(world.task(request).id, approve=True))


def test_the_database_itself_refuses_a_right_given_to_oneself(world: World) -> None:
    """DG1: held twice, by rule and by constraint."""
    ilse, genk = world.person(), world.organisation()
    with pytest.raises(IntegrityError):
        world.grant(ilse, genk, given_by=ilse.id)
