"""Signing in and out: the browser's way to the broker and back (OpenID Connect Core §3.1, RFC 7636, RFC 9207).

Owns: state, nonce and verifier of each sign-in under way (in the signed cookie of that browser only), the checks on the
answer in their order, and the pages' addresses `/aanmelden`, `/aanmelden/terug`, `/afmelden`. Does not own tokens (tokens.py)
nor the session (session.py).
"""

import hmac
import re
import secrets
import time

import flask
import structlog
from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from look.language import current_language
from modules.kit.outgoing import AnswerRefusedError, BrokerUnreachableError
from modules.kit.person import NotAPersonError, SignedIn
from modules.kit.session import (
    Found,
    SessionEndedError,
    end_session,
    look_up,
    read_access_token,
    signed_in,
    start_session,
)
from modules.kit.state import kit
from modules.kit.tokens import TokenRefusedError

log = structlog.get_logger("modules.kit")
blueprint = Blueprint("kit", __name__, template_folder="templates")

UNDER_WAY_SECONDS = 15 * 60
AT_ONCE = 4
_LOCAL_PATH = re.compile(r"/[A-Za-z0-9_./?=&%+~:,-]*")
_ASK_VISIBLY = {"login_required", "interaction_required", "consent_required", "account_selection_required"}


class SignInFailedError(Exception):
    """The answer cannot be used. `reason` chooses the words of the page (error_pages.py) and is what is logged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def begin_sign_in(back_to: str, silent_for: Found | None = None) -> Response:
    """Send the browser to the broker, to come back to the local path `back_to`.

    With `silent_for` the broker is asked without a page, for the same organisation.

    Raises:
        BrokerUnreachableError: its addresses are not known.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    address = kit().broker.authorization_url(
        scope=kit().application.scope,
        state=state,
        nonce=nonce,
        verifier=verifier,
        silent_for=(silent_for.target_group, silent_for.organisation_code) if silent_for else None,
        language=current_language(),
    )
    under_way = dict(list(flask.session.get("under_way", {}).items())[-(AT_ONCE - 1) :])
    under_way[state] = [nonce, verifier, local_path(back_to), bool(silent_for), int(time.time())]
    flask.session["under_way"] = under_way
    return redirect(address, 303)


@blueprint.get("/aanmelden")
def begin() -> Response:
    """Sign in, then go on to `verder`."""
    return begin_sign_in(request.args.get("verder", url_for(kit().application.home)))


@blueprint.get("/aanmelden/terug")
def come_back() -> Response:
    """The broker's answer.

    Raises:
        SignInFailedError: one of the checks fails; nobody is signed in.
    """
    state = request.args.get("state", "")
    under_way = dict(flask.session.get("under_way", {}))
    mine = under_way.pop(state, None)
    flask.session["under_way"] = under_way
    if mine is None or time.time() - mine[4] > UNDER_WAY_SECONDS:
        if signed_in() is not None:  # the back button, or a second click: all is well already
            return redirect(url_for(kit().application.home), 303)
        raise SignInFailedError("unknown_state")
    nonce, verifier, back_to, silent, _at = mine
    if not hmac.compare_digest(request.args.get("iss", "").encode(), kit().broker.issuer.encode()):
        raise SignInFailedError("issuer")
    error = request.args.get("error")
    if error is not None:
        return _refused(error, silent=silent, back_to=back_to)
    _let_in(request.args.get("code", ""), nonce, verifier)
    return redirect(back_to, 303)


@blueprint.post("/afmelden")
def sign_out() -> Response:
    """End the session here first, then at the broker; without a broker it ends here all the same."""
    start = kit().settings.base_url + kit().application.path + "/"
    id_token = end_session()
    if id_token is None:
        return redirect(start, 303)
    try:
        return redirect(kit().broker.sign_out_url(id_token=id_token, back_to=start), 303)
    except BrokerUnreachableError:
        return redirect(start, 303)


def _let_in(code: str, nonce: str, verifier: str) -> None:
    try:
        tokens = kit().broker.redeem(code, verifier)
        identity = kit().verifier.id_token(tokens.id_token or "", nonce=nonce, access_token=tokens.access_token)
        person = read_access_token(tokens.access_token, identity)
    except AnswerRefusedError as error:
        raise SignInFailedError(f"code_{error}") from error
    except TokenRefusedError as error:
        raise SignInFailedError(f"token_{error}") from error
    except NotAPersonError as error:
        raise SignInFailedError(f"person_{error}") from error
    if identity["sub"] != person.sub:
        raise SignInFailedError("two_subjects")
    _forget_another(person)
    try:
        start_session(tokens, person, identity)
    except SessionEndedError as error:
        raise SignInFailedError("ended_meanwhile") from error


def _forget_another(person: SignedIn) -> None:
    """Unless it is the same person for the same organisation who comes back, nothing of this browser's past stays."""
    found = look_up()
    if (found.sub, found.organisation_code) != (person.sub, person.organisation_code):
        kept = flask.session.get("kept")
        end_session()
        if kept is not None:  # only opens for the person and organisation that it was kept for
            flask.session["kept"] = kept


def _refused(error: str, *, silent: bool, back_to: str) -> Response:
    log.info("sign-in answered with an error", error=error[:64], silent=silent)
    if silent and error in _ASK_VISIBLY:
        return begin_sign_in(back_to)
    if silent:  # there was a session a moment ago; of whom, no longer matters
        end_session()
        raise SignInFailedError("right_ended" if error == "access_denied" else "broker")
    raise SignInFailedError("access_denied" if error == "access_denied" else "broker")


def local_path(path: str) -> str:
    """`path` when it is a page of this application, else its home: nobody is sent elsewhere by what came from outside."""
    own = kit().application.path
    inside = path == own or path.startswith((own + "/", own + "?"))
    return path if inside and _LOCAL_PATH.fullmatch(path) and "//" not in path else url_for(kit().application.home)
