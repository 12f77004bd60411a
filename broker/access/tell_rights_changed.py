"""tell_rights_changed: whoever changes what somebody may do says so, in the transaction that does it (decisions 1).

The worker takes it from there: sessions that no longer have what they stand on end, and the applications hear of both
(`authentication.follow_ended_rights`). Tokens need no telling: they read the right again at every use.
"""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from broker.access.grant import Grant
from broker.access.label import Label
from broker.notifications.put_change import put_change
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person

Changed = Grant | Label | Affiliation | Organisation | Person | None


def tell_rights_changed(session: Session, changed: Changed, reason: str, *, key: uuid.UUID | None = None) -> None:
    """Rights that stand on `changed` began, ended or became others; None: any, as the policies changed.

    `reason` is a code of `oidc.event_words`. The same reason for the same row is told once; where it can happen again,
    `key` is another one each time.
    """
    occasion = key or (changed.id if changed is not None else uuid.uuid4())
    put_change(session, reason, key=str(occasion), **_scope(changed))


def _scope(changed: Changed) -> dict[str, Any]:
    """Whose rights, where and in which application; whatever is not named is all of them."""
    match changed:
        case Grant():
            columns: tuple[str, ...] = ("person_id", "organisation_id", "application_code")
        case Label():
            columns = ("organisation_id", "application_code")
        case Affiliation():
            columns = ("person_id", "organisation_id")
        case Person():
            return {"person_id": changed.id}
        case Organisation():
            return {"organisation_id": changed.id}
        case None:
            return {}
    return {column: getattr(changed, column) for column in columns}
