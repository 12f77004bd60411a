"""private_key_jwt: a client proves itself with an assertion it signed (RFC 7523; OpenID Connect Core, 9)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion

from broker.authentication.single_use import use_once
from broker.catalogue import Client
from broker.database import perform
from broker.keys.jose import Algorithm, JoseError, VerifyingKeys, unverified_claim, verify, verifying_keys
from broker.oidc.registered_client import RegisteredClient

LONGEST_LIFE = 600
_LONGEST_JTI = 255


class PrivateKeyJwt(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib has no types
    """Authlib's flow with our checks: its own decoding knows neither one algorithm per key nor a jti used on
    another node.

    `iss` and `sub` are the client, `aud` is the token endpoint or the issuer, `jti` is new, and it lives ten
    minutes at most.
    """

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, audiences: tuple[str, ...]) -> None:
        super().__init__()
        self._audiences = audiences
        self._keys: dict[str, tuple[Algorithm, VerifyingKeys]] = {}

    def __call__(self, query_client: Callable[[str], RegisteredClient | None], request: Any) -> RegisteredClient | None:
        """The client that signed the assertion; None where there is no assertion.

        Raises:
            InvalidClientError: an assertion that proves nothing.
        """
        assertion = request.form.get("client_assertion")
        if request.form.get("client_assertion_type") != self.CLIENT_ASSERTION_TYPE or not assertion:
            return None
        client_id = unverified_claim(assertion, "sub")
        client = query_client(client_id) if client_id else None
        if client is None or not client.check_endpoint_auth_method(self.CLIENT_AUTH_METHOD, "token"):
            raise InvalidClientError(status_code=401, description="Unknown client.")
        if request.form.get("client_id") not in (None, client_id):
            raise InvalidClientError(status_code=401, description="The assertion is of another client.")
        self._prove(client.policy, assertion)
        return client

    def _prove(self, client: Client, assertion: str) -> None:
        algorithm, keys = self._keys_of(client)
        try:
            claims = verify(
                assertion,
                keys=keys,
                algorithm=algorithm,
                issuer=client.client_id,
                audience=self._audiences,
                required=("sub", "jti"),
            )
        except JoseError as error:
            raise InvalidClientError(status_code=401, description=f"Assertion refused: {error.reason}.") from error
        if claims["exp"] - claims["iat"] > LONGEST_LIFE or len(claims["jti"]) > _LONGEST_JTI:
            raise InvalidClientError(status_code=401, description="The assertion lives too long.")
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        if not perform(use_once, "assertion", client.client_id, claims["jti"], expires_at):
            raise InvalidClientError(status_code=401, description="The assertion was used before.")

    def _keys_of(self, client: Client) -> tuple[Algorithm, VerifyingKeys]:
        found = self._keys.get(client.client_id)
        if found is None:
            jwks = client.jwks or {"keys": []}
            algorithm: Algorithm = "ES256" if jwks["keys"][0].get("alg") == "ES256" else "RS256"
            found = self._keys[client.client_id] = (algorithm, verifying_keys(jwks, algorithm))
        return found
