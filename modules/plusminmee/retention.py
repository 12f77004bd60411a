"""How long a group is kept (W22): never longer than the term of its organisation.

Owns: the term, who may rely on it meanwhile, the last day that it allows, and reading why a date was put off. Does not own erasing.
"""

import uuid
from calendar import monthrange
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from look.language import BRUSSELS
from modules.plusminmee.model import KEPT_LONGER, OrganisationTerm, RetentionReason
from modules.plusminmee.sealing import Sealer

DEFAULT_MONTHS = 12
WARNED_DAYS = 30
TERM_LOCK = 7_310_003


def today() -> date:
    """The day it is where the tool is used; Amsterdam and Brussels share their clock."""
    return datetime.now(BRUSSELS).date()


def months_later(day: date, months: int) -> date:
    """The same day `months` later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def term_of(session: Session, organisation_code: str) -> int:
    """The term of the organisation, in months."""
    set_by_them = session.scalar(
        select(OrganisationTerm.months).where(OrganisationTerm.organisation_code == organisation_code)
    )
    return set_by_them or DEFAULT_MONTHS


def hold_term(session: Session, organisation_code: str, *, to_change: bool = False) -> None:
    """Nobody sets the term of the organisation until this transaction is over; `to_change`: nor chooses a date by it."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer
        lock = func.pg_advisory_xact_lock if to_change else func.pg_advisory_xact_lock_shared
        session.execute(select(lock(TERM_LOCK, func.hashtext(organisation_code))))


def retention_reasons(session: Session, sealer: Sealer, group_id: uuid.UUID) -> dict[str, str]:
    """Why a group was kept longer, each time that it was, by the id that the logbook names."""
    rows = session.execute(select(RetentionReason.id, RetentionReason.why).where(RetentionReason.group_id == group_id))
    return {str(row.id): sealer.open_text(row.why, KEPT_LONGER.of(row.id)) for row in rows}


def last_day_allowed(session: Session, organisation_code: str) -> date:
    """The latest retention date that can be chosen today."""
    return months_later(today(), term_of(session, organisation_code))
