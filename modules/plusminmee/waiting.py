"""What waits for the person at the door: the counters in the menu (W16).

Owns: those two numbers, in one statement each however much there is. Does not own the pages behind them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import g
from sqlalchemy import func, select

from modules.kit.database import database
from modules.kit.person import SignedIn
from modules.plusminmee.email_key import key_of_email
from modules.plusminmee.log_words import TOLD_ACROSS_GROUPS
from modules.plusminmee.model import Invitation, LogEntry, Membership, Professional

MOST_COUNTED = 99


@dataclass(frozen=True)
class Waiting:
    """Open invitations, and entries of the logbook since it was last looked at (99 at most)."""

    invitations: int = 0
    log_entries: int = 0


def count_waiting(person: SignedIn) -> Waiting:
    """The numbers of this request; nothing for who was never here."""
    professional: Professional | None = g.get("professional")
    if professional is None:
        return Waiting()
    session = database().reading()
    invitations = session.scalar(
        select(func.count())
        .select_from(Invitation)
        .where(
            Invitation.email_key == key_of_email(person.email),
            Invitation.answered_at.is_(None),
            Invitation.expires_at > datetime.now(UTC),
        )
    )
    news = (
        select(LogEntry.id)
        .join(Membership, Membership.group_id == LogEntry.group_id)
        .where(
            Membership.professional_id == professional.id,
            Membership.ended_at.is_(None),
            LogEntry.at > professional.log_seen_at,
            LogEntry.at >= Membership.since,
            LogEntry.kind.in_(TOLD_ACROSS_GROUPS),
            LogEntry.actor_id.is_distinct_from(professional.id),
        )
        .limit(MOST_COUNTED)
    )
    entries = session.scalar(select(func.count()).select_from(news.subquery()))
    return Waiting(invitations or 0, entries or 0)
