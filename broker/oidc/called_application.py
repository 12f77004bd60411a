"""called_application: which application a client means to call, and whether it may.

Owns reading `audience` (RFC 8693, 2.1: the code of an application) and `resource` (RFC 8707: an address that the policies give
for it), and holding them against the policy of the client. Does not own what a token for it says.
"""

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from werkzeug.datastructures import MultiDict

from broker.catalogue import Application, Catalogue, Client


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """A token for that is not to be had by this client (RFC 8693, 2.2.2; RFC 8707, 2)."""

    error = "invalid_target"


def called_application(form: MultiDict[str, str], client: Client, catalogue: Catalogue) -> Application:
    """The one application that `form` names, among those that the policy lets `client` call.

    Raises:
        InvalidRequestError: none is named.
        InvalidTargetError: several, or one that `client` may not call; the same whether it exists or not.
    """
    named = set(form.getlist("audience"))
    for resource in form.getlist("resource"):
        named.add(next((code for code in client.may_call if resource in _addresses(catalogue.applications[code])), ""))
    if not named:
        raise InvalidRequestError(description="Name the audience that the token is for.")
    called = named.pop()
    if named or called not in client.may_call:
        raise InvalidTargetError(description="This client may not call that.")
    return catalogue.applications[called]


def _addresses(application: Application) -> set[str]:
    starts = {client.start_uri for client in application.clients.values() if client.start_uri}
    return {application.page, *starts}
