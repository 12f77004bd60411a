"""CodeGrant: the authorization code (RFC 6749, 4.1), with PKCE (RFC 7636), as Authlib's server runs it.

Authlib's own class looks a code up, checks it, issues and only then deletes it; two requests at once both pass.
Here one statement uses it up (`redeem_code`), and the checks on the request are ours (`authorize`).
"""

import uuid
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant

from broker.authentication.issue_code import CodeRequest, issue_code
from broker.authentication.redeem_code import RedeemedCode, RefusedCode, redeem_code
from broker.authentication.session import SignedIn
from broker.database import perform
from broker.oidc.authorize.authorization_request import AuthorizationRequest, read_request
from broker.oidc.issue_tokens import issue_tokens


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """One grant, at both endpoints."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["private_key_jwt", "client_secret_basic", "client_secret_post", "none"]

    asked: AuthorizationRequest
    redeemed: RedeemedCode

    @classmethod
    def check_authorization_endpoint(cls, request: Any) -> bool:
        """Every request comes here; another response_type is refused in its turn, once the client is known."""
        return True

    def validate_authorization_request(self) -> str:
        """Run the checks of `authorization_request`; the redirect URI.

        Raises:
            OAuth2Error: the first check that failed.
        """
        self.asked = read_request(self.request.parameters, self.server.installed.catalogue)
        self.request.client = self.server.registered_client(self.asked.client.client_id)
        return self.asked.redirect_uri

    def issue(self, who: SignedIn, organisation_id: uuid.UUID | None) -> str:
        """The code for the person who passed every step.

        Raises:
            ForbiddenError: the right ended meanwhile.
        """
        asked = self.asked
        return perform(
            issue_code,
            self.server.installed,
            who,
            CodeRequest(
                client=asked.client,
                redirect_uri=asked.redirect_uri,
                scopes=asked.scopes,
                organisation_id=organisation_id,
                nonce=asked.nonce,
                code_challenge=asked.code_challenge,
            ),
        )

    def validate_token_request(self) -> None:
        """Authenticate the client and use up the code.

        Raises:
            OAuth2Error: the client cannot prove itself, or the code cannot be redeemed.
        """
        form = self.request.form
        if any(len(values) > 1 for _, values in form.lists()):
            raise InvalidRequestError(description="A parameter stands there twice.")
        client = self.authenticate_token_endpoint_client()
        if not form.get("code"):
            raise InvalidRequestError(description="Missing code.")
        self.request.client = client
        outcome = perform(
            redeem_code,
            self.server.installed,
            client.policy,
            form["code"],
            form.get("redirect_uri"),
            form.get("code_verifier"),
        )
        if isinstance(outcome, RefusedCode):
            raise InvalidGrantError(description="The code cannot be redeemed.")
        self.redeemed = outcome

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The tokens (RFC 6749, 5.1)."""
        tokens = issue_tokens(self.server, self.redeemed.facts, self.request.client.policy, self.redeemed.nonce)
        return 200, tokens, self.TOKEN_RESPONSE_HEADER
