"""ClientProof: which client a request is of, proved in the one way that its policy names (RFC 6749, 2.3).

Owns the four ways, and that a request uses one of them. Where too much of what a client asked was refused of late, it is
sent away here, before anything asks the database. An unknown client, a wrong secret and another way than its own are one
answer. Does not own assertions (`private_key_jwt`).
"""

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import unquote

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

from broker.oidc.dpop import possession
from broker.oidc.machine_door import MachineRequest
from broker.oidc.private_key_jwt import ASSERTION_TYPE, PrivateKeyJwt
from broker.oidc.registered_client import RegisteredClient

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

_BINDING = ("token", "par")  # where a token, or a code, is bound to a key that the client proves to hold
METHODS = ("private_key_jwt", "client_secret_basic", "client_secret_post", "none")


class TooManyRefusalsError(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """Come back in so many seconds."""

    error = "temporarily_unavailable"
    status_code = 429

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self._seconds = seconds

    def get_headers(self) -> list[tuple[str, str]]:
        """With the moment to come back."""
        return [*super().get_headers(), ("Retry-After", str(self._seconds))]


class ClientProof:
    """Proves the clients of one provider."""

    def __init__(self, provider: "Provider") -> None:
        self._provider = provider
        self._assertions = PrivateKeyJwt(provider)

    def of(self, request: MachineRequest, endpoint: str) -> RegisteredClient:
        """The client that sent `request` to `endpoint`.

        Raises:
            InvalidRequestError: two ways at once, a parameter twice, or one in the address.
            InvalidClientError: it proved nothing.
            TooManyRefusalsError: it has to wait.
        """
        request.require_once()
        form = request.form
        secret: str | None
        authorization = request.headers.get("Authorization")
        if (authorization is not None) + ("client_secret" in form) + ("client_assertion" in form) > 1:
            raise InvalidRequestError(description="A client proves itself in one way.")
        if authorization is not None:
            method = "client_secret_basic"
            client_id, secret = _basic(authorization)
            if form.get("client_id", client_id) != client_id:
                raise _not_proved()
        elif "client_assertion" in form:
            return self._by_assertion(request, endpoint)
        else:
            secret = form.get("client_secret")
            method = "none" if secret is None else "client_secret_post"
            client_id = form.get("client_id", "")
        client = self._provider.registered_client(client_id)
        if client is None:
            raise _not_proved()
        request.says_it_is = client_id
        if client.policy.authentication != method or (secret is not None and not client.check_client_secret(secret)):
            raise _not_proved()
        return self._proved(request, client, method, endpoint)

    def _by_assertion(self, request: MachineRequest, endpoint: str) -> RegisteredClient:
        form = request.form
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise InvalidRequestError(description="The client_assertion_type is not known here.")
        assertion = self._assertions.read(form["client_assertion"])
        client = self._assertions.claimed(assertion)
        if client is None or form.get("client_id", client.policy.client_id) != client.policy.client_id:
            raise _not_proved()
        request.says_it_is = client.policy.client_id
        claims = self._assertions.verified(client.policy, assertion, endpoint)
        self._proved(request, client, "private_key_jwt", endpoint)
        self._assertions.use_up(client.policy, claims)
        return client

    def _proved(
        self, request: MachineRequest, client: RegisteredClient, method: str, endpoint: str
    ) -> RegisteredClient:
        request.client = client
        request.auth_method = method
        if method != "none":
            request.bucket = f"client {client.policy.client_id}"
        refusals = self._provider.refusals
        if refusals is not None and (wait := refusals.full(request.bucket)):
            raise TooManyRefusalsError(wait)
        if endpoint in _BINDING:
            request.dpop_jkt = possession(self._provider, request, endpoint, client.policy)
        return client


def _basic(authorization: str) -> tuple[str, str]:
    """Id and secret of client_secret_basic, each written as in a form (RFC 6749, 2.3.1)."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise _not_proved()
    try:
        client_id, colon, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise _not_proved() from error
    if not colon:
        raise _not_proved()
    return unquote(client_id), unquote(secret)


def _not_proved() -> InvalidClientError:
    return InvalidClientError(status_code=401, description="The client did not prove itself.")
