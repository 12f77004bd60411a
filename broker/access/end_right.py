"""end_right: an administrator ends a right of somebody in their organisation, now, with a reason (lifecycles §3)."""

import uuid

from sqlalchemy.orm import Session

from broker.access.administered_grant import lock_administered_grant
from broker.access.decision import cleaned_reason
from broker.access.end_grant import end_locked_grant
from broker.access.grant import Grant
from broker.installation import Installation
from broker.people.person import Person
from broker.text import Text

BY_ADMINISTRATOR = Text(
    "Een lokale beheerder van uw organisatie heeft dit recht gestopt.",
    "A local administrator of your organisation ended this right.",
)
BY_OFFICER = Text(
    "De doelgroepverantwoordelijke heeft dit recht gestopt, in de plaats van een lokale beheerder.",
    "The target group officer ended this right, in place of a local administrator.",
)


def end_right(session: Session, installation: Installation, actor: uuid.UUID, grant_id: uuid.UUID, reason: str) -> None:
    """End it now; the person reads the reason, the owner of the application hears of it.

    Raises:
        NotFoundError: no such right at an organisation of `actor`.
        ForbiddenError: their own right, or the mandate ended.
        ConflictError: it has ended already.
        InvalidError: no reason.
    """
    reason = cleaned_reason(reason, required=True)
    found = lock_administered_grant(session, actor, grant_id)
    end_as_administrator(session, installation, actor, found.grant, found.person, reason, in_place=found.in_place)


def end_as_administrator(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    grant: Grant,
    person: Person,
    reason: str,
    *,
    in_place: bool,
) -> None:
    """End a locked right of a locked person now; `in_place`: `actor` is the officer, in place of an administrator."""
    end_locked_grant(
        session,
        installation,
        grant,
        person,
        ended_by=actor,
        reason="ended_by_administrator",
        cause=BY_OFFICER if in_place else BY_ADMINISTRATOR,
        note=reason,
    )
