"""What one sign-in leaves behind until its code is redeemed: in memory, used once, soon gone.

Owns: authorization codes and access tokens with what they stand for, pushed requests (RFC 9126), and which assertions were
used. Does not own how they are asked or checked.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

CODE_LIFETIME = timedelta(seconds=60)
TOKEN_LIFETIME = timedelta(minutes=5)
PUSHED_LIFETIME = timedelta(minutes=5)
REQUEST_URI = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """One person who signed in at one digital key for one client."""

    provider: str
    client_id: str
    redirect_uri: str
    nonce: str | None
    code_challenge: str
    given_name: str
    family_name: str
    national_number: str
    email: str | None
    acr: str | None
    at: datetime
    claims_asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class SignIns:
    """Codes and access tokens, each a random value that stands for one SignIn. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[datetime, SignIn]] = {}

    def _keep(self, sign_in: SignIn, lifetime: timedelta) -> str:
        value = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        with self._lock:
            self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > now}
            self._kept[value] = (now + lifetime, sign_in)
        return value

    def issue_code(self, sign_in: SignIn) -> str:
        """A code for the token endpoint, good once and for a minute."""
        return "code." + self._keep(sign_in, CODE_LIFETIME)

    def redeem_code(self, code: str) -> SignIn | None:
        """What the code stands for, and never again; None when unknown, used or run out."""
        with self._lock:
            kept = self._kept.pop(code.removeprefix("code."), None) if code.startswith("code.") else None
        return kept[1] if kept and kept[0] > datetime.now(UTC) else None

    def issue_access_token(self, sign_in: SignIn) -> str:
        """An opaque token for userinfo, good for five minutes."""
        return "access." + self._keep(sign_in, TOKEN_LIFETIME)

    def find_by_access_token(self, token: str) -> SignIn | None:
        """What the token stands for; None when unknown or run out."""
        with self._lock:
            kept = self._kept.get(token.removeprefix("access.")) if token.startswith("access.") else None
        return kept[1] if kept and kept[0] > datetime.now(UTC) else None


@dataclass(frozen=True)
class Pushed:
    """A request that a client sent ahead: at which key, whose, and its parameters."""

    provider: str
    client_id: str
    parameters: Mapping[str, str]


class PushedRequests:
    """Requests by the reference that the browser brings; gone when answered, or after five minutes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[datetime, Pushed]] = {}

    def keep(self, pushed: Pushed) -> str:
        """The `request_uri` for it."""
        reference = REQUEST_URI + secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        with self._lock:
            self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > now}
            self._kept[reference] = (now + PUSHED_LIFETIME, pushed)
        return reference

    def find(self, reference: str) -> Pushed | None:
        """What it stands for; None when unknown, answered or run out."""
        with self._lock:
            kept = self._kept.get(reference)
        return kept[1] if kept and kept[0] > datetime.now(UTC) else None

    def forget(self, reference: str) -> None:
        """It was answered."""
        with self._lock:
            self._kept.pop(reference, None)


class UsedAssertions:
    """The `jti` of every client assertion of the last minutes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, datetime] = {}

    def use(self, jti: str, until: datetime) -> bool:
        """Whether it is used for the first time."""
        now = datetime.now(UTC)
        with self._lock:
            self._kept = {key: kept for key, kept in self._kept.items() if kept > now}
            if jti in self._kept:
                return False
            self._kept[jti] = until
            return True
