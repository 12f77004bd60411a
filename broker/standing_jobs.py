"""What the worker does and asks on behalf of the rooms above it: the clock's own work, and what must still hold when a mail leaves.

Owns the list, nothing that stands in it: every job is an operation of its room, run in a transaction of its own, safe to run twice.
"""

import uuid

from sqlalchemy.orm import Session

from broker.access.expire_requests import expire_request, forget_unproved, overdue_requests
from broker.access.live_rights import grant_is_active
from broker.authentication.end_rightless_sessions import end_rightless_sessions
from broker.authentication.settle_sessions import settle_sessions
from broker.authentication.sweep_spent import sweep_spent
from broker.database import db, perform
from broker.installation import Installation, installation
from broker.notifications.housekeeping import register_housekeeping
from broker.notifications.preconditions import register_precondition

_MINUTE = 60.0


def register_standing_jobs() -> None:
    """Tell the worker what to do, and the outbox whom to ask."""
    register_housekeeping("expire_requests", _MINUTE, _expire_requests)
    register_housekeeping("forget_unproved", 10 * _MINUTE, _forget_unproved)
    register_housekeeping("settle_sessions", _MINUTE, _settle_sessions)
    register_housekeeping("end_rightless_sessions", _MINUTE, _end_rightless_sessions)
    register_housekeeping("sweep_spent", 10 * _MINUTE, _sweep_spent)
    register_precondition("grant_active", _grant_active)


def _expire_requests() -> None:
    found = overdue_requests(db.session())
    db.session.rollback()
    for request_id in found:
        perform(expire_request, installation(), request_id)


def _forget_unproved() -> None:
    while perform(forget_unproved):
        pass


def _settle_sessions() -> None:
    while perform(settle_sessions, installation()):
        pass


def _end_rightless_sessions() -> None:
    while perform(end_rightless_sessions, installation()):
        pass


def _sweep_spent() -> None:
    perform(sweep_spent)


def _grant_active(session: Session, of: Installation, grant_id: uuid.UUID) -> bool:
    return grant_is_active(session, of.catalogue, grant_id)
