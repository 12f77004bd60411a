"""The signing keys of the provider: which exist, which one signs now, which are published. Owns the table.

A key is announced → signing → retired → gone (threats OA11). The states are derived from three instants that are
written together at rotation, so that every node changes keys at the same moment without a second step:

* announced: published, does not sign yet; longer than every cache of the key set lives;
* signing: `signing_from` ≤ now < `retired_at`;
* retired: still published, until the last token it signed is over;
* gone: no longer published.

RS256 and ES256 stand side by side; a client's policy says which one signs for it. Does not own signing itself (`jose`).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import clock
from broker.database import Base, UtcDateTime
from broker.keys.jose import ALGORITHMS, Algorithm, JoseError, SigningKey, VerifyingKeys, signing_key, verifying_keys
from broker.keys.secret_keys import Keys
from serving.at_once import about_to_wait

JWKS_MAX_AGE = 300
REREAD_SECONDS = 30
ANNOUNCED_FOR = timedelta(seconds=JWKS_MAX_AGE + 60)
SKEW = timedelta(seconds=60)


class SigningKeyRow(Base):
    """One key pair. `private_sealed` opens with BROKER_SECRET_KEYS for this kid only."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(5))
    private_sealed: Mapped[str] = mapped_column(Text)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signing_from: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "uq_signing_keys_newest",
            "algorithm",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
        CheckConstraint(f"algorithm IN {ALGORITHMS!r}", name="algorithm"),
        CheckConstraint("(retired_at IS NULL) = (gone_at IS NULL)", name="retired_goes"),
    )

    def state(self, instant: datetime) -> str:
        """announced, signing, retired or gone at `instant`."""
        if self.gone_at is not None and self.gone_at <= instant:
            return "gone"
        if self.retired_at is not None and self.retired_at <= instant:
            return "retired"
        return "signing" if self.signing_from <= instant else "announced"


class NoKeyError(JoseError):
    """This node knows no key that may be used at this moment."""


def seal_place(kid: str) -> str:
    """Where the private half of `kid` is sealed for."""
    return f"signing_keys.private_sealed:{kid}"


@dataclass(frozen=True)
class _Turn:
    """The key that signs with one algorithm, and from when until when; `until` is None while no successor is announced."""

    key: SigningKey
    since: datetime
    until: datetime | None

    def holds(self, instant: datetime) -> bool:
        """Whether it is still this key's turn."""
        return self.since <= instant and (self.until is None or instant < self.until)


@dataclass(frozen=True)
class _Known:
    """One reading of the table, and what was worked out of it since."""

    read_at: float
    rows: tuple[SigningKeyRow, ...]
    verifying: dict[Algorithm, VerifyingKeys]
    turns: dict[Algorithm, _Turn] = field(default_factory=dict)


class KeyRing:
    """The signing keys as one process knows them: read again every 30 s, never used when they could not be read again.

    `open_session` opens a reading session on the broker's database.
    """

    def __init__(self, keys: Keys, open_session: Callable[[], Session]) -> None:
        self._keys = keys
        self._open_session = open_session
        self._known: _Known | None = None
        self._private: dict[str, SigningKey] = {}
        self._lock = threading.Lock()

    def signing(self, algorithm: Algorithm) -> SigningKey:
        """The key that signs with `algorithm` at this moment.

        Raises:
            NoKeyError: no key signs now; a retired one is never used.
        """
        instant = clock.now()
        known = self._read()
        turn = known.turns.get(algorithm)
        if turn is None or not turn.holds(instant):
            turn = known.turns[algorithm] = self._turn(known, algorithm, instant)
        return turn.key

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The published keys (RFC 7517): announced, signing and retired, until they are gone."""
        instant = clock.now()
        return {"keys": [row.public_jwk for row in self._rows() if row.state(instant) != "gone"]}

    def verifying(self, algorithm: Algorithm) -> VerifyingKeys:
        """The published keys, constructed, to verify our own tokens with; the same object for as long as they are the same.

        Raises:
            NoKeyError: there is none for this algorithm.
        """
        found = self._read().verifying.get(algorithm)
        if found is None:
            raise NoKeyError("no_usable_key")
        return found

    def algorithms(self) -> list[Algorithm]:
        """The algorithms that some key signs with now."""
        instant = clock.now()
        return [
            each
            for each in ALGORITHMS
            if any(r.algorithm == each and r.state(instant) == "signing" for r in self._rows())
        ]

    def forget(self) -> None:
        """Read the table again at the next use."""
        self._known = None

    def _rows(self) -> tuple[SigningKeyRow, ...]:
        return self._read().rows

    def _read(self) -> _Known:
        known = self._known
        if known is not None and time.monotonic() - known.read_at < REREAD_SECONDS:
            return known
        about_to_wait()
        with self._lock:
            if self._known is not known and self._known is not None:
                return self._known
            read_at = time.monotonic()
            with self._open_session() as session:
                rows = published_keys(session)
                session.expunge_all()
            published = {"keys": [row.public_jwk for row in rows]}
            verifying: dict[Algorithm, VerifyingKeys] = {}
            for each in ALGORITHMS:
                kids = {row.kid for row in rows if row.algorithm == each}
                before = known.verifying.get(each) if known is not None else None
                if before is not None and before.by_kid.keys() == kids:
                    verifying[each] = before  # a kid never comes back with another key
                elif kids:
                    verifying[each] = verifying_keys(published, each)
            self._known = _Known(read_at, rows, verifying)
            return self._known

    def _turn(self, known: _Known, algorithm: Algorithm, instant: datetime) -> _Turn:
        for row in known.rows:
            if row.algorithm == algorithm and row.state(instant) == "signing":
                return _Turn(self._opened(row), row.signing_from, row.retired_at)
        raise NoKeyError("no_signing_key")

    def _opened(self, row: SigningKeyRow) -> SigningKey:
        found = self._private.get(row.kid)
        if found is None:
            pem = self._keys.unseal(row.private_sealed, seal_place(row.kid))
            found = self._private[row.kid] = signing_key(row.kid, cast(Algorithm, row.algorithm), pem)
        return found


def published_keys(session: Session) -> tuple[SigningKeyRow, ...]:
    """Every key that is not gone, oldest first."""
    instant = clock.now()
    rows = session.scalars(select(SigningKeyRow).order_by(SigningKeyRow.created_at, SigningKeyRow.kid))
    return tuple(row for row in rows if row.state(instant) != "gone")
