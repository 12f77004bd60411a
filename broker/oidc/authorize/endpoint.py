"""/op/v1/auth, and the two pages whose answer goes on from there: the capacity and the consent."""

from urllib.parse import parse_qsl, urlencode

import structlog
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError
from flask import Response, make_response, redirect, request
from werkzeug.datastructures import MultiDict

from broker.authentication.consent import give_consent
from broker.authentication.session import current_session
from broker.database import perform
from broker.errors import ForbiddenError
from broker.oidc.authorize import pages
from broker.oidc.authorize.answer import answer_client, answer_error
from broker.oidc.authorize.authorization_request import AuthorizationRequest, Parameters
from broker.oidc.authorize.person_steps import STEPS, Visit
from broker.oidc.door import blueprint
from broker.oidc.provider import AskedRequest, provider

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
    then."""
    if request.args:
        return make_response(pages.refused_page(), 400)
    return make_response(redirect(f"{pages.AUTHORIZE_PATH}?{urlencode(list(request.form.items(multi=True)))}", 303))


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


def _asked_before() -> Parameters:
    return MultiDict(parse_qsl(request.form.get("verzoek", ""), keep_blank_values=True))


def _answer(
    parameters: Parameters, *, chosen: str | None = None, agreed: bool = False, declined: bool = False
) -> Response:
    door = provider()
    try:
        grant = door.get_consent_grant(AskedRequest(parameters), end_user=current_session())
    except OAuth2Error as error:
        log.info("authorization_refused", client_id=parameters.get("client_id", "")[:80], reason=error.description)
        if error.redirect_uri:
            return answer_error(error, parameters)
        return make_response(pages.refused_page(), 400)
    asked = grant.asked
    visit = Visit(door.installed, asked, current_session(), chosen=chosen, agreed=agreed)
    try:
        if declined:
            raise AccessDeniedError
        for step in STEPS:
            page = step(visit)
            if page is not None:
                return page
        if agreed:
            perform(give_consent, door.installed, visit.person.person_id, asked.client.client_id, asked.scopes)
        code = grant.issue(visit.person, visit.organisation_id)
    except ForbiddenError:  # the right ended while the steps were taken
        if not asked.quiet:
            return make_response(pages.no_right_page(asked, visit.person))
        return _told(AccessDeniedError(), asked)
    except OAuth2Error as error:
        return _told(error, asked)
    return answer_client(asked.redirect_uri, asked.response_mode, asked.state, {"code": code})


def _told(error: OAuth2Error, asked: AuthorizationRequest) -> Response:
    error.redirect_uri = asked.redirect_uri
    return answer_error(error, asked.parameters)
