"""Reading the logbook a page at a time, by key, so that the last page costs what the first one does.

Owns: those queries and the position in the address. Does not own the words of an entry (log_words.py).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from modules.plusminmee.log_words import TOLD_ACROSS_GROUPS
from modules.plusminmee.model import Group, LogEntry, Membership

PAGE_SIZE = 50

Position = tuple[datetime, uuid.UUID]


@dataclass(frozen=True)
class LogPage:
    """Entries, newest first; `next_position` is what the address of the next page says, "" on the last one."""

    entries: Sequence[LogEntry]
    next_position: str


def read_position(written: str) -> Position | None:
    """Where a page begins, or None for the first: also for an address that nobody of us wrote."""
    moment, _, entry_id = written.partition("_")
    try:
        return datetime.fromtimestamp(int(moment) / 1_000_000, UTC), uuid.UUID(entry_id)
    except (ValueError, OverflowError, OSError):
        return None


def entries_of(session: Session, group_id: uuid.UUID, after: Position | None) -> LogPage:
    """Those of one group."""
    return _page(session, select(LogEntry).where(LogEntry.group_id == group_id), after)


def entries_across(session: Session, professional_id: uuid.UUID, after: Position | None) -> LogPage:
    """Those of every group the professional is in, since they are, that are told across groups."""
    query = (
        select(LogEntry)
        .join(Membership, Membership.group_id == LogEntry.group_id)
        .join(LogEntry.group)
        .options(contains_eager(LogEntry.group))
        .where(
            Membership.professional_id == professional_id,
            Membership.ended_at.is_(None),
            Group.erased_at.is_(None),
            LogEntry.at >= Membership.since,
            LogEntry.kind.in_(TOLD_ACROSS_GROUPS),
        )
    )
    return _page(session, query, after)


def _page(session: Session, query: Select[LogEntry], after: Position | None) -> LogPage:
    if after is not None:
        at, entry_id = after
        query = query.where(or_(LogEntry.at < at, and_(LogEntry.at == at, LogEntry.id < entry_id)))
    found = session.scalars(
        query.options(joinedload(LogEntry.actor), joinedload(LogEntry.about))
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .limit(PAGE_SIZE + 1)
    ).all()
    more = len(found) > PAGE_SIZE
    shown = found[:PAGE_SIZE]
    return LogPage(shown, write_position(shown[-1].at, shown[-1].id) if more else "")


def write_position(at: datetime, row_id: uuid.UUID) -> str:
    """The opposite of `read_position`: where the page after this row begins."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return f"{since // since.resolution}_{row_id}"
