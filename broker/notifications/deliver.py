"""deliver_lane: hand over the messages of one lane that are due, and write down how it went (lifecycles §11).

Owns the retries and the erasure after sending. A message whose hand-over was cut short leaves again under the same id: a
mail with the same Message-ID, a logout token or an event with the same jti. Does not own the rows (`lease`), the ways out
(`post`, `channels`), nor which lanes run beside each other (`lanes`).
"""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import db, perform
from broker.errors import BusyError
from broker.installation import Installation
from broker.notifications.channels import MAIL_PATIENCE, Channel, HandOver, Patience, channel_of, known_channels
from broker.notifications.lease import begin_handing_over, bury, claim, due_lanes, give_back, postpone, settle
from broker.notifications.outbox_message import DROPPED, SENT, OutboxMessage
from broker.notifications.post import NotNowError, Post, RefusedError
from broker.notifications.preconditions import still_holds
from broker.notifications.put_change import CHANGE
from broker.notifications.put_message import MAIL
from broker.notifications.put_sms import SMS
from broker.notifications.write_mail import write_mail

ATTEMPTS = MAIL_PATIENCE.attempts
_LONGEST_DELAY = 3600.0

_log = structlog.get_logger("poortwachter.outbox")


@dataclass
class Delivery:
    """What one call did, in messages."""

    sent: int = 0
    postponed: int = 0
    dead: int = 0
    dropped: int = 0

    def add(self, other: "Delivery") -> None:
        """Count what another call did as well."""
        self.sent += other.sent
        self.postponed += other.postponed
        self.dead += other.dead
        self.dropped += other.dropped


def deliver_due(installation: Installation, post: Post, stop: Callable[[], bool] = lambda: False) -> Delivery:
    """Deliver everything that is due, one lane after the other; what that puts into other lanes leaves as well."""
    delivery = Delivery()
    done: set[str] = set()
    while not stop() and (lanes := [each for each in lanes_with_work() if each not in done]):
        delivery.add(deliver_lane(installation, post, lanes[0], stop))
        done.add(lanes[0])
    return delivery


def lanes_with_work() -> list[str]:
    """The lanes in which something is due; first the one that puts messages into the others."""
    with Session(db.engine) as reading:
        return sorted(due_lanes(reading, [MAIL, *known_channels()]), key=lambda lane: (lane != CHANGE, lane))


def deliver_lane(
    installation: Installation, post: Post, lane: str, stop: Callable[[], bool] = lambda: False
) -> Delivery:
    """Deliver what is due in `lane`, batch by batch, until nothing is, the way out is closed, or `stop()` says so."""
    delivery = Delivery()
    mail = Channel(lambda of, message: _prepare_mail(of, post, message), MAIL_PATIENCE)
    try:
        while not stop():
            claimed = perform(claim, lane)
            if not claimed or not _deliver_batch(installation, mail, claimed, delivery, stop):
                break
    finally:
        if lane == MAIL:
            post.close()
    return delivery


def retry_delay(attempts: int, first: float) -> timedelta:
    """How long to wait after the `attempts`-th attempt: doubling from `first`, at most an hour, spread by a fifth."""
    seconds = min(first * 2 ** (attempts - 1), _LONGEST_DELAY)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - so that not all come back at once; guards nothing


def _deliver_batch(
    installation: Installation,
    mail: Channel,
    claimed: list[OutboxMessage],
    delivery: Delivery,
    stop: Callable[[], bool],
) -> bool:
    """Deliver the messages of one claim in order; False when the way out turned out to be closed."""
    for position, message in enumerate(claimed):
        if stop():
            perform(give_back, claimed[position:], clock.now())
            return False
        with structlog.contextvars.bound_contextvars(
            message_id=str(message.id), template=message.template, lane=message.lane, request_id=message.request_id
        ):
            try:
                _deliver(installation, mail, message, delivery)
            except _WayOutClosedError as closed:
                _leave_waiting(closed, claimed[position + 1 :], delivery)
                return False
            except (BusyError, DBAPIError):
                with suppress(BusyError, DBAPIError):
                    perform(give_back, claimed[position + 1 :], clock.now())
                raise  # our own database: the worker waits for it; the lease of the message in hand runs out
    return True


class _WayOutClosedError(Exception):
    """Nobody answers at the other end, so the others of this lane need not try."""

    def __init__(self, patience: Patience, not_now: NotNowError, next_attempt_at: datetime) -> None:
        super().__init__()
        self.patience = patience
        self.not_now = not_now
        self.next_attempt_at = next_attempt_at


def _leave_waiting(closed: _WayOutClosedError, others: Sequence[OutboxMessage], delivery: Delivery) -> None:
    if closed.patience.waits_together:
        perform(give_back, others, closed.next_attempt_at)
        return
    for message in others:
        _not_now(message, closed.patience, closed.not_now, delivery)


def _deliver(installation: Installation, mail: Channel, message: OutboxMessage, delivery: Delivery) -> None:
    try:
        channel = mail if message.channel == MAIL else channel_of(message)
    except LookupError:
        _give_up(message, "nobody hands this over", delivery)
        return
    try:
        hand_over = channel.prepare(installation, message)
        if hand_over is None:
            delivery.dropped += perform(settle, message, DROPPED)
            _log.info("message_dropped")
            return
        if not perform(begin_handing_over, message):
            return  # the lease was lost: somebody else has it
        hand_over()
    except RefusedError as refused:
        _refused(message, refused, delivery)
    except NotNowError as not_now:
        next_attempt_at = _not_now(message, channel.patience, not_now, delivery)
        if not_now.unreachable:
            raise _WayOutClosedError(channel.patience, not_now, next_attempt_at) from not_now
    except DataError:  # it would be refused again, at every turn, and hold up all that wait behind it
        _give_up(message, "holds what the database refuses", delivery)
    except (BusyError, DBAPIError):
        raise
    except Exception as error:  # noqa: BLE001 - a message that cannot be written must be seen, not tried for ever
        _give_up(message, f"cannot be written ({type(error).__name__})", delivery)
    else:
        delivery.sent += perform(settle, message, SENT)
        _log.info("message_sent", attempts=message.attempts)


def _prepare_mail(installation: Installation, post: Post, message: OutboxMessage) -> HandOver | None:
    recipient = message.recipient
    if recipient is None:
        raise LookupError(message.channel)
    with Session(db.engine) as reading:
        wanted = still_holds(reading, installation, message.only_if)
    if not wanted:
        return None
    mail = write_mail(installation, message)
    return lambda: post.send_mail(mail, recipient)


def _refused(message: OutboxMessage, refused: RefusedError, delivery: Delivery) -> None:
    delivery.dead += perform(_bury_audited, message, refused.reason, "notifications:message:refuse")
    _log.warning("message_dead", error=refused.reason)


def _not_now(message: OutboxMessage, patience: Patience, not_now: NotNowError, delivery: Delivery) -> datetime:
    next_attempt_at = clock.now() + retry_delay(message.attempts, patience.first)
    if message.attempts >= patience.attempts:
        delivery.dead += perform(_bury_audited, message, not_now.reason, "notifications:message:give_up")
        _log.error("message_dead", error=not_now.reason)
    else:
        delivery.postponed += perform(postpone, message, not_now, next_attempt_at)
        _log.warning("message_postponed", error=not_now.reason, attempts=message.attempts)
    return next_attempt_at


def _give_up(message: OutboxMessage, reason: str, delivery: Delivery) -> None:
    delivery.dead += perform(bury, message, reason)
    _log.error("message_dead", error=reason)


def _bury_audited(session: Session, message: OutboxMessage, reason: str, event: str) -> int:
    """Give it up; that an application would not hear of an end stands in the audit, which mails do not."""
    buried = bury(session, message, reason)
    if buried and message.channel != MAIL:
        to = {} if message.channel == SMS else {"client": message.recipient}  # never a telephone number
        audit.record(
            session,
            event,
            subject_id=message.id,
            details={"template": message.template, **to, "reason": reason.replace(" ", "_")},
        )
    return buried
