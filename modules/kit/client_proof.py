"""How the application proves itself to its broker: with its secret, or with a key of its own.

Owns: client_secret_basic (RFC 6749 §2.3.1) and private_key_jwt (RFC 7523; OpenID Connect Core §9). Does not own the call
(outgoing.py).
"""

import base64
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from modules.kit.tokens import SigningKey

ASSERTION_SECONDS = 60
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Proof:
    """What goes along with one request: headers and fields of the form."""

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    form: dict[str, str] = field(default_factory=dict, repr=False)


def secret_proof(client_id: str, client_secret: str) -> Callable[[str], Proof]:
    """Prove it with the secret; both halves are form-encoded first."""
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    proof = Proof(headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"})
    return lambda _audience: proof


def key_proof(client_id: str, key: SigningKey) -> Callable[[str], Proof]:
    """Prove it with a new assertion each time, for the broker (`audience`, its issuer) alone and for a minute."""

    def prove(audience: str) -> Proof:
        now = int(time.time())
        assertion = key.sign(
            {
                "iss": client_id,
                "sub": client_id,
                "aud": audience,
                "iat": now,
                "exp": now + ASSERTION_SECONDS,
                "jti": secrets.token_urlsafe(24),
            },
            {"kid": key.thumbprint, "typ": "JWT"},
        )
        return Proof(
            form={"client_id": client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        )

    return prove
