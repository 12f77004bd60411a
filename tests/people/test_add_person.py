"""Entering a person, and that somebody works somewhere: what is kept, under whose word, and what is found back."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.audit import AuditEvent
from broker.database import changing_session, perform
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.people.add_affiliation import JobContact, add_affiliation
from broker.people.add_person import NewPerson, add_person
from broker.people.affiliation import Affiliation
from broker.people.find_person import find_person_by_number
from broker.people.person import Person
from broker.people.person_number import PersonNumber
from tests.worlds.world import World


def entered(world: World, number: str | None = None, **fields: str) -> NewPerson:
    return NewPerson(
        **{"given_name": "Hanne", "family_name": "Smet", "number": number, "email": "hanne@voorbeeld.test"} | fields
    )


def test_a_new_person_is_unlinked_and_the_number_is_sealed_and_hashed(world: World, session: Session) -> None:
    number = world.number()
    added = perform(add_person, world.installation, None, entered(world, f"{number[:6]}-{number[6:9]}.{number[9:]}"))
    person = session.get_one(Person, added.id)
    assert (person.state, person.name_source, person.email_source) == ("unlinked", "entered", "entered")
    assert person.number_hash is not None
    assert number not in f"{person.number_sealed}{person.number_hash}"
    keys = world.installation.keys
    assert keys.unseal(person.number_sealed or "", f"persons.number_sealed:{person.id}") == number
    found = find_person_by_number(session, keys, number)
    assert found is not None
    assert found.id == person.id
    details = session.scalars(select(AuditEvent.details).where(AuditEvent.name == "people:person:add")).all()
    assert details == [{"with_number": True}]


def test_somebody_known_by_number_is_that_person_and_keeps_name_and_address(world: World, session: Session) -> None:
    """DG2, DG8: what was entered stands on the affiliation only."""
    number = world.number()
    known = world.person("Hanne De Smet", number=number, email="eigen@voorbeeld.test")
    genk = world.organisation()
    same = perform(add_person, world.installation, None, entered(world, number, given_name="An"), genk.id)
    assert same.id == known.id
    person = session.get_one(Person, known.id)
    assert (person.full_name, person.email) == ("Hanne De Smet", "eigen@voorbeeld.test")
    affiliation = session.scalars(select(Affiliation)).one()
    assert (affiliation.email, affiliation.email_source) == ("hanne@voorbeeld.test", "entered")


def test_an_earlier_number_finds_its_person(world: World, session: Session) -> None:
    """UP4: after a change of number the old one is not somebody new."""
    person = world.person()
    old = world.number()
    version, digest = world.installation.keys.lookup_hash(old)
    with changing_session() as changing, changing.begin():
        changing.add(
            PersonNumber(
                person_id=person.id, number_hash=digest, number_hash_version=version, replaced_at=broker_clock.now()
            )
        )
    found = find_person_by_number(session, world.installation.keys, old)
    assert found is not None
    assert found.id == person.id
    assert find_person_by_number(session, world.installation.keys, world.number()) is None


def test_two_people_without_a_number_are_two_people(world: World, session: Session) -> None:
    for _ in range(2):
        perform(add_person, world.installation, None, entered(world))
    assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_every_wrong_field_is_named_at_once_and_nothing_is_kept(world: World, session: Session) -> None:
    wrong = NewPerson(
        given_name=" ", family_name="Sm\u202eet", number="85.07.30-033.29", email="hanne", phone="12", language="fr"
    )
    with pytest.raises(InvalidError) as refusal:
        perform(add_person, world.installation, None, wrong)
    assert set(refusal.value.fields) == {"given_name", "family_name", "number", "email", "phone", "language"}
    assert "85" not in str(refusal.value.facts)
    assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_working_somewhere_twice_is_one_affiliation_that_learns_its_address(world: World, session: Session) -> None:
    person, genk = world.person(), world.organisation()
    first = perform(add_affiliation, world.installation, None, person.id, genk.id)
    contact = JobContact(email="werk@voorbeeld.test")
    second = perform(add_affiliation, world.installation, None, person.id, genk.id, contact)
    assert first.id == second.id
    affiliation = session.scalars(select(Affiliation)).one()
    assert (affiliation.email, affiliation.email_source) == ("werk@voorbeeld.test", "entered")
    assert session.scalars(select(AuditEvent.name)).all() == ["people:affiliation:add"]


def test_one_that_ran_out_is_ended_in_writing_and_a_new_one_begins(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    person, genk = world.person(), world.organisation()
    until = broker_clock.now() + timedelta(days=1)
    old = world.affiliation(person, genk, valid_until=until)
    clock.shift(timedelta(days=2))
    new = perform(add_affiliation, world.installation, None, person.id, genk.id)
    assert new.id != old.id
    ended = session.get_one(Affiliation, old.id)
    assert (ended.ended_at, ended.end_reason, ended.ended_by) == (until, "expired", None)


def test_nobody_works_for_what_is_not_there(world: World) -> None:
    person, genk = world.person(), world.organisation()
    over = world.organisation("Voorbij", ended_at=broker_clock.now(), end_reason="inactive")
    with pytest.raises(ConflictError) as refusal:
        perform(add_affiliation, world.installation, None, person.id, over.id)
    assert refusal.value.code == "organisation_ended"
    with pytest.raises(NotFoundError):
        perform(add_affiliation, world.installation, None, person.id, uuid.uuid4())
    with pytest.raises(NotFoundError):
        perform(add_affiliation, world.installation, None, uuid.uuid4(), genk.id)
    gone = world.person("Wie Weg", state="erased")
    with pytest.raises(ConflictError):
        perform(add_affiliation, world.installation, None, gone.id, genk.id)
