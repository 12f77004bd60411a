"""report_colleague: who has a right says that a colleague should no longer have theirs (seed 000: "laat eventueel het gebruiksrecht
intrekken van personen die niet langer gebruik mogen maken"). It becomes a task of the administrators, like another.

Only somebody whose own right counts now, about a right in the same application at the same organisation, and so many at a time. A
right that was reported already is not reported twice: the answer is the same. Owns also who can be reported. What becomes of it is
`decide_report`.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.decision import cleaned_reason, lock_organisation
from broker.access.grant import Grant
from broker.access.live_rights import grant_state, label_join
from broker.access.open_task import open_report_task
from broker.access.report import Report
from broker.access.task import Task
from broker.database import to_change
from broker.errors import ConflictError, InvalidError, NotFoundError, TooManyError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import family_name_at_work, given_name_at_work, name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

AT_ONCE = 5
AT_MOST = 200
CHOOSE = Text("Kies een collega.", "Choose a colleague.")
SAY_WHY = Text("Schrijf waarom, in één zin.", "Write why, in one sentence.")
TOO_MANY = Text(
    "Er wachten al vijf meldingen van u. Wacht tot een beheerder ze bekeken heeft.",
    "Five reports of yours are waiting already. Wait until an administrator has looked at them.",
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with a right in the same application at the same organisation."""

    grant_id: uuid.UUID
    full_name: str
    right_code: str
    context_code: str


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """The right under which somebody may report, and where."""

    grant: Grant
    organisation: Organisation


def own_place(session: Session, installation: Installation, actor: uuid.UUID, grant_id: uuid.UUID) -> OwnPlace:
    """The actor's own right, that counts now.

    Raises:
        NotFoundError: not a right of `actor`, or it does not count.
    """
    now = clock.now()
    row = session.execute(label_join(now).where(Grant.id == grant_id, Grant.person_id == actor)).one_or_none()
    if row is None or grant_state(*row, catalogue=installation.catalogue, instant=now) != "active":
        raise NotFoundError("grant_unknown")
    return OwnPlace(row[0], row[1])


def colleagues_of(session: Session, place: OwnPlace) -> list[Colleague]:
    """Who else has a living right there, by name; one statement."""
    now = clock.now()
    own = place.grant
    rows = session.execute(
        select(Grant, Person, Affiliation)
        .join(Person, Person.id == Grant.person_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .where(
            Grant.organisation_id == own.organisation_id,
            Grant.application_code == own.application_code,
            Grant.person_id != own.person_id,
            Grant.not_over(now),
            Affiliation.holds(now),
        )
        .order_by(family_name_at_work(), given_name_at_work(), Grant.id)
        .limit(AT_MOST)
    )
    return [
        Colleague(grant.id, name_at_work(person, job).full_name, grant.right_code, grant.context_code)
        for grant, person, job in rows
    ]


def report_colleague(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    own_grant_id: uuid.UUID,
    reported_grant_id: uuid.UUID | None,
    note: str,
) -> None:
    """Put it before the administrators of the organisation.

    Raises:
        NotFoundError: no right of `actor` that counts.
        InvalidError: nobody of there was chosen, or no reason.
        ConflictError: the organisation ended.
        TooManyError: too many of theirs wait.
    """
    unlocked = own_place(session, installation, actor, own_grant_id)
    organisation = lock_organisation(session, unlocked.organisation.id)
    assert organisation is not None
    if not organisation.living:
        raise ConflictError("organisation_ended", ORGANISATION_ENDED)
    own = own_place(session, installation, actor, own_grant_id)
    if reported_grant_id not in {each.grant_id for each in colleagues_of(session, own)}:
        raise InvalidError("colleague_missing", CHOOSE, {"colleague": CHOOSE})
    if not note.strip():
        raise InvalidError("reason_missing", SAY_WHY, {"reason": SAY_WHY})
    note = cleaned_reason(note, required=True)
    session.scalar(to_change(select(Person).where(Person.id == actor)))  # one report of theirs at a time
    grant = session.scalars(to_change(select(Grant).where(Grant.id == reported_grant_id))).one()
    if grant.ended_at is not None or _reported(session, grant.id):
        return
    if _waiting(session, actor) >= AT_ONCE:
        raise TooManyError("too_many_reports", TOO_MANY, retry_after=3600)
    report = Report(id=uuid.uuid4(), grant_id=grant.id, reporter_id=actor, note=note, created_at=clock.now())
    session.add(report)
    session.flush()
    audit.record(
        session,
        "access:grant:report",
        subject_id=grant.id,
        organisation_id=organisation.id,
        details={"report": report.id},
    )
    open_report_task(session, installation, report.id, grant, organisation)


def _reported(session: Session, grant_id: uuid.UUID) -> bool:
    found = select(Task.id).join(Report, Report.id == Task.report_id)
    return session.scalar(found.where(Report.grant_id == grant_id, Task.closed_at.is_(None)).limit(1)) is not None


def _waiting(session: Session, actor: uuid.UUID) -> int:
    count = select(func.count()).select_from(Task).join(Report, Report.id == Task.report_id)
    return session.scalar(count.where(Report.reporter_id == actor, Task.closed_at.is_(None))) or 0


ORGANISATION_ENDED = Text("Deze organisatie bestaat niet meer.", "This organisation no longer exists.")
