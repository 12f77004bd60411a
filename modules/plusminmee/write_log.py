"""What happened in a group, told in its logbook; every operation that changes a group goes through here.

Owns: the entry. Does not own what changed, nor the words of an entry (log_words.py).
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from modules.plusminmee.model import LogEntry


def write_log(
    session: Session,
    group_id: uuid.UUID,
    actor_id: uuid.UUID | None,
    kind: str,
    *,
    about_id: uuid.UUID | None = None,
    youngster_id: uuid.UUID | None = None,
    **facts: Any,
) -> None:
    """Add an entry of `kind` (log_words.KINDS), by `actor_id` or, when that is None, by the clock or the broker. `facts` are codes
    and dates, never words that somebody typed and never a name."""
    session.add(
        LogEntry(
            group_id=group_id,
            at=datetime.now(UTC),
            kind=kind,
            actor_id=actor_id,
            about_id=about_id,
            youngster_id=youngster_id,
            facts=facts,
        )
    )
