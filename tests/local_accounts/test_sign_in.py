"""Signing in with a local account: the box, the password, the code, the device (seed 004, C4, threats PW3, PW4, PW8, PW9)."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.authentication.answer_code import answer_code
from broker.authentication.browser_session import BrowserSession
from broker.authentication.remembered_device import RememberedDevice
from broker.authentication.sweep_spent import sweep_spent
from broker.authentication.terms_acceptance import TermsAcceptance
from broker.catalogue import Catalogue
from broker.database import db, perform
from broker.installation import Installation, installation
from broker.web.local_sign_in import wait_sentence, wrong_code_sentence
from tests.local_accounts.conftest import DEVICE, NUMBER, PASSWORD, SIGN_IN, Member, events
from tests.worlds.at_once import at_once
from tests.worlds.statements import Statements
from tests.worlds.world import World

Browsers = Callable[[], Member]


def test_password_and_code_let_somebody_in_and_the_session_says_how(member: Member, session: Session) -> None:
    """acr and amr are true: password and SMS."""
    answer = member.sign_in()
    assert (answer.status_code, answer.location) == (303, "/mijn-profiel")
    assert member.signed_in
    session.rollback()
    row = session.scalars(select(BrowserSession).where(BrowserSession.ended_at.is_(None))).one()
    assert (row.provider_code, row.level, row.amr) == ("local_account", 25, ["pwd", "sms", "mfa"])
    assert row.acr == "urn:be:vlaanderen:authmech:sms"
    assert row.number_sealed is None


def test_the_words_of_the_seed_stand_on_the_pages(member: Member) -> None:
    """W16, C4: user name and password, under them the box, unticked, with two documents and their versions; then Log In."""
    page = member.client.get(SIGN_IN).text
    places = [
        page.index(word) for word in ("Gebruikersnaam", "Wachtwoord", "Ik ben op de hoogte van het doel", "Log In")
    ]
    assert places == sorted(places)
    assert 'name="akkoord" value="1">' in page
    assert "/voorwaarden/buurtwerk/algemeen" in page
    assert "/voorwaarden/buurtwerk/gegevens" in page
    member.type_password()
    page = member.client.get("/aanmelden/account/code").text
    assert "Controleren" in page
    assert "Onthoud dit apparaat" in page
    assert 'name="onthoud" value="1" aria' in page, "never ticked beforehand (M12)"
    assert "Liever niet; nooit op een gedeeld toestel." in page


def test_the_safety_tip_stands_where_somebody_signs_in(member: Member) -> None:
    """W17: data of sign-in is strictly personal."""
    page = member.client.get(SIGN_IN).text
    assert "Uw gebruikersnaam en wachtwoord zijn van u alleen. Geef ze aan niemand door" in page


def test_the_terms_are_pages_of_their_own(member: Member) -> None:
    assert "U gebruikt de toepassing voor uw werk." in member.client.get("/voorwaarden/buurtwerk/algemeen").text
    assert "https://buurtwerk.example.org/gegevens" in member.client.get("/voorwaarden/buurtwerk/gegevens").text
    assert member.client.get("/voorwaarden/buurtwerk/niets").status_code == 404
    assert member.client.get("/voorwaarden/cultuurmonitor/algemeen").status_code == 404


def test_without_the_box_nothing_is_tried_and_what_was_typed_stays(member: Member, session: Session) -> None:
    answer = member.type_password(akkoord="")
    assert answer.status_code == 422
    assert "Vink dit aan om verder te gaan." in answer.text
    assert 'value="sanne.bakker"' in answer.text
    assert PASSWORD not in answer.text
    assert events(session, "authentication:password:refuse") == []


def test_the_versions_agreed_to_are_written_down_once_and_a_new_one_is_told(
    member: Member, session: Session, app: Flask, catalogue: Catalogue
) -> None:
    """C4: recorded against the account once the password is right."""
    member.type_password("verkeerd")
    session.rollback()
    assert session.scalars(select(TermsAcceptance)).all() == []
    member.sign_in()
    session.rollback()
    assert len(session.scalars(select(TermsAcceptance)).all()) == 2
    change_terms(app, catalogue)
    member.client.delete_cookie("poortwachter-sessie")
    member.type_password()
    page = member.client.get("/aanmelden/account/code").text
    assert "De voorwaarden zijn gewijzigd" in page
    assert "Algemene voorwaarden (2)" in page
    session.rollback()
    assert len(session.scalars(select(TermsAcceptance)).all()) == 3


def change_terms(app: Flask, catalogue: Catalogue) -> None:
    """The first document has a new version."""
    buurtwerk = catalogue.applications["buurtwerk"]
    assert buurtwerk.local_account is not None
    first, second = buurtwerk.local_account.terms
    changed = replace(
        buurtwerk, local_account=replace(buurtwerk.local_account, terms=(replace(first, version="2"), second))
    )
    now = installation()
    Installation(
        now.settings, replace(catalogue, applications={**catalogue.applications, "buurtwerk": changed}), now.keys
    ).install(app)


def test_nobody_agrees_to_a_version_that_did_not_stand_on_the_page(
    member: Member, session: Session, app: Flask, catalogue: Catalogue
) -> None:
    """C4: the terms change between the page and its button."""
    typed = {"gebruikersnaam": "sanne.bakker", "wachtwoord": PASSWORD, "akkoord": "1"}
    page = member.client.get(SIGN_IN)
    change_terms(app, catalogue)
    answer = member.client.submit(page, typed, form="/aanmelden/account")
    assert answer.status_code == 422
    assert "De voorwaarden zijn net gewijzigd." in answer.text
    assert "(versie 2)" in answer.text
    assert 'name="akkoord" value="1" checked' not in answer.text
    session.rollback()
    assert session.scalars(select(TermsAcceptance)).all() == []
    assert member.client.submit(answer, typed, form="/aanmelden/account").status_code == 303
    session.rollback()
    assert {row.version for row in session.scalars(select(TermsAcceptance)) if row.document == "algemeen"} == {"2"}


def test_a_wrong_password_leaves_the_box_as_it_was_ticked(member: Member) -> None:
    assert 'name="akkoord" value="1" checked' in member.type_password("verkeerd").text
    assert 'name="akkoord" value="1" checked' not in member.client.get(SIGN_IN).text


def said(page: TestResponse, user_name: str) -> str:
    """The page but for what differs from one request to the next."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page.text).replace(user_name, "x")


def test_an_unknown_name_and_a_wrong_password_are_answered_alike(member: Member, statements: Statements) -> None:
    """PW3: words, status and statements, and as much hashing."""
    with statements() as wrong:
        one = member.type_password("verkeerd")
    with statements() as unknown:
        other = member.type_password("verkeerd", user_name="niemand.hier")
    assert one.status_code == other.status_code == 422
    assert said(one, "sanne.bakker") == said(other, "niemand.hier")
    assert abs(len(wrong) - len(unknown)) <= 1  # whose account it is, for the audit
    assert "••" not in one.text, "the number only after a right password"


def test_the_number_is_shown_masked_and_the_sms_holds_no_more_than_code_and_tool(member: Member) -> None:
    """M18."""
    member.type_password()
    page = member.client.get("/aanmelden/account/code").text
    assert "04•• •• •• 18" in page.replace("\u00a0", " ")
    assert NUMBER not in page
    message = member.phone.messages[-1]
    assert message["to"] == NUMBER
    assert "Buurtwerk" in message["text"]
    assert "Sanne" not in message["text"]


def test_a_code_works_five_minutes(member: Member, clock: time_machine.Traveller) -> None:
    member.type_password()
    code = member.phone.code
    clock.shift(timedelta(minutes=4))
    page = member.client.get("/aanmelden/account/code")
    clock.shift(timedelta(minutes=2))
    answer = member.client.submit(page, {"code": code})
    assert answer.status_code == 422
    assert "Deze code werkt niet meer." in answer.text
    assert not member.signed_in


def test_a_sign_in_without_a_code_is_over_after_ten_minutes_and_begins_again_for_the_same(
    member: Member, clock: time_machine.Traveller
) -> None:
    member.type_password()
    code = member.phone.code
    clock.shift(timedelta(minutes=11))
    answer = member.client.get("/aanmelden/account/code")
    assert answer.status_code == 303
    page = member.client.get(answer.location)
    assert "Ze duurde langer dan tien minuten. Begin opnieuw." in page.text
    typed = {"gebruikersnaam": "sanne.bakker", "wachtwoord": PASSWORD, "akkoord": "1"}
    assert member.client.submit(page, typed, form="/aanmelden/account").location == "/aanmelden/account/code"
    assert member.type_code(code).status_code == 422, "the code of before is of no use"
    assert member.type_code().location == "/mijn-profiel", "where they were on their way to"


def test_who_comes_back_much_later_begins_from_the_beginning(member: Member, clock: time_machine.Traveller) -> None:
    """What somebody came for is kept an hour."""
    member.type_password()
    clock.shift(timedelta(hours=2))
    perform(sweep_spent)
    assert member.client.get("/aanmelden/account/code").location == "/aanmelden/account"


def test_a_code_works_once(member: Member) -> None:
    member.type_password()
    page, code = member.client.get("/aanmelden/account/code"), member.phone.code
    assert member.client.submit(page, {"code": code}).location == "/mijn-profiel"
    assert member.client.submit(page, {"code": code}).status_code in (303, 400)
    other = member.client.get("/aanmelden/account/code")
    assert other.location == "/aanmelden/account"


def test_of_fifty_with_one_code_one_comes_in(member: Member, app: Flask, session: Session) -> None:
    """PW9."""
    member.type_password()
    code = member.phone.code
    with member.client.session_transaction() as kept:
        token = kept["local_sign_in"]
    outcomes: list[str] = []

    def answer() -> None:
        outcomes.append(perform(answer_code, installation(), token, code, remember=False, cookie=None).outcome)

    at_once(app, *[answer] * 50)
    assert outcomes.count("right") == 1
    session.rollback()
    assert len(session.scalars(select(BrowserSession).where(BrowserSession.ended_at.is_(None))).all()) == 1


def test_fifty_wrong_codes_at_once_are_five_tries(member: Member, app: Flask) -> None:
    member.type_password()
    with member.client.session_transaction() as kept:
        token = kept["local_sign_in"]
    right = member.phone.code
    outcomes: list[str] = []

    def answer() -> None:
        wrong = "000000" if right != "000000" else "000001"
        outcomes.append(perform(answer_code, installation(), token, wrong, remember=False, cookie=None).outcome)

    at_once(app, *[answer] * 20)
    assert outcomes.count("wrong") == 4
    assert set(outcomes) == {"wrong", "used_up"}
    assert member.type_code(right).status_code == 422, "used up"


def wrong_code(member: Member) -> str:
    """Six digits that are not those that were sent."""
    return "000000" if member.phone.code != "000000" else "000001"


def test_the_page_says_how_many_tries_are_left_and_keeps_what_was_ticked(member: Member) -> None:
    member.type_password()
    answer = member.type_code(wrong_code(member), onthoud="1")
    assert "U kunt nog 4 keer proberen." in answer.text
    assert 'name="onthoud" value="1" checked' in answer.text
    assert 'name="onthoud" value="1" checked' not in member.type_code(wrong_code(member)).text


def test_one_of_something_is_said_as_one() -> None:
    assert wrong_code_sentence(1).en.endswith("You can try once more.")
    assert wrong_code_sentence(2).en.endswith("You can try 2 more times.")
    assert "Wacht 1 seconde en" in wait_sentence(1).nl
    assert "Wacht 60 seconden en" in wait_sentence(60).nl
    assert "Wacht 2 minuten en" in wait_sentence(91).nl


def test_sixty_seconds_between_two_codes_five_an_hour_and_only_the_newest_counts(
    member: Member, clock: time_machine.Traveller
) -> None:
    """PW4, PW5. Sanne had one code when she proved her number."""
    clock.shift(timedelta(hours=2))
    member.type_password()
    first = member.phone.code
    assert "kan pas na 60 seconden" in again(member)
    for _ in range(4):
        clock.shift(timedelta(seconds=75))
        assert "onderweg" in again(member)
    clock.shift(timedelta(seconds=75))
    assert "al 5 codes dit uur" in again(member)
    if first != member.phone.code:
        assert member.type_code(first).status_code == 422
    assert member.type_code().location == "/mijn-profiel"


def again(member: Member) -> str:
    """Stuur een nieuwe code; what the page then says."""
    page = member.client.get("/aanmelden/account/code")
    assert member.client.submit(page, form="/opnieuw").status_code == 303
    return member.client.get("/aanmelden/account/code").text


def test_wrong_codes_count_across_codes_ten_a_day_then_the_person_hears_of_it(
    member: Member, clock: time_machine.Traveller
) -> None:
    """PW4: 60 codes would else be 300 guesses."""
    typed = 0
    for _ in range(12):
        clock.shift(timedelta(minutes=15))
        if member.type_password().status_code != 303:
            continue
        for _ in range(5):
            answer = member.type_code(wrong_code(member))
            typed += "keer proberen" in answer.text or "werkt niet meer" in answer.text
    assert typed < 15
    assert "te veel verkeerde codes" in answer.text
    assert member.type_code(member.phone.code).status_code == 422, "also the right one, today"
    subjects = [mail.subject for mail in member.inbox.mails_to("sanne.bakker@voorbeeld.test")]
    assert subjects.count("Er zijn veel verkeerde codes ingevuld bij uw account") == 1
    clock.shift(timedelta(days=1))
    assert member.sign_in().location == "/mijn-profiel"


def test_a_remembered_device_skips_the_code_for_seven_days(
    member: Member, clock: time_machine.Traveller, session: Session
) -> None:
    """PW8; and the session says that there was a password only."""
    member.sign_in(onthoud="1")
    leave(member)
    clock.shift(timedelta(days=6))
    assert member.type_password().location == "/mijn-profiel"
    session.rollback()
    row = session.scalars(select(BrowserSession).where(BrowserSession.ended_at.is_(None))).one()
    assert (row.level, row.amr, row.acr) == (10, ["pwd"], "urn:be:vlaanderen:authmech:password")
    leave(member)
    clock.shift(timedelta(days=2))
    assert member.type_password().location == "/aanmelden/account/code", "using it does not make it live longer"


def leave(member: Member) -> None:
    """Uitloggen, which is complete but for the device."""
    member.client.submit(member.client.get("/afmelden"), form="/afmelden")
    assert not member.signed_in


def test_without_the_box_no_device_is_remembered(member: Member) -> None:
    member.sign_in()
    leave(member)
    assert member.client.get_cookie(DEVICE) is None
    assert member.type_password().location == "/aanmelden/account/code"


def test_where_the_policy_remembers_no_device_none_is_and_those_of_before_skip_nothing(
    member: Member, session: Session, app: Flask, catalogue: Catalogue, clock: time_machine.Traveller
) -> None:
    """M12: a policy can switch it off, also while devices are remembered."""
    member.sign_in(onthoud="1")
    leave(member)
    clock.shift(timedelta(minutes=2))
    buurtwerk = catalogue.applications["buurtwerk"]
    assert buurtwerk.local_account is not None
    changed = replace(buurtwerk, local_account=replace(buurtwerk.local_account, remember_days=0))
    now = installation()
    Installation(
        now.settings, replace(catalogue, applications={**catalogue.applications, "buurtwerk": changed}), now.keys
    ).install(app)
    assert member.type_password().location == "/aanmelden/account/code"
    assert "Onthoud dit apparaat" not in member.client.get("/aanmelden/account/code").text
    assert member.type_code(onthoud="1").location == "/mijn-profiel", "asked for by hand"
    session.rollback()
    assert len(session.scalars(select(RememberedDevice).where(RememberedDevice.skips_code)).all()) == 1


def test_the_secret_of_a_device_changes_at_every_use_and_an_old_one_ends_them_all(
    member: Member, another_browser: Browsers, clock: time_machine.Traveller, session: Session
) -> None:
    """PW8: a copied cookie."""
    member.sign_in(onthoud="1")
    stolen = member.client.get_cookie(DEVICE)
    assert stolen is not None
    leave(member)
    assert member.type_password().location == "/mijn-profiel"
    renewed = member.client.get_cookie(DEVICE)
    assert renewed is not None
    assert renewed.value != stolen.value
    leave(member)
    clock.shift(timedelta(minutes=5))
    thief = another_browser()
    thief.client.set_cookie(DEVICE, stolen.value)
    assert thief.type_password().location == "/aanmelden/account/code"
    clock.shift(timedelta(minutes=5))
    assert member.type_password().location == "/aanmelden/account/code"
    session.rollback()
    ended = session.scalars(select(RememberedDevice).where(RememberedDevice.skips_code)).all()
    assert {row.end_reason for row in ended} == {"copied"}
    assert "Uw onthouden apparaten zijn vergeten" in [mail.subject for mail in member.inbox.mails]


def test_two_requests_at_once_from_one_device_are_no_copy(member: Member, another_browser: Browsers) -> None:
    member.sign_in(onthoud="1")
    cookie = member.client.get_cookie(DEVICE)
    assert cookie is not None
    leave(member)
    double = another_browser()
    double.client.set_cookie(DEVICE, cookie.value)
    assert member.type_password().location == "/mijn-profiel"
    assert double.type_password().location == "/aanmelden/account/code"
    leave(member)
    assert member.type_password().location == "/mijn-profiel", "still remembered"


def test_a_device_of_another_account_opens_nothing(member: Member, another_browser: Browsers) -> None:
    stranger = another_browser()
    stranger.client.set_cookie(DEVICE, "00000000-0000-0000-0000-000000000000.secret")
    assert stranger.type_password().location == "/aanmelden/account/code"
    stranger.client.set_cookie(DEVICE, "nonsense")
    assert stranger.type_password().status_code == 303


@pytest.mark.parametrize("query", ["niveau=25", "vers=1"])
def test_a_device_does_not_do_where_more_or_a_fresh_proof_is_asked(member: Member, query: str) -> None:
    """UP7: the level is compared for each request; a step-up asks for the code."""
    member.sign_in(onthoud="1")
    leave(member)
    page = member.client.get(f"{SIGN_IN}&{query}")
    typed = {"gebruikersnaam": "sanne.bakker", "wachtwoord": PASSWORD, "akkoord": "1"}
    assert member.client.submit(page, typed, form="/aanmelden/account").location == "/aanmelden/account/code"


def test_where_more_is_asked_than_an_account_can_prove_the_page_is_not_there(member: Member) -> None:
    assert member.client.get(f"{SIGN_IN}&niveau=27").status_code == 404
    assert member.client.get("/aanmelden/account?toepassing=cultuurmonitor").status_code == 404


def test_the_sign_in_page_leads_there_and_for_this_application_at_once(member: Member) -> None:
    assert member.client.get("/aanmelden?toepassing=buurtwerk").location.startswith("/aanmelden/account?")
    assert "Inloggen met gebruikersnaam en wachtwoord" in member.client.get("/aanmelden").text
    assert "gebruikersnaam" not in member.client.get("/aanmelden?toepassing=cultuurmonitor").text


def test_where_the_policy_names_the_account_first_so_does_the_way_into_the_application(
    member: Member, world: World, app: Flask
) -> None:
    """PlusMinMee: its people have a user name, and read nothing of digital keys before. Who asks for a right has none yet."""
    way_in = "/aanmelden?verder=/op/v1/auth%3Fclient_id%3Dplusminmee&toepassing=plusminmee"
    form = member.client.get(way_in)
    assert form.location.startswith("/aanmelden/account?")
    (keys,) = re.findall(r'href="(/aanmelden\?[^"]*)"', member.client.get(form.location).text)
    choice = member.client.get(unescape(keys))
    assert choice.status_code == 200
    assert "Ga verder met itsme" in choice.text
    assert "Inloggen met gebruikersnaam en wachtwoord" in choice.text
    asking = member.client.get(
        "/aanmelden?verder=/user/aanvraag%3Fec%3DPMM_NL_Gebruiker_Gemeente&toepassing=plusminmee"
    )
    assert "Ga verder met itsme" in asking.text
    by_key = app.test_client()
    world.sign_in(by_key, world.person())
    assert "Ga verder met itsme" in by_key.get(f"{way_in}&vers=1").text, "who is signed in already is asked as before"


def test_a_session_of_a_local_account_does_not_open_an_application_of_digital_keys(member: Member) -> None:
    """PW6."""
    member.sign_in()
    assert member.client.get("/aanmelden?toepassing=cultuurmonitor&verder=/taken").status_code == 200


def test_the_broker_signs_out_after_ninety_minutes_without_a_page(
    member: Member, clock: time_machine.Traveller
) -> None:
    """PW11: what a program asks in the background is no page."""
    member.sign_in()
    clock.shift(timedelta(minutes=60))
    assert member.signed_in
    clock.shift(timedelta(minutes=60))
    background = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    assert member.client.get("/mijn-profiel", headers=background).status_code == 200
    clock.shift(timedelta(minutes=60))
    assert not member.signed_in


def test_pages_keep_the_session_alive(member: Member, clock: time_machine.Traveller) -> None:
    member.sign_in()
    for _ in range(3):
        clock.shift(timedelta(minutes=60))
        assert member.signed_in


def test_every_try_stands_in_the_audit_without_what_was_typed(member: Member, session: Session) -> None:
    member.type_password("verkeerd")
    member.type_password("verkeerd", user_name="niemand.hier")
    refused = events(session, "authentication:password:refuse")
    assert [each.subject_id for each in refused] == [member.person.id, None]
    member.sign_in()
    for name in ("authentication:password:accept", "authentication:code:accept", "authentication:session:start"):
        assert events(session, name)[-1].subject_id == member.person.id
    db.session.rollback()
