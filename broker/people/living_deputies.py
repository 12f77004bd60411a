"""living_deputies: who decides tasks for whom at this moment. Read-only; the one place that knows when a Deputy counts.

A deputyship lives within its own dates while the mandate under it lives, and while the deputy is matched to a digital key and works
for that organisation. It is no mandate: whoever asks for mandates (`living_mandates`) does not find it, so a deputy appoints
nobody, dismisses nobody and gives nothing away (threats AP1).
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.people.affiliation import Affiliation
from broker.people.deputy import Deputy
from broker.people.living_mandates import MandateView, PoolMember, address_of, by_rank, living_rows
from broker.people.mandate import LOCAL_KINDS, Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person

_deputy_person = aliased(Person, name="deputy_person")
_deputy_job = aliased(Affiliation, name="deputy_job")


@dataclass(frozen=True, slots=True)
class DeputyView:
    """One living deputyship: who decides, for whom, under which mandate. `email` is where the deputy reads mail."""

    deputy: Deputy
    mandate: Mandate
    person: Person
    holder: Person
    organisation: Organisation
    email: str | None

    @property
    def scope_key(self) -> str:
        """`org:<id>`: the pool whose tasks the deputy may decide."""
        return self.mandate.scope_key


def living_deputies(
    session: Session, *, person_id: uuid.UUID | None = None, scope_key: str | None = None
) -> list[DeputyView]:
    """The deputyships that count now, of one deputy or of one scope; one statement. By family name of the deputy."""
    query = _living(clock.now())
    if person_id is not None:
        query = query.where(Deputy.deputy_person_id == person_id)
    if scope_key is not None:
        query = query.where(Mandate.scope_key == scope_key)
    views = [
        DeputyView(deputy, mandate, person, holder, organisation, address_of(person, job))
        for mandate, holder, organisation, _, deputy, person, job in session.execute(query)
    ]
    return _by_name(views)


def mandates_and_deputyships(session: Session, person_id: uuid.UUID) -> tuple[list[MandateView], list[DeputyView]]:
    """What one person decides now: the mandates they hold, and those of others for whom they stand in; one statement."""
    now = clock.now()
    of_others = select(Deputy.mandate_id).where(Deputy.deputy_person_id == person_id, Deputy.ended_at.is_(None))
    query = (
        living_rows(now)
        .outerjoin(
            Deputy, and_(Deputy.mandate_id == Mandate.id, Deputy.deputy_person_id == person_id, Deputy.holds(now))
        )
        .outerjoin(_deputy_person, _is_deputy())
        .outerjoin(_deputy_job, _works_there(now))
        .where(Mandate.id.in_(select(Mandate.id).where(Mandate.person_id == person_id).union_all(of_others)))
        .add_columns(Deputy, _deputy_person, _deputy_job)
    )
    held, deputies = [], []
    for mandate, holder, organisation, holder_job, deputy, person, job in session.execute(query):
        if mandate.person_id == person_id:
            held.append(MandateView(mandate, holder, organisation, address_of(holder, holder_job)))
        elif mandate.kind in LOCAL_KINDS and person is not None and job is not None:
            deputies.append(DeputyView(deputy, mandate, person, holder, organisation, address_of(person, job)))
    return by_rank(held), _by_name(deputies)


def deputy_members(session: Session, pool_key: str) -> list[PoolMember]:
    """Everybody who decides the tasks of this pool for somebody else, each once; one statement."""
    members: dict[uuid.UUID, PoolMember] = {}
    for view in living_deputies(session, scope_key=pool_key):
        person = view.person
        member = PoolMember(
            person.id, person.full_name, view.email, person.language, view.mandate.kind, given_name=person.given_name
        )
        members.setdefault(person.id, member)
    return list(members.values())


def acts_as_deputy(
    person: ColumnElement[uuid.UUID | None], scope_keys: Collection[ColumnElement[str]], instant: datetime
) -> ColumnElement[bool]:
    """A condition: this person now is the deputy of somebody with a living mandate for one of these scopes."""
    return (
        _living(instant)
        .with_only_columns(Deputy.id)
        .where(Deputy.deputy_person_id == person, or_(*(Mandate.scope_key == scope_key for scope_key in scope_keys)))
        .correlate_except(Mandate, Person, Organisation, Affiliation, Deputy, _deputy_person, _deputy_job)
        .exists()
    )


def _by_name(views: list[DeputyView]) -> list[DeputyView]:
    return sorted(views, key=lambda view: (view.person.family_name, view.person.full_name, view.deputy.id))


def _living(instant: datetime) -> Select[Mandate, Person, Organisation, Affiliation, Deputy, Person, Affiliation]:
    return (
        living_rows(instant)
        .join(Deputy, Deputy.mandate_id == Mandate.id)
        .join(_deputy_person, _is_deputy())
        .join(_deputy_job, _works_there(instant))
        .where(Mandate.kind.in_(LOCAL_KINDS), Deputy.holds(instant))
        .add_columns(Deputy, _deputy_person, _deputy_job)
    )


def _is_deputy() -> ColumnElement[bool]:
    return and_(_deputy_person.id == Deputy.deputy_person_id, _deputy_person.state == "matched")


def _works_there(instant: datetime) -> ColumnElement[bool]:
    return and_(
        _deputy_job.person_id == Deputy.deputy_person_id,
        _deputy_job.organisation_id == Mandate.organisation_id,
        _deputy_job.counts(instant),
    )
