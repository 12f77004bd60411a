"""Who is signed in, for a door that asks. Owns the cookie's name and reading it; starting and ending are operations."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import g, request

from broker import clock
from broker.authentication.browser_session import session_of_token
from broker.database import db
from broker.installation import installation
from broker.keys import Keys
from broker.settings import Settings

_KEPT = "poortwachter_signed_in"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The one at the gate. `session_id` outlives a step-up; `level` and `auth_time` are those of the sign-in itself."""

    session_id: uuid.UUID
    person_id: uuid.UUID
    provider_code: str
    acr: str
    level: int
    amr: tuple[str, ...]
    auth_time: datetime
    last_seen: datetime
    given_name: str
    family_name: str
    language: str
    number_sealed: str | None = field(repr=False)
    number_place: str = field(repr=False)
    keys: Keys = field(repr=False)

    @property
    def number(self) -> str | None:
        """The rijksregisternummer proved in this very session, opened on demand; None after a sign-in without it."""
        return self.keys.unseal(self.number_sealed, self.number_place) if self.number_sealed else None

    @property
    def full_name(self) -> str:
        """Given name and family name, as verified."""
        return f"{self.given_name} {self.family_name}".strip()

    def satisfies(self, level: int, max_age: int | None = None) -> bool:
        """Whether this sign-in is strong and fresh enough: compared anew for every request (threats UP7).

        `max_age` is in seconds (OpenID Connect Core 3.1.2.1); None asks nothing of its age.
        """
        if self.level < level:
            return False
        return max_age is None or clock.now() <= self.auth_time + timedelta(seconds=max_age)


def cookie_name(settings: Settings) -> str:
    """The name of the session's cookie; the prefix makes browsers insist on TLS, Path=/ and no Domain."""
    return "__Host-poortwachter-sessie" if settings.secure else "poortwachter-sessie"


def cookie_token() -> str | None:
    """What the browser sent; proves nothing yet."""
    return request.cookies.get(cookie_name(installation().settings)) or None


def current_session() -> SignedIn | None:
    """Who is signed in, read once a request; None for everybody else."""
    if _KEPT not in g:
        setattr(g, _KEPT, _read())
    found = getattr(g, _KEPT)
    assert found is None or isinstance(found, SignedIn)
    return found


def _read() -> SignedIn | None:
    token = cookie_token()
    found = session_of_token(db.session(), token, clock.now()) if token else None
    if found is None:
        return None
    row, person = found
    return SignedIn(
        session_id=row.id,
        person_id=row.person_id,
        provider_code=row.provider_code,
        acr=row.acr,
        level=row.level,
        amr=tuple(row.amr),
        auth_time=row.auth_time,
        last_seen=row.last_seen,
        given_name=row.given_name or "",
        family_name=row.family_name or "",
        language=person.language,
        number_sealed=row.number_sealed,
        number_place=row.number_place,
        keys=installation().keys,
    )
