"""ID8: A gives B a right and B gives A one. It cannot be refused; officers and owners hear of it every month."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.reciprocal_rights import month_of, reciprocal_rights
from broker.audit import AuditEvent
from broker.people.person import Person
from broker.standing_jobs import tell_of_reciprocal_rights
from tests.access.test_campaigns import owner_of
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

BRUSSELS = ZoneInfo("Europe/Brussels")
DECEMBER = datetime(2026, 12, 1, 8, tzinfo=BRUSSELS)


@pytest.fixture
def pair(world: World) -> tuple[Person, Person]:
    """Ilse and Karim of Genk, who gave each other a right in November."""
    genk = world.organisation("Genk")
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    world.grant(karim, genk, given_by=ilse.id)
    world.grant(ilse, genk, given_by=karim.id)
    world.grant(world.person(), genk, given_by=ilse.id)  # of one side only
    return ilse, karim


def reports(inbox: Inbox) -> dict[str, str]:
    """The reports that left, by whom they went to."""
    return {mail.to: mail.text for mail in inbox.mails if "gaven twee mensen elkaar" in mail.subject}


def test_officer_and_owner_are_told_in_the_next_month_once_and_without_names(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller, pair: tuple[Person, Person]
) -> None:
    """ID8."""
    officer, owner = world.officer_of("LB", "gemeente"), owner_of(world)
    elsewhere = [world.officer_of("LB", "agb", "Marc Claes"), owner_of(world, "jeugdmonitor", "Piet Smet")]
    clock.move_to(DECEMBER)
    for _ in range(3):
        tell_of_reciprocal_rights()
        clock.shift(timedelta(days=3))
    told = reports(inbox)
    assert set(told) == {str(officer.email), str(owner.email)}
    for text in told.values():
        assert "/nazicht/wederzijds" in text
        assert all(each.family_name not in text for each in pair)
    assert all(each.email not in told for each in elsewhere)
    events = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:report:reciprocal")).all()
    assert [event.details for event in events] == [{"month": "2026-11", "found": 1}]
    session.rollback()
    clock.move_to(datetime(2027, 1, 2, 8, tzinfo=BRUSSELS))
    tell_of_reciprocal_rights()
    assert len([mail for mail in inbox.mails if "gaven twee mensen elkaar" in mail.subject]) == 2, (
        "nothing new in December"
    )


def test_without_an_owner_the_addresses_of_the_policy_are_told(
    inbox: Inbox, clock: time_machine.Traveller, pair: tuple[Person, Person]
) -> None:
    clock.move_to(DECEMBER)
    tell_of_reciprocal_rights()
    assert set(reports(inbox)) == {"ccinc@vlaanderen.be"}


def test_what_lies_more_than_a_year_apart_is_no_exchange(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation("Genk")
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    world.grant(karim, genk, given_by=ilse.id)
    clock.shift(timedelta(days=370))
    world.grant(ilse, genk, given_by=karim.id)
    assert reciprocal_rights(session, *month_of(datetime.now(BRUSSELS))) == []


def test_the_page_names_them_to_who_oversees_it_and_to_nobody_else(
    world: World, client: Client, pair: tuple[Person, Person]
) -> None:
    world.sign_in(client, pair[0])
    assert client.get("/nazicht/wederzijds").status_code == 404
    world.sign_in(client, world.officer_of("LB", "agb", "Marc Claes"))
    assert "Niemand gaf elkaar rechten" in client.get("/nazicht/wederzijds").text
    for reader in (world.officer_of("LB", "gemeente"), owner_of(world)):
        world.sign_in(client, reader)
        page = client.get("/nazicht/wederzijds").text
        assert "Ilse Maes" in page
        assert "Karim Benali" in page
