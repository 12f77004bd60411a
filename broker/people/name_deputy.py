"""name_deputy: an administrator who will be away lets a colleague decide tasks meanwhile (lifecycles §5, threats AP1, AP2).

Only the holder names, for a mandate of their own, somebody who works for the same organisation, and for a term with an end.
Nothing is handed over: open tasks show for both (`access.pool`). Does not own what a deputy may decide, which is tasks only.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import to_change, to_depend_on
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.deputy import Deputy
from broker.people.end_deputyships import EXPIRED
from broker.people.living_mandates import living_mandates
from broker.people.mandate import LOCAL_KINDS, Mandate
from broker.people.mandate_authority import lock_organisation, same_human
from broker.people.person import Person
from broker.people.tell_of_deputy import tell_named
from broker.text import Text

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class NewDeputy:
    """Who stands in, and from the first day up to and including the last."""

    person_id: uuid.UUID
    first_day: date
    last_day: date


def name_deputy(
    session: Session, installation: Installation, actor: uuid.UUID, mandate_id: uuid.UUID, wish: NewDeputy
) -> Deputy:
    """Let somebody decide for the holder of this mandate, and tell them and whoever else decides there.

    Raises:
        NotFoundError: no such mandate of `actor`, or nobody of that organisation.
        ForbiddenError: the mandate does not count any more, or the deputy is the holder.
        InvalidError: the days do not go together.
        ConflictError: that person decides there already, or is a deputy already.
    """
    valid_from, valid_until = _term(wish)
    unlocked = session.get(Mandate, mandate_id)
    if unlocked is None or unlocked.person_id != actor or unlocked.kind not in LOCAL_KINDS:
        raise NotFoundError("mandate_unknown", MANDATE_UNKNOWN)
    assert unlocked.organisation_id is not None
    organisation = lock_organisation(session, unlocked.organisation_id)
    assert organisation is not None
    mandate = session.scalars(to_depend_on(select(Mandate).where(Mandate.id == mandate_id))).one()
    deciding = living_mandates(session, scope_key=mandate.scope_key)
    if all(view.mandate_id != mandate_id for view in deciding):
        raise ForbiddenError("mandate_ended", NO_LONGER)
    _settle(session, mandate_id, wish.person_id)
    deputy_person = _colleague(session, wish.person_id, organisation.id)
    holder = session.get_one(Person, actor)
    if same_human(holder, deputy_person):
        raise ForbiddenError("not_for_yourself", FOR_YOURSELF)
    if any(view.person_id == deputy_person.id for view in deciding):
        raise ConflictError("decides_already", DECIDES_ALREADY)
    deputy = Deputy(
        id=uuid.uuid4(),
        mandate_id=mandate_id,
        holder_person_id=actor,
        deputy_person_id=deputy_person.id,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    session.add(deputy)
    session.flush()
    audit.record(
        session,
        "people:deputy:name",
        subject_id=deputy_person.id,
        organisation_id=organisation.id,
        details={"deputy": deputy.id, "mandate": mandate_id},
    )
    tell_named(session, deputy, holder, deputy_person, organisation)
    return deputy


def _term(wish: NewDeputy) -> tuple[datetime, datetime]:
    now = clock.now()
    today = clock.local_date(now)
    wrong: dict[str, Text] = {}
    if wish.first_day < today:
        wrong["first_day"] = Text("Deze dag is al voorbij.", "This day is over already.")
    elif wish.first_day > today + LONGEST:
        wrong["first_day"] = Text("Kies een dag binnen het jaar.", "Choose a day within a year.")
    if wish.last_day < max(wish.first_day, today):
        wrong["last_day"] = Text("De laatste dag ligt voor de eerste.", "The last day is before the first.")
    elif wish.last_day - max(wish.first_day, today) > LONGEST:
        wrong["last_day"] = Text("Hoogstens een jaar.", "A year at most.")
    if wrong:
        raise InvalidError("term_bad", Text("Deze dagen kunnen zo niet.", "These days cannot be used."), wrong)
    first = now if wish.first_day == today else clock.start_of_day(wish.first_day)
    return first, clock.end_of_day(wish.last_day)


def _settle(session: Session, mandate_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """End in writing what the clock has ended, as it holds the slot; refuse where it still stands."""
    held = session.scalar(
        to_change(
            select(Deputy).where(
                Deputy.mandate_id == mandate_id, Deputy.deputy_person_id == person_id, Deputy.ended_at.is_(None)
            )
        )
    )
    if held is None:
        return
    if not held.run_out(clock.now()):
        raise ConflictError("deputy_already", ALREADY)
    held.ended_at, held.end_reason = held.valid_until, EXPIRED
    audit.record(session, "people:deputy:expire", subject_id=person_id, details={"deputy": held.id})
    session.flush()


def _colleague(session: Session, person_id: uuid.UUID, organisation_id: uuid.UUID) -> Person:
    """Somebody who works there now; whoever works elsewhere is unknown (threats ID2)."""
    person = session.scalar(to_depend_on(select(Person).where(Person.id == person_id)))
    job = session.scalar(
        to_depend_on(
            select(Affiliation).where(
                Affiliation.person_id == person_id,
                Affiliation.organisation_id == organisation_id,
                Affiliation.ended_at.is_(None),
            )
        )
    )
    if person is None or job is None or not job.in_force(clock.now()) or person.state not in ("unlinked", "matched"):
        raise NotFoundError("person_unknown", NOBODY_HERE)
    return person


MANDATE_UNKNOWN = Text("Dit mandaat bestaat niet.", "There is no such mandate.")
NO_LONGER = Text("U bent geen beheerder meer van deze organisatie.", "You are no longer an administrator here.")
NOBODY_HERE = Text("Deze persoon werkt niet voor uw organisatie.", "This person does not work for your organisation.")
FOR_YOURSELF = Text("U kunt uzelf niet vervangen.", "You cannot stand in for yourself.")
DECIDES_ALREADY = Text(
    "Deze collega is zelf beheerder en kan uw taken al beslissen.",
    "This colleague is an administrator and can decide your tasks already.",
)
ALREADY = Text("Deze collega is al uw plaatsvervanger.", "This colleague is your deputy already.")
