"""How many answered, as far as that may be known while a round is open: whether there are enough to show anything.

Owns: that one yes or no. Before closing nobody sees a number: the one after a number is one child (SV1).
"""

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.model import Response

ENOUGH = 10


def enough_answers(session: Session, round_id: uuid.UUID) -> bool:
    """Whether at least ENOUGH responses are in."""
    counted = select(Response.id).where(Response.round_id == round_id).limit(ENOUGH).subquery()
    return (session.scalar(select(func.count()).select_from(counted)) or 0) >= ENOUGH
