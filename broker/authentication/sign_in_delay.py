"""SignInDelay: how often somebody guessed wrong, and until when the next guess waits (threats PW1, PW2). Owns the table and
the delays.

Each lane counts for itself: the user name (whether it exists or not), the source address, and the network it lies in. A
delay grows with every guess and stays within bounds: nobody can lock anybody out. Whoever has a remembered device of the
account guesses in its lane alone, which strangers cannot fill. A guess is counted before it is judged, so that fifty at once
are fifty; the right one takes its own count back, of the user name all of them, of the source no more than that. A source and a
network forget one guess after another: a town hall behind one address is many people.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import clock
from broker.database import Base, UtcDateTime, insert_into, to_change
from broker.installation import Installation
from broker.people.local_account import typed_user_name

FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Lane:
    """`free` guesses cost nothing; then one second, doubled with each more, never above `longest` seconds. `forgiven`: a right one
    takes all of them back. `forgets`: how long until one is forgotten; None, not before all of them are (FORGOTTEN_AFTER)."""

    kind: str
    free: int
    longest: int
    forgiven: bool = False
    forgets: timedelta | None = None

    def delay(self, failures: int) -> timedelta:
        """How long the next guess waits after so many."""
        over = failures - self.free
        return timedelta(seconds=min(2 ** min(over - 1, 20), self.longest) if over > 0 else 0)


ACCOUNT = Lane("account", free=5, longest=15 * 60, forgiven=True)
DEVICE = Lane("device", free=5, longest=60, forgiven=True)
# Many people share these two: what one of them mistypes must not add up until nobody there can sign in.
SOURCE = Lane("source", free=30, longest=15 * 60, forgets=timedelta(minutes=10))
NETWORK = Lane("network", free=300, longest=5 * 60, forgets=timedelta(minutes=5))
LANES = {lane.kind: lane for lane in (ACCOUNT, DEVICE, SOURCE, NETWORK)}


class SignInDelay(Base):
    """One lane of one user name, source, network or device, by a keyed hash. `last_failed_at`: the last guess; where the lane
    forgets, until when it has forgotten."""

    __tablename__ = "sign_in_delays"

    lane_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    failures: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


def lanes_of(
    installation: Installation, user_name: str, source: str, device_id: uuid.UUID | None = None
) -> tuple[tuple[str, str], ...]:
    """(kind, key) of each lane that a guess is counted in."""
    if device_id is not None:
        found = [(DEVICE.kind, str(device_id))]
    else:
        found = [(ACCOUNT.kind, typed_user_name(user_name)), (SOURCE.kind, source), (NETWORK.kind, _network(source))]
    hashed = installation.keys.private_hash
    return tuple((kind, hashed(f"{kind}:{value}", "sign-in delays")) for kind, value in found)


def claim_guess(session: Session, lanes: Sequence[tuple[str, str]]) -> int:
    """Count one guess in each lane; or, where one of them has to wait, count nothing and say how many seconds."""
    now = clock.now()
    session.execute(
        insert_into(session, SignInDelay)
        .values([{"lane_key": key, "kind": kind, "failures": 0, "last_failed_at": now} for kind, key in sorted(lanes)])
        .on_conflict_do_nothing()
    )
    rows = _locked(session, lanes)
    waits = [row.blocked_until for row in rows if row.blocked_until is not None and row.blocked_until > now]
    if waits:
        return int((max(waits) - now).total_seconds()) + 1
    for row in rows:
        _forget(row, now)
        row.failures += 1
        delay = LANES[row.kind].delay(row.failures)
        row.blocked_until = now + delay if delay else None
    return 0


def forgive_guess(session: Session, lanes: Sequence[tuple[str, str]]) -> None:
    """The guess was right: the user name begins anew, the source takes back this one."""
    for row in _locked(session, lanes):
        lane = LANES[row.kind]
        row.failures = 0 if lane.forgiven else max(row.failures - 1, 0)
        if not lane.delay(row.failures):
            row.blocked_until = None


def forget_delays(session: Session) -> None:
    """Delete what counts no longer. Housekeeping calls it."""
    session.execute(delete(SignInDelay).where(SignInDelay.last_failed_at < clock.now() - FORGOTTEN_AFTER))


def _forget(row: SignInDelay, now: datetime) -> None:
    """What time has taken back of a lane, before the next guess is counted."""
    forgets = LANES[row.kind].forgets
    if forgets is None:
        row.failures = 0 if row.last_failed_at < now - FORGOTTEN_AFTER else row.failures
        row.last_failed_at = now
        return
    steps = (now - row.last_failed_at) // forgets
    row.failures = max(row.failures - steps, 0)
    row.last_failed_at = row.last_failed_at + steps * forgets if row.failures else now


def _locked(session: Session, lanes: Sequence[tuple[str, str]]) -> Sequence[SignInDelay]:
    keys = [key for _, key in lanes]
    return session.scalars(
        to_change(select(SignInDelay).where(SignInDelay.lane_key.in_(keys)).order_by(SignInDelay.lane_key))
    ).all()


def _network(source: str) -> str:
    """The network that a source lies in: /24 of IPv4, /48 of IPv6."""
    address = ip_address(source.partition("%")[0])
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))
