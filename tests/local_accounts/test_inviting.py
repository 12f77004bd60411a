"""An administrator invites: nothing is given before e-mail and number are proved (issue 5)."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.add_colleague import NewColleague, add_colleague
from broker.access.explain_direct import DirectGrant
from broker.access.give_right import give_right
from broker.access.grant import Grant
from broker.access.live_rights import grant_is_active
from broker.database import perform
from broker.errors import ConflictError, DomainError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.local_account import LocalAccount
from broker.people.person import Person
from tests.local_accounts.conftest import PASSWORD, Member, Phone
from tests.worlds.at_once import at_once
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

SANNE = {
    "given_name": "Sanne",
    "family_name": "Bakker",
    "number": "",
    "email": "sanne.bakker@voorbeeld.test",
    "phone": "06 12 34 56 78",
}
RIGHT = ("buurtwerk", "werker", "")


def add(world: World, administrator: Person, place_id: object, **changes: str | None) -> Affiliation:
    """Sanne, as the administrator typed her."""
    new = NewColleague(**{**SANNE, "account_for": "buurtwerk", **changes})  # type: ignore[arg-type]
    return perform(add_colleague, installation(), administrator.id, place_id, new)  # type: ignore[arg-type]


def give(administrator: Person, job: Affiliation) -> Grant:
    """The right."""
    return perform(
        give_right, installation(), administrator.id, DirectGrant(job.organisation_id, job.person_id, *RIGHT)
    ).grant


def test_from_the_form_to_a_right_that_counts(
    app: Flask, world: World, client: Client, inbox: Inbox, phone: Phone, session: Session
) -> None:
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    world.sign_in(client, administrator)
    page = client.get("/mensen/nieuw")
    assert "Met een gebruikersnaam en wachtwoord" in page.text
    answer = client.submit(page, SANNE | {"aanmelding": "account"}, form="/mensen/nieuw")
    assert answer.status_code == 303
    job = session.scalars(select(Affiliation).where(Affiliation.entered_family_name == "Bakker")).one()
    session.expunge(job)
    shown = client.get(answer.location).text
    assert "krijgt een mail met gebruikersnaam en link" in shown
    with pytest.raises(DomainError):
        give(administrator, job)
    sanne = app.test_client()
    account = session.scalars(select(LocalAccount)).one()
    person = session.get_one(Person, account.person_id)
    session.expunge_all()
    session.rollback()
    assert (account.user_name, person.phone) == ("sanne.bakker", "+31612345678")
    member = Member(sanne, person, account, phone, inbox)
    member.set_password(PASSWORD)
    with pytest.raises(DomainError):
        give(administrator, job)
    assert phone.messages[-1]["to"] == "+31612345678"
    member.type_code()
    told = inbox.last_to(administrator.email or "")
    assert told.subject == "Het account van Sanne Bakker is klaar"
    grant = give(administrator, job)
    assert grant_is_active(session, installation().catalogue, grant.id)
    sanne.delete_cookie("poortwachter-apparaat")
    assert member.sign_in().location == "/mijn-profiel"
    assert "Buurtwerk" in sanne.get("/mijn-profiel").text


def test_why_a_right_cannot_be_given_yet_is_said(world: World) -> None:
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    job = add(world, administrator, genk.id)
    with pytest.raises(ConflictError) as refused:
        give(administrator, job)
    assert refused.value.code == "contact_proved"
    assert "vult de code uit de sms in" in refused.value.text.nl


def test_an_application_that_takes_digital_keys_too_waits_for_the_account_of_whoever_was_given_one(
    world: World,
) -> None:
    """Nothing is granted to somebody with an account before both are proved, whichever way in is left beside it."""
    place = world.organisation("Gemeente Elzevoorde", target_group="NL")
    administrator = world.administrator_of(place)
    job = add(world, administrator, place.id, account_for="plusminmee")
    wish = DirectGrant(place.id, job.person_id, "plusminmee", "gebruiker", "")
    with pytest.raises(ConflictError) as refused:
        perform(give_right, installation(), administrator.id, wish)
    assert refused.value.code == "contact_proved"
    by_key = world.person("Fatima Haddad", state="unlinked", works_for=place)
    given = perform(
        give_right, installation(), administrator.id, DirectGrant(place.id, by_key.id, "plusminmee", "gebruiker", "")
    )
    assert given.outcome == "waiting_for_identity"


def test_the_invitation_is_sent_again_and_ends_the_one_before(
    world: World, client: Client, inbox: Inbox, app: Flask
) -> None:
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    job = add(world, administrator, genk.id)
    first = inbox.last_to("sanne.bakker@voorbeeld.test")
    world.sign_in(client, administrator)
    page = client.get(f"/rechten/nieuw/{job.id}")
    assert client.submit(page, form="/uitnodiging").status_code == 303
    second = inbox.last_to("sanne.bakker@voorbeeld.test")
    assert second.path != first.path
    sanne = app.test_client()
    sanne.get(first.path)
    assert sanne.get("/link/wachtwoord").status_code == 410
    sanne.get(second.path)
    assert sanne.get("/link/wachtwoord").status_code == 200


def test_who_comes_after_72_hours_reads_whom_to_ask_and_the_administrator_sends_it_again(
    world: World, client: Client, inbox: Inbox, app: Flask, clock: time_machine.Traveller
) -> None:
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    job = add(world, administrator, genk.id)
    first = inbox.last_to("sanne.bakker@voorbeeld.test")
    assert "Een lokale beheerder van Genk maakte een account voor u." in first.text
    world.sign_in(client, administrator)
    waiting = client.get(f"/mensen/{job.id}")
    assert "De uitnodiging vertrok naar sanne.bakker@voorbeeld.test. De link werkt tot" in waiting.text
    clock.shift(timedelta(hours=73))
    sanne = app.test_client()
    sanne.get(first.path)
    over = sanne.get("/link/wachtwoord")
    assert over.status_code == 410
    assert "Anders vraagt u een lokale beheerder van Genk" in over.text
    assert "/aanmelden/account/vergeten" not in over.text, "who never had a password gets no link that way"
    world.sign_in(client, administrator)
    page = client.get(f"/mensen/{job.id}")
    assert "werkt niet meer sinds" in page.text
    assert client.submit(page, form="/uitnodiging").location == f"/mensen/{job.id}"
    assert "De uitnodiging is onderweg." in client.get(f"/mensen/{job.id}").text
    sanne.get(inbox.last_to("sanne.bakker@voorbeeld.test").path)
    assert sanne.get("/link/wachtwoord").status_code == 200


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"given_name": "sanne", "phone": "0470 12 34 56"},
        {"given_name": "S.", "email": "Sanne.Bakker@voorbeeld.test"},
    ],
)
def test_nobody_is_invited_twice_at_one_organisation(
    world: World, client: Client, session: Session, again: dict[str, str]
) -> None:
    """By the same address, and the same name or number: a second account would have a second user name."""
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    add(world, administrator, genk.id)
    world.sign_in(client, administrator)
    typed = SANNE | {"aanmelding": "account"} | again
    answer = client.submit(client.get("/mensen/nieuw"), typed, form="/mensen/nieuw")
    assert answer.status_code == 422
    assert "Sanne Bakker werkt hier al met dit e-mailadres." in answer.text
    assert f'value="{typed["given_name"]}"' in answer.text
    session.rollback()
    assert len(session.scalars(select(LocalAccount)).all()) == 1


def test_a_button_that_is_pressed_twice_invites_once(world: World, app: Flask, session: Session) -> None:
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    outcomes = at_once(app, *[lambda: add(world, administrator, genk.id)] * 4)
    assert outcomes.count("done") == 1
    session.rollback()
    assert len(session.scalars(select(LocalAccount)).all()) == 1


def test_two_who_share_a_mailbox_or_work_elsewhere_are_two(world: World, session: Session) -> None:
    genk, hasselt = world.organisation("Genk"), world.organisation("Hasselt")
    administrator = world.administrator_of(genk)
    add(world, administrator, genk.id)
    add(world, administrator, genk.id, given_name="Joris", phone="0470 12 34 57")
    add(world, world.administrator_of(hasselt), hasselt.id)
    session.rollback()
    assert len(session.scalars(select(LocalAccount)).all()) == 3


def test_the_administrator_sees_how_far_somebody_is(
    world: World, client: Client, inbox: Inbox, phone: Phone, app: Flask, session: Session
) -> None:
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    job = add(world, administrator, genk.id)
    account = session.scalars(select(LocalAccount)).one()
    person = session.get_one(Person, account.person_id)
    session.expunge_all()
    session.rollback()
    member = Member(app.test_client(), person, account, phone, inbox)
    used = inbox.last_to("sanne.bakker@voorbeeld.test").path
    member.set_password(PASSWORD)
    world.sign_in(client, administrator)
    page = client.get(f"/mensen/{job.id}").text
    assert "Sanne koos een wachtwoord, en vulde nog geen code in uit een sms." in page
    assert "Stuur de uitnodiging opnieuw" not in page
    member.client.get(used)
    over = member.client.get("/link/wachtwoord").text
    assert "Koos u al een wachtwoord? Log dan gewoon in." in over
    member.type_code()
    assert "De uitnodiging" not in client.get(f"/mensen/{job.id}").text


@pytest.mark.parametrize("phone", ["", "089 12 34 56", "085 1234567", "+33 6 12 34 56 78"])
def test_an_account_asks_for_a_mobile_that_codes_may_be_sent_to(world: World, phone: str) -> None:
    genk = world.organisation("Genk")
    with pytest.raises(InvalidError) as refused:
        add(world, world.administrator_of(genk), genk.id, phone=phone)
    assert "phone" in refused.value.fields


def test_only_for_an_application_that_takes_accounts_and_is_offered_there(world: World) -> None:
    genk = world.organisation("Genk")
    kaai = world.organisation("De Kaai", kind="economische_actor")
    with pytest.raises(NotFoundError):
        add(world, world.administrator_of(genk), genk.id, account_for="cultuurmonitor")
    with pytest.raises(NotFoundError):
        add(world, world.administrator_of(kaai), kaai.id)


def test_people_of_one_name_get_names_of_their_own(world: World, session: Session) -> None:
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    for number in range(3):
        add(world, administrator, genk.id, email=f"sanne{number}@voorbeeld.test")
    session.rollback()
    names = set(session.scalars(select(LocalAccount.user_name)))
    assert names == {"sanne.bakker", "sanne.bakker2", "sanne.bakker3"}


def test_who_is_not_the_administrator_invites_nobody(world: World) -> None:
    genk = world.organisation("Genk")
    with pytest.raises(NotFoundError):
        add(world, world.administrator_of(world.organisation("Hasselt")), genk.id)


def test_an_administrator_who_fills_in_their_own_number_gives_themselves_nothing(
    world: World, inbox: Inbox, phone: Phone, app: Flask, session: Session
) -> None:
    """ID1: a second identity of one's own is known by its proved e-mail or number."""
    genk = world.organisation("Genk")
    administrator = world.administrator_of(
        genk, person=world.person("Ilse Maes", phone="+31612345678", phone_source="proved")
    )
    job = add(world, administrator, genk.id)
    account = session.scalars(select(LocalAccount)).one()
    person = session.get_one(Person, account.person_id)
    session.expunge_all()
    member = Member(app.test_client(), person, account, phone, inbox)
    member.set_password(PASSWORD)
    member.type_code()
    with pytest.raises(DomainError) as refused:
        give(administrator, job)
    assert "zelf" in refused.value.text.nl
