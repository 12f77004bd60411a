"""Counting the answers of rounds: by question and option, and by the two things that they are broken down by. Reads only.

Two statements, however many questions and answers. Does not own what of it may be shown (`protect`).
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.model import Answer, Response, RoundQuestion

BREAKDOWNS = ("age_group", "gender")
"""The only ones, one at a time (SV2)."""


@dataclass
class Counts:
    """Of one question: `options` how many chose each, `base` how many answered; the same by breakdown and group."""

    options: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    base: int = 0
    groups: dict[str, dict[str, "Counts"]] = field(default_factory=lambda: {name: {} for name in BREAKDOWNS})

    def of(self, breakdown: str, group: str) -> "Counts":
        """Those of one group."""
        return self.groups[breakdown].setdefault(group, Counts())


def count_round(session: Session, round_id: uuid.UUID) -> dict[uuid.UUID, Counts]:
    """The counts of every question of one round that somebody answered."""
    found: dict[uuid.UUID, Counts] = defaultdict(Counts)
    about = (Response.age_group, Response.gender)
    chosen = (
        select(Answer.question_id, Answer.option_code, *about, func.count())
        .join(Response, Response.id == Answer.response_id)
        .where(Response.round_id == round_id)
        .group_by(Answer.question_id, Answer.option_code, *about)
    )
    for question_id, option, age_group, gender, number in session.execute(chosen):
        for counts in _each(found[question_id], age_group, gender):
            counts.options[option] += number
    answered = (
        select(Answer.question_id, *about, func.count(Answer.response_id.distinct()))
        .join(Response, Response.id == Answer.response_id)
        .where(Response.round_id == round_id)
        .group_by(Answer.question_id, *about)
    )
    for question_id, age_group, gender, number in session.execute(answered):
        for counts in _each(found[question_id], age_group, gender):
            counts.base += number
    return dict(found)


def count_respondents(session: Session, round_id: uuid.UUID) -> int:
    """How many sent their answers."""
    return session.scalar(select(func.count()).select_from(Response).where(Response.round_id == round_id)) or 0


def count_by_bank_question(
    session: Session, rounds: Collection[uuid.UUID]
) -> dict[str, dict[uuid.UUID, tuple[dict[str, int], int]]]:
    """Of questions of the bank: code → round → (how many chose each option, how many answered). Everybody together."""
    chosen = (
        select(RoundQuestion.bank_code, RoundQuestion.round_id, Answer.option_code, func.count())
        .join(Answer, Answer.question_id == RoundQuestion.id)
        .where(RoundQuestion.round_id.in_(rounds), RoundQuestion.bank_code.is_not(None))
        .group_by(RoundQuestion.bank_code, RoundQuestion.round_id, Answer.option_code)
    )
    options: dict[str, dict[uuid.UUID, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for code, round_id, option, number in session.execute(chosen):
        options[str(code)][round_id][option] = number
    answered = (
        select(RoundQuestion.bank_code, RoundQuestion.round_id, func.count(Answer.response_id.distinct()))
        .join(Answer, Answer.question_id == RoundQuestion.id)
        .where(RoundQuestion.round_id.in_(rounds), RoundQuestion.bank_code.is_not(None))
        .group_by(RoundQuestion.bank_code, RoundQuestion.round_id)
    )
    found: dict[str, dict[uuid.UUID, tuple[dict[str, int], int]]] = defaultdict(dict)
    for code, round_id, number in session.execute(answered):
        found[str(code)][round_id] = (options[str(code)][round_id], number)
    return dict(found)


def _each(counts: Counts, age_group: str | None, gender: str | None) -> Iterable[Counts]:
    """Those of everybody, and of the groups that an answer belongs to."""
    yield counts
    if age_group is not None:
        yield counts.of("age_group", age_group)
    if gender is not None:
        yield counts.of("gender", gender)
