"""What an application hears of a sign-in with a local account: true acr and amr, proved contacts, and only after its own terms."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from sqlalchemy import update
from werkzeug.test import TestResponse

from broker.authentication.terms_acceptance import TermsAcceptance
from broker.database import changing_session, perform
from broker.installation import installation
from broker.keys.rotate_signing_key import ensure_signing_keys
from tests.local_accounts.conftest import NUMBER, Member
from tests.local_accounts.test_own_account import change_password
from tests.local_accounts.test_passkeys import holds, sign
from tests.local_accounts.test_passwords import ask_new_one
from tests.oidc.conftest import Relying, answer_of
from tests.worlds.client import Client
from tests.worlds.world import World

SCOPE = "openid email phone buurtwerk"


@pytest.fixture
def relying(member: Member, world: World) -> Relying:
    """Buurtwerk, in the browser of Sanne, who works in Genk with the right."""
    perform(ensure_signing_keys, installation().keys)
    world.grant(member.person, world.organisation("Genk"), entitlement="Buurtwerk_LB")
    return Relying(member.client, "buurtwerk")


def enter(member: Member, page: TestResponse) -> TestResponse:
    """From the authorization request to the code, through password and SMS."""
    form = member.client.get(page.location)
    form = member.client.get(form.location) if form.status_code == 303 else form
    typed = {"gebruikersnaam": member.account.user_name, "wachtwoord": member.password, "akkoord": "1"}
    answer = member.client.submit(form, typed, form="/aanmelden/account")
    if answer.location == "/aanmelden/account/code":
        answer = member.type_code()
    return member.client.get(answer.location)


def test_the_tokens_say_how_somebody_signed_in_and_what_is_proved(member: Member, relying: Relying) -> None:
    answer = enter(member, relying.authorize(scope=SCOPE))
    code = answer_of(answer)["code"]
    tokens = relying.redeem(code).json
    assert tokens is not None
    claims = relying.id_claims(tokens)
    assert claims["acr"] == "urn:be:vlaanderen:authmech:sms"
    assert claims["amr"] == ["pwd", "sms", "mfa"]
    said = relying.userinfo(tokens["access_token"]).json
    assert said is not None
    assert said["email"] == "sanne.bakker@voorbeeld.test"
    assert said["phone_number"] == NUMBER
    assert "rrn" not in said


def test_an_application_that_asks_for_a_code_by_sms_is_not_content_with_a_device(
    member: Member, relying: Relying, clock: time_machine.Traveller
) -> None:
    """UP7: acr_values of a remembered device; a step-up asks for the code and never carries over."""
    member.sign_in(onthoud="1")
    member.client.delete_cookie("poortwachter-sessie")
    clock.shift(timedelta(hours=1))
    assert member.type_password().location == "/mijn-profiel"
    away = relying.authorize(scope=SCOPE, acr_values="urn:be:vlaanderen:authmech:sms")
    assert away.location.startswith("/aanmelden?")
    assert "code" in answer_of(enter(member, away))


def test_a_level_that_no_local_account_reaches_is_refused_to_the_application(member: Member, relying: Relying) -> None:
    member.sign_in()
    answer = answer_of(relying.authorize(scope=SCOPE, acr_values="urn:be:vlaanderen:authmech:eid"))
    assert answer["error"] == "unmet_authentication_requirements"


def test_who_did_not_agree_to_the_terms_of_now_signs_in_anew(member: Member, relying: Relying) -> None:
    """C4: also who is signed in already, be it for another application or before a new version."""
    member.sign_in()
    assert "code" in answer_of(relying.authorize(scope=SCOPE))
    with changing_session() as session, session.begin():
        session.execute(update(TermsAcceptance).values(version="0"))
    assert relying.authorize(scope=SCOPE).location.startswith("/aanmelden?")
    assert answer_of(relying.authorize(scope=SCOPE, prompt="none"))["error"] == "login_required"
    assert "code" in answer_of(enter(member, relying.authorize(scope=SCOPE)))


def test_the_tokens_say_that_it_was_a_passkey_and_an_application_can_ask_for_one(
    member: Member, relying: Relying
) -> None:
    """acr and amr are true; acr_values asks for its level, which a code by SMS does not reach."""
    device = holds(member)
    member.type_password()
    member.client.submit(member.client.get("/aanmelden/account/code"), form="/opnieuw")
    assert member.type_code().location == "/mijn-profiel"
    away = relying.authorize(scope=SCOPE, acr_values="urn:be:vlaanderen:authmech:passkey")
    form = member.client.get(away.location)
    page = member.client.get(form.location) if form.status_code == 303 else form
    (link,) = re.findall(r'href="(/aanmelden/account/toegangssleutel[^"]*)"', page.text)
    answer = sign(member, device, unescape(link))
    tokens = relying.redeem(answer_of(member.client.get(answer.location))["code"]).json
    assert tokens is not None
    claims = relying.id_claims(tokens)
    assert claims["acr"] == "urn:be:vlaanderen:authmech:passkey"
    assert claims["amr"] == ["swk", "user", "mfa"]


@pytest.mark.parametrize("way", ["forgotten", "changed"])
def test_a_new_password_ends_what_applications_hold(member: Member, relying: Relying, way: str) -> None:
    """PW7: whoever was in is out, in every application, and the refresh token is worth nothing."""
    tokens = relying.redeem(answer_of(enter(member, relying.authorize(scope=SCOPE)))["code"]).json
    assert tokens is not None
    tokens = refreshed(member, tokens["refresh_token"])
    assert relying.userinfo(tokens["access_token"]).status_code == 200
    wanted = "Groene-Olifanten-9-Vliegen"
    if way == "forgotten":
        ask_new_one(member)
        assert member.set_password(wanted).status_code == 303
    else:
        assert change_password(member, member.password, wanted).status_code == 303
    assert relying.userinfo(tokens["access_token"]).status_code == 401
    assert refreshed(member, tokens["refresh_token"])["error"] == "invalid_grant"


def refreshed(member: Member, refresh_token: str) -> dict[str, str]:
    """What Buurtwerk gets for it."""
    refresh = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": "buurtwerk"}
    answer = Client(member.client.application).post("/op/v1/token", data=refresh).json
    assert answer is not None
    return dict(answer)
