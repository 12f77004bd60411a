"""EndSession: whom a request to sign out concerns (OpenID RP-Initiated Logout 1.0), as Authlib's server runs it."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.rpinitiated import EndSessionEndpoint
from authlib.oidc.rpinitiated.end_session import EndSessionRequest

from broker.authentication.end_session import end_session
from broker.authentication.session import current_session
from broker.database import perform
from broker.keys.jose import unverified_claim
from broker.oidc.own_id_token import own_id_token


class EndSession(EndSessionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Authlib's validation, with our own reading of the hint: a bad one counts as none, so that the person is asked.

    The address to go to afterwards must be one of that client's, sign for sign. Without a good hint it is used only
    once the person has said yes on our page, which is the "other means" of section 3.
    """

    def validate_request(self, request: Any) -> Any:
        """The request; one whose hint and client_id contradict each other keeps neither."""
        try:
            return super().validate_request(request)
        except InvalidRequestError:
            return EndSessionRequest(request=request)

    def is_post_logout_redirect_uri_legitimate(self, *_about: Any) -> bool:
        """Yes: nobody is sent there before they were asked (`logout`)."""
        return True

    def end_session(self, end_session_request: Any) -> None:
        """End the session of this browser, and with it what applications hold of it."""
        who = current_session()
        if who is not None:
            perform(end_session, self.server.installed, who.session_id, "signed_out")

    def _validate_id_token_hint(self, id_token_hint: str) -> dict[str, Any] | None:
        """The claims of an ID token that we signed, expired or not; None for anything else."""
        client = self.server.registered_client(unverified_claim(id_token_hint, "aud") or "")
        if client is None:
            return None
        return own_id_token(self.server, client.policy, id_token_hint, required=("sub", "sid"))
