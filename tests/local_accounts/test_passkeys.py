"""Passkeys of a local account: added, taken away, after the password and in place of it (WebAuthn Level 2; threats
PW1, PW2, PW3, PW7)."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.authentication.answer_passkey import answer_passkey, ask_any_passkey, enter_by_passkey
from broker.authentication.browser_session import BrowserSession
from broker.authentication.end_person import end_person
from broker.authentication.local_sign_in import SignInWish
from broker.authentication.own_passkeys import MOST
from broker.authentication.passkey import Passkey
from broker.authentication.passkey_answer import LONGEST_ANSWER, credential_named, key_made, signed_by
from broker.authentication.terms_acceptance import TermsAcceptance
from broker.authentication.try_password import claim_try
from broker.database import changing_session, perform
from broker.installation import installation
from broker.people.add_local_account import add_local_account
from broker.people.local_account import LocalAccount
from broker.people.person import Person
from broker.retention.own_data import own_data
from broker.retention.run_retention import run_retention
from broker.settings import Settings
from tests.local_accounts.authenticator import Authenticator
from tests.local_accounts.conftest import DEVICE, PASSWORD, SIGN_IN, Member, events
from tests.worlds.at_once import at_once
from tests.worlds.settings import environment
from tests.worlds.world import World

KEYS = "/mijn-profiel/toegangssleutels"
ALONE = "/aanmelden/account/toegangssleutel?toepassing=buurtwerk&verder=/mijn-profiel"
CODE = "/aanmelden/account/code"
CONFIRM = "/aanmelden/account/bevestigen"
WRONG = "Met deze toegangssleutel lukte het niet."

Browsers = Callable[[], Member]


@pytest.fixture
def other(app: Flask, world: World, member: Member) -> Member:
    """Joris Claes, with an account and a browser of his own."""
    person = world.person(
        "Joris Claes",
        state="unlinked",
        number_hash=None,
        number_hash_version=None,
        email="joris.claes@voorbeeld.test",
        email_source="entered",
        phone="+32470123419",
        phone_source="entered",
    )
    account = perform(add_local_account, None, person.id, "buurtwerk")
    joris = Member(app.test_client(), person, world.fresh(LocalAccount, account.id), member.phone, member.inbox)
    joris.set_password(PASSWORD)
    assert joris.type_code().status_code == 303
    joris.client.delete_cookie(DEVICE)
    return joris


def asked(member: Member, page: TestResponse) -> dict[str, Any]:
    """What the script of `page` is told to ask the authenticator."""
    found = re.search(r'data-passkey="([^"]+)"', page.text)
    assert found, page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    answer = member.client.post(found[1], data={"csrf_token": token[1]})
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = json.loads(answer.text)
    return read


def add(member: Member, device: Authenticator, name: str = "laptop van het werk") -> TestResponse:
    """In Mijn profiel, signed in a moment ago."""
    page = member.client.get(KEYS)
    answer = device.make(asked(member, page))
    return member.client.submit(page, {"naam": name, "antwoord": answer, "huidig": member.password}, form=KEYS)


def leave(member: Member) -> None:
    member.client.delete_cookie("poortwachter-sessie")


def holds(member: Member, **device: Any) -> Authenticator:
    """A passkey of this person, who is signed out again."""
    made = Authenticator(**device)
    member.sign_in()
    assert add(member, made).status_code == 303
    leave(member)
    return made


def sign(member: Member, device: Authenticator, path: str = ALONE, **fields: str) -> TestResponse:
    """In place of the password, with the box ticked."""
    page = member.client.get(path)
    answer = device.sign(asked(member, page))
    return member.client.submit(page, {"antwoord": answer, "akkoord": "1"} | fields, form="/toegangssleutel")


def confirm(member: Member, device: Authenticator) -> TestResponse:
    """After the password, in place of a code."""
    page = member.client.get(CODE)
    return member.client.submit(page, {"antwoord": device.sign(asked(member, page))}, form=CONFIRM)


def living(session: Session) -> list[BrowserSession]:
    session.rollback()
    return list(session.scalars(select(BrowserSession).where(BrowserSession.ended_at.is_(None))))


def reasons(session: Session) -> list[str]:
    """Why tries were refused, oldest first."""
    return [each.details["reason"] for each in events(session, "authentication:passkey:refuse")]


def test_a_passkey_is_the_whole_sign_in_and_the_session_says_so(member: Member, session: Session) -> None:
    device = holds(member)
    assert sign(member, device).location == "/mijn-profiel"
    (row,) = [each for each in living(session) if "pwd" not in each.amr]
    assert (row.level, row.amr) == (26, ["swk", "user", "mfa"])
    assert (row.provider_code, row.acr) == ("local_account", "urn:be:vlaanderen:authmech:passkey")
    (event,) = events(session, "authentication:passkey:accept")
    assert (event.subject_id, event.details) == (member.person.id, {"alone": True})


def test_a_passkey_is_asked_for_after_the_password_and_no_message_is_sent(member: Member, session: Session) -> None:
    device = holds(member, verifies=False)
    sent = len(member.phone.messages)
    assert member.type_password().location == CODE
    page = member.client.get(CODE).text
    assert "Gebruik uw toegangssleutel" in page
    assert 'name="code"' not in page
    assert len(member.phone.messages) == sent
    assert confirm(member, device).location == "/mijn-profiel"
    (row,) = [each for each in living(session) if "swk" in each.amr]
    assert (row.level, row.amr) == (26, ["pwd", "swk", "user", "mfa"])


def test_a_message_can_be_had_instead(member: Member, clock: time_machine.Traveller) -> None:
    """Without JavaScript, or with the key left at home."""
    holds(member)
    clock.shift(timedelta(minutes=5))
    member.type_password()
    page = member.client.get(CODE)
    assert "Hiervoor is JavaScript nodig" in page.text
    assert "Uw browser vroeg geen toegangssleutel." in member.client.submit(page, form=CONFIRM).text
    clock.shift(timedelta(seconds=5))
    assert member.client.submit(page, form="/opnieuw").status_code == 303
    assert "Vul de code uit uw sms in" in member.client.get(CODE).text
    assert member.type_code().location == "/mijn-profiel"


def test_without_the_box_nothing_is_tried_and_with_it_the_versions_are_written_down(
    member: Member, session: Session
) -> None:
    """C4: the terms are asked as at every sign-in."""
    device = holds(member)
    with changing_session() as writing, writing.begin():
        for each in writing.scalars(select(TermsAcceptance)):
            each.version = "0"
    page = member.client.get(ALONE)
    assert "Ik ben op de hoogte van het doel" in page.text
    assert "/voorwaarden/buurtwerk/gegevens" in page.text
    answer = sign(member, device, akkoord="")
    assert answer.status_code == 422
    assert "Vink dit aan om verder te gaan." in answer.text
    answer = sign(member, device, voorwaarden="buurtwerk/algemeen/0 buurtwerk/gegevens/1")
    assert answer.status_code == 422
    assert "De voorwaarden zijn net gewijzigd." in answer.text
    assert not member.signed_in
    assert sign(member, device).status_code == 303
    assert "De voorwaarden zijn gewijzigd" in member.client.get("/mijn-profiel").text
    session.rollback()
    assert sorted(each.version for each in session.scalars(select(TermsAcceptance))) == ["0", "0", "1", "1"]


def test_a_challenge_works_once(member: Member, another_browser: Browsers, session: Session) -> None:
    device = holds(member, keeps_count=False)
    page = member.client.get(ALONE)
    answer = device.sign(asked(member, page))
    typed = {"antwoord": answer, "akkoord": "1"}
    assert member.client.submit(page, typed, form="/toegangssleutel").location == "/mijn-profiel"
    leave(member)
    again = member.client.submit(member.client.get(ALONE), typed, form="/toegangssleutel")
    assert (again.status_code, WRONG in again.text) == (422, True)
    page = member.client.get(ALONE)
    asked(member, page)
    again = member.client.submit(page, typed, form="/toegangssleutel")
    assert (again.status_code, WRONG in again.text) == (422, True)
    assert reasons(session) == ["no_challenge", "wrong"]
    assert not member.signed_in


def test_a_challenge_is_of_one_browser(member: Member, another_browser: Browsers, session: Session) -> None:
    """Somebody who has a person sign on a page of theirs."""
    device, thief = holds(member), another_browser()
    answer = device.sign(asked(member, member.client.get(ALONE)))
    thief.client.get(ALONE)
    page = thief.client.get(ALONE)
    asked(thief, page)
    assert thief.client.submit(page, {"antwoord": answer, "akkoord": "1"}, form="/toegangssleutel").status_code == 422
    assert not thief.signed_in
    assert reasons(session) == ["wrong"]


def test_a_wrong_answer_uses_the_challenge_up(member: Member, session: Session) -> None:
    device = holds(member)
    page = member.client.get(ALONE)
    options = asked(member, page)
    for answer in ("{}", device.sign(options)):
        assert member.client.submit(page, {"antwoord": answer, "akkoord": "1"}, form="/toegang").status_code == 422
    assert reasons(session) == ["unknown", "no_challenge"]


def test_a_challenge_lives_five_minutes(member: Member, clock: time_machine.Traveller, session: Session) -> None:
    device = holds(member)
    page = member.client.get(ALONE)
    answer = device.sign(asked(member, page))
    clock.shift(timedelta(minutes=6))
    assert member.client.submit(page, {"antwoord": answer, "akkoord": "1"}, form="/toegang").status_code == 422
    assert reasons(session) == ["no_challenge"]


def test_a_challenge_for_one_purpose_is_none_for_another(member: Member) -> None:
    """What was asked for after a password of one does not sign in whoever holds the key."""
    device = holds(member)
    member.type_password()
    answer = device.sign(asked(member, member.client.get(CODE)))
    page = member.client.get(ALONE)
    asked(member, page)
    assert member.client.submit(page, {"antwoord": answer, "akkoord": "1"}, form="/toegang").status_code == 422
    assert not member.signed_in


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://poortwachter.example.org"},
        {"origin": "http://localhost:8001"},
        {"relying_party": "example.org"},
        {"cross_origin": True},
        {"verifies": False},
        {"credential_id": b"somebody else's"},
        {"holder": b"somebody else's"},
        {"holder": b""},
    ],
    ids=str,
)
def test_what_was_signed_for_another_page_or_by_another_key_lets_nobody_in(
    member: Member, session: Session, wrong: Mapping[str, Any]
) -> None:
    """Equal answers for all of them (PW3); each stands in the audit."""
    device = holds(member)
    answer = sign(member, replace(device, **wrong))
    assert (answer.status_code, WRONG in answer.text) == (422, True)
    assert not member.signed_in
    assert len(reasons(session)) == 1


def test_a_key_that_did_not_sign_lets_nobody_in(member: Member) -> None:
    device = holds(member)
    assert (
        sign(member, replace(Authenticator(), credential_id=device.credential_id, holder=device.holder)).status_code
        == 422
    )
    assert not member.signed_in


def test_a_passkey_of_another_account_does_not_follow_a_password(
    member: Member, other: Member, session: Session
) -> None:
    """Nor is it told that we know it."""
    own, device = holds(member), holds(other)
    member.type_password()
    page = member.client.get(CODE)
    options = asked(member, page)
    assert len(options["allowCredentials"]) == 1
    answer = member.client.submit(page, {"antwoord": device.sign(options)}, form=CONFIRM)
    assert (answer.status_code, WRONG in answer.text) == (422, True)
    (event,) = events(session, "authentication:passkey:refuse")
    assert (event.subject_id, event.details) == (member.person.id, {"reason": "unknown"})
    assert confirm(member, own).location == "/mijn-profiel", "the sign-in goes on"


def test_a_count_that_goes_back_is_refused_and_told(member: Member, session: Session) -> None:
    """A copy of the key."""
    device = holds(member)
    copy = replace(device)
    for _ in range(3):
        assert sign(member, device).location == "/mijn-profiel"
        leave(member)
    answer = sign(member, copy)
    assert (answer.status_code, WRONG in answer.text) == (422, True)
    assert reasons(session) == ["count_went_back"]
    assert sign(member, replace(device, keeps_count=False, count=0)).status_code == 422, "nor does it stop counting"
    subjects = [mail.subject for mail in member.inbox.mails_to("sanne.bakker@voorbeeld.test")]
    assert subjects.count("Een toegangssleutel van uw account is misschien gekopieerd") == 1
    assert sign(member, device).location == "/mijn-profiel", "the real one goes on"


def test_a_device_that_counts_nothing_signs_in_again_and_again(member: Member) -> None:
    device = holds(member, keeps_count=False)
    for _ in range(2):
        assert sign(member, device).location == "/mijn-profiel"
        leave(member)


def test_a_key_that_asked_for_no_pin_does_not_replace_the_password_by_setting_one(
    member: Member, session: Session
) -> None:
    """Whoever finds a security key without a PIN can set one; after the password it counts from then on."""
    device = holds(member, verifies=False)
    found = replace(device, verifies=True)
    assert sign(member, found).status_code == 422
    assert reasons(session) == ["not_verified"]
    member.type_password()
    assert confirm(member, found).location == "/mijn-profiel"
    leave(member)
    assert sign(member, found).location == "/mijn-profiel"


def test_of_fifty_with_one_answer_one_comes_in(member: Member, app: Flask, session: Session) -> None:
    """Rule 7: one DELETE decides."""
    device = holds(member, keeps_count=False)
    options = json.loads(perform(ask_any_passkey, installation(), "browser"))
    answer, entered = device.sign(options), []

    def enter() -> None:
        entered.append(perform(enter_by_passkey, installation(), "browser", answer, SignInWish(), (), None) is not None)

    before = len(living(session))
    at_once(app, *[enter] * 50)
    assert entered.count(True) == 1
    assert len(living(session)) == before + 1


def test_of_fifty_after_one_password_one_comes_in(member: Member, app: Flask) -> None:
    device = holds(member, keeps_count=False)
    member.type_password()
    answer, outcomes = device.sign(asked(member, member.client.get(CODE))), []
    with member.client.session_transaction() as kept:
        token = kept["local_sign_in"]

    def confirm_it() -> None:
        outcomes.append(perform(answer_passkey, installation(), token, answer, None).outcome)

    at_once(app, *[confirm_it] * 50)
    assert outcomes.count("right") == 1


def test_strangers_failures_do_not_delay_it(
    member: Member, another_browser: Browsers, clock: time_machine.Traveller
) -> None:
    """PW2: passwords, until the account waits for a quarter of an hour, and junk in the name of the very key."""
    device, stranger = holds(member), another_browser()
    for turn in range(20):
        clock.shift(timedelta(minutes=16))
        perform(claim_try, installation(), "sanne.bakker", f"10.0.{turn}.1", None)
    assert member.type_password().status_code == 429
    for _ in range(10):
        assert sign(stranger, replace(Authenticator(), credential_id=device.credential_id)).status_code == 422
    assert sign(member, device).location == "/mijn-profiel"
    leave(member)
    assert member.type_password().status_code == 429, "and whoever guesses passwords goes on waiting"


def test_who_wears_out_the_limit_of_the_password_page_leaves_that_of_passkeys(make_app: Callable[..., Flask]) -> None:
    """PW2: also from the same address, as behind one of a town hall."""
    app = make_app(BROKER_RATE_LIMITS="on")
    with app.app_context():
        client = app.test_client()
        typed = {"csrf_token": client.csrf_token(ALONE)}
        codes = [client.post("/aanmelden/account", data=typed).status_code for _ in range(121)]
        assert (codes[0], codes[-1]) == (422, 429)
        answer = client.post("/aanmelden/account/toegangssleutel/opties", data=typed)
        assert answer.status_code == 200


def test_a_new_password_ends_sessions_and_keeps_the_passkey(member: Member) -> None:
    """PW7: the second factor is asked all the same."""
    device = holds(member)
    sign(member, device)
    member.client.get("/mijn-profiel")
    page = member.client.get("/aanmelden/account/vergeten")
    member.client.submit(page, {"gebruikersnaam": "sanne.bakker"}, form="/vergeten")
    member.inbox.deliver()
    member.set_password("Groene-Olifanten-9-Vliegen")
    assert not member.signed_in
    member.password = "Groene-Olifanten-9-Vliegen"
    member.client.delete_cookie("poortwachter-apparaat")
    assert member.type_password().location == CODE
    assert not member.signed_in
    assert confirm(member, device).location == "/mijn-profiel"


def test_a_level_that_a_message_does_not_reach_is_reached_by_a_passkey(member: Member) -> None:
    """A policy demands an app or a passkey by its level, 26."""
    typed = {"gebruikersnaam": "sanne.bakker", "wachtwoord": member.password, "akkoord": "1"}
    strong = f"{SIGN_IN}&niveau=26"
    answer = member.client.submit(member.client.get(strong), typed, form="/aanmelden/account")
    assert answer.status_code == 403
    assert "een toegangssleutel" in answer.text
    device = holds(member)
    assert member.client.submit(member.client.get(strong), typed, form="/aanmelden/account").location == CODE
    assert confirm(member, device).location == "/mijn-profiel"
    leave(member)
    assert sign(member, device, f"{ALONE}&niveau=26").location == "/mijn-profiel"


def test_adding_one_asks_for_a_recent_proof_and_is_told(member: Member, clock: time_machine.Traveller) -> None:
    member.sign_in()
    clock.shift(timedelta(minutes=20))
    assert member.client.get(KEYS).status_code == 303, "proved too long ago"
    token = member.client.csrf_token("/mijn-profiel")
    assert member.client.post(f"{KEYS}/opties", data={"csrf_token": token}).status_code == 303
    assert member.client.post(KEYS, data={"csrf_token": token, "naam": "x", "antwoord": "{}"}).status_code == 303
    leave(member)
    member.sign_in()
    assert add(member, Authenticator()).location == "/mijn-profiel#toegangssleutels"
    subjects = [mail.subject for mail in member.inbox.mails_to("sanne.bakker@voorbeeld.test")]
    assert "Er is een toegangssleutel toegevoegd aan uw account" in subjects


def test_adding_one_asks_for_the_password(member: Member, session: Session) -> None:
    """PW6: an open screen is no proof, also within a quarter of an hour of the sign-in."""
    member.sign_in()
    page = member.client.get(KEYS)
    answer = Authenticator().make(asked(member, page))
    for typed, sentence in (("", "Vul uw wachtwoord in."), ("verkeerd", "Dit wachtwoord klopt niet.")):
        refused = member.client.submit(page, {"naam": "telefoon", "antwoord": answer, "huidig": typed}, form=KEYS)
        assert refused.status_code == 422
        assert sentence in refused.text
        assert 'value="telefoon"' in refused.text
    session.rollback()
    assert session.scalars(select(Passkey)).all() == []
    assert add(member, Authenticator()).status_code == 303


def test_the_profile_lists_them_with_when_they_were_used(member: Member) -> None:
    member.sign_in()
    assert "zonder wachtwoord of sms" in member.client.get("/mijn-profiel").text
    device = Authenticator()
    add(member, device, "<b>telefoon</b>")
    page = member.client.get("/mijn-profiel").text
    assert "&lt;b&gt;telefoon&lt;/b&gt;" in page
    assert ">nog niet<" in page
    leave(member)
    sign(member, device)
    page = member.client.get("/mijn-profiel").text
    assert ">nog niet<" not in page
    assert "met een toegangssleutel" in page, "how somebody signed in, among the sessions"


def test_what_was_filled_in_wrong_comes_back(member: Member) -> None:
    member.sign_in()
    page = member.client.get(KEYS)
    answer = member.client.submit(page, {"naam": " ", "antwoord": ""}, form=KEYS)
    assert (answer.status_code, "Geef de toegangssleutel een naam" in answer.text) == (422, True)
    for name in ("n" * 41, "tele\u202efoon"):
        answer = member.client.submit(page, {"naam": name, "antwoord": "{}"}, form=KEYS)
        assert (answer.status_code, f'value="{name}"' in answer.text) == (422, True)
    answer = member.client.submit(page, {"naam": "telefoon", "antwoord": "", "huidig": member.password}, form=KEYS)
    assert "Uw browser vroeg geen toegangssleutel." in answer.text
    assert 'value="telefoon"' in answer.text


@pytest.mark.parametrize(
    "wrong", [{"origin": "http://localhost:8001"}, {"relying_party": "example.org"}, {"cross_origin": True}], ids=str
)
def test_a_key_made_for_another_page_is_not_added(member: Member, session: Session, wrong: Mapping[str, Any]) -> None:
    member.sign_in()
    answer = add(member, Authenticator(**wrong))
    assert (answer.status_code, "Dat lukte niet." in answer.text) == (422, True)
    assert reasons(session) == ["not_added"]
    assert session.scalars(select(Passkey)).all() == []


def test_a_key_is_added_once_and_to_one_account(member: Member, other: Member, session: Session) -> None:
    device = holds(member)
    other.sign_in()
    page = other.client.get(KEYS)
    made = {"naam": "x", "antwoord": replace(device).make(asked(other, page)), "huidig": other.password}
    answer = other.client.submit(page, made, form=KEYS)
    assert (answer.status_code, "Dat lukte niet." in answer.text) == (422, True)
    sign(member, device)
    options = asked(member, member.client.get(KEYS))
    assert len(options["excludeCredentials"]) == 1
    session.rollback()
    assert len(session.scalars(select(Passkey)).all()) == 1


def test_somebody_has_ten_of_them_at_most(member: Member) -> None:
    member.sign_in()
    page = member.client.get(KEYS)
    for _ in range(MOST):
        assert add(member, Authenticator()).status_code == 303
    assert "en dat is het meeste dat kan" in member.client.get("/mijn-profiel").text
    token = member.client.csrf_token("/mijn-profiel/wachtwoord")
    assert member.client.post(f"{KEYS}/opties", data={"csrf_token": token}).status_code == 409
    answer = member.client.submit(page, {"naam": "x", "antwoord": "{}", "huidig": member.password}, form=KEYS)
    assert (answer.status_code, "Verwijder er eerst een." in answer.text) == (409, True)
    assert member.client.get(KEYS).location == "/mijn-profiel#toegangssleutels"


def test_one_that_was_removed_opens_nothing_and_the_person_hears_of_it(
    member: Member, session: Session, clock: time_machine.Traveller
) -> None:
    device = holds(member)
    sign(member, device)
    session.rollback()
    path = f"{KEYS}/{session.scalars(select(Passkey)).one().id}/verwijder"
    clock.shift(timedelta(minutes=20))
    assert member.client.get(path).status_code == 303, "proved too long ago"
    leave(member)
    sign(member, device)
    page = member.client.get(path)
    assert "laptop van het werk" in page.text
    assert member.client.submit(page, form=path).location == "/mijn-profiel#toegangssleutels"
    leave(member)
    assert sign(member, device).status_code == 422
    assert reasons(session) == ["unknown"]
    member.type_password()
    assert "Vul de code uit uw sms in" in member.client.get(CODE).text
    subjects = [mail.subject for mail in member.inbox.mails_to("sanne.bakker@voorbeeld.test")]
    assert "Er is een toegangssleutel verwijderd van uw account" in subjects


def test_somebody_elses_is_not_there(member: Member, other: Member, session: Session) -> None:
    holds(member)
    session.rollback()
    path = f"{KEYS}/{session.scalars(select(Passkey)).one().id}/verwijder"
    other.sign_in()
    assert other.client.get(path).status_code == 404
    token = other.client.csrf_token(KEYS)
    assert other.client.post(path, data={"csrf_token": token}).status_code == 404
    session.rollback()
    assert len(session.scalars(select(Passkey)).all()) == 1


def test_who_signed_in_with_a_digital_key_has_no_such_page(member: Member, world: Any) -> None:
    world.sign_in(member.client, world.person("Nele Vercauteren"))
    assert member.client.get(KEYS).status_code == 404
    assert "Toegangssleutels" not in member.client.get("/mijn-profiel").text


def test_an_account_that_ended_takes_its_passkeys_along(member: Member, session: Session) -> None:
    device = holds(member)
    perform(end_person, installation(), member.person.id, "left")
    session.rollback()
    assert session.scalars(select(Passkey)).all() == []
    assert sign(member, device).status_code == 422


def test_they_go_with_somebody_whom_nothing_ties_here_any_more(
    member: Member, session: Session, clock: time_machine.Traveller
) -> None:
    """RE1."""
    holds(member)
    with changing_session() as writing, writing.begin():
        for each in writing.scalars(select(BrowserSession)):
            each.end(each.last_seen, "signed_out")
    clock.shift(timedelta(days=731))
    assert [each.rule for each in run_retention(installation(), force=True) if each.due]
    session.rollback()
    assert session.scalars(select(Passkey)).all() == []
    assert session.get_one(Person, member.person.id).state == "erased"


def test_somebody_who_is_in_doubt_does_not_come_in(member: Member, session: Session) -> None:
    device = holds(member)
    with changing_session() as writing, writing.begin():
        writing.get_one(Person, member.person.id).state = "doubted"
    assert sign(member, device).status_code == 422
    assert reasons(session) == ["not_ready"]


def test_who_must_prove_another_number_first_does_so_with_a_code(member: Member, session: Session) -> None:
    """PW6: an administrator's change took effect."""
    device = holds(member)
    with changing_session() as writing, writing.begin():
        writing.get_one(Person, member.person.id).phone_source = "entered"
    assert sign(member, device).status_code == 422
    assert reasons(session) == ["not_ready"]
    member.type_password()
    page = member.client.get(CODE)
    assert "toegangssleutel" not in page.text
    tried = member.client.post(CONFIRM, data={"csrf_token": member.client.csrf_token(CODE), "antwoord": "{}"})
    assert "Deze aanmelding is niet meer geldig" in member.client.get(tried.location).text
    member.type_password()
    assert member.type_code().location == "/mijn-profiel"
    leave(member)
    assert sign(member, device).location == "/mijn-profiel"


def test_my_data_names_them_and_holds_no_key(member: Member, session: Session) -> None:
    device = holds(member)
    sign(member, device)
    session.rollback()
    data = own_data(session, member.person.id)
    (passkey,) = data["local_accounts"][0]["passkeys"]
    assert passkey["name"] == "laptop van het werk"
    assert passkey["last_used"]
    assert session.scalars(select(Passkey)).one().public_key not in json.dumps(data)


def test_the_question_is_the_same_for_everybody_and_names_our_own_address(
    member: Member, another_browser: Browsers
) -> None:
    """PW3, OA12."""
    holds(member)
    stranger = another_browser()
    mine, theirs = asked(member, member.client.get(ALONE)), asked(stranger, stranger.client.get(ALONE))
    assert mine.pop("challenge") != theirs.pop("challenge")
    assert mine == theirs
    assert (mine["rpId"], mine["userVerification"], mine["allowCredentials"]) == ("localhost", "required", [])


def test_what_a_program_asks_in_the_background_keeps_nobody_signed_in(
    member: Member, clock: time_machine.Traveller
) -> None:
    """PW11: asking for the options is no page."""
    member.sign_in()
    page = member.client.get(KEYS)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    background = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    for _ in range(2):
        clock.shift(timedelta(minutes=60))
        member.client.post(f"{KEYS}/opties", data={"csrf_token": token[1]}, headers=background)
    assert not member.signed_in


def test_an_answer_without_a_question_is_no_page(member: Member) -> None:
    token = member.client.csrf_token(ALONE)
    assert member.client.post(f"{CONFIRM}/opties", data={"csrf_token": token}).status_code == 404
    answer = member.client.post(CONFIRM, data={"csrf_token": token, "antwoord": "{}"})
    assert answer.location == "/aanmelden/account"
    assert member.client.get(CONFIRM).location == CODE
    assert member.client.get(f"{ALONE}&niveau=27").status_code == 404


SETTINGS = Settings.from_environment(environment("sqlite:///unused.db", Path("/unused")))


@given(
    st.one_of(
        st.text(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "x"]),
                    inner,
                )
            ),
            max_leaves=12,
        ).map(json.dumps),
    )
)
def test_no_junk_is_an_answer_or_an_error(junk: str) -> None:
    assert key_made(SETTINGS, "AAAA", junk) is None
    assert signed_by(SETTINGS, "AAAA", junk, Passkey(public_key="AAAA", sign_count=0)) is None
    assert re.fullmatch("[A-Za-z0-9_-]*", credential_named(junk))


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_answer_that_was_tampered_with_is_one(noise: bytes, place: int) -> None:
    device = Authenticator()
    options = {"challenge": "AAAA", "user": {"id": "AAAA"}}
    made = key_made(SETTINGS, "AAAA", device.make(options))
    assert made is not None
    passkey = Passkey(public_key=made.public_key, sign_count=0)
    right = device.sign(options)
    assert signed_by(SETTINGS, "AAAA", right, passkey) is not None
    read = json.loads(right)
    part = ("clientDataJSON", "authenticatorData", "signature")[place % 3]
    before = read["response"][part]
    read["response"][part] = before[: place % len(before)] + noise.hex() + before[place % len(before) :]
    if noise:
        assert signed_by(SETTINGS, "AAAA", json.dumps(read), passkey) is None


def test_what_is_too_long_is_not_read() -> None:
    assert credential_named(json.dumps({"id": "a", "x": "y" * LONGEST_ANSWER})) == ""
    assert credential_named("[" * LONGEST_ANSWER) == ""
