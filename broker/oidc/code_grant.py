"""CodeGrant: the authorization code (RFC 6749, 4.1), with PKCE (RFC 7636), as Authlib's server runs it.

Authlib's own class looks a code up, checks it, issues and only then deletes it; two requests at once both pass.
Here one statement uses it up (`redeem_code`). How somebody comes by a code is `authorize`.
"""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from broker.authentication.redeem_code import RedeemedCode, RefusedCode, redeem_code
from broker.database import perform_on_connection
from broker.oidc.issue_tokens import issue_tokens


class CodeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib has no types
    """One grant, at the token endpoint."""

    GRANT_TYPE = "authorization_code"

    redeemed: RedeemedCode

    def validate_token_request(self) -> None:
        """Authenticate the client and use up the code.

        Raises:
            OAuth2Error: the client cannot prove itself, or the code cannot be redeemed.
        """
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(description="This client has no codes.")
        form = self.request.form
        if not form.get("code"):
            raise InvalidRequestError(description="Missing code.")
        self.request.client = client
        outcome = perform_on_connection(
            redeem_code,
            self.server.installed,
            client.policy,
            form["code"],
            form.get("redirect_uri"),
            form.get("code_verifier"),
            self.request.dpop_jkt,
        )
        if isinstance(outcome, RefusedCode):
            raise InvalidGrantError(description="The code cannot be redeemed.")
        self.redeemed = outcome

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The tokens (RFC 6749, 5.1)."""
        tokens = issue_tokens(
            self.server,
            self.redeemed.facts,
            self.request.client.policy,
            nonce=self.redeemed.nonce,
            dpop_jkt=self.request.dpop_jkt,
        )
        return 200, tokens, self.TOKEN_RESPONSE_HEADER
