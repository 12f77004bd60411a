"""/mijn-profiel/toegangssleutels: whoever has a local account adds passkeys to it and takes them away.

Owns these pages and the sheet of the profile. Each asks for a sign-in with a second factor a moment ago, and adding one for the
password, as those of `web.own_account` do. The browser asks its authenticator by a script (static/passkey.js); what that answers
comes with the form.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.authentication.own_passkeys import MOST, TOO_MANY, add_passkey, begin_passkey, end_passkey
from broker.authentication.passkey import LONGEST_NAME, Passkey, passkeys_of
from broker.authentication.passwords import LONGEST_BYTES, hashing_place
from broker.authentication.session import SignedIn
from broker.catalogue import LOCAL_ACCOUNT
from broker.database import db, perform
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.find_local_account import account_of_person
from broker.people.identifiers import IdentifierError, clean_line
from broker.text import Text
from broker.web.actor import actor
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.local_sign_in import PROFILE_PATH
from broker.web.own_account import account_at_hand, away_to_step_up, present_password
from broker.web.passkey_sign_in import ANSWER, NO_ANSWER, as_json
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_sign_in, signed_in
from look.language import gettext as _

blueprint = Blueprint("own_passkeys", __name__)

PASSKEYS_PATH = f"{PROFILE_PATH}/toegangssleutels"
BACK = f"{PROFILE_PATH}#toegangssleutels"


def passkeys_sheet(who: SignedIn) -> dict[str, Any] | None:
    """What the profile shows of them; None for whoever signed in with a digital key."""
    if who.provider_code != LOCAL_ACCOUNT:
        return None
    account = account_of_person(db.session(), who.person_id)
    if account is None:
        return None
    passkeys = passkeys_of(db.session(), account.id)
    return {"passkeys": passkeys, "more": len(passkeys) < MOST, "most": MOST}


@blueprint.get(PASSKEYS_PATH)
@require_sign_in
def ask() -> Response:
    """The form."""
    away = away_to_step_up()
    if away is not None:
        return away
    if len(passkeys_of(db.session(), account_at_hand().id)) >= MOST:
        tell("wait", say(TOO_MANY))
        return redirect(BACK, code=303)
    return _page("", {}, 200)


@blueprint.post(f"{PASSKEYS_PATH}/opties")
@require_sign_in
def options() -> Response:
    """What the authenticator is to make."""
    return away_to_step_up() or as_json(perform(begin_passkey, installation(), actor(), _session_id()))


@blueprint.post(PASSKEYS_PATH)
@require_sign_in
def add() -> Response:
    """What it made."""
    away = away_to_step_up()
    if away is not None:
        return away
    name, answer = request.form.get("naam", "")[: 2 * LONGEST_NAME], request.form.get(ANSWER, "")
    try:
        name = clean_line(name, LONGEST_NAME)
    except IdentifierError as error:
        return _page(name, {"naam": error.text}, 422)
    if not name:
        return _page(name, {"naam": NAME_IT}, 422)
    try:
        with hashing_place():
            present_password(account_at_hand())
        if not answer:
            return _page(name, {"naam": NO_ANSWER}, 422)
        added = perform(add_passkey, installation(), actor(), _session_id(), name, answer)
    except InvalidError as error:
        return _page(name, error.fields, status_of(error))
    except ConflictError as error:
        return _page(name, {"naam": error.text}, status_of(error))
    if not added:
        return _page(name, {"naam": NOT_ADDED}, 422)
    tell("ok", _("Uw toegangssleutel is toegevoegd."), _("Voortaan kunt u ermee inloggen."))
    return redirect(BACK, code=303)


@blueprint.get(f"{PASSKEYS_PATH}/<uuid:passkey_id>/verwijder")
@require_sign_in
def ask_remove(passkey_id: uuid.UUID) -> Response:
    """Are you sure: a page, not a pop-up."""
    away = away_to_step_up()
    if away is not None:
        return away
    passkey = _own(passkey_id)
    return make_response(
        render_template("profile/remove_passkey.html", passkey=passkey, path=_remove_path(passkey), back=BACK)
    )


@blueprint.post(f"{PASSKEYS_PATH}/<uuid:passkey_id>/verwijder")
@require_sign_in
def remove(passkey_id: uuid.UUID) -> Response:
    """Take it away."""
    away = away_to_step_up()
    if away is not None:
        return away
    perform(end_passkey, actor(), passkey_id)
    tell(
        "ok",
        _("De toegangssleutel is verwijderd."),
        _("Hier opent hij niets meer. Op uw toestel verwijdert u hem zelf."),
    )
    return redirect(BACK, code=303)


@blueprint.get(f"{PASSKEYS_PATH}/opties")
@require_sign_in
def back_to_form() -> Response:
    """Where a step-up that began with the script's question leads."""
    return redirect(PASSKEYS_PATH, code=303)


def _page(name: str, wrong: Mapping[str, Text], status: int) -> Response:
    account_at_hand()
    page = render_template(
        "profile/passkey.html",
        name=name,
        longest_name=LONGEST_NAME,
        longest=LONGEST_BYTES,
        path=PASSKEYS_PATH,
        back=BACK,
        **field_errors(wrong),
    )
    return make_response(page, status)


def _own(passkey_id: uuid.UUID) -> Passkey:
    passkey = db.session().get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account_at_hand().id:
        raise NotFoundError
    return passkey


def _remove_path(passkey: Passkey) -> str:
    return f"{PASSKEYS_PATH}/{passkey.id}/verwijder"


def _session_id() -> uuid.UUID:
    who = signed_in()
    assert who is not None
    return who.session_id


NAME_IT = Text("Geef de toegangssleutel een naam.", "Give the passkey a name.")
NOT_ADDED = Text(
    "Dat lukte niet. Probeer het opnieuw, of neem een ander toestel.",
    "That did not work. Try again, or take another device.",
)
