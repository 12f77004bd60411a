"""Reading the logbook a page at a time.

Owns: those queries. Does not own the pace (paging.py), nor the words of an entry (log_words.py).
"""

import uuid

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from modules.plusminmee.log_words import TOLD_ACROSS_GROUPS
from modules.plusminmee.model import LogEntry, Membership
from modules.plusminmee.paging import Order, Page, read_page

PAGE_SIZE = 50
_ORDER: Order[LogEntry] = Order(LogEntry.at, LogEntry.id)


def entries_of(session: Session, group_id: uuid.UUID, after: str) -> Page[LogEntry]:
    """Those of one group, the newest first; `after` is what the address of the page says."""
    return _page(session, select(LogEntry).where(LogEntry.group_id == group_id), after)


def entries_across(session: Session, professional_id: uuid.UUID, after: str) -> Page[LogEntry]:
    """Those of every group the professional is in, since they are, that are told across groups."""
    query = (
        select(LogEntry)
        .join(Membership, Membership.group_id == LogEntry.group_id)
        .join(LogEntry.group)
        .options(contains_eager(LogEntry.group))
        .where(
            Membership.professional_id == professional_id,
            Membership.ended_at.is_(None),
            LogEntry.at >= Membership.since,
            LogEntry.kind.in_(TOLD_ACROSS_GROUPS),
        )
    )
    return _page(session, query, after)


def _page(session: Session, query: Select[LogEntry], after: str) -> Page[LogEntry]:
    return read_page(
        session, query.options(joinedload(LogEntry.actor), joinedload(LogEntry.about)), _ORDER, after, PAGE_SIZE
    )
