"""Where the parameters of a request stand: in the address, pushed ahead (RFC 9126), or in a signed object (RFC 9101).

Owns finding them, and the rule that whatever stands beside a reference or an object counts for nothing. Does not own what
they must say (`authorization_request`).
"""

from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import InvalidRequestObjectError, InvalidRequestURIError, RequestURINotSupportedError
from werkzeug.datastructures import MultiDict

from broker import clock
from broker.authentication.answer_request import OnceOnly
from broker.authentication.push_request import URN
from broker.authentication.take_pushed_request import take_pushed_request
from broker.catalogue import Client
from broker.database import reading
from broker.keys.jose import JoseError, read_token
from broker.oidc.authorize.arrival import LONGEST_VISIT, arrived_at
from broker.oidc.authorize.authorization_request import (
    AuthorizationRequest,
    InForce,
    RefusedRequestError,
    check_request,
    exact_way_back,
    known_client,
)
from broker.oidc.authorize.id_token_hint import HINT, named_person, without_id_token
from broker.oidc.authorize.parameters import Parameters, each_once, short_enough
from broker.oidc.request_object import read_request_object

if TYPE_CHECKING:
    from broker.oidc.provider import Provider


def read_request(provider: "Provider", given: Parameters) -> AuthorizationRequest:
    """The request that a browser brought, once every check has passed.

    Raises:
        RefusedRequestError: the first check that failed; with a way back where the client may be told.
    """
    client = known_client(given, provider.installed.catalogue)
    if "request_uri" in given and "request" not in given and given["request_uri"].startswith(URN):
        in_force = _pushed(provider, client, given)
    else:
        try:
            in_force = _brought(provider, client, given)
        except OAuth2Error as error:
            raise RefusedRequestError(error, client, exact_way_back(given, client)) from error
    return check_request(provider, client, given, in_force)


def without_hint(provider: "Provider", posted: Parameters) -> Parameters | None:
    """What was posted, fit to stand in an address: with whom an id_token_hint names in its place. None where that cannot
    be: then the request is refused as it is, for the hint or for what stands before it."""
    if HINT not in posted and "request" not in posted:
        return posted
    client = provider.installed.catalogue.clients.get(posted.get("client_id", ""))
    if client is None or len(posted.getlist(HINT)) > 1 or _hint_in_object(posted):
        return None
    if "request" in posted:
        return without_id_token(posted, None)  # what stands beside an object counts for nothing
    try:
        return without_id_token(posted, named_person(provider, client, posted))
    except OAuth2Error:
        return None


def _hint_in_object(posted: Parameters) -> bool:
    try:
        return any(HINT in read_token(each).claims for each in posted.getlist("request"))
    except JoseError:
        return False


def read_pushed(provider: "Provider", client: Client, given: Parameters, dpop_jkt: str | None) -> AuthorizationRequest:
    """The request that `client` pushes itself, once every check has passed. An object in it is used up by its answer, which
    is the reference.

    Raises:
        OAuth2Error: the first check that failed.
    """
    if "request_uri" in given:
        raise InvalidRequestError(description="A request_uri cannot be pushed.")
    each_once(given)
    parameters, once = _parameters(provider, client, given)
    try:
        return check_request(provider, client, given, InForce(parameters, once, dpop_jkt))
    except RefusedRequestError as refused:
        raise refused.error from refused


def _pushed(provider: "Provider", client: Client, given: Parameters) -> InForce:
    """What this client pushed; it may first be used for a minute, and whoever came in time may take half an hour to sign
    in (RFC 9126, 4)."""
    with reading() as connection:
        found = take_pushed_request(connection, client.client_id, given["request_uri"])
    if found is None:
        unknown = InvalidRequestURIError(description="The request_uri is not known.")
        raise RefusedRequestError(unknown, client)
    parameters: Parameters = MultiDict(found.parameters)
    way_back = exact_way_back(parameters, client)
    try:
        each_once(given)
    except OAuth2Error as error:
        raise RefusedRequestError(error, client, way_back) from error
    arrival = arrived_at(given, provider.installed.keys)
    if found.used or (arrival or clock.now()) >= found.expires_at:
        over = InvalidRequestURIError(description="The request_uri was used, or is over.")
        raise RefusedRequestError(over, client, way_back)
    once = OnceOnly("pushed", client.client_id, found.id_hash, found.expires_at)
    return InForce(parameters, once, found.dpop_jkt, arrival)


def _brought(provider: "Provider", client: Client, given: Parameters) -> InForce:
    """What the browser brought itself, where the policy lets it."""
    each_once(given)
    short_enough(given)
    if "request_uri" in given:
        if "request" in given:
            raise InvalidRequestError(description="There is a request and a request_uri.")
        raise RequestURINotSupportedError(description="Push the request; nothing is fetched from elsewhere.")
    if client.require_par:
        raise InvalidRequestError(description="This client pushes its requests (RFC 9126).")
    parameters, once = _parameters(provider, client, given)
    if parameters is not given and HINT in parameters:  # our pages bring the whole object back, by way of an address
        raise InvalidRequestObjectError(description="Push a signed request with an id_token_hint (RFC 9126).")
    return InForce(parameters, once, arrived_at=arrived_at(given, provider.installed.keys))


def _parameters(provider: "Provider", client: Client, given: Parameters) -> tuple[Parameters, OnceOnly | None]:
    """Those of the signed object where there is one, else those given."""
    if "request" not in given:
        if client.require_signed_request:
            raise InvalidRequestError(description="This client signs its requests (RFC 9101).")
        return given, None
    signed = read_request_object(provider, client, given["request"])
    arrival = arrived_at(given, provider.installed.keys)
    signed.check_time(arrival or clock.now())
    return signed.parameters, OnceOnly(
        "request_object", client.client_id, signed.jti, signed.expires_at + LONGEST_VISIT
    )
