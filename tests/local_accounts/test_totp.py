"""An app that shows codes: added, asked for, used once, with recovery codes (RFC 6238, threats PW9)."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from pyotp import TOTP
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker import clock as broker_clock
from broker.authentication.own_totp import begin_totp, confirm_totp
from broker.authentication.sweep_spent import sweep_spent
from broker.authentication.totp import TotpKey, take_recovery_code, take_totp
from broker.database import perform
from broker.errors import ConflictError
from broker.installation import installation
from tests.local_accounts.conftest import SIGN_IN, Member
from tests.worlds.at_once import at_once

APP = "/mijn-profiel/app"


def now(secret: str) -> str:
    """What the app shows."""
    return TOTP(secret).at(broker_clock.now())


def key_on(page: TestResponse) -> str:
    """The key that the page shows."""
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert found
    assert "data:image/svg+xml" in page.text
    return found[1].replace(" ", "")


def begin(member: Member, password: str | None = None) -> TestResponse:
    """The page with the key, for the password."""
    return member.client.submit(member.client.get(APP), {"huidig": password or member.password}, form=APP)


def add_app(member: Member) -> tuple[str, list[str]]:
    """The key and the recovery codes; signed in by SMS before, and out after."""
    member.sign_in()
    page = begin(member)
    secret = key_on(page)
    wrong = "000000" if now(secret) != "000000" else "000001"
    page = member.client.submit(page, {"code": wrong}, form=APP)
    assert page.status_code == 422
    page = member.client.submit(page, {"code": now(secret)}, form=APP)
    codes = re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code>", page.text)
    assert len(codes) == 10
    member.client.delete_cookie("poortwachter-sessie")
    return secret, codes


def test_the_app_is_asked_for_instead_of_a_message_and_proves_more(
    member: Member, clock: time_machine.Traveller
) -> None:
    secret, _ = add_app(member)
    clock.shift(timedelta(hours=2))
    sent = len(member.phone.messages)
    assert member.type_password().location == "/aanmelden/account/code"
    assert len(member.phone.messages) == sent
    assert "Vul de code uit uw app in" in member.client.get("/aanmelden/account/code").text
    assert member.type_code(now(secret)).location == "/mijn-profiel"
    assert "nog 10 herstelcodes" in member.client.get("/mijn-profiel").text


def test_a_code_of_the_app_works_once(member: Member, clock: time_machine.Traveller) -> None:
    secret, _ = add_app(member)
    clock.shift(timedelta(hours=2))
    code = now(secret)
    member.type_password()
    assert member.type_code(code).location == "/mijn-profiel"
    member.client.delete_cookie("poortwachter-sessie")
    member.type_password()
    assert member.type_code(code).status_code == 422


def test_of_fifty_with_one_code_of_the_app_or_one_recovery_code_one_comes_in(
    member: Member, app: Flask, clock: time_machine.Traveller
) -> None:
    """PW9: one UPDATE decides."""
    secret, codes = add_app(member)
    clock.shift(timedelta(hours=2))
    code, taken = now(secret), []

    def by_app() -> None:
        taken.append(perform(take_totp, installation(), member.account.id, code))

    def by_recovery() -> None:
        taken.append(perform(take_recovery_code, installation(), member.account.id, codes[0]))

    at_once(app, *[by_app] * 25, *[by_recovery] * 25)
    assert taken.count(True) == 2


def test_the_person_hears_of_an_app_that_comes_or_goes(member: Member, clock: time_machine.Traveller) -> None:
    """As of a passkey: whoever sits at an open screen may have done it."""
    secret, _ = add_app(member)
    assert member.inbox.last_to(member.person.email or "").subject == "Er is een app toegevoegd aan uw account"
    clock.shift(timedelta(minutes=5))
    member.type_password()
    member.type_code(now(secret))
    page = member.client.get(APP)
    member.client.submit(page, form=f"{APP}/weg")
    member.client.submit(page, form=f"{APP}/weg")
    subjects = [mail.subject for mail in member.inbox.mails_to(member.person.email or "")]
    assert subjects.count("De app is verwijderd van uw account") == 1


def test_a_recovery_code_lets_somebody_in_once(member: Member, clock: time_machine.Traveller) -> None:
    _, codes = add_app(member)
    clock.shift(timedelta(hours=2))
    member.type_password()
    assert member.type_code(codes[0].upper().replace("-", " ")).location == "/mijn-profiel"
    assert "nog 9 herstelcodes" in member.client.get("/mijn-profiel").text
    told = member.inbox.last_to(member.person.email or "")
    assert told.subject == "Er is ingelogd met een herstelcode van u"
    assert "Er zijn er nog 9 over." in told.text
    assert codes[0] not in told.text
    member.client.delete_cookie("poortwachter-sessie")
    member.type_password()
    assert member.type_code(codes[0]).status_code == 422


def test_wrong_codes_of_the_app_count_ten_a_day(member: Member, clock: time_machine.Traveller) -> None:
    """PW4."""
    secret, _ = add_app(member)
    clock.shift(timedelta(hours=2))
    member.type_password()
    wrong = next(
        each for each in ("000000", "000001", "000002", "000003") if not TOTP(secret).verify(each, valid_window=5)
    )
    for _turn in range(10):
        answer = member.type_code(wrong)
    assert "te veel verkeerde codes" in answer.text
    assert member.type_code(now(secret)).status_code == 422


def test_a_message_can_be_had_instead(member: Member, clock: time_machine.Traveller) -> None:
    add_app(member)
    clock.shift(timedelta(hours=2))
    member.type_password()
    clock.shift(timedelta(seconds=5))
    page = member.client.get("/aanmelden/account/code")
    assert member.client.submit(page, form="/opnieuw").status_code == 303
    page = member.client.get("/aanmelden/account/code").text
    assert "Vul de code uit uw sms in" in page
    assert "Een code uit uw app telt hier ook." in page
    assert member.type_code().location == "/mijn-profiel"


def test_where_no_message_comes_the_app_lets_somebody_in_all_the_same(
    member: Member, clock: time_machine.Traveller
) -> None:
    """Issue 5: another factor where the delivery fails."""
    secret, _ = add_app(member)
    clock.shift(timedelta(hours=2))
    member.type_password()
    member.client.submit(member.client.get("/aanmelden/account/code"), form="/opnieuw")
    assert member.type_code(now(secret)).location == "/mijn-profiel"


def test_where_the_app_is_demanded_a_message_does_not_do(member: Member, clock: time_machine.Traveller) -> None:
    """A policy demands it by its level, 26."""
    typed = {"gebruikersnaam": "sanne.bakker", "wachtwoord": member.password, "akkoord": "1"}
    strong = f"{SIGN_IN}&niveau=26"
    answer = member.client.submit(member.client.get(strong), typed, form="/aanmelden/account")
    assert answer.status_code == 403
    assert "Voeg eerst een app of een toegangssleutel toe" in answer.text
    (way,) = re.findall(r'href="(/aanmelden/account\?verder=[^"]*)"', answer.text)
    clock.shift(timedelta(minutes=2))
    assert member.client.submit(member.client.get(way), typed, form="/aanmelden/account").status_code == 303
    assert member.type_code().location == "/mijn-profiel"
    member.client.delete_cookie("poortwachter-sessie")
    clock.shift(timedelta(minutes=2))
    secret, _ = add_app(member)
    clock.shift(timedelta(hours=2))
    answer = member.client.submit(member.client.get(strong), typed, form="/aanmelden/account")
    assert answer.location == "/aanmelden/account/code"
    member.client.submit(member.client.get("/aanmelden/account/code"), form="/opnieuw")
    assert (
        "Hier telt alleen een code uit uw app of een toegangssleutel."
        in member.client.get("/aanmelden/account/code").text
    )
    assert member.type_code(now(secret)).location == "/mijn-profiel"


def test_the_app_is_taken_away_after_a_fresh_sign_in(member: Member, clock: time_machine.Traveller) -> None:
    secret, codes = add_app(member)
    clock.shift(timedelta(hours=2))
    member.type_password()
    member.type_code(now(secret))
    clock.shift(timedelta(minutes=20))
    assert member.client.get(APP).status_code == 303, "proved too long ago"
    member.client.delete_cookie("poortwachter-sessie")
    member.type_password()
    member.type_code(now(secret))
    assert member.client.submit(member.client.get(APP), form=f"{APP}/weg").status_code == 303
    member.client.delete_cookie("poortwachter-sessie")
    clock.shift(timedelta(minutes=5))
    member.type_password()
    assert "uit uw sms" in member.client.get("/aanmelden/account/code").text
    assert member.type_code(codes[5]).status_code == 422


def test_the_key_is_sealed_and_a_reading_makes_none(member: Member, session: Session) -> None:
    member.sign_in()
    member.client.get(APP)
    session.rollback()
    assert session.get(TotpKey, member.account.id) is None
    begin(member)
    session.rollback()
    key = session.get(TotpKey, member.account.id)
    assert key is not None
    assert key.secret_sealed.startswith("test1.")
    assert key.confirmed_at is None


def test_an_app_is_added_with_the_password_only(member: Member, session: Session) -> None:
    """PW6: an open screen is no proof, also within a quarter of an hour of the sign-in."""
    member.sign_in()
    page = member.client.get(APP)
    for typed, sentence in (("", "Vul uw wachtwoord in."), ("verkeerd", "Dit wachtwoord klopt niet.")):
        answer = member.client.submit(page, {"huidig": typed}, form=APP)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "<code>" not in answer.text
    token = member.client.csrf_token(APP)
    past_it = member.client.post(APP, data={"csrf_token": token, "code": "000000"})
    assert past_it.location == "/mijn-profiel#account"
    session.rollback()
    assert session.get(TotpKey, member.account.id) is None
    assert key_on(begin(member))


def test_a_key_that_somebody_saw_at_an_open_screen_is_not_the_one_that_is_added_later(
    member: Member, session: Session, clock: time_machine.Traveller
) -> None:
    """It is shown again while somebody is at it, and after a quarter of an hour never more."""
    member.sign_in()
    page = begin(member)
    seen = key_on(page)
    clock.shift(timedelta(minutes=5))
    assert key_on(begin(member)) == seen
    clock.shift(timedelta(days=20))
    with pytest.raises(ConflictError) as refused:
        perform(confirm_totp, installation(), member.person.id, now(seen))
    assert refused.value.code == "begun_too_long_ago"
    member.sign_in()
    page = begin(member)
    wanted = key_on(page)
    assert wanted != seen
    assert member.client.submit(page, {"code": now(seen)}, form=APP).status_code == 422
    assert "herstelcodes" in member.client.submit(page, {"code": now(wanted)}, form=APP).text


def test_a_key_without_its_first_code_goes_with_a_new_password_and_when_it_is_spent(
    member: Member, session: Session, clock: time_machine.Traveller
) -> None:
    seen = perform(begin_totp, installation(), member.person.id)
    page = member.client.get("/aanmelden/account/vergeten")
    member.client.submit(page, {"gebruikersnaam": member.account.user_name}, form="/vergeten")
    member.set_password("Groene-Olifanten-9-Vliegen")
    session.rollback()
    assert session.get(TotpKey, member.account.id) is None
    assert perform(begin_totp, installation(), member.person.id) != seen
    perform(sweep_spent)
    session.rollback()
    assert session.get(TotpKey, member.account.id) is not None
    clock.shift(timedelta(minutes=20))
    perform(sweep_spent)
    session.rollback()
    assert session.get(TotpKey, member.account.id) is None


def test_an_app_that_counts_stays_with_a_new_password_and_is_never_spent(
    member: Member, session: Session, clock: time_machine.Traveller
) -> None:
    secret, _ = add_app(member)
    clock.shift(timedelta(days=1))
    perform(sweep_spent)
    member.type_password()
    assert member.type_code(now(secret)).location == "/mijn-profiel"
    new = "Groene-Olifanten-9-Vliegen"
    typed = {"huidig": member.password, "wachtwoord": new, "herhaald": new}
    member.client.submit(member.client.get("/mijn-profiel/wachtwoord"), typed, form="/mijn-profiel/wachtwoord")
    session.rollback()
    key = session.get(TotpKey, member.account.id)
    assert key is not None
    assert key.confirmed_at is not None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_is_none(member: Member, typed: str) -> None:
    add_app(member)
    assert not perform(take_totp, installation(), member.account.id, typed)
