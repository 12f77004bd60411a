"""/mijn-profiel/naam: somebody with a local account writes their name anew (seed 004, Mijn profiel). Owns this page; what changing
does is `authentication.change_name`."""

from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.authentication.change_name import change_name
from broker.authentication.passwords import LONGEST_BYTES, hashing_place
from broker.database import db, perform
from broker.errors import ConflictError, InvalidError, TooManyError
from broker.people.person import Person
from broker.text import Text
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.local_sign_in import PROFILE_PATH
from broker.web.own_account import BACK, account_at_hand, away_to_step_up, present_password
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _

blueprint = Blueprint("own_name", __name__)

PATH = f"{PROFILE_PATH}/naam"
_FIELDS = ("given_name", "family_name")


@blueprint.get(PATH)
@require_sign_in
def ask() -> Response:
    """The form, with the name as it is; for whoever signed in with a code a moment ago."""
    away = away_to_step_up()
    if away is not None:
        return away
    person = db.session().get_one(Person, account_at_hand().person_id)
    return _page({"given_name": person.given_name, "family_name": person.family_name}, {}, 200)


@blueprint.post(PATH)
@require_sign_in
def save() -> Response:
    """The new name."""
    away = away_to_step_up()
    if away is not None:
        return away
    account, typed = account_at_hand(), {name: request.form.get(name, "")[:300] for name in _FIELDS}
    try:
        with hashing_place():
            seen = present_password(account)
        perform(change_name, account.id, seen, **typed)
    except InvalidError as error:
        return _page(typed, error.fields, status_of(error))
    except ConflictError as error:
        return _page(typed, {"huidig": error.text}, status_of(error))
    except TooManyError as error:
        tell("fail", say(error.text))
        return redirect(BACK, code=303)
    tell("ok", _("Uw naam is gewijzigd."), _("Uw lokale beheerders hebben bericht gekregen."))
    return redirect(BACK, code=303)


def _page(typed: Mapping[str, str], wrong: Mapping[str, Text], status: int) -> Response:
    page = render_template(
        "profile/name.html", typed=typed, longest=LONGEST_BYTES, path=PATH, back=BACK, **field_errors(wrong)
    )
    return make_response(page, status)
