"""What a coordinator did with a round, told in its log; every change goes through here.

Owns: the next version of a round and its event. Does not own what changed.
"""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from modules.jeugdmonitor.errors import ChangedMeanwhileError
from modules.jeugdmonitor.model import Round, RoundEvent
from modules.kit.person import SignedIn


def require_seen(round_: Round, seen_version: int, *, state: str) -> None:
    """Go on only when the locked round is what the page showed.

    Raises:
        ChangedMeanwhileError: another version, or no longer in `state`.
    """
    if round_.version != seen_version or round_.state != state:
        raise ChangedMeanwhileError


def write_event(session: Session, round_: Round, person: SignedIn | None, kind: str) -> None:
    """Give the locked round its next version, with who, when and what kind (model.EVENTS); None is the end of the period."""
    round_.version += 1
    session.add(
        RoundEvent(
            round_id=round_.id,
            version=round_.version,
            kind=kind,
            at=datetime.now(UTC),
            person_sub=person.sub if person else None,
            person_name=person.full_name if person else None,
        )
    )
    session.flush()
