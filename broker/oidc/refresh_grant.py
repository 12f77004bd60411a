"""RefreshGrant: the refresh token (RFC 6749, 6; OpenID Connect Core, 12), as Authlib's server runs it.

Authlib's own class neither rotates by itself nor notices a token that returns, and gives a refreshed ID token the hour
of the refresh. Here one statement takes the next generation (`redeem_refresh_token`), and everything that says how and
when the person signed in is that of the sign-in.
"""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from broker import clock
from broker.authentication.redeem_refresh_token import (
    RefreshedSession,
    RefusedRefresh,
    WiderScopeError,
    redeem_refresh_token,
)
from broker.authentication.session_facts import SessionFacts
from broker.authentication.touch_session import note_presence
from broker.database import perform_on_connection
from broker.oidc.issue_tokens import issue_tokens


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]  # Authlib has no types
    """One grant, at the token endpoint."""

    refreshed: RefreshedSession

    def validate_token_request(self) -> None:
        """Authenticate the client and take the next generation.

        Raises:
            OAuth2Error: the client cannot prove itself, or the token cannot be redeemed.
        """
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(description="This client has no refresh tokens.")
        form = self.request.form
        if not form.get("refresh_token"):
            raise InvalidRequestError(description="Missing refresh_token.")
        self.request.client = client
        try:
            outcome = perform_on_connection(
                redeem_refresh_token,
                self.server.installed,
                client.policy,
                form["refresh_token"],
                frozenset(form["scope"].split()) or None if "scope" in form else None,
                self.request.dpop_jkt,
            )
        except WiderScopeError as error:
            raise InvalidScopeError(description="More scopes than were granted.") from error
        if isinstance(outcome, RefusedRefresh):
            raise InvalidGrantError(description="The refresh token cannot be redeemed.")
        self.refreshed = outcome

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The tokens (RFC 6749, 5.1)."""
        policy = self.request.client.policy
        if policy.refresh_is_activity:
            self._note_activity(self.refreshed.facts)
        tokens = issue_tokens(
            self.server,
            self.refreshed.facts,
            policy,
            scopes=self.refreshed.scopes,
            dpop_jkt=self.request.dpop_jkt,
        )
        return 200, tokens, self.TOKEN_RESPONSE_HEADER

    def _note_activity(self, facts: SessionFacts) -> None:
        """The person does something in an application that refreshes only then: here too they are there (decisions 18,
        threats PW11). In a transaction of its own, as a sign-out locks the browser's session before the application's."""
        if facts.browser_ends_at is not None and clock.now() < facts.browser_ends_at:
            note_presence(self.server.installed, facts.browser_session_id, facts.last_seen)
