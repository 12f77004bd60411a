"""ClientCredentialsGrant: a token with which a client calls another application for itself (RFC 6749, 4.4).

From memory: no statement, and nothing is stored; such tokens are counted in the figures, not audited (decisions 14).
"""

from os import urandom
from typing import Any

from authlib.oauth2.rfc6749 import BaseGrant, InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import TokenEndpointMixin

from broker import clock
from broker.catalogue import Application, Client
from broker.keys.jose import sign
from broker.oidc.called_application import called_application
from broker.oidc.issue_tokens import ACCESS_TOKEN_TYPE


class ClientCredentialsGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib has no types
    """One grant, at the token endpoint.

    Nobody can take such a token for a person's (threats OA8): its `sub` is the id of the client, which never has the form of
    a person's, and it has no session, no scope and no claim about anybody.
    """

    GRANT_TYPE = "client_credentials"

    policy: Client
    called: Application

    def validate_token_request(self) -> None:
        """Authenticate the client, and find out what it means to call: the one that it names, or the only one it may.

        Raises:
            OAuth2Error: it proved nothing, may not, or asks for a scope.
        """
        client = self.authenticate_token_endpoint_client()
        policy = client.policy
        if policy.authentication == "none" or not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(description="This client calls nobody for itself.")
        form = self.request.form
        if form.get("scope"):
            raise InvalidScopeError(description="This grant has no scopes.")
        self.policy = policy
        catalogue = self.server.installed.catalogue
        if len(policy.may_call) == 1 and "audience" not in form and "resource" not in form:
            self.called = catalogue.applications[policy.may_call[0]]
        else:
            self.called = called_application(form, policy, catalogue)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The token (RFC 9068)."""
        policy = self.policy
        now = int(clock.now().timestamp())
        lifetime = self.called.lifetimes.access_token
        jkt = self.request.dpop_jkt
        claims: dict[str, Any] = {
            "iss": self.server.issuer,
            "aud": self.called.code,
            "sub": policy.client_id,
            "client_id": policy.client_id,
            "iat": now,
            "exp": now + lifetime,
            "jti": urandom(16).hex(),
        }
        if jkt is not None:
            claims["cnf"] = {"jkt": jkt}
        answer = {
            "access_token": sign(claims, self.server.ring.signing(policy.signing_algorithm), ACCESS_TOKEN_TYPE),
            "token_type": "Bearer" if jkt is None else "DPoP",
            "expires_in": lifetime,
        }
        return 200, answer, self.TOKEN_RESPONSE_HEADER
