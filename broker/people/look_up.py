"""LookUp: somebody was looked for by number, and how often one may (threats DG3). Owns the table, the limit and the look.

At most so many people an hour and a day an administrator, found or not, whatever session, machine or road: a search, a new
person, a line of an upload, or an answer that says something of another organisation (DG4). The same person again within the
hour counts once. Only who works for the administrator's organisation is found: who works elsewhere, and who is unknown, is the
same answer after the same statements (DG2).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import audit, clock
from broker.database import Base, Identified, UtcDateTime, to_change
from broker.errors import TooManyError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.find_person import find_person_by_number
from broker.people.living_mandates import pool_members
from broker.people.mandate import officer_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

AN_HOUR, A_DAY = 20, 60
MISSES_THAT_ALARM = 10
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class LookUp(Identified, Base):
    """One administrator looked for one person. `missed`: nobody of the own organisation. `subject_key` is a keyed hash of who was
    looked for, by which the same one counts once; it opens nothing."""

    __tablename__ = "look_ups"

    actor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    subject_key: Mapped[str] = mapped_column(String(64))
    missed: Mapped[bool]
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_look_ups_actor", "actor_id", "looked_at"),)


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody of the own organisation."""

    person: Person
    affiliation: Affiliation


def look_up(
    session: Session, installation: Installation, actor: uuid.UUID, organisation: Organisation, number: str
) -> Found | None:
    """Whoever has or had this number (11 digits) and works for `organisation`, of which `actor` is an administrator. Counted.

    Raises:
        TooManyError: the administrator had their look-ups of this hour or day.
    """
    lock_look_ups(session, actor)
    found = find_at(session, installation, organisation, number)
    count_look_ups(session, actor, organisation, {subject_key(installation, actor, number): found is None})
    return found


def find_at(session: Session, installation: Installation, organisation: Organisation, number: str) -> Found | None:
    """Whoever has or had this number and works for `organisation` now; two statements, found or not. The caller counts it."""
    person = find_person_by_number(session, installation.keys, number)
    affiliation = session.scalar(
        select(Affiliation).where(
            Affiliation.person_id == (person.id if person else uuid.UUID(int=0)),
            Affiliation.organisation_id == organisation.id,
            Affiliation.ended_at.is_(None),
        )
    )
    if person is None or affiliation is None or not affiliation.in_force(clock.now()):
        return None
    return Found(person, affiliation)


def subject_key(installation: Installation, actor: uuid.UUID, looked_for: str) -> str:
    """By which one administrator's look-ups of the same person are one; of two administrators they cannot be told."""
    return installation.keys.private_hash(f"{actor}:{looked_for}", "look_ups")


def look_ups_left(session: Session, actor: uuid.UUID) -> int:
    """How many more people the administrator may look for now."""
    seen = _seen(session, actor)
    return max(0, min(AN_HOUR - len(seen.this_hour), A_DAY - seen.today))


def lock_look_ups(session: Session, actor: uuid.UUID) -> None:
    """Let one operation at a time count for this administrator."""
    session.scalar(to_change(select(Person).where(Person.id == actor)))


def count_look_ups(
    session: Session, actor: uuid.UUID, organisation: Organisation, looked_for: Mapping[str, bool]
) -> None:
    """Count who was looked for, `subject_key` → whether nobody was found; the tenth miss within an hour alarms the officers. After
    `lock_look_ups`.

    Raises:
        TooManyError: more than the administrator may; nothing may be told of what was found.
    """
    seen = _seen(session, actor)
    new = {key: missed for key, missed in looked_for.items() if key not in seen.this_hour}
    if len(seen.this_hour) + len(new) > AN_HOUR or seen.today + len(new) > A_DAY:
        raise TooManyError("too_many_look_ups", TOO_MANY, retry_after=int(_HOUR.total_seconds()))
    now = clock.now()
    session.add_all(
        [LookUp(actor_id=actor, subject_key=key, missed=missed, looked_at=now) for key, missed in new.items()]
    )
    session.flush()
    audit.record(
        session,
        "people:person:look_up",
        subject_id=actor,
        organisation_id=organisation.id,
        details={"count": len(looked_for), "missed": sum(looked_for.values())},
    )
    before = sum(seen.this_hour.values())
    if before < MISSES_THAT_ALARM <= before + sum(new.values()):
        _alarm(session, actor, organisation)


@dataclass(frozen=True, slots=True)
class _Seen:
    """`this_hour`: subject → missed; `today`: how many in a day, this hour's included."""

    this_hour: dict[str, bool]
    today: int


def _seen(session: Session, actor: uuid.UUID) -> _Seen:
    now = clock.now()
    rows = session.execute(
        select(LookUp.subject_key, LookUp.missed, LookUp.looked_at).where(
            LookUp.actor_id == actor, LookUp.looked_at > now - _DAY
        )
    ).all()
    return _Seen({key: missed for key, missed, moment in rows if moment > now - _HOUR}, len(rows))


def forget_look_ups(session: Session) -> None:
    """Delete what no longer counts."""
    session.execute(delete(LookUp).where(LookUp.looked_at <= clock.now() - _DAY))


def _alarm(session: Session, actor: uuid.UUID, organisation: Organisation) -> None:
    event = audit.record(session, "people:person:look_ups_missed", subject_id=actor, organisation_id=organisation.id)
    name = session.get_one(Person, actor).full_name
    for officer in pool_members(session, officer_scope(organisation.target_group, organisation.organisation_type)):
        if officer.email is None or officer.person_id == actor:
            continue
        put_mail(
            session,
            "look_ups_missed",
            officer.email,
            key=str(event.id),
            language=officer.language,
            facts={
                "organisation_name": organisation.name,
                "person_name": name,
                "task_count": MISSES_THAT_ALARM,
                "since": clock.now().isoformat(),
                "given_name": officer.given_name,
            },
            subject_id=actor,
        )


TOO_MANY = Text(
    "U zocht al vaak op nummer. Probeer het over een uur opnieuw, of morgen.",
    "You looked up many numbers already. Try again in an hour, or tomorrow.",
)
