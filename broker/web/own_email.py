"""/mijn-profiel/e-mailadres and /link/e-mailadres: somebody with a local account gives another e-mail address, and proves it.

Owns these pages; the link is swapped for a cookie in `links`. Asking takes the password and a sign-in with a code a moment ago, as
the mobile number does (threats PW6); what it does is `authentication.change_email`,
and the link `authentication.confirm_email_change`.
"""

from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.authentication.change_email import change_email, typed_address
from broker.authentication.confirm_email_change import confirm_email_change, email_to_confirm
from broker.authentication.passwords import LONGEST_BYTES, hashing_place
from broker.database import db, perform
from broker.errors import ConflictError, InvalidError, NotFoundError, TooManyError
from broker.installation import installation
from broker.text import Text
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.links import EMAIL_COOKIE, EMAIL_PATH
from broker.web.local_sign_in import PROFILE_PATH
from broker.web.own_account import BACK, account_at_hand, away_to_step_up, present_password
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _

blueprint = Blueprint("own_email", __name__)

PATH = f"{PROFILE_PATH}/e-mailadres"
LONGEST = 254


@blueprint.get(PATH)
@require_sign_in
def ask() -> Response:
    """The form, for whoever signed in with a code a moment ago."""
    return away_to_step_up() or _page("", {}, 200)


@blueprint.post(PATH)
@require_sign_in
def save() -> Response:
    """A link goes to the new address; whatever becomes of it, the page says the same."""
    away = away_to_step_up()
    if away is not None:
        return away
    account, typed = account_at_hand(), request.form.get("email", "")[: 2 * LONGEST]
    try:
        address = typed_address(installation(), typed)
        with hashing_place():
            seen = present_password(account)
        perform(change_email, installation(), account.id, seen, address)
    except InvalidError as error:
        return _page(typed, error.fields, status_of(error))
    except ConflictError as error:
        return _page(typed, {"huidig": error.text}, status_of(error))
    except TooManyError as error:
        tell("fail", say(error.text))
        return _page(typed, {}, status_of(error))
    tell(
        "ok",
        _("Kijk in de mailbox van het nieuwe adres."),
        _("Daar komt een link aan, die 24 uur werkt. Pas als u die gebruikt, wijzigt uw e-mailadres."),
    )
    return redirect(BACK, code=303)


@blueprint.get(EMAIL_PATH)
def show() -> Response:
    """Of which account, which address, and the button: mail scanners open links, so looking proves nothing."""
    return _link_page()


@blueprint.post(EMAIL_PATH)
def confirm() -> Response:
    """The button."""
    try:
        perform(confirm_email_change, installation(), _token())
    except NotFoundError:
        return _link_page()
    response = make_response(render_template("local_account/email_changed.html", helpdesk=_helpdesk()))
    response.delete_cookie(EMAIL_COOKIE, path=EMAIL_PATH)
    return response


def _token() -> str:
    return request.cookies.get(EMAIL_COOKIE, "")


def _helpdesk() -> object:
    return installation().catalogue.helpdesk


def _page(typed: str, wrong: Mapping[str, Text], status: int) -> Response:
    page = render_template(
        "profile/email.html",
        typed=typed,
        longest_address=LONGEST,
        longest=LONGEST_BYTES,
        path=PATH,
        back=BACK,
        **field_errors(wrong),
    )
    return make_response(page, status)


def _link_page() -> Response:
    found = email_to_confirm(db.session(), installation(), _token())
    page = render_template(
        "local_account/confirm_email.html", found=found, path=EMAIL_PATH, again_at=PATH, helpdesk=_helpdesk()
    )
    return make_response(page, 200 if found.address is not None else 410)
