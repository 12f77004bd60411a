"""administered_grant: a right, and under which mandate somebody may change it (issue "the desk").

The local administrators of its organisation; the officer of that kind of organisation only where none of them but the holder is
left (decisions 9). Nobody touches their own right, by person, number, proved address or telephone (threats rule 6, DG1). Owns that
question, locked and read again for a change (threats rule 4); not what changes.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.decision import MANDATE_ENDED, lock_organisation
from broker.access.grant import Grant
from broker.access.load_case import somebodies, somebody
from broker.access.pool import reachable
from broker.access.rules.not_for_yourself import same_human
from broker.database import to_change
from broker.errors import ConflictError, ForbiddenError, NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import PoolMember, living_mandates, pool_members
from broker.people.mandate import Mandate, officer_scope, organisation_scope
from broker.people.name_at_work import NameAtWork, name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

OWN_RIGHT = Text(
    "Over uw eigen recht beslist u niet zelf. Een collega-beheerder doet dat.",
    "You do not decide on your own right. A fellow administrator does.",
)
ENDED_MEANWHILE = Text("Dit recht is intussen gestopt.", "This right has ended meanwhile.")


@dataclass(frozen=True, slots=True)
class AdministeredGrant:
    """The right with its holder and organisation. `in_place`: the officer acts, as no administrator can. `own`: the actor's own."""

    grant: Grant
    person: Person
    affiliation: Affiliation
    organisation: Organisation
    mandate_id: uuid.UUID
    in_place: bool
    own: bool

    @property
    def name(self) -> NameAtWork:
        """The holder, as this organisation knows them."""
        return name_at_work(self.person, self.affiliation)


def administered_grant(session: Session, actor: uuid.UUID, grant_id: uuid.UUID) -> AdministeredGrant:
    """One right, for reading.

    Raises:
        NotFoundError: no such right at an organisation of `actor`.
    """
    row = session.execute(
        select(Grant, Person, Affiliation, Organisation)
        .join(Person, Person.id == Grant.person_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(Grant.id == grant_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("grant_unknown")
    grant, person, affiliation, organisation = row
    mandate_id, in_place = _authority(session, actor, grant, organisation)
    known = somebodies(session, {actor, person.id})
    own = same_human(known[actor], known[person.id])
    return AdministeredGrant(grant, person, affiliation, organisation, mandate_id, in_place, own)


def lock_holder(session: Session, actor: uuid.UUID, grant_id: uuid.UUID, *others: uuid.UUID) -> AdministeredGrant:
    """The same for a change, locked in the order of lifecycles §13: organisation, mandate, its holder and the persons `others`. The
    right itself is not locked yet (`lock_grant`), as labels come before it.

    Raises:
        NotFoundError: no such right at an organisation of `actor`.
        ForbiddenError: the actor's own right, or the mandate ended meanwhile.
    """
    found = administered_grant(session, actor, grant_id)
    organisation = lock_organisation(session, found.organisation.id)
    assert organisation is not None
    session.execute(select(Mandate.id).where(Mandate.id == found.mandate_id).with_for_update(read=True))
    people = {found.person.id, *others}
    session.scalars(to_change(select(Person).where(Person.id.in_(people)).order_by(Person.id))).all()
    try:
        mandate_id, in_place = _authority(session, actor, found.grant, organisation)
    except NotFoundError as error:
        raise ForbiddenError("mandate_ended", MANDATE_ENDED) from error
    if same_human(somebody(session, actor), somebody(session, found.person.id)):
        raise ForbiddenError("not_for_yourself", OWN_RIGHT)
    person = session.get_one(Person, found.person.id)
    return AdministeredGrant(found.grant, person, found.affiliation, organisation, mandate_id, in_place, own=False)


def lock_grant(session: Session, grant_id: uuid.UUID) -> Grant:
    """The right, locked and living; after the persons.

    Raises:
        ConflictError: it has ended.
    """
    grant = session.scalars(to_change(select(Grant).where(Grant.id == grant_id))).one()
    if grant.ended_at is not None:
        raise ConflictError("grant_ended", ENDED_MEANWHILE)
    return grant


def lock_administered_grant(
    session: Session, actor: uuid.UUID, grant_id: uuid.UUID, *others: uuid.UUID
) -> AdministeredGrant:
    """Holder and right, both locked.

    Raises:
        NotFoundError, ForbiddenError: as `lock_holder`.
        ConflictError: as `lock_grant`.
    """
    found = lock_holder(session, actor, grant_id, *others)
    lock_grant(session, grant_id)
    return found


def _authority(session: Session, actor: uuid.UUID, grant: Grant, organisation: Organisation) -> tuple[uuid.UUID, bool]:
    """(mandate, in place of an administrator) under which `actor` may act on this right."""
    local = organisation_scope(organisation.id)
    officer = officer_scope(organisation.target_group, organisation.organisation_type)
    held = {view.scope_key: view.mandate_id for view in living_mandates(session, person_id=actor)}
    if local in held:
        return held[local], False
    if officer in held and left_to_the_officer(pool_members(session, local), grant.person_id):
        return held[officer], True
    raise NotFoundError("grant_unknown")


def left_to_the_officer(administrators: Sequence[PoolMember], holder: uuid.UUID) -> bool:
    """Whether the officer acts on a right of `holder`: none of the `administrators` of the organisation but the holder is left."""
    return not reachable(tuple(each for each in administrators if each.person_id != holder))
