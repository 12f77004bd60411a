"""mandate_over: somebody is a local administrator of an organisation, for what takes a mandate: giving rights, adding people.

Owns that question, for reading and under its lock (threats rule 4). A deputy decides tasks only and appears nowhere here (AP1); an
officer in place of administrators neither: they decide requests (`access.pool`).
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.decision import MANDATE_ENDED, lock_organisation
from broker.errors import ConflictError, ForbiddenError, NotFoundError
from broker.people.living_mandates import living_mandates
from broker.people.mandate import LOCAL_KINDS, Mandate, organisation_scope
from broker.people.organisation import Organisation
from broker.text import Text


def mandate_over(session: Session, actor: uuid.UUID, organisation_id: uuid.UUID) -> Organisation:
    """The organisation, for reading.

    Raises:
        NotFoundError: no such organisation, or `actor` is no administrator of it: the same answer (threats ID2).
    """
    views = living_mandates(session, person_id=actor, scope_key=organisation_scope(organisation_id), kinds=LOCAL_KINDS)
    if not views or views[0].organisation is None:
        raise NotFoundError("organisation_unknown")
    return views[0].organisation


def own_organisations(session: Session, actor: uuid.UUID) -> list[Organisation]:
    """The organisations of which `actor` is an administrator, by name."""
    views = living_mandates(session, person_id=actor, kinds=LOCAL_KINDS)
    found = {view.organisation.id: view.organisation for view in views if view.organisation is not None}
    return sorted(found.values(), key=lambda each: each.name)


def lock_mandate_over(session: Session, actor: uuid.UUID, organisation_id: uuid.UUID) -> Organisation:
    """The same, locked in the order of lifecycles §13: organisation, then the mandate that is used.

    Raises:
        NotFoundError: as `mandate_over`.
        ForbiddenError: the mandate ended meanwhile.
        ConflictError: the organisation ended.
    """
    mandate_id = _mandate_id(session, actor, organisation_id)
    if mandate_id is None:
        raise NotFoundError("organisation_unknown")
    organisation = lock_organisation(session, organisation_id)
    assert organisation is not None
    session.execute(select(Mandate.id).where(Mandate.id == mandate_id).with_for_update(read=True))
    if not organisation.living:
        raise ConflictError("organisation_ended", ORGANISATION_ENDED)
    if _mandate_id(session, actor, organisation_id) != mandate_id:
        raise ForbiddenError("mandate_ended", MANDATE_ENDED)
    return organisation


def _mandate_id(session: Session, actor: uuid.UUID, organisation_id: uuid.UUID) -> uuid.UUID | None:
    views = living_mandates(session, person_id=actor, scope_key=organisation_scope(organisation_id), kinds=LOCAL_KINDS)
    return views[0].mandate_id if views else None


ORGANISATION_ENDED = Text("Deze organisatie bestaat niet meer.", "This organisation no longer exists.")
