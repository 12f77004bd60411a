"""The secret of a link to a report: made anew for the mail when it leaves, so that it stands nowhere (threats, rule 5).

Owns: that secret, what is kept of it, and its address. Does not own who is sent it (report_incident.py).
"""

import hashlib
import re
import uuid

from modules.plusminmee.incident_model import SECRET
from modules.plusminmee.sealing import Sealer

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def secret_of(sealer: Sealer, link_id: uuid.UUID, key_id: str) -> str:
    """256 bits in base64url, from the key with this id.

    Raises:
        SealError: the key is gone.
    """
    return sealer.secret_for(SECRET.of(link_id), key_id)


def hash_of(secret: str) -> str:
    """What the database keeps. The secret is random, so nobody guesses it from this."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_a_secret(written: str) -> bool:
    """Whether it can be one at all; what is longer or stranger is not even looked up."""
    return _SECRET.fullmatch(written) is not None


def address_of(secret: str, tool: str) -> str:
    """Where the link leads; `tool` is where PlusMinMee lives."""
    return f"{tool}/melding/{secret}"
