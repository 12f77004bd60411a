"""merge_authority: who may let one organisation merge into another (lifecycles §6): the operator, and the officer of both kinds.

Locked and read again in the transaction that uses it (threats rule 4). Mandates never follow a merger (AP6): who administers the
smaller organisation decides nothing in the larger one.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.audit import current_acting
from broker.errors import ForbiddenError, NotFoundError
from broker.people.living_mandates import living_mandates
from broker.people.mandate import TARGET_GROUP_OFFICER, Mandate, officer_scope
from broker.people.mandate_authority import NOT_YOURS
from broker.people.organisation import Organisation


def may_merge(session: Session, actor: uuid.UUID, organisation: Organisation) -> bool:
    """Whether `actor` is the officer of its kind now."""
    return _mandate(session, actor, organisation) is not None


def lock_merge_authority(session: Session, actor: uuid.UUID | None, *organisations: Organisation) -> None:
    """Let through the officer of the kind of each of `organisations`, or at the command line the operator (`actor` None).

    Raises:
        NotFoundError: an organisation of another kind, which is the same answer as none (threats ID2).
        ForbiddenError: no operator, or the mandate ended meanwhile.
    """
    if actor is None:
        if current_acting().kind != "operator":
            raise ForbiddenError("no_authority", NOT_YOURS)
        return
    found = {_mandate(session, actor, each) for each in organisations}
    ids = [each for each in found if each is not None]
    if len(ids) != len(found):
        raise NotFoundError("organisation_unknown")
    session.execute(select(Mandate.id).where(Mandate.id.in_(ids)).order_by(Mandate.id).with_for_update(read=True)).all()
    if any(_mandate(session, actor, each) is None for each in organisations):
        raise ForbiddenError("no_authority", NOT_YOURS)


def _mandate(session: Session, actor: uuid.UUID, organisation: Organisation) -> uuid.UUID | None:
    scope = officer_scope(organisation.target_group, organisation.organisation_type)
    views = living_mandates(session, person_id=actor, kinds=(TARGET_GROUP_OFFICER,))
    return next((view.mandate_id for view in views if view.scope_key == scope), None)
