"""published: everything that is shown of a closed round, and nothing else: page, CSV and PDF are made of this (SV2).

Nothing before closing (SV1): a round in any other state has no results. Does not own the disclosure control (`protect`).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from modules.jeugdmonitor.asked import Asked, asked_questions
from modules.jeugdmonitor.bank import ABOUT_YOU
from modules.jeugdmonitor.errors import NotFoundError
from modules.jeugdmonitor.model import Round, TextAnswer
from modules.jeugdmonitor.results.averages import Pooled, average_shares, pooled_answers
from modules.jeugdmonitor.results.count_answers import BREAKDOWNS, Counts, count_respondents, count_round
from modules.jeugdmonitor.results.protect import LEAST, Protected, Row, Share, protect, protect_choices, rounded

CLOSED = "closed"


@dataclass(frozen=True)
class PublishedQuestion:
    """One question: what everybody said; by breakdown each group that may be shown; the previous round and the others beside it.

    `words`: what was written, of a question without options; None where fewer than LEAST wrote.
    """

    asked: Asked
    everybody: Row
    breakdowns: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    previous: tuple[Share, ...] | None = None
    average: tuple[Share, ...] | None = None
    words: tuple[str, ...] | None = None

    @property
    def says_something(self) -> bool:
        """Anything at all is shown."""
        return self.everybody.says_something or bool(self.words)


@dataclass(frozen=True)
class PublishedRound:
    """A closed round. `respondents` is rounded to 5, and 0 where fewer than LEAST answered; `previous` is the round before."""

    round: Round
    respondents: int
    questions: tuple[PublishedQuestion, ...]
    previous: Round | None
    compared: bool

    @property
    def enough(self) -> bool:
        """At least LEAST answered."""
        return self.respondents > 0


def published(session: Session, round_: Round) -> PublishedRound:
    """What may be shown of `round_`.

    Raises:
        NotFoundError: it is not closed.
    """
    if round_.state != CLOSED:
        raise NotFoundError
    before = _previous(session, round_)
    earlier = _shares_by_code(session, before) if before is not None else {}
    pooled = pooled_answers(session, round_)
    respondents = count_respondents(session, round_.id)
    counts = count_round(session, round_.id)
    written = _written(session, round_)
    questions = tuple(
        _question(asked, counts.get(asked.id, Counts()), earlier, pooled, written.get(asked.id, []))
        for asked in asked_questions(round_.questions)
    )
    return PublishedRound(
        round=round_,
        respondents=rounded(respondents) if respondents >= LEAST else 0,
        questions=questions,
        previous=before,
        compared=any(question.average is not None for question in questions),
    )


def _question(
    asked: Asked, counts: Counts, earlier: Mapping[str, tuple[Share, ...]], pooled: Pooled, written: list[str]
) -> PublishedQuestion:
    if asked.question.kind == "text":
        words = tuple(written) if len(written) >= LEAST else None
        return PublishedQuestion(asked, Row(0, ()), words=words)
    tables = {breakdown: _protect(asked, counts, breakdown) for breakdown in BREAKDOWNS}
    code = asked.bank_code or ""
    return PublishedQuestion(
        asked,
        everybody=tables[BREAKDOWNS[0]].everybody,
        breakdowns={name: table.groups for name, table in tables.items() if table.groups},
        previous=earlier.get(code),
        average=average_shares(pooled, code, _codes(asked), several=asked.question.kind == "several"),
    )


def _protect(asked: Asked, counts: Counts, breakdown: str) -> Protected:
    codes = _codes(asked)
    groups = {
        option.code: counts.groups[breakdown][option.code]
        for option in ABOUT_YOU[breakdown].options
        if option.code in counts.groups[breakdown]
    }
    if asked.question.kind == "several":
        return protect_choices(
            _numbers(counts, codes),
            counts.base,
            {name: (_numbers(each, codes), each.base) for name, each in groups.items()},
        )
    return protect(_numbers(counts, codes), {name: _numbers(each, codes) for name, each in groups.items()})


def _codes(asked: Asked) -> tuple[str, ...]:
    return tuple(option.code for option in asked.question.options)


def _numbers(counts: Counts, codes: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(counts.options.get(code, 0) for code in codes)


def _previous(session: Session, round_: Round) -> Round | None:
    return session.scalar(
        select(Round)
        .where(
            Round.organisation_code == round_.organisation_code,
            Round.state == CLOSED,
            Round.closed_at < round_.closed_at,
        )
        .options(selectinload(Round.questions))
        .order_by(Round.closed_at.desc(), Round.id)
        .limit(1)
    )


def _shares_by_code(session: Session, round_: Round) -> dict[str, tuple[Share, ...]]:
    """What was published of the round before, by code of the bank: its own control, whatever this round shows."""
    counts = count_round(session, round_.id)
    return {
        asked.bank_code: _protect(asked, counts.get(asked.id, Counts()), BREAKDOWNS[0]).everybody.shares
        for asked in asked_questions(round_.questions)
        if asked.bank_code is not None and asked.question.kind != "text"
    }


def _written(session: Session, round_: Round) -> dict[uuid.UUID, list[str]]:
    """What was written, in the order of random keys: neither that of arrival nor that of the other answers (SV5)."""
    found: dict[uuid.UUID, list[str]] = {}
    ids = [each.id for each in round_.questions if each.kind == "text"]
    if not ids:
        return found
    rows = session.execute(
        select(TextAnswer.question_id, TextAnswer.words).where(TextAnswer.question_id.in_(ids)).order_by(TextAnswer.id)
    )
    for question_id, words in rows:
        found.setdefault(question_id, []).append(words)
    return found
