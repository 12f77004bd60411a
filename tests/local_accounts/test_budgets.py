"""How many messages leave in all (threats PW5): by prefix and by day, and the operator hears when they are used up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from broker.catalogue import Catalogue, PasswordPolicy
from broker.installation import Installation, installation
from tests.local_accounts.conftest import Member, events


@pytest.mark.parametrize(
    "budget", [PasswordPolicy(sms_a_day=2), PasswordPolicy(sms_a_prefix_an_hour=2)], ids=["day", "prefix"]
)
def test_a_budget_that_is_used_up_stops_every_message_and_is_told_once(
    app: Flask, member: Member, catalogue: Catalogue, clock: time_machine.Traveller, budget: PasswordPolicy
) -> None:
    now = installation()
    Installation(now.settings, replace(catalogue, passwords=budget), now.keys).install(app)
    member.sign_in()
    member.client.delete_cookie("poortwachter-sessie")
    sent = len(member.phone.messages)
    for _ in range(2):
        clock.shift(timedelta(minutes=2))
        assert member.type_password().status_code == 303
        page = member.client.get("/aanmelden/account/code").text
        assert "Er kan nu geen sms vertrekken." in page
        assert "Er is nu geen code onderweg naar" in page
        assert "We stuurden een code" not in member.client.get("/aanmelden/account/code").text, (
            "nor when it is loaded again"
        )
    assert len(member.phone.messages) == sent
    told = [mail for mail in member.inbox.mails if "policies/passwords.yaml" in mail.text]
    assert len(told) == 1


def test_whoever_chose_a_first_password_hears_as_well_that_no_message_could_leave(
    app: Flask, invited: Member, catalogue: Catalogue
) -> None:
    now = installation()
    none_left = replace(catalogue, passwords=PasswordPolicy(sms_a_day=0))
    Installation(now.settings, none_left, now.keys).install(app)
    answer = invited.set_password(invited.password)
    page = invited.client.get(answer.location).text
    assert "Uw wachtwoord is ingesteld." in page
    assert "Er kan nu geen sms vertrekken." in page
    assert "Er is nu geen code onderweg naar" in page
    now.install(app)
    assert invited.client.submit(invited.client.get(answer.location), form="/opnieuw").status_code == 303
    assert invited.type_code().location.startswith("/aanmelden/account/klaar")


def test_a_number_gets_five_an_hour_whichever_account_it_is_of(
    member: Member, another_browser: Callable[[], Member], clock: time_machine.Traveller, session: Session
) -> None:
    clock.shift(timedelta(hours=2))
    sent = len(events(session, "authentication:code:send"))
    for _ in range(9):
        clock.shift(timedelta(seconds=90))
        assert another_browser().type_password().status_code == 303
    assert len(events(session, "authentication:code:send")) - sent == 5
