"""administered_grant: a right, and under which mandate somebody may end, shorten or extend it (issue "the desk").

The local administrators of its organisation; the officer of that kind of organisation only where none of them but the holder is
left (decisions 9). Nobody touches their own right, by person, number, proved address or telephone (threats rule 6, DG1). Owns that
question, locked and read again for a change (threats rule 4); not what changes.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.decision import MANDATE_ENDED, lock_organisation
from broker.access.grant import Grant
from broker.access.load_case import somebody
from broker.access.pool import reachable
from broker.access.rules.not_for_yourself import same_human
from broker.database import to_change
from broker.errors import ConflictError, ForbiddenError, NotFoundError
from broker.people.living_mandates import living_mandates, pool_members
from broker.people.mandate import Mandate, officer_scope, organisation_scope
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
    organisation: Organisation
    mandate_id: uuid.UUID
    in_place: bool
    own: bool


def administered_grant(session: Session, actor: uuid.UUID, grant_id: uuid.UUID) -> AdministeredGrant:
    """One right, for reading.

    Raises:
        NotFoundError: no such right at an organisation of `actor`.
    """
    grant = session.get(Grant, grant_id)
    organisation = session.get(Organisation, grant.organisation_id) if grant else None
    if grant is None or organisation is None:
        raise NotFoundError("grant_unknown")
    mandate_id, in_place = _authority(session, actor, grant, organisation)
    person = session.get_one(Person, grant.person_id)
    own = same_human(somebody(session, actor), somebody(session, person.id))
    return AdministeredGrant(grant, person, organisation, mandate_id, in_place, own)


def lock_administered_grant(session: Session, actor: uuid.UUID, grant_id: uuid.UUID) -> AdministeredGrant:
    """The same, locked for a change in the order of lifecycles §13: organisation, mandate, person, grant.

    Raises:
        NotFoundError: no such right at an organisation of `actor`.
        ForbiddenError: the actor's own right, or the mandate ended meanwhile.
        ConflictError: the right has ended.
    """
    found = administered_grant(session, actor, grant_id)
    organisation = lock_organisation(session, found.organisation.id)
    assert organisation is not None
    session.execute(select(Mandate.id).where(Mandate.id == found.mandate_id).with_for_update(read=True))
    person = session.scalars(to_change(select(Person).where(Person.id == found.person.id))).one()
    grant = session.scalars(to_change(select(Grant).where(Grant.id == grant_id))).one()
    try:
        mandate_id, in_place = _authority(session, actor, grant, organisation)
    except NotFoundError as error:
        raise ForbiddenError("mandate_ended", MANDATE_ENDED) from error
    if same_human(somebody(session, actor), somebody(session, person.id)):
        raise ForbiddenError("not_for_yourself", OWN_RIGHT)
    if grant.ended_at is not None:
        raise ConflictError("grant_ended", ENDED_MEANWHILE)
    return AdministeredGrant(grant, person, organisation, mandate_id, in_place, own=False)


def _authority(session: Session, actor: uuid.UUID, grant: Grant, organisation: Organisation) -> tuple[uuid.UUID, bool]:
    """(mandate, in place of an administrator) under which `actor` may act on this right."""
    local = organisation_scope(organisation.id)
    officer = officer_scope(organisation.target_group, organisation.organisation_type)
    held = {view.scope_key: view.mandate_id for view in living_mandates(session, person_id=actor)}
    if local in held:
        return held[local], False
    others = tuple(each for each in pool_members(session, local) if each.person_id != grant.person_id)
    if officer in held and not reachable(others):
        return held[officer], True
    raise NotFoundError("grant_unknown")
