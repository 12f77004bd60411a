"""deliver_due: claim the messages that are due, hand them over, and write down how it went (lifecycles §11).

Owns the claim, the lease, the retries and the erasure after sending. Any number of workers may run at once: a claim
skips what another one holds, and whoever lost its lease marks nothing. A mail whose hand-over was cut short leaves
again with the same Message-ID.
"""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import CursorResult, exists, null, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.database import db, perform
from broker.installation import Installation
from broker.notifications.outbox_message import DEAD, DROPPED, LEASED, PENDING, SENT, OutboxMessage
from broker.notifications.post import NotNowError, Post, RefusedError
from broker.notifications.preconditions import still_holds
from broker.notifications.write_mail import write_mail

LEASE = timedelta(minutes=5)
BATCH = 20
ATTEMPTS = 30  # with the delays below: half a minute, doubling to an hour, and 24 hours in all
_FIRST_DELAY = 30.0
_LONGEST_DELAY = 3600.0

_log = structlog.get_logger("poortwachter.outbox")


@dataclass
class Delivery:
    """What one call did, in messages."""

    sent: int = 0
    postponed: int = 0
    dead: int = 0
    dropped: int = 0


def deliver_due(installation: Installation, post: Post, stop: Callable[[], bool] = lambda: False) -> Delivery:
    """Deliver everything that is due, batch by batch, until nothing is, the way out is closed, or `stop()` says so."""
    delivery = Delivery()
    try:
        while not stop():
            claimed = perform(_claim)
            if not claimed or not _deliver_batch(installation, post, claimed, delivery, stop):
                break
    finally:
        post.close()
    return delivery


def _deliver_batch(
    installation: Installation,
    post: Post,
    claimed: list[OutboxMessage],
    delivery: Delivery,
    stop: Callable[[], bool],
) -> bool:
    """Deliver the messages of one claim in order; False when the way out turned out to be closed."""
    for position, message in enumerate(claimed):
        if stop():
            perform(_give_back, claimed[position:], clock.now())
            return False
        with structlog.contextvars.bound_contextvars(
            message_id=str(message.id), template=message.template, request_id=message.request_id
        ):
            try:
                _deliver(installation, post, message, delivery)
            except _WayOutClosedError as closed:
                perform(_give_back, claimed[position + 1 :], closed.next_attempt_at)
                return False
    return True


class _WayOutClosedError(Exception):
    def __init__(self, next_attempt_at: datetime) -> None:
        super().__init__()
        self.next_attempt_at = next_attempt_at


def _deliver(installation: Installation, post: Post, message: OutboxMessage, delivery: Delivery) -> None:
    recipient = message.recipient
    try:
        if recipient is None or message.channel != "mail":
            raise LookupError(message.channel)
        with Session(db.engine) as reading:
            wanted = still_holds(reading, installation, message.only_if)
        mail = write_mail(installation, message) if wanted else None
    except Exception as error:  # noqa: BLE001 - a message that cannot be written must be seen, not tried for ever
        delivery.dead += perform(_bury, message, f"cannot be written ({type(error).__name__})")
        _log.error("message_dead", error=type(error).__name__)
        return
    if mail is None:
        delivery.dropped += perform(_settle, message, DROPPED)
        _log.info("message_dropped")
        return
    if not perform(_begin_handing_over, message):
        return  # the lease was lost: somebody else has it
    try:
        post.send_mail(mail, recipient)
    except RefusedError as refused:
        delivery.dead += perform(_bury, message, refused.reason)
        _log.warning("message_dead", error=refused.reason)
    except NotNowError as not_now:
        next_attempt_at = clock.now() + retry_delay(message.attempts)
        if message.attempts >= ATTEMPTS:
            delivery.dead += perform(_bury, message, not_now.reason)
            _log.error("message_dead", error=not_now.reason)
        else:
            delivery.postponed += perform(_postpone, message, not_now, next_attempt_at)
            _log.warning("message_postponed", error=not_now.reason, attempts=message.attempts)
        if not_now.unreachable:
            raise _WayOutClosedError(next_attempt_at) from not_now
    else:
        delivery.sent += perform(_settle, message, SENT)
        _log.info("message_sent", attempts=message.attempts)


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th attempt: doubling, at most an hour, spread by a fifth."""
    seconds = min(_FIRST_DELAY * 2 ** (attempts - 1), _LONGEST_DELAY)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - so that not all come back at once; guards nothing


def _claim(session: Session) -> list[OutboxMessage]:
    """Lease up to BATCH due messages to this worker.

    Order is promised per subject and recipient: nothing is claimed while an earlier message about the same thing waits.
    """
    now = clock.now()
    waiting = (PENDING, LEASED)
    earlier = aliased(OutboxMessage)
    held_up = exists().where(
        earlier.subject_id == OutboxMessage.subject_id,
        earlier.recipient == OutboxMessage.recipient,
        earlier.status.in_(waiting),
        tuple_(earlier.created_at, earlier.id) < tuple_(OutboxMessage.created_at, OutboxMessage.id),
    )
    due = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.status.in_(waiting),
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


def _begin_handing_over(session: Session, message: OutboxMessage) -> bool:
    """Write, and commit, that the dialogue begins: found after a crash it means that the outcome is unknown."""
    return _mark(session, message, handing_over_at=clock.now(), leased_until=clock.now() + LEASE) == 1


def _settle(session: Session, message: OutboxMessage, status: str) -> int:
    """It is sent, or no longer wanted: what was in it is erased."""
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


def _postpone(session: Session, message: OutboxMessage, not_now: NotNowError, next_attempt_at: datetime) -> int:
    values = dict(_NO_LEASE) if not_now.outcome_known else {"leased_until": None, "lease_token": None}
    return _mark(
        session, message, status=PENDING, next_attempt_at=next_attempt_at, last_error=not_now.reason[:200], **values
    )


def _bury(session: Session, message: OutboxMessage, reason: str) -> int:
    return _mark(session, message, status=DEAD, last_error=reason[:200], **_NO_LEASE)


def _give_back(session: Session, messages: list[OutboxMessage], next_attempt_at: datetime) -> None:
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
