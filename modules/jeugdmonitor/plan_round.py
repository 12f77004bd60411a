"""Operations: a coordinator begins a round, changes it, keeps it open for longer, or throws away a draft."""

import secrets
import uuid
from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from modules.jeugdmonitor.errors import ChangedMeanwhileError
from modules.jeugdmonitor.find_rounds import lock_round
from modules.jeugdmonitor.model import Round, RoundEvent, RoundQuestion
from modules.jeugdmonitor.round_form import Plan
from modules.jeugdmonitor.write_event import require_seen, write_event
from modules.kit.person import SignedIn

CLEAR_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What nobody mistakes for another when typing it over from a poster."""
LINK_LENGTH = 10


def begin_round(session: Session, person: SignedIn, plan: Plan) -> uuid.UUID:
    """Begin a draft for the person's municipality; returns its id."""
    round_ = Round(
        organisation_code=person.organisation_code,
        organisation_name=person.organisation_name,
        link_key="".join(secrets.choice(CLEAR_SIGNS) for _sign in range(LINK_LENGTH)),
        version=0,
    )
    _put(round_, plan)
    session.add(round_)
    session.flush()
    write_event(session, round_, person, "created")
    return round_.id


def change_round(session: Session, person: SignedIn, round_id: uuid.UUID, plan: Plan, *, seen_version: int) -> None:
    """Change the plan of a draft. The name of the municipality is taken anew: it may have changed.

    Raises:
        NotFoundError: no such round of the person's municipality.
        ChangedMeanwhileError: somebody changed or opened it since.
    """
    round_ = lock_round(session, person, round_id)
    require_seen(round_, seen_version, state="draft")
    round_.organisation_name = person.organisation_name
    _put(round_, plan)
    write_event(session, round_, person, "changed")


def prolong_round(
    session: Session, person: SignedIn, round_id: uuid.UUID, last_day: date, *, seen_version: int
) -> None:
    """Keep an open round open until another day.

    Raises:
        NotFoundError: no such round of the person's municipality.
        ChangedMeanwhileError: somebody changed or closed it since.
    """
    round_ = lock_round(session, person, round_id)
    require_seen(round_, seen_version, state="open")
    round_.last_day = last_day
    write_event(session, round_, person, "prolonged")


def throw_away(session: Session, person: SignedIn, round_id: uuid.UUID) -> None:
    """Throw a draft away, with its questions.

    Raises:
        NotFoundError: no such round of the person's municipality.
        ChangedMeanwhileError: it was opened: what was asked stays.
    """
    round_ = lock_round(session, person, round_id)
    if round_.state != "draft":
        raise ChangedMeanwhileError
    for table in (RoundEvent, RoundQuestion):
        session.execute(delete(table).where(table.round_id == round_id))
    session.execute(delete(Round).where(Round.id == round_id))


def _put(round_: Round, plan: Plan) -> None:
    for name, value in vars(plan).items():
        setattr(round_, name, value)
