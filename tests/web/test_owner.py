"""The owner of an application: who has what in it, everywhere, and a message to everybody who uses it (M8)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.announcement import Announcement
from broker.access.spread_announcement import spread_announcement
from broker.audit import AuditEvent
from broker.database import db, perform
from broker.notifications import OutboxMessage
from broker.people.mandate import APPLICATION_OWNER, Mandate, application_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.standing_jobs import spread_announcements
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

PATH = "/toepassingsbeheer/cultuurmonitor"
WRITE = f"{PATH}/mededeling"
WORDS = {"subject_nl": "Onderhoud op zaterdag", "body_nl": "Zaterdag is alles een uur dicht.\nDank u."}


def owner_of(world: World, code: str = "cultuurmonitor", name: str = "Lut Aerts") -> Person:
    person = world.person(name)
    world._keep(
        Mandate(
            person_id=person.id,
            kind=APPLICATION_OWNER,
            scope_key=application_scope(code),
            application_code=code,
            valid_from=broker_clock.now(),
        )
    )
    return person


@pytest.fixture
def lut(world: World, client: Client) -> Person:
    """The owner of the Cultuurmonitor, signed in."""
    person = owner_of(world)
    world.sign_in(client, person)
    return person


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


def test_the_owner_sees_every_right_in_the_application_and_nothing_of_another(
    world: World, client: Client, genk: Organisation, lut: Person
) -> None:
    world.grant(world.person("Nele Vercauteren"), genk)
    world.grant(world.person("Tom Peeters"), world.organisation("Diest"))
    world.grant(world.person("Sara Claes"), genk, entitlement="DCJM_Jeugdmonitor_LB_Projectcoordinator")
    page = client.get("/toepassingsbeheer", follow_redirects=True).text
    assert "Nele Vercauteren" in page
    assert "Diest" in page
    assert "Sara Claes" not in page
    assert "Nele Vercauteren" in client.get(f"{PATH}?zoek=genk").text
    assert "Tom Peeters" not in client.get(f"{PATH}?zoek=genk").text


def test_it_is_the_same_page_for_fifty_rights_and_for_hundreds(
    world: World, client: Client, genk: Organisation, lut: Person, statements: Statements
) -> None:
    def seen() -> int:
        client.get(PATH)
        with statements() as asked:
            assert client.get(PATH).status_code == 200
        return len(asked)

    world.grant(world.person("Iemand Een"), genk)
    few = seen()
    for number in range(60):
        world.grant(world.person(f"Iemand {number:03d}"), genk)
    assert seen() == few <= 12
    first = client.get(PATH).text
    assert "61 rechten" in first
    assert "Verder" in first


@pytest.mark.parametrize("path", ["/toepassingsbeheer", PATH, WRITE])
def test_somebody_who_owns_nothing_finds_nothing_here(
    world: World, client: Client, genk: Organisation, path: str
) -> None:
    world.sign_in(client, world.administrator_of(genk))
    assert client.get(path).status_code == 404


def test_the_owner_of_one_application_is_nobody_in_another(world: World, client: Client) -> None:
    world.sign_in(client, owner_of(world, "jeugdmonitor"))
    assert client.get(PATH).status_code == 404
    assert client.get("/toepassingsbeheer/jeugdmonitor").status_code == 200


def test_who_became_head_administrator_this_week_is_marked(
    world: World, client: Client, genk: Organisation, lut: Person, clock: time_machine.Traveller
) -> None:
    """AP4: the first seven days of every head stand in the owner's report."""
    world.administrator_of(genk, "Ilse Maes", head=True)
    assert "Ilse Maes" in client.get(PATH).text
    clock.shift(timedelta(days=7, minutes=1))
    world.sign_in(client, lut)
    assert "Ilse Maes" not in client.get(PATH).text


def test_everybody_with_a_right_that_runs_gets_one_mail_of_their_own(
    world: World, client: Client, inbox: Any, session: Session, genk: Organisation, lut: Person
) -> None:
    """M8: one message a person, audited, addresses never shown to the sender."""
    nele = world.person("Nele Vercauteren", language="en")
    world.grant(nele, genk, role_key=None)
    world.grant(nele, world.organisation("Diest"), role_key=None)
    tom = world.person("Tom Peeters")
    world.grant(tom, genk, valid_until=broker_clock.now() + timedelta(days=1))
    gone = world.person("Weg Gegaan")
    world.grant(gone, genk, valid_from=broker_clock.now() + timedelta(days=3))
    check = client.submit(
        client.get(WRITE), {**WORDS, "subject_en": "Maintenance", "body_en": "Closed."}, form="/mededeling"
    )
    assert "Het gaat naar 2 mensen" in check.text
    assert nele.email not in check.text
    done = client.submit(check, form="/mededeling", press=("doe", "verstuur"), follow_redirects=True)
    assert "Uw bericht vertrekt." in done.text
    spread_announcements()
    spread_announcements()
    assert [mail.subject for mail in inbox.mails_to(nele.email)] == ["Cultuurmonitor: Maintenance"]
    [mail] = inbox.mails_to(tom.email)
    assert mail.subject == "Cultuurmonitor: Onderhoud op zaterdag"
    assert "Zaterdag is alles een uur dicht." in mail.text
    assert inbox.mails_to(gone.email) == []
    kept = session.scalars(select(Announcement)).one()
    assert (kept.recipients, kept.sent_by) == (2, lut.id)
    names = session.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == kept.id)).all()
    assert set(names) == {"access:announcement:send", "access:announcement:spread"}


def test_a_copy_first_goes_to_the_writer_alone(
    world: World, client: Client, inbox: Any, session: Session, genk: Organisation, lut: Person
) -> None:
    world.grant(world.person("Nele Vercauteren"), genk)
    check = client.submit(client.get(WRITE), WORDS, form="/mededeling")
    again = client.submit(check, form="/mededeling", press=("doe", "proef"))
    assert "De proef is onderweg" in again.text
    assert "Zaterdag is alles een uur dicht." in again.text, "and the page to send is still there"
    spread_announcements()
    assert session.scalars(select(OutboxMessage.recipient)).all() == [lut.email]
    assert [mail.subject for mail in inbox.mails_to(lut.email)] == ["Proef: Cultuurmonitor: Onderhoud op zaterdag"]


def test_what_was_typed_is_kept_when_something_lacks(client: Client, session: Session, lut: Person) -> None:
    answer = client.submit(
        client.get(WRITE), {"body_nl": "Zonder onderwerp.", "subject_en": "Half"}, form="/mededeling"
    )
    assert answer.status_code == 422
    assert "Schrijf een onderwerp." in answer.text
    assert "Zonder onderwerp." in answer.text
    assert "laat beide leeg" in answer.text
    strange = client.submit(client.get(WRITE), {**WORDS, "right_code": "baas"}, form="/mededeling")
    assert strange.status_code == 422
    assert session.scalars(select(Announcement)).all() == []


def test_a_run_that_was_cut_off_goes_on_where_it_was_and_writes_to_nobody_twice(
    world: World, client: Client, session: Session, genk: Organisation, lut: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.access.spread_announcement.AT_ONCE", 2)
    people = [world.person(f"Iemand {number}") for number in range(5)]
    for person in people:
        world.grant(person, genk)
    check = client.submit(client.get(WRITE), WORDS, form="/mededeling")
    client.submit(check, form="/mededeling", press=("doe", "verstuur"))
    announcement_id = session.scalars(select(Announcement.id)).one()
    session.rollback()
    assert perform(spread_announcement, world.installation, announcement_id), "there are more"
    spread_announcements()  # another worker takes it up
    told = session.scalars(select(OutboxMessage.recipient).where(OutboxMessage.template == "announcement")).all()
    assert sorted(told) == sorted(str(person.email) for person in people)
    assert session.scalars(select(Announcement.recipients)).one() == 5
    db.session.rollback()


def test_a_second_click_writes_to_nobody_twice_and_five_a_day_are_enough(
    world: World, client: Client, lut: Person, session: Session
) -> None:
    """The good name of our mail address: nobody is written to without end."""
    world.grant(world.person(), world.organisation())
    check = client.submit(client.get(WRITE), WORDS, form="/mededeling")
    for status in (303, 409):
        assert client.submit(check, form="/mededeling", press=("doe", "verstuur")).status_code == status
    assert len(session.scalars(select(Announcement.id)).all()) == 1
    for number in range(2, 7):
        other = WORDS | {"subject_nl": f"Onderhoud {number}"}
        check = client.submit(client.get(WRITE), other, form="/mededeling")
        sent = client.submit(check, form="/mededeling", press=("doe", "verstuur"))
        assert sent.status_code == (303 if number <= 5 else 429)
    session.rollback()
    assert len(session.scalars(select(Announcement.id)).all()) == 5
