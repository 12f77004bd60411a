"""/op/v1/auth, and the four pages whose answer goes on from there: who, for which organisation, the charter, and the consent."""

from contextlib import suppress
from urllib.parse import parse_qsl, urlencode

import structlog
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError
from flask import Response, g, make_response, redirect, request
from werkzeug.datastructures import MultiDict

from broker.access.accept_charter import accept_charter
from broker.authentication.answer_request import use_up
from broker.authentication.session import current_session
from broker.database import perform, reading
from broker.errors import ConflictError, ForbiddenError, NotFoundError
from broker.oidc.authorize import pages
from broker.oidc.authorize.answer import answer_code, answer_error
from broker.oidc.authorize.arrival import STAYED
from broker.oidc.authorize.authorization_request import AuthorizationRequest, RefusedRequestError
from broker.oidc.authorize.give_code import answered_already, give_code
from broker.oidc.authorize.parameters import LONGEST_QUERY, Parameters
from broker.oidc.authorize.parameters_in_force import read_request, without_hint
from broker.oidc.authorize.person_steps import Visit, first_page, note_visit, stayed_proof, to_sign_in
from broker.oidc.door import blueprint
from broker.oidc.provider import provider

log = structlog.get_logger("broker.oidc")


@blueprint.get(pages.AUTHORIZE_PATH)
def authorize() -> Response:
    """The authorization endpoint (RFC 6749, 3.1). HEAD does nothing."""
    if request.method == "HEAD":
        return Response()
    return _answer(request.args)


@blueprint.post(pages.AUTHORIZE_PATH)
def authorize_by_form() -> Response:
    """The same by POST (OpenID Connect Core, 3.1.2.1): goes on as GET, as the session's cookie only comes along
    then. An ID token in it stays behind: it has no place in an address."""
    if request.args:
        return make_response(pages.refused_page(None), 400)
    given = without_hint(provider(), request.form)
    query = urlencode(list(given.items(multi=True))) if given is not None else ""
    if given is None or len(query) > LONGEST_QUERY:
        return _answer(request.form)  # which says so, to the client where it can
    return make_response(redirect(f"{pages.AUTHORIZE_PATH}?{query}", 303))


@blueprint.post("/op/v1/auth/wie")
def stay() -> Response:
    """Whoever is signed in goes on as themselves (prompt=select_account)."""
    given = _asked_before()
    who = current_session()
    if who is not None:
        given[STAYED] = stayed_proof(given, who.session_id, provider().installed.keys)
    return _answer(given)


@blueprint.post("/hoedanigheid")
def choose_capacity() -> Response:
    """An organisation was chosen; everything is judged again, with that wish."""
    return _answer(_asked_before(), chosen=request.form.get("organisatie", ""))


@blueprint.post("/op/v1/auth/toestemming")
def answer_consent() -> Response:
    """Yes or no to what the application will learn."""
    return _answer(
        _asked_before(),
        chosen=request.form.get("organisatie") or None,
        agreed=request.form.get("antwoord") == "ja",
        declined=request.form.get("antwoord") != "ja",
    )


@blueprint.post("/op/v1/auth/charter")
def answer_charter() -> Response:
    """Yes or no to the charter, in the version that was shown."""
    agreed = request.form.get("antwoord") == "ja"
    return _answer(
        _asked_before(), charter=request.form.get("versie", "")[:80] if agreed else None, declined=not agreed
    )


def _asked_before() -> Parameters:
    return MultiDict(parse_qsl(request.form.get("verzoek", ""), keep_blank_values=True))


def _answer(
    given: Parameters,
    *,
    chosen: str | None = None,
    agreed: bool = False,
    declined: bool = False,
    charter: str | None = None,
) -> Response:
    door = provider()
    g.ui_locales = given.get("ui_locales")
    try:
        asked = read_request(door, given)
    except RefusedRequestError as refused:
        client_id = refused.client.client_id if refused.client else None
        log.info("authorization_refused", client_id=client_id, reason=refused.error.get_error_description())
        if refused.client and refused.way_back:
            return answer_error(refused.way_back, refused.client, refused.error)
        return make_response(pages.refused_page(refused.client), 400)
    g.ui_locales = asked.parameters.get("ui_locales")
    visit = Visit(door.installed, asked, current_session(), chosen=chosen, agreed=agreed)
    note_visit(visit)
    try:
        if declined:
            raise AccessDeniedError
        if charter is not None and visit.who is not None:
            _note_charter(visit, charter)
        with reading() as connection:
            page = first_page(visit, connection)
        return page() if page is not None else answer_code(asked.way_back, asked.client, give_code(visit))
    except ForbiddenError as error:  # the session or the right ended while the steps were taken
        if error.code == "session_over":
            return _gone(visit)
        if not asked.quiet:
            return make_response(pages.no_right_page(asked, visit.person))
        return _told(AccessDeniedError(), asked)
    except OAuth2Error as error:
        return _told(error, asked)


def _note_charter(visit: Visit, version: str) -> None:
    """The yes, if it is to the version of now; else the steps show that one."""
    with suppress(ConflictError, NotFoundError):
        perform(accept_charter, visit.installed, visit.person.person_id, visit.asked.application.code, version)


def _gone(visit: Visit) -> Response:
    try:
        return to_sign_in(visit)()
    except OAuth2Error as error:
        return _told(error, visit.asked)


def _told(error: OAuth2Error, asked: AuthorizationRequest) -> Response:
    """An answer too: what was pushed or signed for one answer is used up by it."""
    if asked.once is not None:
        try:
            perform(use_up, asked.once)
        except ConflictError:
            error = answered_already(asked)
    return answer_error(asked.way_back, asked.client, error)
