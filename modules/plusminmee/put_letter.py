"""A mail is put in the queue in the transaction that makes it true; it leaves later (clockwork.py).

Owns: putting it there, once for each key. Does not own its words (letter_words.py).
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.model import Letter


def put_letter(session: Session, key: str, kind: str, address: str, **facts: Any) -> bool:
    """Have a mail of `kind` (letter_words.KINDS) sent to `address`; returns whether one will be. `key` names what happened: the
    same key is told once. An address that is not known gets nothing."""
    if not address or session.scalar(select(Letter.id).where(Letter.key == key)) is not None:
        return False
    now = datetime.now(UTC)
    session.add(
        Letter(id=uuid.uuid4(), key=key, kind=kind, address=address, facts=facts, created_at=now, next_attempt_at=now)
    )
    return True
