"""Who holds a message, and how it went: the claim, the lease and every mark on a row (lifecycles §11).

Any number of workers may run at once: a claim skips what another one holds, and whoever lost its lease marks nothing. Does
not own what is done with a message between the claim and the mark (`deliver`).
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, exists, null, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.notifications.outbox_message import DEAD, DROPPED, LEASED, PENDING, SENT, OutboxMessage
from broker.notifications.post import NotNowError

LEASE = timedelta(minutes=5)
BATCH = 20

_WAITING = (PENDING, LEASED)


def due_lanes(session: Session, channels: Collection[str]) -> list[str]:
    """The lanes of these channels in which something is due. One statement; reads only."""
    return list(
        session.scalars(
            select(OutboxMessage.lane)
            .where(
                OutboxMessage.status.in_(_WAITING),
                OutboxMessage.next_attempt_at <= clock.now(),
                OutboxMessage.channel.in_(channels),
            )
            .distinct()
            .order_by(OutboxMessage.lane)
        )
    )


def claim(session: Session, lane: str) -> list[OutboxMessage]:
    """Lease up to BATCH due messages of `lane` to this worker, oldest first.

    Order is promised per subject and recipient: nothing is claimed while an earlier message about the same thing waits.
    """
    now = clock.now()
    earlier = aliased(OutboxMessage)
    held_up = exists().where(
        earlier.subject_id == OutboxMessage.subject_id,
        earlier.lane == OutboxMessage.lane,
        earlier.recipient == OutboxMessage.recipient,
        earlier.status.in_(_WAITING),
        tuple_(earlier.created_at, earlier.id) < tuple_(OutboxMessage.created_at, OutboxMessage.id),
    )
    due = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.lane == lane,
            OutboxMessage.status.in_(_WAITING),
            OutboxMessage.next_attempt_at <= now,
            or_(OutboxMessage.subject_id.is_(None), ~held_up),
        )
        .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
        .limit(BATCH)
        .with_for_update(of=OutboxMessage, skip_locked=True, key_share=True)
    )
    claimed = session.scalars(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(due))
        .values(
            status=LEASED,
            attempts=OutboxMessage.attempts + 1,
            leased_until=now + LEASE,
            next_attempt_at=now + LEASE,
            lease_token=uuid.uuid4(),
        )
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).all()
    return sorted(claimed, key=lambda message: (message.created_at, str(message.id)))


def begin_handing_over(session: Session, message: OutboxMessage) -> bool:
    """Write, and commit, that the dialogue begins: found after a crash it means that the outcome is unknown."""
    return _mark(session, message, handing_over_at=clock.now(), leased_until=clock.now() + LEASE) == 1


def settle(session: Session, message: OutboxMessage, status: str) -> int:
    """It is sent, or no longer wanted: what was in it is erased."""
    assert status in (SENT, DROPPED)
    return _mark(
        session,
        message,
        status=status,
        sent_at=clock.now() if status == SENT else None,
        facts=null(),
        link=null(),
        recipient=None,
        last_error=None,
        **_NO_LEASE,
    )


def postpone(session: Session, message: OutboxMessage, not_now: NotNowError, next_attempt_at: datetime) -> int:
    """It is tried again at `next_attempt_at`."""
    values = dict(_NO_LEASE) if not_now.outcome_known else {"leased_until": None, "lease_token": None}
    return _mark(
        session, message, status=PENDING, next_attempt_at=next_attempt_at, last_error=not_now.reason[:200], **values
    )


def bury(session: Session, message: OutboxMessage, reason: str) -> int:
    """It is given up, and kept for the operator."""
    return _mark(session, message, status=DEAD, last_error=reason[:200], **_NO_LEASE)


def give_back(session: Session, messages: Sequence[OutboxMessage], next_attempt_at: datetime) -> None:
    """These were claimed but not tried: it does not count as an attempt."""
    for message in messages:
        _mark(
            session,
            message,
            status=PENDING,
            attempts=message.attempts - 1,
            next_attempt_at=next_attempt_at,
            leased_until=None,
            lease_token=None,
        )


_NO_LEASE: dict[str, object] = {"leased_until": None, "lease_token": None, "handing_over_at": None}


def _mark(session: Session, message: OutboxMessage, **values: object) -> int:
    """Change the message if this worker still has its lease; 1, or 0 when the lease was lost."""
    result = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id, OutboxMessage.lease_token == message.lease_token)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount
