"""/link/wachtwoord: somebody sets their password through the link in a mail. Owns this page; the link is swapped for a cookie in
`links`, what setting does is `authentication.set_password`."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response

from broker.authentication.passwords import LONGEST_BYTES, hash_password, hashing_place, refuse_unfit
from broker.authentication.remembered_device import LANE_LIFETIME
from broker.authentication.set_password import PasswordToSet, password_to_set, set_password
from broker.database import db, perform
from broker.errors import InvalidError, NotFoundError
from broker.installation import installation
from broker.text import Text
from broker.web.field_errors import field_errors
from broker.web.kept_factors import tell_kept
from broker.web.links import PASSWORD_COOKIE, PASSWORD_PATH
from broker.web.local_sign_in import CODE_PATH, FORGOTTEN_PATH, NOT_SENT, PENDING, READY_PATH, keep_device
from broker.web.sign_in_wish import ACCOUNT_PATH, application_of
from broker.web.task_view import say
from broker.web.tell import tell
from look.language import gettext as _

blueprint = Blueprint("set_password", __name__)


@blueprint.get(PASSWORD_PATH)
def show() -> Response:
    """The user name, and the form."""
    return _page(_found(), {}, 200)


@blueprint.post(PASSWORD_PATH)
def save() -> Response:
    """Set it."""
    found = _found()
    if not found.open_now:
        return _page(found, {}, 200)
    password, repeated = request.form.get("wachtwoord", ""), request.form.get("herhaald", "")
    try:
        with hashing_place():
            refuse_unfit(installation().catalogue.passwords, password, repeated, found.known_words, found.earlier)
            password_hash = hash_password(password)
    except InvalidError as error:
        places = {"password": "wachtwoord", "repeated": "herhaald"}
        return _page(found, {places[field]: text for field, text in error.fields.items()}, 422)
    try:
        done = perform(set_password, installation(), _token(), password_hash)
    except NotFoundError:
        return _page(_found(), {}, 200)
    tell("ok", _("Uw wachtwoord is ingesteld."))
    tell_kept(done.kept)
    if done.not_sent is not None:
        tell("wait", say(NOT_SENT[done.not_sent]))
    if done.pending is not None:
        session[PENDING] = done.pending
        response = redirect(CODE_PATH, code=303)
    else:
        made_for = urlencode({"toepassing": found.account.invited_for or ""})
        response = redirect(f"{READY_PATH}?{made_for}", code=303)
    keep_device(response, done.lane, LANE_LIFETIME)
    response.delete_cookie(PASSWORD_COOKIE, path=PASSWORD_PATH)
    return response


def _token() -> str:
    return request.cookies.get(PASSWORD_COOKIE, "")


def _found() -> PasswordToSet:
    return password_to_set(db.session(), installation(), _token())


def _page(found: PasswordToSet, wrong: Mapping[str, Text], status: int) -> Response:
    """The form; of a link that is over, the way to a new one."""
    application = application_of(found.account.invited_for)
    page = render_template(
        "local_account/set_password.html",
        account=found.account,
        person=found.person,
        open_now=found.open_now,
        works_at=found.works_at,
        policy=installation().catalogue.passwords,
        helpdesk=installation().catalogue.helpdesk,
        longest=LONGEST_BYTES,
        path=PASSWORD_PATH,
        forgotten=FORGOTTEN_PATH,
        onward=application.entrance if application else ACCOUNT_PATH,
        application=application,
        **field_errors(wrong),
    )
    return make_response(page, status if found.open_now else 410)
