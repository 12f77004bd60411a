"""take_own_data: somebody takes along what is held on them (GDPR art. 15), and the audit knows that it was taken."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from broker import audit
from broker.installation import Installation
from broker.retention.own_data import own_data


def take_own_data(session: Session, _installation: Installation, actor: uuid.UUID) -> dict[str, Any]:
    """The data of `actor`, by section. The door has asked for a recent sign-in (threats RE5)."""
    audit.record(session, "people:person:take_data", subject_id=actor)
    return own_data(session, actor)
