"""/mijn-profiel: what somebody with a local account settles of it: password, mobile number, devices, an app.

Owns these pages, the sheets of the profile, and the way to a proof of a moment ago. Changing asks for the password, as an open
screen is no proof; the number and the app ask besides for a sign-in with a code a moment ago (threats PW6). The operations are
authentication/'s. Passkeys are in `web.own_passkeys`, the e-mail address in `web.own_email`.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response

from broker.authentication.change_password import change_password
from broker.authentication.change_phone import change_phone
from broker.authentication.confirm_email_change import waiting_email
from broker.authentication.known_words import known_words
from broker.authentication.own_devices import forget_own_devices, own_devices
from broker.authentication.own_totp import begin_totp, confirm_totp, end_totp
from broker.authentication.passwords import LONGEST_BYTES, hash_password, hashing_place, password_is, refuse_unfit
from broker.authentication.session import SignedIn
from broker.authentication.set_password import earlier_passwords
from broker.authentication.sign_in_delay import claim_guess, forgive_guess, lanes_of
from broker.authentication.totp import codes_left, has_totp
from broker.catalogue import LOCAL_ACCOUNT
from broker.catalogue.local_levels import WITH_SMS
from broker.database import db, perform
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.find_local_account import account_of_person
from broker.people.identifiers import IdentifierError
from broker.people.local_account import LocalAccount
from broker.people.mobile_number import masked_mobile, mobile_number
from broker.people.person import Person
from broker.text import Text
from broker.web.account_number import waiting_words
from broker.web.actor import actor
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.kept_factors import tell_kept
from broker.web.local_sign_in import (
    CODE_PATH,
    NO_PASSWORD,
    NOT_SENT,
    NUMBER_PATH,
    PENDING,
    PROFILE_PATH,
    READY_PATH,
    wait_sentence,
)
from broker.web.requests import source_address
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import RECENT, require_sign_in, sign_in_address, signed_in
from look.language import gettext as _

blueprint = Blueprint("own_account", __name__)

PASSWORD_PATH = f"{PROFILE_PATH}/wachtwoord"
DEVICES_PATH = f"{PROFILE_PATH}/apparaten"
APP_PATH = f"{PROFILE_PATH}/app"
BACK = f"{PROFILE_PATH}#account"


def account_sheet(who: SignedIn) -> dict[str, Any] | None:
    """What the profile shows of the account; None for whoever signed in with a digital key."""
    if who.provider_code != LOCAL_ACCOUNT:
        return None
    account = account_of_person(db.session(), who.person_id)
    if account is None:
        return None
    person = db.session().get_one(Person, who.person_id)
    return {
        "user_name": account.user_name,
        "name": person.full_name,
        "password_set_at": account.password_set_at,
        "email": person.email or "",
        "waiting_email": waiting_email(db.session(), installation(), account),
        "number": masked_mobile(person.phone or ""),
        "waiting": waiting_words(account),
        "app": has_totp(db.session(), account.id),
        "codes_left": codes_left(db.session(), account.id),
    }


def devices_sheet(who: SignedIn) -> dict[str, Any] | None:
    """The devices that are remembered; None as `account_sheet`."""
    if who.provider_code != LOCAL_ACCOUNT:
        return None
    account = account_of_person(db.session(), who.person_id)
    return {"devices": own_devices(db.session(), account.id)} if account is not None else None


@blueprint.get(PASSWORD_PATH)
@require_sign_in
def ask_password() -> Response:
    """The form."""
    return _password_page(account_at_hand(), {}, 200)


@blueprint.post(PASSWORD_PATH)
@require_sign_in
def save_password() -> Response:
    """Another password; then everybody signs in anew."""
    account = account_at_hand()
    person = db.session().get_one(Person, account.person_id)
    words = known_words(installation(), account, person)
    policy = installation().catalogue.passwords
    earlier = earlier_passwords(db.session(), account.id, policy)
    password, repeated = request.form.get("wachtwoord", ""), request.form.get("herhaald", "")
    try:
        with hashing_place():
            seen = present_password(account)
            refuse_unfit(policy, password, repeated, words, earlier)
            password_hash = hash_password(password)
        kept = perform(change_password, installation(), account.id, seen, password_hash)
    except InvalidError as error:
        places = {"password": "wachtwoord", "repeated": "herhaald"}
        wrong = {places.get(field, field): text for field, text in error.fields.items()}
        return _password_page(account, wrong, status_of(error))
    except ConflictError as error:
        return _password_page(account, {"huidig": error.text}, status_of(error))
    tell("ok", _("Uw wachtwoord is ingesteld."))
    tell_kept(kept)
    return redirect(READY_PATH, code=303)


@blueprint.get(NUMBER_PATH)
@require_sign_in
def ask_phone() -> Response:
    """The form, for whoever signed in with a code a moment ago."""
    return away_to_step_up() or _phone_page(account_at_hand(), "", {}, 200)


@blueprint.post(NUMBER_PATH)
@require_sign_in
def save_phone() -> Response:
    """A code goes to the new number."""
    away = away_to_step_up()
    if away is not None:
        return away
    account, typed = account_at_hand(), request.form.get("nummer", "")[:40]
    try:
        number = mobile_number(typed)
        with hashing_place():
            seen = present_password(account)
        token, sending = perform(change_phone, installation(), account.id, seen, number)
    except IdentifierError as error:
        return _phone_page(account, typed, {"nummer": error.text}, 422)
    except InvalidError as error:
        return _phone_page(account, typed, error.fields, status_of(error))
    except ConflictError as error:
        return _phone_page(account, typed, {"huidig": error.text}, status_of(error))
    if sending.refused is not None:
        tell("wait", say(NOT_SENT[sending.refused]))
    session[PENDING] = token
    return redirect(CODE_PATH, code=303)


@blueprint.get(APP_PATH)
@require_sign_in
def ask_app() -> Response:
    """What to do; for whoever signed in with a code a moment ago. A GET makes no key."""
    away = away_to_step_up()
    if away is not None:
        return away
    return _app_form({}, 200)


@blueprint.post(APP_PATH)
@require_sign_in
def add_app() -> Response:
    """The key, for the password, as a picture and in signs; then its first code; then the recovery codes, once."""
    away = away_to_step_up()
    if away is not None:
        return away
    account, typed = account_at_hand(), request.form.get("code", "")[:20]
    try:
        if "code" not in request.form:
            with hashing_place():
                present_password(account)
            return _app_page(account, perform(begin_totp, installation(), actor()), {}, 200)
        codes = perform(confirm_totp, installation(), actor(), typed)
    except InvalidError as error:
        return _app_form(error.fields, status_of(error))
    except ConflictError as error:
        tell("fail", say(error.text))
        return redirect(BACK, code=303)
    if codes is None:
        return _app_page(account, perform(begin_totp, installation(), actor()), {"code": WRONG_APP_CODE}, 422)
    return make_response(render_template("profile/recovery_codes.html", codes=codes, back=BACK))


@blueprint.post(f"{APP_PATH}/weg")
@require_sign_in
def remove_app() -> Response:
    """Take the app away."""
    away = away_to_step_up()
    if away is not None:
        return away
    perform(end_totp, actor())
    tell("ok", _("De app is weg."), _("Wij sturen u voortaan weer een code per sms."))
    return redirect(BACK, code=303)


@blueprint.post(f"{DEVICES_PATH}/<uuid:device_id>/vergeet")
@require_sign_in
def forget(device_id: uuid.UUID) -> Response:
    """Forget one device."""
    return _forgotten(lambda: perform(forget_own_devices, actor(), device_id))


@blueprint.post(f"{DEVICES_PATH}/vergeet-alle")
@require_sign_in
def forget_all() -> Response:
    """Forget them all."""
    return _forgotten(lambda: perform(forget_own_devices, actor()))


def _forgotten(forget_them: Callable[[], int]) -> Response:
    forget_them()
    tell("ok", _("Vergeten."), _("Daar vragen wij voortaan weer een code."))
    return redirect(f"{PROFILE_PATH}#apparaten", code=303)


def account_at_hand() -> LocalAccount:
    """The account of whoever is signed in with it."""
    who = signed_in()
    account = account_of_person(db.session(), actor()) if who and who.provider_code == LOCAL_ACCOUNT else None
    if account is None:
        raise NotFoundError
    return account


def away_to_step_up() -> Response | None:
    """The way to a sign-in with a code, for whoever's is older than a quarter of an hour, or was by a remembered device."""
    who = signed_in()
    if who is None or who.provider_code != LOCAL_ACCOUNT:
        raise NotFoundError
    if who.satisfies(WITH_SMS[1], RECENT):
        return None
    return redirect(f"{sign_in_address()}&niveau={WITH_SMS[1]}&vers=1", code=303)


def present_password(account: LocalAccount) -> str:
    """The hash that the typed password was held against, and is of. Within a `hashing_place`.

    Raises:
        InvalidError: it is wrong, or guesses have to wait.
    """
    who = signed_in()
    assert who is not None
    typed = request.form.get("huidig", "")
    if not typed:
        raise InvalidError("password_missing", NO_PASSWORD, {"huidig": NO_PASSWORD})
    lanes = lanes_of(installation(), account.user_name, source_address(), who.session_id)
    seen = account.password_hash
    wait = perform(claim_guess, lanes)
    if wait:
        raise InvalidError("too_soon", wait_sentence(wait), {"huidig": wait_sentence(wait)})
    if seen is None or not password_is(typed, seen):
        raise InvalidError("password_wrong", WRONG_PASSWORD, {"huidig": WRONG_PASSWORD})
    perform(forgive_guess, lanes)  # whatever else is wrong, this was no guess
    return seen


def _password_page(account: LocalAccount, wrong: Mapping[str, Text], status: int) -> Response:
    page = render_template(
        "profile/password.html",
        user_name=account.user_name,
        policy=installation().catalogue.passwords,
        longest=LONGEST_BYTES,
        path=PASSWORD_PATH,
        back=BACK,
        **field_errors(wrong),
    )
    return make_response(page, status)


def _app_form(wrong: Mapping[str, Text], status: int) -> Response:
    """Before there is a key; or of the app that there is."""
    page = render_template(
        "profile/app.html",
        has_one=has_totp(db.session(), account_at_hand().id),
        secret="",
        longest=LONGEST_BYTES,
        path=APP_PATH,
        back=BACK,
        **field_errors(wrong),
    )
    return make_response(page, status)


def _app_page(account: LocalAccount, secret: str, wrong: Mapping[str, Text], status: int) -> Response:
    """The key, for the app to read and for people to type."""
    import segno
    from pyotp import TOTP

    uri = TOTP(secret).provisioning_uri(name=account.user_name, issuer_name="Poortwachter")
    page = render_template(
        "profile/app.html",
        has_one=False,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=segno.make(uri, error="m").svg_data_uri(scale=4, border=4, light="#fff"),
        path=APP_PATH,
        back=BACK,
        **field_errors(wrong),
    )
    return make_response(page, status)


def _phone_page(_account: LocalAccount, typed: str, wrong: Mapping[str, Text], status: int) -> Response:
    page = render_template(
        "profile/phone.html",
        typed=typed,
        longest=LONGEST_BYTES,
        path=NUMBER_PATH,
        back=BACK,
        **field_errors(wrong),
    )
    return make_response(page, status)


WRONG_PASSWORD = Text("Dit wachtwoord klopt niet.", "This password is not right.")
WRONG_APP_CODE = Text(
    "Deze code klopt niet. Kijk of de klok van uw toestel juist staat, en neem de code die er nu staat.",
    "This code is not right. See whether the clock of your device is right, and take the code that is there now.",
)
