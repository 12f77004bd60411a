"""The pages of a form: which questions stand together on one screen.

Owns: that order and size. Pure. Does not own what is asked (asked.py) nor how it looks.
"""

from dataclasses import dataclass

from modules.jeugdmonitor.asked import asked_questions
from modules.jeugdmonitor.bank import ABOUT_YOU, THEMES, age_groups
from modules.jeugdmonitor.model import Round
from modules.jeugdmonitor.question import Question
from modules.kit.words import Words

MOST_ON_A_PAGE = 5
_LAST = Words("Over jou", "About you")


@dataclass(frozen=True)
class Item:
    """One question with the name of its field."""

    field: str
    question: Question


@dataclass(frozen=True)
class FormPage:
    """One screen of the form."""

    title: Words
    items: tuple[Item, ...]


def form_pages(round_: Round) -> list[FormPage]:
    """The themes in their order, in pages of a few questions as even as possible; last who answers."""
    items = [Item(f"q_{asked.id.hex}", asked.question) for asked in asked_questions(round_.questions)]
    pages = [
        FormPage(theme.words, part)
        for theme in THEMES.values()
        for part in _even([item for item in items if item.question.theme == theme.code])
    ]
    return [*pages, FormPage(_LAST, _about_you(round_))]


def _about_you(round_: Round) -> tuple[Item, ...]:
    ages = ABOUT_YOU["age_group"]
    fitting = Question(ages.code, ages.theme, ages.kind, ages.prompt, age_groups(round_.lowest_age, round_.highest_age))
    return Item("age_group", fitting), Item("gender", ABOUT_YOU["gender"])


def _even(items: list[Item]) -> list[tuple[Item, ...]]:
    count = -(-len(items) // MOST_ON_A_PAGE)
    return [tuple(items[len(items) * n // count : len(items) * (n + 1) // count]) for n in range(count)]
