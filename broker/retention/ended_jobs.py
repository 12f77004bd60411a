"""ended_jobs: work addresses and telephone of an affiliation that ended, and the name that was typed and nobody confirmed.

That somebody worked there, and when, stays. Owns what is taken away of a job (`erase_jobs`), for `people_without_ties` too.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, update
from sqlalchemy.orm import Session

from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.retention.rule import RetentionRule


def _due(before: datetime) -> Select[Any]:
    return select(Affiliation.id).where(
        or_(Affiliation.ended_at < before, Affiliation.valid_until < before),
        or_(
            Affiliation.email.is_not(None),
            Affiliation.phone.is_not(None),
            Affiliation.general_email.is_not(None),
            Affiliation.entered_given_name != "",
            Affiliation.entered_family_name != "",
        ),
    )


def _whole() -> Select[int]:
    return select(func.count()).select_from(Affiliation)


def _erase(session: Session, _installation: Installation, ids: Sequence[Any]) -> None:
    erase_jobs(session, Affiliation.id.in_(ids))


def erase_jobs(session: Session, which: ColumnElement[bool]) -> None:
    """Take away what names somebody in the affiliations that `which` holds for."""
    # Erased, and not absent: the name of whoever that number belongs to does not take its place (threats DG2).
    nameless = case((Affiliation.entered_family_name.is_not(None), ""))
    session.execute(
        update(Affiliation)
        .where(which)
        .values(
            email=None,
            email_source=None,
            phone=None,
            general_email=None,
            entered_given_name=nameless,
            entered_family_name=nameless,
        )
        .execution_options(synchronize_session=False)
    )


ENDED_JOBS = RetentionRule("ended_jobs", _due, _whole, _erase)
