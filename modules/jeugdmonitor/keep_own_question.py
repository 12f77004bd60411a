"""Operations: a coordinator adds a question of their own to a draft, changes it or takes it away."""

import uuid

from sqlalchemy.orm import Session

from modules.jeugdmonitor.errors import ChangedMeanwhileError, NotFoundError
from modules.jeugdmonitor.find_rounds import lock_round
from modules.jeugdmonitor.model import Round, RoundQuestion
from modules.jeugdmonitor.own_question import MOST_OWN, OwnQuestion
from modules.jeugdmonitor.write_event import write_event
from modules.kit.person import SignedIn


def keep_own_question(
    session: Session, person: SignedIn, round_id: uuid.UUID, question_id: uuid.UUID | None, own: OwnQuestion
) -> None:
    """Keep `own` as the question `question_id`, or as a new one after those that are there.

    Raises:
        NotFoundError: no such round of the person's municipality, or no such own question in it.
        ChangedMeanwhileError: the round is no draft, or has as many own questions as it may.
    """
    round_ = _draft(session, person, round_id)
    if question_id is None:
        if sum(row.bank_code is None for row in round_.questions) >= MOST_OWN:
            raise ChangedMeanwhileError
        place = max((row.position for row in round_.questions), default=-1) + 1
        row = RoundQuestion(round_id=round_id, position=place)
        session.add(row)
    else:
        row = own_row(round_, question_id)
    row.theme, row.kind, row.prompt = own.theme, own.kind, own.prompt
    row.options = [[f"o{number}", words] for number, words in enumerate(own.options, 1)]
    write_event(session, round_, person, "changed")


def drop_own_question(session: Session, person: SignedIn, round_id: uuid.UUID, question_id: uuid.UUID) -> None:
    """Take an own question out of a draft.

    Raises:
        NotFoundError, ChangedMeanwhileError: as `keep_own_question`.
    """
    round_ = _draft(session, person, round_id)
    session.delete(own_row(round_, question_id))
    write_event(session, round_, person, "changed")


def own_row(round_: Round, question_id: uuid.UUID) -> RoundQuestion:
    """The own question of this id.

    Raises:
        NotFoundError: not of this round, or of the bank.
    """
    for row in round_.questions:
        if row.id == question_id and row.bank_code is None:
            return row
    raise NotFoundError


def _draft(session: Session, person: SignedIn, round_id: uuid.UUID) -> Round:
    round_ = lock_round(session, person, round_id)
    if round_.state != "draft":
        raise ChangedMeanwhileError
    return round_
