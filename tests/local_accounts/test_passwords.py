"""A local account of a person: the invitation, setting a password, forgetting it (issue 5, threats PW3, PW7, PW10)."""

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from pyotp import TOTP
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.authentication import passwords
from broker.authentication.earlier_password import EarlierPassword
from broker.authentication.own_totp import begin_totp, confirm_totp
from broker.authentication.passwords import hash_password, hashing_place, password_is, refuse_unfit
from broker.authentication.set_password import set_password
from broker.catalogue import Catalogue, PasswordPolicy
from broker.database import perform
from broker.errors import BusyError, InvalidError, NotFoundError
from broker.installation import Installation, installation
from broker.people.find_local_account import account_is_ready
from broker.people.local_account import LocalAccount
from broker.people.one_time_link import SET_PASSWORD, open_link
from broker.people.person import Person
from look.language import short_date
from tests.local_accounts.authenticator import Authenticator
from tests.local_accounts.conftest import PASSWORD, Member, events
from tests.local_accounts.test_passkeys import add
from tests.worlds.at_once import at_once
from tests.worlds.world import World

POLICY = PasswordPolicy()


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Kort-7", "Neem minstens 10 tekens."),
        ("zeven-paarse-walvissen-7", "hoofdletter"),
        ("ZEVEN-PAARSE-WALVISSEN-7", "kleine letter"),
        ("Zeven-Paarse-Walvissen", "cijfer"),
        ("Password123", "makkelijk te raden"),
        ("Sanne.Bakker1", "makkelijk te raden"),
        ("Aa1" * 100, "te lang"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(password: str, sentence: str) -> None:
    with hashing_place(), pytest.raises(InvalidError) as refused:
        refuse_unfit(POLICY, password, password, ("sanne.bakker", "Sanne", "Bakker"), ())
    assert sentence in refused.value.fields["password"].nl


def test_the_same_signs_of_another_keyboard_are_the_same_password() -> None:
    """A telephone may send an é as two signs, or a space that does not break."""
    one, other = "Crème brûlée voor 7", "Cre\u0300me bru\u0302le\u0301e\u00a0voor 7"
    with hashing_place():
        refuse_unfit(POLICY, one, other, (), ())
        assert password_is(other, hash_password(one))
        assert password_is(one, hash_password(other))
        assert not password_is("Creme brulee voor 7", hash_password(one))
        with pytest.raises(InvalidError) as refused:
            refuse_unfit(POLICY, other, other, (), (hash_password(one),))
    assert "laatste" in refused.value.fields["password"].nl


@pytest.mark.parametrize(
    "password",
    [
        "Buurtwerk-2026",
        "Poortwachter1",
        "Welkom2026!",
        "SanneBakker1",
        "BakkerSanne26",
        "W3lkom2026!",
    ],
)
def test_what_everybody_guesses_who_knows_the_person_or_the_place_will_not_do(
    app: Flask, invited: Member, catalogue: Catalogue, password: str
) -> None:
    """zxcvbn knows English words only; the others come from the policies and from the person."""
    now = installation()
    policy = replace(catalogue.passwords, known_words=("welkom",))
    Installation(now.settings, replace(catalogue, passwords=policy), now.keys).install(app)
    answer = invited.set_password(password)
    assert answer.status_code == 422
    assert "makkelijk te raden" in answer.text


def test_a_good_password_will_do_and_is_kept_as_argon2id() -> None:
    with hashing_place():
        refuse_unfit(POLICY, PASSWORD, PASSWORD, ("sanne.bakker",), ())
        kept = hash_password(PASSWORD)
        assert kept.startswith("$argon2id$")
        assert PASSWORD not in kept
        assert password_is(PASSWORD, kept)
        assert not password_is(PASSWORD + "x", kept)
        assert not password_is("x" * 257, kept)
        assert not password_is(PASSWORD, None)


def test_a_hash_is_as_much_work_as_owasp_asks() -> None:
    """Computed in a process of its own: in these tests it is less."""
    computed = "from broker.authentication.passwords import hash_password; print(hash_password('x'))"
    done = subprocess.run([sys.executable, "-c", computed], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_only_so_many_hashes_are_computed_at_once_and_the_next_hears_that_we_are_busy(
    monkeypatch: pytest.MonkeyPatch, member: Member
) -> None:
    """PW10."""
    monkeypatch.setattr(passwords, "_places", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "_PATIENCE_SECONDS", 0.05)
    with hashing_place():
        with pytest.raises(BusyError), hashing_place():
            pass
        answer = member.type_password()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert member.type_password().status_code == 303


def test_an_invitation_by_mail_a_password_and_a_code_make_an_account(
    invited: Member, session: Session, world: World
) -> None:
    """The mail carries the user name and a link; e-mail and number are proved by using them."""
    mail = invited.inbox.last_to("sanne.bakker@voorbeeld.test")
    assert "sanne.bakker" in mail.text
    assert "Buurtwerk" in mail.text
    assert not account_is_ready(session, invited.person.id)
    page = invited.set_password(PASSWORD)
    assert page.location == "/aanmelden/account/code"
    assert not account_is_ready(session, invited.person.id)
    assert invited.type_code().location.startswith("/aanmelden/account/klaar")
    person = world.fresh(Person, invited.person.id)
    assert (person.email_source, person.phone_source, person.state) == ("proved", "proved", "matched")
    assert account_is_ready(session, person.id)
    assert not invited.signed_in, "the box of the terms comes first"


def test_the_link_works_72_hours(invited: Member, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(hours=71))
    invited.client.get(invited.inbox.last_to("sanne.bakker@voorbeeld.test").path)
    assert invited.client.get("/link/wachtwoord").status_code == 200
    clock.shift(timedelta(hours=2))
    assert invited.client.get("/link/wachtwoord").status_code == 410


def test_the_link_is_used_once_also_by_fifty_at_once(invited: Member, world: World, session: Session) -> None:
    link = open_link(session, SET_PASSWORD, invited.account.id)
    assert link is not None
    token = installation().keys.link_token(link.kind, str(link.id), link.nonce)
    session.rollback()
    from flask import current_app

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    outcomes = at_once(app, *[lambda: perform(set_password, installation(), token, "a hash")] * 10)
    assert outcomes.count("done") == 1
    with pytest.raises(NotFoundError):
        perform(set_password, installation(), token, "another hash")


def test_what_was_wrong_with_the_password_stands_at_the_field(invited: Member) -> None:
    page = invited.set_password("kort")
    assert page.status_code == 422
    assert "Neem minstens 10 tekens." in page.text
    page = invited.client.submit(page, {"wachtwoord": PASSWORD, "herhaald": PASSWORD + "x"})
    assert "De twee wachtwoorden zijn niet gelijk." in page.text
    assert PASSWORD not in page.text


def test_the_last_five_passwords_do_not_come_back(
    member: Member, session: Session, clock: time_machine.Traveller
) -> None:
    used = [PASSWORD]
    for turn in range(5):
        clock.shift(timedelta(days=1))
        ask_new_one(member)
        assert "laatste 5" in member.set_password(used[-1]).text
        used.append(f"Groene-Olifanten-{turn}-Vliegen")
        assert member.set_password(used[-1]).status_code == 303
    clock.shift(timedelta(days=1))
    ask_new_one(member)
    assert member.set_password(used[1]).status_code == 422
    assert member.set_password(used[0]).status_code == 303, "six passwords ago"
    session.rollback()
    assert len(session.scalars(select(EarlierPassword)).all()) == 5


def ask_new_one(member: Member, typed: str | None = None) -> str:
    """Wachtwoord vergeten; what the page says."""
    page = member.client.get("/aanmelden/account/vergeten")
    answer = member.client.submit(page, {"gebruikersnaam": typed or member.account.user_name}, form="/vergeten")
    return member.client.get(answer.location).text


def test_a_forgotten_password_is_answered_alike_whoever_asks(member: Member, session: Session) -> None:
    """PW3: the same words, and the same statements; the mail tells the truth."""
    before = len(member.inbox.mails)
    assert ask_new_one(member, "niemand") == ask_new_one(member, "sanne.bakker")
    assert ask_new_one(member, "SANNE.bakker@voorbeeld.test ") == ask_new_one(member, "x@voorbeeld.test")
    mails = member.inbox.mails[before:]
    assert [mail.to for mail in mails] == ["sanne.bakker@voorbeeld.test"], "one a quarter of an hour"
    assert "team@voorbeeld.test" in mails[0].text, "who answers questions about the application (M5)"
    assert len(events(session, "authentication:password:ask")) == 4


def test_where_one_application_takes_accounts_its_team_stands_on_the_page(
    app: Flask, member: Member, catalogue: Catalogue
) -> None:
    assert "team@voorbeeld.test" not in ask_new_one(member)
    others = {code: each for code, each in catalogue.applications.items() if code != "plusminmee"}
    now = installation()
    Installation(now.settings, replace(catalogue, applications=others), now.keys).install(app)
    assert "team@voorbeeld.test" in ask_new_one(member)


def test_at_most_three_links_a_day_leave(member: Member, clock: time_machine.Traveller) -> None:
    before = len(member.inbox.mails)
    for _ in range(8):
        clock.shift(timedelta(minutes=20))
        ask_new_one(member)
        member.inbox.deliver()
    assert len(member.inbox.mails) - before == 3


def test_who_never_used_the_invitation_recovers_nothing(invited: Member) -> None:
    """DG8: an address that an administrator typed recovers nothing."""
    ask_new_one(invited)
    assert len(invited.inbox.mails) == 1


def test_a_reset_ends_sessions_and_devices_and_the_code_is_asked_all_the_same(member: Member) -> None:
    """PW7."""
    member.sign_in(onthoud="1")
    assert member.signed_in
    ask_new_one(member)
    ready = member.set_password("Groene-Olifanten-9-Vliegen")
    page = member.client.get(ready.location).text
    assert "http://localhost:8001/" in page, "on to what the account was made for"
    assert "bij uw account" not in page, "there is nothing to look at"
    assert not member.signed_in
    member.password = "Groene-Olifanten-9-Vliegen"
    assert member.type_password().location == "/aanmelden/account/code"
    told = next(mail for mail in member.inbox.mails if mail.subject == "Uw wachtwoord is gewijzigd")
    assert "team@voorbeeld.test" in told.text
    assert "bij uw account" not in told.text


@pytest.mark.parametrize("by_link", [True, False])
def test_after_a_new_password_mail_and_page_say_what_still_opens_the_account(
    member: Member, clock: time_machine.Traveller, by_link: bool
) -> None:
    """PW7: a thief's passkey outlives it, so its owner reads of it: by its day, as whoever added it typed its name (SR1)."""
    member.sign_in()
    assert add(member, Authenticator(), "Bel 0900 12 34 56").status_code == 303
    added = short_date(broker_clock.now())
    secret = perform(begin_totp, installation(), member.person.id)
    assert perform(confirm_totp, installation(), member.person.id, TOTP(secret).at(broker_clock.now()))
    new = "Groene-Olifanten-9-Vliegen"
    if by_link:
        ask_new_one(member)
        done = member.set_password(new)
    else:
        typed = {"huidig": member.password, "wachtwoord": new, "herhaald": new}
        done = member.client.submit(
            member.client.get("/mijn-profiel/wachtwoord"), typed, form="/mijn-profiel/wachtwoord"
        )
    page = member.client.get(done.location).text
    assert f"Er staat 1 toegangssleutel bij uw account, toegevoegd op {added}." in page
    assert "Er staat een app bij uw account die codes toont." in page
    assert "Verwijder die in Mijn profiel" in page
    told = next(mail for mail in member.inbox.mails if mail.subject == "Uw wachtwoord is gewijzigd")
    words = " ".join(told.text.split())
    assert f"Er staat 1 toegangssleutel (passkey) bij uw account, die nog werkt, toegevoegd op {added}." in words
    assert "Er staat een app bij uw account" in words
    assert "/mijn-profiel#account" in words
    assert "0900" not in words + page


def test_nothing_that_opens_a_door_stands_in_the_database(member: Member, session: Session) -> None:
    """Rule 5: neither password nor code nor device is to be read in a copy."""
    code = None
    member.type_password()
    code = member.phone.code
    member.type_code(onthoud="1")
    device = member.client.get_cookie("poortwachter-apparaat")
    assert device is not None
    session.rollback()
    for table in (
        "local_accounts",
        "earlier_passwords",
        "sms_codes",
        "local_sign_ins",
        "remembered_devices",
        "outbox_messages",
    ):
        rows = str(session.execute(text(f"SELECT * FROM {table}")).all())  # a name of ours
        for secret in (PASSWORD, f"'{code}'", device.value.partition(".")[2]):
            assert secret not in rows, table


def test_an_account_ends_with_its_person(member: Member, world: World) -> None:
    from broker.authentication.end_person import end_person

    member.sign_in()
    perform(end_person, installation(), member.person.id, "left")
    assert world.fresh(LocalAccount, member.account.id).password_hash is None
    assert not member.signed_in
    assert member.type_password().status_code == 422
