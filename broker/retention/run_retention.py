"""run_retention: apply every rule, or say what it would do. Safe to stop at any moment and to run again.

Owns the order, the batches and the brake (threats RE2): more than a tenth of a table at once is refused before anything is
erased, unless forced; a dry run only counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import db, perform
from broker.errors import ConflictError
from broker.installation import Installation
from broker.people.person import Person
from broker.retention.closed_requests import APPROVED_REQUESTS, REFUSED_REQUESTS
from broker.retention.closed_uploads import UPLOADS
from broker.retention.ended_jobs import ENDED_JOBS
from broker.retention.ended_sessions import ENDED_SESSIONS
from broker.retention.never_linked import NEVER_LINKED
from broker.retention.people_without_ties import PEOPLE_WITHOUT_TIES
from broker.retention.rule import RetentionRule
from broker.retention.sent_messages import SENT_MESSAGES
from broker.retention.source_addresses import SOURCE_ADDRESSES
from broker.text import Text

AT_ONCE = 500
SMALL = 100  # fewer rows than this are no accident
RULES: tuple[RetentionRule, ...] = (
    REFUSED_REQUESTS,
    APPROVED_REQUESTS,
    NEVER_LINKED,
    ENDED_SESSIONS,
    SENT_MESSAGES,
    SOURCE_ADDRESSES,
    UPLOADS,
    ENDED_JOBS,
    PEOPLE_WITHOUT_TIES,
)

_TOO_MANY = Text(
    "{rule}: {due} van {whole} rijen zouden verdwijnen. Kijk policies/retention.yaml na, of gebruik --force.",
    "{rule}: {due} of {whole} rows would go. Look at policies/retention.yaml, or use --force.",
)


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What one rule does: `due` rows of `whole`, older than `before`."""

    rule: str
    before: datetime
    due: int
    whole: int

    @property
    def suspicious(self) -> bool:
        """So many at once that a slip of the pen is likely."""
        return self.due > SMALL and self.due * 10 > self.whole


def count_due(session: Session, installation: Installation) -> list[RuleReport]:
    """What a run would erase now, rule by rule. Reads only."""
    now = clock.now()
    reports = []
    for rule in RULES:
        before = now - timedelta(days=installation.catalogue.retention[rule.code])
        due = session.scalar(select(func.count()).select_from(rule.due(before).subquery())) or 0
        reports.append(RuleReport(rule.code, before, due, session.scalar(rule.whole()) or 0))
    return reports


def run_retention(installation: Installation, *, force: bool = False) -> Iterator[RuleReport]:
    """Apply every rule in batches, a transaction each; a report for each rule, as it is done.

    Raises:
        ConflictError: `retention_too_many`, before anything is erased.
    """
    planned = count_due(db.session(), installation)
    db.session.rollback()
    for report in planned:
        if report.suspicious and not force:
            raise ConflictError(
                "retention_too_many", _TOO_MANY.with_facts(rule=report.rule, due=report.due, whole=report.whole)
            )
    for rule, report in zip(RULES, planned, strict=True):
        erased = 0
        while count := perform(_erase_some, installation, rule, report.before):
            erased += count
        yield RuleReport(rule.code, report.before, erased, report.whole)


def _erase_some(session: Session, installation: Installation, rule: RetentionRule, before: datetime) -> int:
    keys = _still_due(session, rule, before)
    if keys:
        rule.erase(session, installation, keys)
        audit.record(
            session,
            "retention:rule:apply",
            details={"rule": rule.code, "count": len(keys), "before": before.date().isoformat()},
        )
    return len(keys)


def _still_due(session: Session, rule: RetentionRule, before: datetime) -> Sequence[Any]:
    """The next keys of a rule. Persons are locked first and then asked for again: whoever gives them a right, or signs them in, at
    this moment waits, and what was given a moment ago is seen."""
    keys = session.scalars(rule.due(before).limit(AT_ONCE)).all()
    if not keys or not rule.of_people:
        return keys
    session.execute(
        select(Person.id).where(Person.id.in_(keys)).order_by(Person.id).with_for_update(key_share=True)
    ).all()
    return session.scalars(rule.due(before).where(Person.id.in_(keys))).all()
