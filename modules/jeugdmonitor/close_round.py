"""Operation: a round is closed for good, by its coordinator or by the end of its period.

Owns: what closing leaves behind: no page that was not sent, no code, and answers in no order but that of their random keys.
"""

import uuid
from datetime import UTC, date, datetime

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from modules.jeugdmonitor.find_rounds import lock_round
from modules.jeugdmonitor.model import EntryCode, PartialResponse, Round
from modules.jeugdmonitor.write_event import require_seen, write_event
from modules.kit.person import SignedIn

# PostgreSQL keeps rows in the order in which they came, and tells by `xmin` which came together. Written anew in one go, in
# the order of their keys, neither says anything of a respondent any more (SV4). On SQLite the keys are the order already.
_WRITE_ANEW = (
    "CREATE TEMPORARY TABLE kept_responses ON COMMIT DROP AS SELECT * FROM responses WHERE round_id = :round_id",
    "CREATE TEMPORARY TABLE kept_answers ON COMMIT DROP AS SELECT answers.* FROM answers"
    " JOIN kept_responses ON kept_responses.id = answers.response_id",
    "CREATE TEMPORARY TABLE kept_texts ON COMMIT DROP AS SELECT text_answers.* FROM text_answers"
    " JOIN round_questions ON round_questions.id = text_answers.question_id WHERE round_questions.round_id = :round_id",
    "DELETE FROM answers WHERE response_id IN (SELECT id FROM kept_responses)",
    "DELETE FROM text_answers WHERE id IN (SELECT id FROM kept_texts)",
    "DELETE FROM responses WHERE round_id = :round_id",
    "INSERT INTO responses SELECT * FROM kept_responses ORDER BY id",
    "INSERT INTO answers SELECT * FROM kept_answers ORDER BY response_id, question_id, option_code",
    "INSERT INTO text_answers SELECT * FROM kept_texts ORDER BY id",
    "DROP TABLE kept_texts",
    "DROP TABLE kept_answers",
    "DROP TABLE kept_responses",
)


def close_round(session: Session, person: SignedIn, round_id: uuid.UUID, *, seen_version: int) -> None:
    """Close an open round. It never opens again, and its answers never change.

    Raises:
        NotFoundError: no such round of the person's municipality.
        ChangedMeanwhileError: somebody changed or closed it since.
    """
    round_ = lock_round(session, person, round_id)
    require_seen(round_, seen_version, state="open")
    _close(session, round_, person)


def close_ended(session: Session, today: date) -> int:
    """Close every open round whose last day is over; returns how many."""
    ended = session.scalars(
        select(Round).where(Round.state == "open", Round.last_day < today).order_by(Round.id).with_for_update()
    ).all()
    for round_ in ended:
        _close(session, round_, None)
    return len(ended)


def _close(session: Session, round_: Round, person: SignedIn | None) -> None:
    for table in (PartialResponse, EntryCode):
        session.execute(delete(table).where(table.round_id == round_.id))
    if session.get_bind().dialect.name == "postgresql":
        for statement in _WRITE_ANEW:
            bound = {"round_id": round_.id} if ":round_id" in statement else {}
            session.execute(text(statement), bound)
    round_.state, round_.closed_at = "closed", datetime.now(UTC)
    write_event(session, round_, person, "closed")
