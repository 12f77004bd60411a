"""private_key_jwt: a client proves itself with an assertion it signed (RFC 7523; OpenID Connect Core, 9)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidClientError

from broker import clock
from broker.authentication.single_use import use_once
from broker.catalogue import Client
from broker.database import perform
from broker.keys.jose import VERIFIED_ALGORITHMS, JoseError, ReadToken, read_token
from broker.oidc.registered_client import RegisteredClient
from serving.at_once import about_to_wait

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = VERIFIED_ALGORITHMS
LONGEST_LIFE = 600
_LONGEST_JTI = 255


class PrivateKeyJwt:
    """Reads, verifies and uses up assertions.

    `iss` and `sub` are the client, `aud` is the token endpoint, the issuer or the endpoint that was called, or several
    of these and nothing else; `jti` is new, and it lives ten minutes at most. Authlib's own decoding knows neither one
    algorithm per key nor a jti used on another node.
    """

    def __init__(self, provider: "Provider") -> None:
        self._provider = provider

    def read(self, assertion: str) -> ReadToken:
        """The assertion taken apart; nothing is proved yet.

        Raises:
            InvalidClientError: it is no signed token.
        """
        try:
            return read_token(assertion)
        except JoseError as error:
            raise _refused(error.reason) from error

    def claimed(self, assertion: ReadToken) -> RegisteredClient | None:
        """The client that the assertion says it is of, if that client proves itself so."""
        client = self._provider.registered_client(assertion.claim("sub") or "")
        return client if client is not None and client.policy.authentication == "private_key_jwt" else None

    def verified(self, client: Client, assertion: ReadToken, endpoint: str) -> dict[str, Any]:
        """The claims of an assertion that `client` signed for `endpoint`.

        Raises:
            InvalidClientError: it proves nothing.
        """
        provider = self._provider
        audiences = (provider.address("token"), provider.issuer, provider.address(endpoint))
        try:
            claims = provider.client_keys.verify(
                client, assertion, audience=audiences, required=("sub", "jti", "exp"), timeless=True
            )
        except JoseError as error:
            raise _refused(error.reason) from error
        if claims["exp"] - claims.get("iat", int(clock.now().timestamp())) > LONGEST_LIFE:
            raise _refused("lives_too_long")
        if not 0 < len(claims["jti"]) <= _LONGEST_JTI:
            raise _refused("jti_wrong")
        return claims

    def use_up(self, client: Client, claims: dict[str, Any]) -> None:
        """Note that this assertion was used, on whichever node (threats OA9). One statement.

        Raises:
            InvalidClientError: it was used before.
        """
        about_to_wait()  # a change of its own, before whatever is asked
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        if not perform(use_once, "assertion", client.client_id, claims["jti"], expires_at):
            raise _refused("used_before")


def _refused(reason: str) -> InvalidClientError:
    return InvalidClientError(status_code=401, description=f"Assertion refused: {reason}.")
