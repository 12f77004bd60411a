"""The pages of signing in and out: the choice of a digital key, the way to it and back, and what went wrong.

Owns the addresses /aanmelden… (our public keys for a provider among them), /afmelden and /afgemeld, and the session's
cookie. Does not own the checks (`authentication`). The way back is a GET that consumes an attempt, as OpenID Connect's
code flow has it; HEAD there does nothing.
"""

import re
from secrets import token_urlsafe
from urllib.parse import urlencode

import structlog
from flask import Blueprint, current_app, jsonify, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response

from broker.authentication.end_session import end_session
from broker.authentication.finish_sign_in import finish_sign_in
from broker.authentication.refuse_sign_in import refuse_sign_in
from broker.authentication.session import cookie_name, cookie_token
from broker.authentication.start_sign_in import StartedSignIn, start_sign_in
from broker.authentication.take_sign_in import TakenSignIn, take_sign_in
from broker.authentication.upstream import Upstream
from broker.authentication.upstream_documents import UpstreamDocuments
from broker.authentication.upstream_errors import ProviderAnswerError, ProviderDownError
from broker.catalogue.model import IdentityProvider
from broker.database import perform
from broker.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from broker.http_client import HttpClient
from broker.installation import installation
from broker.web.requests import request_id
from broker.web.sign_in_wish import ACCOUNT_PATH, BY_KEY, Wish, application_of, asked_wish, let_in, words_of
from broker.web.who import signed_in
from look.language import current_language

blueprint = Blueprint("sign_in", __name__)
log = structlog.get_logger(__name__)

_BROWSER = "sign_in_browser"
_EXTENSION = "poortwachter_upstream"
_KEYS_MAX_AGE = 300
_PHONE_CODE = re.compile(r"[A-Za-z0-9-]{8,36}")
_NOT_BY_ANOTHER_KEY = ("doubted", "identity_conflict")
_STATUS = {
    "cancelled": 200,
    "provider_down": 503,
    "provider_answer_refused": 400,
    "attempt_over": 400,
    "level_not_reached": 403,
    "doubted": 403,
    "identity_conflict": 409,
}


@blueprint.get("/aanmelden")
def choose() -> Response:
    """The digital keys to choose from. Somebody who needs none goes on at once; so does who begins with user name and password."""
    wish = asked_wish()
    if wish.fulfilled_by(signed_in()):
        return redirect(wish.path, code=303)
    keys, silent = _answering(wish.keys(signed_in()))
    local = wish.takes_local_account(signed_in())
    account_first = wish.begins_with_local_account(signed_in()) and request.args.get(BY_KEY) != "1"
    if account_first or (local and not keys and not silent):
        return redirect(f"{ACCOUNT_PATH}?{urlencode(wish.query)}", code=303)
    page = render_template(
        "sign_in/choose.html",
        wish=wish,
        keys=keys,
        silent=silent,
        account_address=f"{ACCOUNT_PATH}?{urlencode(wish.query)}" if local else "",
        present=signed_in(),
        another_way=wish.asks_another_way(signed_in()),
        **words_of(wish),
    )
    return make_response(page)


@blueprint.post("/aanmelden/<provider_code>")
def start(provider_code: str) -> Response:
    """Go to the provider."""
    wish = asked_wish()
    provider = _provider(provider_code)
    if wish.application and provider.code not in wish.application.sign_in:
        raise NotFoundError
    started = StartedSignIn()
    try:
        address = _upstream().address(
            provider, started, level=wish.least, fresh=wish.fresh, language=current_language()
        )
    except (ProviderDownError, ProviderAnswerError) as error:
        return _refused(error, provider, wish)
    perform(
        start_sign_in,
        installation(),
        provider.code,
        started,
        browser=session.setdefault(_BROWSER, token_urlsafe(32)),
        return_path=wish.path,
        application_code=wish.application.code if wish.application else None,
        requested_level=wish.least,
        fresh=wish.fresh,
    )
    return redirect(address, code=303)


@blueprint.get("/aanmelden/<provider_code>/terug")
def come_back(provider_code: str) -> Response:
    """The browser returns from the provider."""
    if request.method == "HEAD":
        return Response()
    provider = _provider(provider_code)
    try:
        taken = _taken(provider)
    except DomainError as error:
        return _refused(error, provider, asked_wish())
    wish = Wish(taken.return_path, application_of(taken.application_code), taken.requested_level, taken.fresh)
    try:
        return _finish(provider, taken, wish)
    except (ProviderDownError, ProviderAnswerError, ForbiddenError, ConflictError) as error:
        return _refused(error, provider, wish)


@blueprint.get("/aanmelden/<provider_code>/sleutels")
def own_keys(provider_code: str) -> Response:
    """The public halves of our keys for this provider, for its `jwks_uri`; there is nothing where it needs none."""
    keys = _provider(provider_code).own_public_keys()
    if not keys:
        raise NotFoundError
    response = jsonify({"keys": keys})
    response.headers["Cache-Control"] = f"public, max-age={_KEYS_MAX_AGE}"
    return response


@blueprint.get("/aanmelden/gestopt")
def stopped() -> Response:
    """Why signing in stopped, and which keys can still be used."""
    reason, code, wish = request.args.get("reden", ""), request.args.get("code", ""), asked_wish()
    if reason not in _STATUS:
        raise NotFoundError
    provider = _provider(request.args.get("sleutel", ""))
    keys = [] if reason in _NOT_BY_ANOTHER_KEY else _answering(wish.keys(signed_in()))[0]
    if reason == "provider_down":
        keys = [key for key in keys if key.code != provider.code]
    page = render_template(
        "sign_in/stopped.html",
        reason=reason,
        key_name=provider.name.in_language(current_language()),
        wish=wish,
        helpdesk=installation().catalogue.helpdesk,
        keys=keys,
        again=f"/aanmelden?{urlencode(wish.query)}",
        code=code if _PHONE_CODE.fullmatch(code) else "",
        **words_of(wish),
    )
    response = make_response(page, _STATUS[reason])
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/afmelden")
def ask_sign_out() -> Response:
    """Ask; a GET signs nobody out."""
    return make_response(render_template("sign_in/sign_out.html", present=signed_in()))


@blueprint.post("/afmelden")
def sign_out() -> Response:
    """Sign out here; other applications that are open are ended with it."""
    present = signed_in()
    if present is not None:
        perform(end_session, installation(), present.session_id, "signed_out")
    session.clear()
    response = redirect("/afgemeld", code=303)
    settings = installation().settings
    response.delete_cookie(cookie_name(settings), path="/", secure=settings.secure, httponly=True, samesite="Lax")
    return response


@blueprint.get("/afgemeld")
def signed_out() -> Response:
    """Signed out."""
    return make_response(render_template("sign_in/signed_out.html"))


def _taken(provider: IdentityProvider) -> TakenSignIn:
    """The attempt that this answer belongs to. Every parameter may be there once (RFC 6749, 3.1)."""
    once = all(len(request.args.getlist(name)) <= 1 for name in ("state", "code", "iss", "error"))
    return perform(
        take_sign_in,
        installation(),
        provider.code,
        state=request.args.get("state", "") if once else "",
        browser=session.get(_BROWSER, ""),
    )


def _finish(provider: IdentityProvider, taken: TakenSignIn, wish: Wish) -> Response:
    upstream = _upstream()
    upstream.check_sender(provider, request.args.get("iss"))
    if request.args.get("error") == "access_denied":
        return _stopped("cancelled", provider, wish)
    if "code" not in request.args:
        raise ProviderAnswerError(provider.code, "no_code")
    proved = upstream.prove(provider, taken, request.args["code"], current_language())
    outcome = perform(finish_sign_in, installation(), taken, proved, cookie_token())
    if outcome.token is None:
        return _stopped("doubted", provider, wish)
    return let_in(wish.path, outcome.token, _BROWSER)


def _refused(error: DomainError, provider: IdentityProvider, wish: Wish) -> Response:
    """Write the refusal down and show its page."""
    log.info("sign_in_refused", provider=provider.code, code=error.code, reason=error.facts.get("reason"))
    perform(refuse_sign_in, installation(), provider.code, error)
    return _stopped(error.code, provider, wish)


def _stopped(reason: str, provider: IdentityProvider, wish: Wish) -> Response:
    """To the page that says so, at an address without the provider's answer in it."""
    query = {"reden": reason, "sleutel": provider.code, "code": request_id(), **wish.query}
    return redirect(f"/aanmelden/gestopt?{urlencode(query)}", code=303)


def _answering(keys: list[IdentityProvider]) -> tuple[list[IdentityProvider], list[IdentityProvider]]:
    """Those that can be chosen, and those that did not answer a moment ago; where none did, all can be tried."""
    silent = [key for key in keys if _upstream().is_down(key)]
    if len(silent) == len(keys):
        return keys, []
    return [key for key in keys if key not in silent], silent


def _provider(code: str) -> IdentityProvider:
    provider = installation().catalogue.identity_providers.get(code)
    if provider is None:
        raise NotFoundError
    return provider


def _upstream() -> Upstream:
    """The providers of this application; their documents are kept in memory from the first use on."""
    kept = current_app.extensions.get(_EXTENSION)
    if kept is None:
        settings = installation().settings
        kept = Upstream(settings, UpstreamDocuments(HttpClient(development=settings.development)))
        current_app.extensions[_EXTENSION] = kept
    assert isinstance(kept, Upstream)
    return kept
