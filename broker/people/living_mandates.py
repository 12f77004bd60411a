"""living_mandates: who may decide what at this moment. Read-only; the one place that knows when a Mandate counts.

A mandate lives while its own dates hold, nobody ended it, the person is matched to a digital key and, for the local
kinds, the organisation lives and the person still works there (lifecycles §5, threats AP5). An officer's scope names
the kind of organisation, so an organisation that becomes another kind leaves the officer's pool by itself. Does not
own what happens where a pool is empty (`access.pool`).
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.people.affiliation import Affiliation
from broker.people.mandate import KINDS, LOCAL_KINDS, Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person

_REACHABLE = ("entered", "proved", "verified")  # a typed address is the word of a stranger (threats rule 1)


@dataclass(frozen=True, slots=True)
class MandateView:
    """One living mandate with its holder. `email` is that of the job where there is one, else the person's own."""

    mandate: Mandate
    person: Person
    organisation: Organisation | None
    email: str | None

    @property
    def mandate_id(self) -> uuid.UUID:
        """The row that a decider locks."""
        return self.mandate.id

    @property
    def person_id(self) -> uuid.UUID:
        """Who holds it."""
        return self.mandate.person_id

    @property
    def kind(self) -> str:
        """head_local_admin, local_admin, target_group_officer or application_owner."""
        return self.mandate.kind

    @property
    def scope_key(self) -> str:
        """`org:<id>`, `officer:<target group>:<type>` or `app:<code>`."""
        return self.mandate.scope_key

    @property
    def full_name(self) -> str:
        """The holder's name."""
        return self.person.full_name

    @property
    def language(self) -> str:
        """The language the holder chose."""
        return self.person.language


@dataclass(frozen=True, slots=True)
class PoolMember:
    """Somebody who may decide the tasks of one pool. Without `email` they decide, but hear nothing."""

    person_id: uuid.UUID
    full_name: str
    email: str | None
    language: str
    kind: str
    given_name: str = ""


def living_mandates(
    session: Session,
    *,
    person_id: uuid.UUID | None = None,
    scope_key: str | None = None,
    scope_keys: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
) -> list[MandateView]:
    """The mandates that count now, of one person, of one scope or several, or of some kinds; one statement.

    In the order of `by_rank`.
    """
    query = living_rows(clock.now())
    if person_id is not None:
        query = query.where(Mandate.person_id == person_id)
    if scope_key is not None:
        query = query.where(Mandate.scope_key == scope_key)
    if scope_keys is not None:
        query = query.where(Mandate.scope_key.in_(scope_keys))
    if kinds is not None:
        query = query.where(Mandate.kind.in_(kinds))
    views = [
        MandateView(mandate, person, organisation, address_of(person, affiliation))
        for mandate, person, organisation, affiliation in session.execute(query)
    ]
    return by_rank(views)


def by_rank(views: list[MandateView]) -> list[MandateView]:
    """Heads before local administrators, then by family name."""
    return sorted(views, key=lambda view: (KINDS.index(view.kind), view.person.family_name, view.full_name))


def pool_members(session: Session, pool_key: str) -> list[PoolMember]:
    """Everybody with a living mandate for this scope, each once, heads first; one statement."""
    members: dict[uuid.UUID, PoolMember] = {}
    for view in living_mandates(session, scope_key=pool_key):
        member = PoolMember(
            view.person_id, view.full_name, view.email, view.language, view.kind, given_name=view.person.given_name
        )
        members.setdefault(view.person_id, member)
    return list(members.values())


def pool_can_decide(
    pool_key: ColumnElement[str], applicant: ColumnElement[uuid.UUID | None], instant: datetime
) -> ColumnElement[bool]:
    """A condition: somebody other than the applicant holds a living mandate for this scope and can be told by mail."""
    return (
        living_rows(instant)
        .with_only_columns(Mandate.id)
        .where(
            Mandate.scope_key == pool_key,
            or_(applicant.is_(None), Mandate.person_id != applicant),
            or_(
                and_(Affiliation.email.is_not(None), Affiliation.email_source.in_(_REACHABLE)),
                and_(Person.email.is_not(None), Person.email_source.in_(_REACHABLE)),
            ),
        )
        .correlate_except(Mandate, Person, Organisation, Affiliation)
        .exists()
    )


def holds_mandate(
    person: ColumnElement[uuid.UUID | None], scope_keys: Collection[ColumnElement[str]], instant: datetime
) -> ColumnElement[bool]:
    """A condition: this person holds a living mandate for one of these scopes."""
    return (
        living_rows(instant)
        .with_only_columns(Mandate.id)
        .where(Mandate.person_id == person, or_(*(Mandate.scope_key == scope_key for scope_key in scope_keys)))
        .correlate_except(Mandate, Person, Organisation, Affiliation)
        .exists()
    )


def living_rows(instant: datetime) -> Select[Mandate, Person, Organisation, Affiliation]:
    """Every mandate that counts at `instant`, with its holder, organisation and job there."""
    return (
        select(Mandate, Person, Organisation, Affiliation)
        .join(Person, Person.id == Mandate.person_id)
        .outerjoin(Organisation, Organisation.id == Mandate.organisation_id)
        .outerjoin(
            Affiliation,
            and_(
                Affiliation.person_id == Mandate.person_id,
                Affiliation.organisation_id == Mandate.organisation_id,
                Affiliation.counts(instant),
            ),
        )
        .where(
            Mandate.holds(instant),
            Person.state == "matched",
            or_(
                Mandate.kind.not_in(LOCAL_KINDS),
                and_(Organisation.ended_at.is_(None), Affiliation.id.is_not(None)),
            ),
        )
    )


def address_of(person: Person, affiliation: Affiliation | None) -> str | None:
    """Where somebody reads their mail: at the job where there is such an address, else their own; never a typed one."""
    if affiliation is not None and affiliation.email and affiliation.email_source in _REACHABLE:
        return affiliation.email
    return person.email if person.email_source in _REACHABLE else None
