"""Operation: a coordinator chooses which questions of the bank a draft asks."""

import uuid
from collections.abc import Collection

from sqlalchemy import delete
from sqlalchemy.orm import Session

from modules.jeugdmonitor.bank import BANK, bank_for_ages
from modules.jeugdmonitor.find_rounds import lock_round
from modules.jeugdmonitor.model import RoundQuestion
from modules.jeugdmonitor.write_event import require_seen, write_event
from modules.kit.person import SignedIn


def choose_questions(
    session: Session, person: SignedIn, round_id: uuid.UUID, codes: Collection[str], *, seen_version: int
) -> None:
    """Ask exactly these questions of the bank, and the own questions that are there.

    A code that is not in the bank, or not meant for ages this young, is left out.

    Raises:
        NotFoundError: no such round of the person's municipality.
        ChangedMeanwhileError: somebody changed or opened it since.
    """
    round_ = lock_round(session, person, round_id)
    require_seen(round_, seen_version, state="draft")
    offered = {question.code for question in bank_for_ages(round_.lowest_age)}
    wanted = [code for code in BANK if code in codes and code in offered]
    own = [row for row in round_.questions if row.bank_code is None]
    session.execute(
        delete(RoundQuestion).where(RoundQuestion.round_id == round_id, RoundQuestion.bank_code.is_not(None))
    )
    # Own questions keep their places, the bank's go around them: which place it is only orders own questions.
    taken = {row.position for row in own}
    free = (place for place in range(len(BANK) + len(own)) if place not in taken)
    session.add_all(RoundQuestion(round_id=round_id, position=next(free), bank_code=code) for code in wanted)
    write_event(session, round_, person, "changed")
