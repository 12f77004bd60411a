"""take_back_label: an officer ends a label that an organisation has, with a reason (lifecycles §4, threats LA4).

Owns who may; what ends with it is `end_label`.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.decision import lock_organisation
from broker.access.end_label import LABEL_UNKNOWN, end_label
from broker.access.label import Label
from broker.database import to_depend_on
from broker.errors import ForbiddenError, NotFoundError
from broker.installation import Installation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import Mandate, officer_scope
from broker.text import Text


def take_back_label(
    session: Session, installation: Installation, actor: uuid.UUID, label_id: uuid.UUID, reason: str
) -> int:
    """End the label; how many rights wait for one again.

    Raises:
        NotFoundError: no such label for which `actor` is an officer.
        ForbiddenError: the mandate ended meanwhile.
        ConflictError, InvalidError: as `end_label`.
    """
    label = session.get(Label, label_id)
    mandate_id = _mandate_id(session, actor, label) if label else None
    if label is None or mandate_id is None:
        raise NotFoundError("label_unknown", LABEL_UNKNOWN)
    lock_organisation(session, label.organisation_id)
    session.execute(to_depend_on(select(Mandate).where(Mandate.id == mandate_id))).all()
    if _mandate_id(session, actor, label) != mandate_id:
        raise ForbiddenError("mandate_ended", NO_LONGER)
    return end_label(session, label_id, ended_by=actor, reason=reason)


def _mandate_id(session: Session, actor: uuid.UUID, label: Label) -> uuid.UUID | None:
    scope = officer_scope(label.target_group, label.organisation_type)
    views = living_mandates(session, person_id=actor, scope_key=scope)
    return views[0].mandate_id if views else None


NO_LONGER = Text(
    "U bent geen doelgroepverantwoordelijke meer voor dit soort organisaties.",
    "You are no longer the officer for this kind of organisation.",
)
