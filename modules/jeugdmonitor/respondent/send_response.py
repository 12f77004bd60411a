"""Operation: a respondent sends what was filled in. From then on nobody knows who sent it.

Owns: making a response of the pages, in one transaction: they are gone, the code is gone, the answers stand under random keys.
"""

import uuid
from contextlib import suppress

from sqlalchemy import CursorResult, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from modules.jeugdmonitor.day import today
from modules.jeugdmonitor.errors import NotTakenError
from modules.jeugdmonitor.find_rounds import round_of_link
from modules.jeugdmonitor.model import Answer, EntryCode, RateNote, Response, Round, TextAnswer
from modules.jeugdmonitor.respondent.form_pages import Item, form_pages
from modules.jeugdmonitor.respondent.partial import Partial, take_partial
from modules.jeugdmonitor.respondent.taking import require_taking


def send_response(session: Session, secret: str, link_key: str, value: str, *, striking: bool) -> None:
    """Send it. `striking`: note for the coordinator that this day saw strikingly many answers from one place (SV6).

    Raises:
        NotFoundError: no such link.
        NotTakenError: the round takes no answers now, it was sent already, or the code was used meanwhile.
    """
    round_ = require_taking(round_of_link(session, link_key, hold=True))
    partial = take_partial(session, secret, link_key, value)
    _use_code(session, round_, partial)
    _put_answers(session, round_, partial)
    if striking and session.get(RateNote, (round_.id, today())) is None:
        with suppress(IntegrityError), session.begin_nested():  # another one noted it at the same moment
            session.add(RateNote(round_id=round_.id, day=today()))


def _use_code(session: Session, round_: Round, partial: Partial) -> None:
    if not round_.with_codes:
        return
    used = session.execute(
        delete(EntryCode).where(EntryCode.round_id == round_.id, EntryCode.code_hash == partial.code_hash)
    )
    if not isinstance(used, CursorResult) or used.rowcount != 1:
        raise NotTakenError


def _put_answers(session: Session, round_: Round, partial: Partial) -> None:
    items = [item for page in form_pages(round_) for item in page.items]
    about = {name: next(iter(partial.given.get(name, ())), None) for name in ("age_group", "gender")}
    response = Response(id=uuid.uuid4(), round_id=round_.id, **about)
    session.add(response)
    session.flush()
    for item in items:
        if item.field not in about:
            session.add_all(_rows(response, item, partial.given.get(item.field, ())))


def _rows(response: Response, item: Item, given: "list[str] | tuple[str, ...]") -> "list[Answer | TextAnswer]":
    question_id = uuid.UUID(item.field.removeprefix("q_"))
    if item.question.kind == "text":
        return [TextAnswer(question_id=question_id, words=words) for words in given]
    return [Answer(response_id=response.id, question_id=question_id, option_code=code) for code in given]
