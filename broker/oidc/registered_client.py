"""RegisteredClient: a client of the catalogue as Authlib asks about it."""

import hmac
from hashlib import sha256

from authlib.oauth2.rfc6749 import ClientMixin

from broker.catalogue import Client

# What the policies call a grant whose own name is a URN.
_GRANT_WORDS = {"urn:ietf:params:oauth:grant-type:token-exchange": "token_exchange"}


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """Wraps one `Client`. Redirect URIs are compared as they are written, sign for sign."""

    def __init__(self, policy: Client) -> None:
        self.policy = policy

    @property
    def client_metadata(self) -> dict[str, list[str]]:
        """What the end-session endpoint looks up."""
        return {"post_logout_redirect_uris": list(self.policy.post_logout_redirect_uris)}

    def get_client_id(self) -> str:
        """Its id."""
        return self.policy.client_id

    def get_default_redirect_uri(self) -> None:
        """None: a request always says where its answer goes (OpenID Connect Core, 3.1.2.1)."""

    def get_allowed_scope(self, scope: str) -> str | None:
        """The scope asked for, or None when any word of it is not this client's."""
        asked = scope.split() if scope else []
        return " ".join(asked) if asked and set(asked) <= set(self.policy.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is one of those registered."""
        return redirect_uri in self.policy.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is one of those valid now; compared in constant time."""
        digest = sha256(client_secret.encode()).hexdigest()
        matches = [hmac.compare_digest(digest, each) for each in self.policy.secret_sha256]
        return any(matches)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Each client proves itself in one way only, at every endpoint."""
        return method == self.policy.authentication

    def check_response_type(self, response_type: str) -> bool:
        """Codes only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Those of its policy."""
        return _GRANT_WORDS.get(grant_type, grant_type) in self.policy.grant_types
