"""Who is signed in, for a door that asks. Owns the cookie's name and reading it; starting and ending are operations.

A request is asked once: what was found stands in its WSGI environment, whichever door asks again.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import request
from sqlalchemy import Connection, bindparam, select
from werkzeug.http import parse_cookie

from broker import clock
from broker.authentication.browser_session import BrowserSession, clock_ends, number_place, token_hash
from broker.database import reading
from broker.installation import Installation, installation
from broker.keys import Keys
from broker.people.person import Person
from broker.precompiled import Precompiled
from broker.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_KEPT = "poortwachter.signed_in"

# A Person who is no longer matched (doubted, merged, erased) has no session, whatever the row says.
_OF_TOKEN = Precompiled(
    select(
        BrowserSession.id,
        BrowserSession.person_id,
        BrowserSession.provider_code,
        BrowserSession.acr,
        BrowserSession.level,
        BrowserSession.amr,
        BrowserSession.auth_time,
        BrowserSession.created_at,
        BrowserSession.last_seen,
        BrowserSession.given_name,
        BrowserSession.family_name,
        BrowserSession.number_sealed,
        Person.sub,
        Person.language,
    )
    .join(Person, Person.id == BrowserSession.person_id)
    .where(
        BrowserSession.token_hash == bindparam("token_hash"),
        BrowserSession.ended_at.is_(None),
        Person.state == "matched",
    )
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The one at the gate. `session_id` outlives a step-up; `level` and `auth_time` are those of the sign-in itself; `ends_at` is
    when the clock ends the session if nobody comes before, as it was when this request came."""

    session_id: uuid.UUID
    person_id: uuid.UUID
    sub: str
    provider_code: str
    acr: str
    level: int
    amr: tuple[str, ...]
    auth_time: datetime
    last_seen: datetime
    ends_at: datetime
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
    return token_in(request.environ, installation())


def current_session() -> SignedIn | None:
    """Who is signed in, read once a request; None for everybody else."""
    environ = request.environ
    if _KEPT not in environ:
        if cookie_token() is None:
            return None
        with reading() as connection:
            return signed_in_at(environ, installation(), connection)
    found = environ[_KEPT]
    assert found is None or isinstance(found, SignedIn)
    return found


def signed_in_at(environ: "WSGIEnvironment", installed: Installation, connection: Connection) -> SignedIn | None:
    """The same, for the request in `environ`, which Flask need not know of."""
    found = environ[_KEPT] = _read(token_in(environ, installed), installed, connection)
    return found


def token_in(environ: "WSGIEnvironment", installed: Installation) -> str | None:
    """What the browser sent as its session's cookie; proves nothing yet."""
    cookies = environ.get("HTTP_COOKIE")
    return parse_cookie(cookies).get(cookie_name(installed.settings)) or None if cookies else None


def _read(token: str | None, installed: Installation, connection: Connection) -> SignedIn | None:
    if token is None:
        return None
    row = _OF_TOKEN.one_or_none(connection, token_hash=token_hash(token))
    if row is None:
        return None
    ends_at = clock_ends(row.last_seen, row.created_at)
    if clock.now() >= ends_at:
        return None
    return SignedIn(
        session_id=row.id,
        person_id=row.person_id,
        sub=row.sub,
        provider_code=row.provider_code,
        acr=row.acr,
        level=row.level,
        amr=tuple(row.amr),
        auth_time=row.auth_time,
        last_seen=row.last_seen,
        ends_at=ends_at,
        given_name=row.given_name or "",
        family_name=row.family_name or "",
        language=row.language,
        number_sealed=row.number_sealed,
        number_place=number_place(row.id),
        keys=installed.keys,
    )
