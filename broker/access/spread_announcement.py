"""spread_announcement: put an announcement in the outbox, one message a person, a batch at a time (seed-sentences M8).

Each batch is a transaction that also notes how far it came, so a run that was cut off neither leaves anybody out nor writes to
anybody twice.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.announcement import Announcement, addressed
from broker.access.grant import Grant
from broker.access.live_rights import label_join
from broker.access.send_announcement import facts_of
from broker.database import to_change
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.person import Person

AT_ONCE = 200
_REACHABLE = ("entered", "proved", "verified")


def announcements_to_spread(session: Session) -> list[uuid.UUID]:
    """Those that did not reach everybody yet, the oldest first."""
    return list(
        session.scalars(select(Announcement.id).where(Announcement.spread_at.is_(None)).order_by(Announcement.sent_at))
    )


def spread_announcement(session: Session, _installation: Installation, announcement_id: uuid.UUID) -> bool:
    """The next AT_ONCE people; whether there are more."""
    announcement = session.scalars(to_change(select(Announcement).where(Announcement.id == announcement_id))).one()
    if announcement.spread_at is not None:
        return False
    people = _next_people(session, announcement)
    for person, job in people:
        address = _address(person, job)
        if address is None:
            continue
        put_mail(
            session,
            "announcement",
            address,
            key=f"announcement:{announcement.id}:{person.id}",
            language=person.language,
            facts=facts_of(announcement),
            subject_id=announcement.id,
        )
        announcement.recipients += 1
    if len(people) == AT_ONCE:
        announcement.after_person_id = people[-1][0].id
        return True
    announcement.spread_at = clock.now()
    audit.record(
        session,
        "access:announcement:spread",
        subject_id=announcement.id,
        details={"recipients": announcement.recipients},
    )
    return False


def _next_people(session: Session, announcement: Announcement) -> list[tuple[Person, Affiliation]]:
    """Each person once, by id, with the job of one of their rights."""
    now = clock.now()
    meant = addressed(announcement.application_code, announcement.right_code, announcement.target_group, now)
    ids = label_join(now).with_only_columns(Grant.person_id).where(*meant).distinct()
    if announcement.after_person_id is not None:
        ids = ids.where(Grant.person_id > announcement.after_person_id)
    chosen = session.scalars(ids.order_by(Grant.person_id).limit(AT_ONCE)).all()
    rows = session.execute(
        label_join(now).where(*meant, Grant.person_id.in_(chosen)).order_by(Grant.person_id, Grant.id)
    )
    first: dict[uuid.UUID, tuple[Person, Affiliation]] = {}
    for _, _, affiliation, person, _ in rows:
        first.setdefault(person.id, (person, affiliation))
    return list(first.values())


def _address(person: Person, job: Affiliation) -> str | None:
    """That of the job, else one's own; never one that a stranger typed."""
    if job.email and job.email_source in _REACHABLE:
        return job.email
    return person.email if person.email_source in _REACHABLE else None
