"""Who works nowhere any more has no account any more (seed 004: "Verwijder gebruikers direct uit het systeem …")."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.end_affiliation import EXPIRED, end_affiliation
from broker.access.leave_organisation import leave_organisation
from broker.authentication.passkey import Passkey
from broker.authentication.sweep_spent import sweep_spent
from broker.database import changing_session, perform
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.local_account import LocalAccount
from broker.people.organisation import Organisation
from tests.local_accounts.conftest import Member, events
from tests.local_accounts.test_passkeys import holds, sign
from tests.worlds.world import World


@pytest.fixture
def genk(world: World, member: Member) -> Organisation:
    """Where Sanne works, with a right."""
    genk = world.organisation("Genk")
    world.grant(member.person, genk, entitlement="Buurtwerk_LB")
    return genk


def job(session: Session, member: Member, at: Organisation) -> Affiliation:
    session.rollback()
    return session.scalars(
        select(Affiliation).where(Affiliation.person_id == member.person.id, Affiliation.organisation_id == at.id)
    ).one()


def leave(world: World, session: Session, member: Member, at: Organisation) -> None:
    """A local administrator says so."""
    administrator = world.administrator_of(at)
    perform(leave_organisation, installation(), administrator.id, job(session, member, at).id)


def test_who_leaves_is_out_at_once_everywhere_and_hears_of_it(
    world: World,
    session: Session,
    member: Member,
    genk: Organisation,
    another_browser: Callable[[], Member],
    clock: time_machine.Traveller,
) -> None:
    device = holds(member)
    clock.shift(timedelta(minutes=5))
    remembered = another_browser()
    remembered.type_password()
    remembered.client.submit(remembered.client.get("/aanmelden/account/code"), form="/opnieuw")
    remembered.type_code(onthoud="1")
    assert remembered.signed_in
    leave(world, session, member, genk)
    assert not remembered.signed_in, "within the same second"
    assert remembered.type_password().status_code == 422
    assert member.type_password().status_code == 422
    assert sign(member, device).status_code == 422
    told = member.inbox.last_to(member.person.email or "")
    assert told.subject == "Uw account is gestopt"
    assert "sanne.bakker" in told.text
    (ended,) = events(session, "people:local_account:end")
    assert ended.details == {"reason": "left"}
    perform(sweep_spent)
    session.rollback()
    assert session.scalars(select(Passkey)).all() == []


def test_the_page_of_leaving_says_so_before(
    world: World, session: Session, member: Member, genk: Organisation, app: Flask
) -> None:
    administrator = world.administrator_of(genk)
    desk = app.test_client()
    world.sign_in(desk, administrator)
    page = desk.get(f"/mensen/{job(session, member, genk).id}/vertrek").text
    assert "het account met gebruikersnaam en wachtwoord, als Sanne nergens anders werkt" in page


def test_who_works_elsewhere_too_keeps_the_account(
    world: World, session: Session, member: Member, genk: Organisation, clock: time_machine.Traveller
) -> None:
    hasselt = world.organisation("Hasselt")
    world.affiliation(member.person, hasselt)
    leave(world, session, member, genk)
    clock.shift(timedelta(minutes=2))
    assert member.sign_in().location == "/mijn-profiel"
    leave(world, session, member, hasselt)
    assert not member.signed_in
    assert member.type_password().status_code == 422


def test_who_still_decides_something_keeps_the_account(
    world: World, session: Session, member: Member, genk: Organisation, clock: time_machine.Traveller
) -> None:
    world.officer_of("LB", "gemeente", person=member.person)
    leave(world, session, member, genk)
    clock.shift(timedelta(minutes=2))
    assert member.sign_in().location == "/mijn-profiel"


def test_who_waits_for_the_answer_of_another_organisation_keeps_the_account(
    world: World, session: Session, member: Member, genk: Organisation, clock: time_machine.Traveller
) -> None:
    """Between two jobs."""
    world.request(member.person, organisation=world.organisation("Hasselt"))
    leave(world, session, member, genk)
    clock.shift(timedelta(minutes=2))
    assert member.sign_in().location == "/mijn-profiel"


def test_a_job_that_runs_out_ends_the_account_as_well(
    world: World, session: Session, member: Member, genk: Organisation, clock: time_machine.Traveller
) -> None:
    with changing_session() as changing, changing.begin():
        held = changing.get_one(Affiliation, job(session, member, genk).id)
        held.valid_until = broker_clock.now() + timedelta(days=1)
    clock.shift(timedelta(days=2))
    perform(end_affiliation, installation(), job(session, member, genk).id, ended_by=None, reason=EXPIRED)
    assert member.type_password().status_code == 422
    session.rollback()
    assert session.scalars(select(LocalAccount).where(LocalAccount.ended_at.is_(None))).all() == []
