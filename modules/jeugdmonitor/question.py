"""What a question is: the shape that the bank, the own questions, the form of the child and the results share.

Owns: that shape. Pure: knows no page and no database. Does not own which questions there are (bank.py, own_question.py).
"""

from dataclasses import dataclass
from typing import Literal

from modules.kit.words import Words

Kind = Literal["one", "several", "text"]


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen."""

    code: str
    words: Words


@dataclass(frozen=True)
class Theme:
    """What questions are about; `words` as a child reads it, `for_coordinator` as the municipality calls it."""

    code: str
    words: Words
    for_coordinator: Words


@dataclass(frozen=True)
class Question:
    """One question, of the bank or of a municipality.

    `ordered`: the options run from the best or the most to the worst or the least. A question of kind `text` has no options.
    `core`: proposed to a round that has chosen nothing yet.
    """

    code: str
    theme: str
    kind: Kind
    prompt: Words
    options: tuple[Option, ...]
    ordered: bool = False
    from_age: int = 0
    delicate: bool = False
    retired: bool = False
    core: bool = False


def same_in_both(text: str) -> Words:
    """What a municipality wrote: in its own words, whatever the language of the reader."""
    return Words(text, text)
