"""Mijn profiel of somebody with a local account: password, mobile number, remembered devices (threats PW6, PW7)."""

from collections.abc import Callable
from datetime import timedelta

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.audit import AuditEvent
from broker.authentication.end_person_sessions import end_person_sessions
from broker.database import perform
from broker.installation import installation
from broker.people.person import Person
from tests.local_accounts.conftest import NUMBER, Member, events
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

NEW = "Groene-Olifanten-9-Vliegen"
NEW_NUMBER = "+31612345678"


def change_password(member: Member, present: str, wanted: str = NEW) -> TestResponse:
    page = member.client.get("/mijn-profiel/wachtwoord")
    return member.client.submit(
        page, {"huidig": present, "wachtwoord": wanted, "herhaald": wanted}, form="/mijn-profiel/wachtwoord"
    )


def test_a_new_password_asks_for_the_present_one_and_signs_out_everywhere(
    member: Member, another_browser: Callable[[], Member]
) -> None:
    member.sign_in(onthoud="1")
    elsewhere = another_browser()
    elsewhere.sign_in()
    answer = change_password(member, "verkeerd")
    assert answer.status_code == 422
    assert "Dit wachtwoord klopt niet." in answer.text
    assert elsewhere.signed_in
    assert change_password(member, member.password).status_code == 303
    assert not member.signed_in
    assert not elsewhere.signed_in
    member.password = NEW
    assert member.type_password().location == "/aanmelden/account/code", "no device is remembered any more"


def test_a_new_password_must_do_and_not_come_back(member: Member) -> None:
    member.sign_in()
    assert "laatste 5" in change_password(member, member.password, member.password).text
    assert "Neem minstens 10" in change_password(member, member.password, "Kort-1").text
    assert member.signed_in


def test_guessing_the_present_password_at_an_open_screen_is_slowed(
    member: Member, still_clock: time_machine.Traveller
) -> None:
    member.sign_in()
    for _ in range(8):
        answer = change_password(member, "verkeerd")
    assert "Wacht" in answer.text


def test_a_right_present_password_is_no_guess_whatever_else_is_wrong(member: Member) -> None:
    """Decisions 25: it is taken back, so nobody waits for having typed it beside something that will not do."""
    member.sign_in()
    email = {"email": member.person.email or "", "huidig": member.password}
    for _ in range(8):
        assert "Neem minstens 10" in change_password(member, member.password, "Kort-1").text
        same_name = change_name(member, member.person.given_name, member.person.family_name)
        assert "Zo staat uw naam er al." in same_name.text
        page = member.client.get("/mijn-profiel/e-mailadres")
        same_address = member.client.submit(page, email, form="/mijn-profiel/e-mailadres")
        assert same_address.status_code == 422
        assert "Wacht" not in same_address.text
    assert change_name(member, "Sanna", "de Groot").status_code == 303


def test_a_new_number_needs_the_password_and_the_present_factor_and_is_proved_by_a_code(
    member: Member, world: World, clock: time_machine.Traveller
) -> None:
    """PW6."""
    member.sign_in()
    page = member.client.get("/mijn-profiel/mobiel-nummer")
    answer = member.client.submit(page, {"nummer": "06 12345678", "huidig": "verkeerd"}, form="/mobiel-nummer")
    assert "Dit wachtwoord klopt niet." in answer.text
    assert 'value="06 12345678"' in answer.text
    answer = member.client.submit(page, {"nummer": "085 1234567", "huidig": member.password}, form="/mobiel-nummer")
    assert "Belgisch of Nederlands mobiel nummer" in answer.text
    answer = member.client.submit(page, {"nummer": "06 12345678", "huidig": member.password}, form="/mobiel-nummer")
    assert answer.location == "/aanmelden/account/code"
    assert member.phone.messages[-1]["to"] == NEW_NUMBER
    assert world.fresh(Person, member.person.id).phone == NUMBER, "not before the code"
    assert member.type_code().location == "/mijn-profiel#account"
    assert world.fresh(Person, member.person.id).phone == NEW_NUMBER
    assert "Uw mobiel nummer is gewijzigd" in [mail.subject for mail in member.inbox.mails]
    assert member.signed_in
    assert "06 •• •• •• 78" in member.client.get("/mijn-profiel").text


def test_a_new_number_that_is_proved_too_late_is_asked_for_again(member: Member, clock: time_machine.Traveller) -> None:
    member.sign_in()
    page = member.client.get("/mijn-profiel/mobiel-nummer")
    member.client.submit(page, {"nummer": "06 12345678", "huidig": member.password}, form="/mobiel-nummer")
    clock.shift(timedelta(minutes=11))
    assert member.client.get("/aanmelden/account/code").location == "/mijn-profiel/mobiel-nummer"


def test_a_remembered_device_or_an_old_sign_in_does_not_change_the_number(
    member: Member, clock: time_machine.Traveller
) -> None:
    """PW6: a stolen laptop with a password that is known."""
    member.sign_in(onthoud="1")
    clock.shift(timedelta(minutes=20))
    away = member.client.get("/mijn-profiel/mobiel-nummer")
    assert away.status_code == 303
    assert "niveau=25" in away.location
    assert "vers=1" in away.location
    member.client.delete_cookie("poortwachter-sessie")
    assert member.type_password().location == "/mijn-profiel"
    assert member.client.get("/mijn-profiel/mobiel-nummer").status_code == 303


def test_remembered_devices_are_listed_and_forgotten(
    member: Member, another_browser: Callable[[], Member], clock: time_machine.Traveller
) -> None:
    member.sign_in(onthoud="1")
    clock.shift(timedelta(minutes=5))
    other = another_browser()
    other.sign_in(onthoud="1")
    page = member.client.get("/mijn-profiel")
    assert page.text.count('/vergeet"') == 2
    assert member.client.submit(page, form="vergeet-alle").location == "/mijn-profiel#apparaten"
    assert "geen enkel apparaat" in member.client.get("/mijn-profiel").text
    for browser in (member, other):
        browser.client.delete_cookie("poortwachter-sessie")
        clock.shift(timedelta(minutes=5))
        assert browser.type_password().location == "/aanmelden/account/code"


def test_whom_the_operator_signs_out_everywhere_comes_in_by_no_device_and_no_half_sign_in(
    member: Member, another_browser: Callable[[], Member], session: Session, clock: time_machine.Traveller
) -> None:
    """A device that was lost: it skips the code, and what the right password began there ends as well."""
    member.sign_in(onthoud="1")
    clock.shift(timedelta(minutes=5))
    halfway = another_browser()
    assert halfway.type_password().location == "/aanmelden/account/code"
    perform(end_person_sessions, installation(), member.person.id, "lost_device")
    assert not member.signed_in
    assert halfway.client.get("/aanmelden/account/code").status_code == 303, "begin again"
    ended = events(session, "authentication:device:end")[-1]
    assert ended.details["reason"] == "lost_device"
    clock.shift(timedelta(minutes=5))
    assert member.type_password().location == "/aanmelden/account/code", "no device is remembered any more"
    assert member.type_code().location == "/mijn-profiel", "they can sign in again"


def test_a_device_of_somebody_else_is_not_found(member: Member) -> None:
    member.sign_in(onthoud="1")
    token = member.client.csrf_token("/mijn-profiel/wachtwoord")
    answer = member.client.post(
        "/mijn-profiel/apparaten/00000000-0000-0000-0000-000000000000/vergeet", data={"csrf_token": token}
    )
    assert answer.status_code == 404


def test_who_signed_in_with_a_digital_key_has_no_such_pages(world: World, client: Client) -> None:
    world.sign_in(client, world.person())
    assert "Uw account" not in client.get("/mijn-profiel").text
    for page in ("wachtwoord", "mobiel-nummer"):
        assert client.get(f"/mijn-profiel/{page}").status_code == 404


def change_name(member: Member, given_name: str, family_name: str, present: str | None = None) -> TestResponse:
    page = member.client.get("/mijn-profiel/naam")
    typed = {"given_name": given_name, "family_name": family_name, "huidig": present or member.password}
    return member.client.submit(page, typed, form="/mijn-profiel/naam")


def test_a_new_name_stands_everywhere_at_once_and_the_administrators_hear_of_it(
    member: Member, world: World, inbox: Inbox, session: Session
) -> None:
    """Seed 004, Mijn profiel: "uw naam zien en wijzigen"; what was typed goes in no mail to others (SR1)."""
    place = world.organisation("Genk")
    world.affiliation(member.person, place)
    ilse = world.administrator_of(place, "Ilse Maes")
    before = member.person.full_name
    member.sign_in()
    assert change_name(member, " Sanna ", "de  Groot").location == "/mijn-profiel#account"
    assert "Sanna de Groot" in member.client.get("/mijn-profiel").text
    assert world.fresh(Person, member.person.id).full_name == "Sanna de Groot"
    told = inbox.last_to(str(ilse.email))
    assert before in told.text
    assert "de Groot" not in told.text + told.subject
    assert "/mensen/" in told.text
    assert inbox.last_to(str(member.person.email)).subject == "Uw naam is gewijzigd"
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.name == "authentication:name:change"))
    assert "Groot" not in str(event.details)


def test_a_name_that_cannot_be_is_said_at_the_field_and_the_password_is_asked(member: Member, world: World) -> None:
    member.sign_in()
    before = member.person.full_name
    for given_name, family_name, sentence in (
        ("", "de Groot", "Vul uw voornaam in."),
        ("Sanna", "...", "Vul uw familienaam in."),
        ("Sannа", "de Groot", "Schrijf uw naam in één soort letters."),
        ("S" * 101, "de Groot", "Dit is te lang"),
        (member.person.given_name, member.person.family_name, "Zo staat uw naam er al."),
    ):
        answer = change_name(member, given_name, family_name)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert f'value="{family_name}"' in answer.text
    assert "Dit wachtwoord klopt niet." in change_name(member, "Sanna", "de Groot", "verkeerd").text
    assert world.fresh(Person, member.person.id).full_name == before


def test_a_name_changes_three_times_in_thirty_days(member: Member, world: World, clock: time_machine.Traveller) -> None:
    member.sign_in()
    for number in ("een", "twee", "drie", "vier"):
        change_name(member, "Sanna", f"Groot{number}")
    assert world.fresh(Person, member.person.id).family_name == "Grootdrie"
    assert "drie keer in dertig dagen" in member.client.get("/mijn-profiel").text
    clock.shift(timedelta(days=31))
    member.sign_in()
    change_name(member, "Sanna", "Grootvier")
    assert world.fresh(Person, member.person.id).family_name == "Grootvier"


def test_a_name_asks_for_a_code_of_a_moment_ago_and_is_no_page_of_who_has_a_digital_key(
    member: Member, world: World, client: Client, clock: time_machine.Traveller
) -> None:
    member.sign_in()
    clock.shift(timedelta(minutes=20))
    away = member.client.get("/mijn-profiel/naam")
    assert away.status_code == 303
    assert "vers=1" in away.location
    world.sign_in(client, world.person("Nele Smet"))
    assert client.get("/mijn-profiel/naam").status_code == 404
