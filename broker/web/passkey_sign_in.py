"""/aanmelden/account/toegangssleutel: signing in with a passkey, in place of the password or after it (issue 5, threats PW2).

Owns these pages, and what binds a challenge to a browser before anybody is known. The browser asks its authenticator by a script
(static/passkey.js); what that answers comes with the form. Whatever is not right is answered alike (threats PW3).
"""

from collections.abc import Mapping
from secrets import token_urlsafe
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, request, session
from werkzeug.wrappers import Response

from broker.authentication.answer_passkey import answer_passkey, ask_any_passkey, ask_own_passkey, enter_by_passkey
from broker.authentication.finish_local_sign_in import OVER, WRONG
from broker.authentication.local_sign_in import SignInWish
from broker.authentication.session import cookie_token
from broker.database import perform
from broker.errors import ForbiddenError, NotFoundError
from broker.installation import installation
from broker.text import Text
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.local_sign_in import (
    CODE_PATH,
    PENDING,
    agreed,
    begin_again,
    code_page,
    local_page,
    not_agreed,
    offered_wish,
    pending_here,
    tell_renewed,
)
from broker.web.sign_in_wish import ACCOUNT_PATH, CONFIRM_PATH, PASSKEY_PATH, Wish, let_in, words_of
from broker.web.who import signed_in

blueprint = Blueprint("passkey_sign_in", __name__)

ANSWER = "antwoord"
_BROWSER = "passkey_browser"


@blueprint.get(PASSKEY_PATH)
def show() -> Response:
    """The box and the button."""
    wish = offered_wish()
    if wish.fulfilled_by(signed_in()):
        return redirect(wish.path, code=303)
    return _page(wish, {}, 200)


@blueprint.post(f"{PASSKEY_PATH}/opties")
def options() -> Response:
    """What any authenticator is to sign; the same for everybody."""
    browser = session[_BROWSER] = session.get(_BROWSER) or token_urlsafe(32)
    return as_json(perform(ask_any_passkey, installation(), browser))


@blueprint.post(PASSKEY_PATH)
def enter() -> Response:
    """Log in."""
    wish = offered_wish()
    answer = request.form.get(ANSWER, "")
    box = not_agreed(wish)
    if box is not None:
        return _page(wish, {"akkoord": box}, 422)
    if not answer:
        return _page(wish, {"": NO_ANSWER}, 422)
    asked = SignInWish(wish.path, wish.application.code if wish.application else None, wish.least, wish.fresh)
    try:
        entered = perform(
            enter_by_passkey,
            installation(),
            session.get(_BROWSER, ""),
            answer,
            asked,
            wish.of_local_account,
            cookie_token(),
        )
    except ForbiddenError as error:
        return _page(wish, {"": error.text}, status_of(error))
    if entered is None:
        return _page(wish, {"": NOT_RIGHT}, 422)
    tell_renewed(entered.renewed)
    return let_in(wish.path, entered.session_token, PENDING, _BROWSER)


@blueprint.post(f"{CONFIRM_PATH}/opties")
def own_options() -> Response:
    """What an authenticator of whoever just typed their password is to sign."""
    asked = perform(ask_own_passkey, installation(), session.get(PENDING, ""))
    if asked is None:
        raise NotFoundError
    return as_json(asked)


@blueprint.post(CONFIRM_PATH)
def confirm() -> Response:
    """A passkey in place of a code."""
    pending, answer = pending_here(), request.form.get(ANSWER, "")
    if pending is None:
        return begin_again()
    if not answer:
        return code_page(pending, {"": NO_ANSWER}, 422)
    try:
        answered = perform(answer_passkey, installation(), session[PENDING], answer, cookie_token())
    except ForbiddenError as error:
        return code_page(pending, {"": error.text}, status_of(error))
    if answered.outcome == OVER:
        return begin_again()
    if answered.outcome == WRONG or answered.session_token is None or answered.wish is None:
        return code_page(pending, {"": NOT_CONFIRMED}, 422)
    return let_in(answered.wish.return_path, answered.session_token, PENDING)


@blueprint.get(CONFIRM_PATH)
def back_to_code() -> Response:
    """Where a reload, or the other language, leads."""
    return redirect(CODE_PATH, code=303)


def as_json(options: str) -> Response:
    """Options for the script."""
    response = make_response(options)
    response.headers["Content-Type"] = "application/json"
    return response


def _page(wish: Wish, wrong: Mapping[str, Text], status: int) -> Response:
    page = local_page(
        "passkey",
        wish=wish,
        applications=wish.of_local_account,
        agreed=agreed(wish),
        by_password=f"{ACCOUNT_PATH}?{urlencode(wish.query)}",
        path=PASSKEY_PATH,
        **field_errors(wrong),
        **words_of(wish),
    )
    return make_response(page, status)


NO_ANSWER = Text(
    "Uw browser vroeg geen toegangssleutel. Daarvoor is JavaScript nodig, en een browser die toegangssleutels kent.",
    "Your browser asked for no passkey. That takes JavaScript, and a browser that knows passkeys.",
)
NOT_RIGHT = Text(
    "Met deze toegangssleutel lukte het niet. Probeer het opnieuw, of log in met uw gebruikersnaam en wachtwoord.",
    "This passkey did not work. Try again, or log in with your user name and password.",
)
NOT_CONFIRMED = Text(
    "Met deze toegangssleutel lukte het niet. Probeer het opnieuw, of laat een code sturen.",
    "This passkey did not work. Try again, or have a code sent.",
)
