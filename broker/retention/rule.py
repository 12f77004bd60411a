"""RetentionRule: what one rule must be able to say and do. Owns the shape; each rule is a file of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from broker.installation import Installation


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`code` is its key in policies/retention.yaml.

    `due(before)` selects the keys of the rows whose purpose ended before that instant. `whole()` selects the number of rows
    of that table that there are, of which only so many may go at once (threats RE2). `erase(session, installation, keys)`
    erases these, in the transaction of the caller. `of_people`: the keys are of persons, who are locked and asked for once more
    before `erase`, as they may have got a tie meanwhile.
    """

    code: str
    due: Callable[[datetime], Select[Any]]
    whole: Callable[[], Select[int]]
    erase: Callable[[Session, Installation, Sequence[Any]], None]
    of_people: bool = False
