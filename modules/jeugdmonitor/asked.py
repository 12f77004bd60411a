"""The questions that a round asks, those of the bank and its own in one shape and one order.

Owns: that order: by theme, within a theme the bank before the own questions. Does not own which were chosen
(choose_questions.py) nor how they lie on pages (pages_of_form.py).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from modules.jeugdmonitor.bank import BANK, THEMES
from modules.jeugdmonitor.model import RoundQuestion
from modules.jeugdmonitor.question import Kind, Option, Question, same_in_both


@dataclass(frozen=True)
class Asked:
    """One question as a round asks it. `id` is what answers point to; `bank_code` is the same in every round, None for an own."""

    id: uuid.UUID
    bank_code: str | None
    question: Question


def asked_questions(rows: Sequence[RoundQuestion]) -> list[Asked]:
    """The questions of one round (`round.questions`), in the order in which they are asked."""
    themes, bank = list(THEMES), list(BANK)

    def place(asked: Asked) -> tuple[int, int, int]:
        theme = themes.index(asked.question.theme)
        return (theme, 0, bank.index(asked.bank_code)) if asked.bank_code else (theme, 1, positions[asked.id])

    positions = {row.id: row.position for row in rows}
    return sorted((Asked(row.id, row.bank_code, _question(row)) for row in rows), key=place)


def _question(row: RoundQuestion) -> Question:
    if row.bank_code is not None:
        return BANK[row.bank_code]
    if row.theme is None or row.prompt is None or row.options is None:
        raise ValueError("an own question lacks its words")
    return Question(
        code=str(row.id),
        theme=row.theme,
        kind=_KINDS[row.kind or ""],
        prompt=same_in_both(row.prompt),
        options=tuple(Option(code, same_in_both(words)) for code, words in row.options),
    )


_KINDS: dict[str, Kind] = {"one": "one", "several": "several", "text": "text"}
