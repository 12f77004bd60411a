"""RegisteredClient: a client of the catalogue, with what Authlib and the grants ask of one."""

import hmac
from hashlib import sha256

from authlib.oauth2.rfc6749 import ClientMixin

from broker.catalogue import Client

# What the policies call a grant whose own name is a URN.
_GRANT_WORDS = {"urn:ietf:params:oauth:grant-type:token-exchange": "token_exchange"}


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """Wraps one `Client`."""

    def __init__(self, policy: Client) -> None:
        self.policy = policy

    @property
    def client_metadata(self) -> dict[str, list[str]]:
        """What the end-session endpoint looks up."""
        return {"post_logout_redirect_uris": list(self.policy.post_logout_redirect_uris)}

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is one of those valid now; compared in constant time."""
        digest = sha256(client_secret.encode()).hexdigest()
        matches = [hmac.compare_digest(digest, each) for each in self.policy.secret_sha256]
        return any(matches)

    def check_grant_type(self, grant_type: str) -> bool:
        """Those of its policy."""
        return _GRANT_WORDS.get(grant_type, grant_type) in self.policy.grant_types
