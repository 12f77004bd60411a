"""The end of a visit that met no page: the code, for what was asked and chosen."""

from authlib.oauth2 import OAuth2Error
from authlib.oidc.core.errors import InvalidRequestObjectError, InvalidRequestURIError

from broker.authentication.answer_request import issue_asked_code
from broker.authentication.consent import give_consent
from broker.authentication.issue_code import CodeRequest
from broker.database import perform, perform_on_connection
from broker.errors import ConflictError
from broker.oidc.authorize import pages
from broker.oidc.authorize.authorization_request import AuthorizationRequest
from broker.oidc.authorize.person_steps import Visit


def give_code(visit: Visit) -> str:
    """The code of a visit that passed every step; a posted yes is noted first.

    Raises:
        ForbiddenError: the session or the right ended while the steps were taken (`issue_code`).
        OAuth2Error: what was pushed or signed for one answer was answered already.
    """
    asked, installed = visit.asked, visit.installed
    if visit.agreed:
        perform(give_consent, installed, visit.person.person_id, asked.client.client_id, pages.to_agree(asked))
    wanted = CodeRequest(
        client=asked.client,
        redirect_uri=asked.way_back.redirect_uri,
        scopes=asked.scopes,
        organisation_id=visit.organisation_id,
        nonce=asked.nonce,
        code_challenge=asked.code_challenge,
        requested_claims=asked.requested_claims,
        dpop_jkt=asked.dpop_jkt,
    )
    try:
        return perform_on_connection(issue_asked_code, installed, visit.person, wanted, asked.once)
    except ConflictError as error:
        raise answered_already(asked) from error


def answered_already(asked: AuthorizationRequest) -> OAuth2Error:
    """What the client hears of a request that was good for one answer, and had it."""
    if asked.once is not None and asked.once.kind == "pushed":
        return InvalidRequestURIError(description="The request_uri was used, or is over.")
    return InvalidRequestObjectError(description="Request object refused: used_before.")
