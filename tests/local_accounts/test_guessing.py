"""Guessing gets nowhere, and the real person gets in (threats PW1, PW2)."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from broker.authentication import passwords
from broker.authentication.answer_code import answer_code
from broker.authentication.local_sign_in import SIGN_IN, SignInWish, begin_pending
from broker.authentication.send_sms_code import newest_code, send_sms_code
from broker.authentication.sign_in_delay import ACCOUNT, DEVICE, NETWORK, SOURCE, claim_guess, forgive_guess, lanes_of
from broker.authentication.try_password import claim_try
from broker.database import perform
from broker.installation import installation
from broker.people.local_account import LocalAccount
from broker.people.person import Person
from tests.local_accounts.conftest import DEVICE as DEVICE_COOKIE
from tests.local_accounts.conftest import SIGN_IN as TO_SIGN_IN
from tests.local_accounts.conftest import Member, events
from tests.local_accounts.test_passwords import ask_new_one

Browsers = Callable[[], Member]


def test_delays_grow_and_stay_within_bounds() -> None:
    for lane in (ACCOUNT, DEVICE, SOURCE, NETWORK):
        delays = [lane.delay(count) for count in range(10_000)]
        assert delays == sorted(delays)
        assert delays[lane.free] == timedelta(0)
        assert delays[lane.free + 1] == timedelta(seconds=1)
        assert delays[-1] == timedelta(seconds=lane.longest) <= timedelta(minutes=15)


def guess(count: int, user_name: str, source: Callable[[int], str]) -> int:
    """`count` guesses; how many of them were looked at."""
    looked_at = 0
    for turn in range(count):
        claimed = perform(claim_try, installation(), user_name, source(turn), None)
        looked_at += claimed.wait == 0
    return looked_at


def test_ten_thousand_guesses_at_one_account_from_everywhere_are_hardly_looked_at(
    app: Flask, member: Member, clock: time_machine.Traveller
) -> None:
    """One every ten seconds, more than a day long, each from another network."""
    looked_at = 0
    for turn in range(10_000):
        clock.shift(timedelta(seconds=10))
        if turn % 10 == 0:  # nine of ten come while the account waits anyway: no need to ask the database each time
            looked_at += guess(1, "sanne.bakker", lambda _, turn=turn: f"10.{turn // 200}.{turn % 200}.1")  # type: ignore[misc]
    assert looked_at < 150


def test_ten_thousand_wrong_codes_are_ten_a_day_and_the_real_person_gets_in(
    member: Member, clock: time_machine.Traveller, session: Session
) -> None:
    """PW4: by somebody who knows the password, one every ten seconds, more than a day long."""
    member.sign_in(onthoud="1")
    member.client.delete_cookie("poortwachter-sessie")
    for turn in range(10_000):
        clock.shift(timedelta(seconds=10))
        if turn % 50 == 0 or turn < 20:  # the others come while no code is looked at anyway
            perform(type_wrong_code, member.account.id)
    assert len(events(session, "authentication:code:refuse")) == 20, "on two days"
    assert member.type_password().location == "/mijn-profiel", "a remembered device needs no code"
    member.client.delete_cookie("poortwachter-sessie")
    member.client.delete_cookie(DEVICE_COOKIE)
    sent = len(member.phone.messages)
    assert member.type_password().location == "/aanmelden/account/code"
    page = member.client.get("/aanmelden/account/code").text
    assert "Er zijn te veel verkeerde codes ingevuld." in page
    assert "Er is nu geen code onderweg naar" in page
    assert len(member.phone.messages) == sent, "it would help nobody today"
    ask_new_one(member)
    member.password = "Groene-Olifanten-9-Vliegen"
    member.set_password(member.password)
    assert member.sign_in().location == "/mijn-profiel"


def type_wrong_code(session: Session, account_id: uuid.UUID) -> None:
    """After a right password, digits that nobody sent."""
    account = session.get_one(LocalAccount, account_id)
    person = session.get_one(Person, account.person_id)
    token = begin_pending(session, account, SIGN_IN, SignInWish())
    send_sms_code(session, installation(), account, person.phone or "", language="nl", application_code=None)
    session.flush()
    sent = newest_code(session, account_id)
    assert sent is not None
    right = installation().keys.sms_code(str(sent.id), sent.nonce)
    wrong = "000000" if right != "000000" else "000001"
    outcome = answer_code(session, installation(), token, wrong, remember=False, cookie=None).outcome
    assert outcome in ("wrong", "used_up", "too_many")


def test_spraying_one_password_over_many_names_from_one_source_is_slowed(app: Flask) -> None:
    looked_at = sum(guess(1, f"naam{turn}", lambda _: "192.0.2.7") for turn in range(500))
    assert looked_at <= SOURCE.free + 15


def test_a_network_is_slowed_as_well(app: Flask) -> None:
    looked_at = sum(
        guess(1, f"naam{turn}", lambda _, turn=turn: f"192.0.2.{turn % 250}")  # type: ignore[misc]
        for turn in range(600)
    )
    assert looked_at <= NETWORK.free + 30


def test_a_right_password_on_another_account_gives_a_source_nothing_back(app: Flask) -> None:
    """PW1: an attacker with an account of their own."""
    looked_at = 0
    for turn in range(100):
        own = lanes_of(installation(), "aanvaller", "192.0.2.7")
        if perform(claim_guess, own) == 0:
            perform(forgive_guess, own)
        looked_at += guess(1, f"slachtoffer{turn}", lambda _: "192.0.2.7")
    assert looked_at <= SOURCE.free + 15


def test_a_right_password_is_no_guess_also_where_it_leads_nowhere(member: Member) -> None:
    """Decisions 25: who has no app yet, where one is asked for, may come as often as they want."""
    typed = {"gebruikersnaam": "sanne.bakker", "wachtwoord": member.password, "akkoord": "1"}
    for _ in range(ACCOUNT.free + 3):
        answer = member.client.submit(member.client.get(f"{TO_SIGN_IN}&niveau=26"), typed, form="/aanmelden/account")
        assert answer.status_code == 403
    assert member.type_password().location == "/aanmelden/account/code"


def test_a_town_hall_behind_one_address_mistypes_for_days_and_nobody_waits(
    app: Flask, clock: time_machine.Traveller
) -> None:
    """PW2: wrong passwords of colleagues do not add up, also where somebody signs in all the time."""
    waited = 0
    for hour in range(24 * 4):
        clock.shift(timedelta(hours=1))
        right = lanes_of(installation(), f"collega{hour % 7}", "192.0.2.7")
        waited += perform(claim_guess, right)
        perform(forgive_guess, right)
        waited += guess(2, f"collega{hour}", lambda _: "192.0.2.7") != 2
    assert waited == 0


def test_a_source_that_goes_on_guessing_gets_no_more_out_of_what_is_forgotten(
    app: Flask, clock: time_machine.Traveller
) -> None:
    """PW1: one name after another, every half minute, a day long."""
    looked_at = 0
    for turn in range(24 * 120):
        clock.shift(timedelta(seconds=30))
        if turn % 6 == 0:  # the others come while the source waits anyway
            looked_at += guess(1, f"naam{turn}", lambda _: "192.0.2.7")
    assert looked_at < SOURCE.free + 24 * 7


def test_guesses_at_the_same_moment_are_each_counted(app: Flask, still_clock: time_machine.Traveller) -> None:
    from tests.worlds.at_once import at_once

    lanes = lanes_of(installation(), "sanne.bakker", "192.0.2.7")
    seen: list[int] = []
    at_once(app, *[lambda: seen.append(perform(claim_guess, lanes))] * 20)
    assert sum(wait == 0 for wait in seen) <= ACCOUNT.free + 2


def test_while_an_account_waits_no_hash_is_computed(
    member: Member, monkeypatch: pytest.MonkeyPatch, still_clock: time_machine.Traveller
) -> None:
    guess(50, "sanne.bakker", lambda turn: f"10.0.{turn}.1")
    monkeypatch.setattr(passwords, "_hasher", None)
    answer = member.type_password("verkeerd")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Wacht" in answer.text


def test_a_name_that_nobody_has_waits_as_well(member: Member, still_clock: time_machine.Traveller) -> None:
    """PW3."""
    guess(50, "niemand.hier", lambda turn: f"10.0.{turn}.1")
    assert member.type_password("verkeerd", user_name="Niemand.Hier ").status_code == 429


def test_under_attack_a_remembered_device_gets_in(member: Member) -> None:
    """PW2: its own lane, untouched by strangers."""
    member.sign_in(onthoud="1")
    member.client.delete_cookie("poortwachter-sessie")
    guess(1000, "sanne.bakker", lambda turn: f"10.0.{turn % 250}.1")
    assert member.type_password().location == "/mijn-profiel"


def test_under_attack_who_has_no_device_gets_in_by_a_new_password(
    member: Member, clock: time_machine.Traveller
) -> None:
    """PW2: the link in the mail gives this browser a lane of its own."""
    clock.move_to(datetime.now(UTC), tick=False)
    guess(1000, "sanne.bakker", lambda turn: f"10.0.{turn % 250}.1")
    assert member.type_password().status_code == 429
    clock.move_to(datetime.now(UTC), tick=True)
    ask_new_one(member)
    member.set_password("Groene-Olifanten-9-Vliegen")
    guess(100, "sanne.bakker", lambda turn: f"10.0.{turn % 250}.1")
    member.password = "Groene-Olifanten-9-Vliegen"
    clock.shift(timedelta(minutes=2))
    assert member.type_password().location == "/aanmelden/account/code"
    assert member.type_code().location == "/mijn-profiel"


def test_when_the_attack_is_over_the_person_gets_in_by_waiting(member: Member, clock: time_machine.Traveller) -> None:
    guess(1000, "sanne.bakker", lambda turn: f"10.0.{turn % 250}.1")
    clock.shift(timedelta(minutes=16))
    assert member.type_password().location == "/aanmelden/account/code"


def test_a_right_password_makes_the_account_begin_anew(member: Member) -> None:
    for _ in range(3):
        for _ in range(4):
            assert member.type_password("verkeerd").status_code == 422
        assert member.type_password().status_code == 303


def test_guesses_that_wait_stand_in_the_audit(
    member: Member, session: Session, still_clock: time_machine.Traveller
) -> None:
    guess(50, "sanne.bakker", lambda turn: f"10.0.{turn}.1")
    reasons = [event.details["reason"] for event in events(session, "authentication:password:refuse")]
    assert reasons.count("too_soon") > 30
