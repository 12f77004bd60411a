"""The average of other municipalities, question by question (SV2). Reads only.

Over at least MUNICIPALITIES others, of each the latest closed round that asked the question, with at least LEAST answers each and
none with more than half of all; so that no average is one municipality in disguise. Shares are rounded as everywhere, so that one
municipality more changes nothing that can be worked back.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.model import Round
from modules.jeugdmonitor.results.count_answers import count_by_bank_question
from modules.jeugdmonitor.results.protect import LEAST, Share, protect, protect_choices

MUNICIPALITIES = 5
COMPARABLE = timedelta(days=3 * 365)
"""Rounds that closed longer before this one say nothing of today."""

Pooled = Mapping[str, tuple[Mapping[str, int], int]]
"""Code of a question of the bank → (how many chose each option, how many answered), over all municipalities that count."""


def average_shares(
    pooled: Pooled, bank_code: str, options: Sequence[str], *, several: bool
) -> tuple[Share, ...] | None:
    """What is said of the others about each of `options`; None where it may not be, or nobody asked.

    `several`: an answer may hold more of them. What is too small is hidden together with what would give it away, as in the results
    of one round: of two options the one that is shown says how many chose the other.
    """
    if bank_code not in pooled:
        return None
    chosen, base = pooled[bank_code]
    counts = [chosen.get(option, 0) for option in options]
    if several:
        return protect_choices(counts, base, {}).everybody.shares
    elsewhere = base - sum(counts)  # an option that this round does not have
    return protect([*counts, elsewhere] if elsewhere else counts, {}).everybody.shares[: len(options)]


def pooled_answers(session: Session, round_: Round) -> Pooled:
    """What the other municipalities answered, as far as it may count for `round_`.

    Closed rounds never change, so what was once added up for the same rounds stays in memory.
    """
    rounds = _latest(session, round_)
    if len(rounds) < MUNICIPALITIES:
        return {}
    key = tuple(sorted(rounds))
    if key not in _kept:
        if len(_kept) >= _MOST:
            _kept.pop(next(iter(_kept)))
        _kept[key] = {
            code: found
            for code, by_round in count_by_bank_question(session, key).items()
            if (found := pool(by_round.values()))
        }
    return _kept[key]


def pool(rounds: Iterable[tuple[Mapping[str, int], int]]) -> tuple[dict[str, int], int] | None:
    """The answers of one question added up; None where too few municipalities have enough, or one has more than half."""
    enough = [(chosen, base) for chosen, base in rounds if base >= LEAST]
    whole = sum(base for _, base in enough)
    if len(enough) < MUNICIPALITIES or any(2 * base > whole for _, base in enough):
        return None
    added: dict[str, int] = {}
    for chosen, _ in enough:
        for option, number in chosen.items():
            added[option] = added.get(option, 0) + number
    return added, whole


def _latest(session: Session, round_: Round) -> list[uuid.UUID]:
    """Of each other municipality its last round that closed before this one was looked at, and not too long before it."""
    if round_.closed_at is None:
        return []
    rows = session.execute(
        select(Round.organisation_code, Round.id)
        .where(
            Round.state == "closed",
            Round.organisation_code != round_.organisation_code,
            Round.closed_at > round_.closed_at - COMPARABLE,
        )
        .order_by(Round.closed_at, Round.id)
    )
    return list({each.organisation_code: each.id for each in rows}.values())


_MOST = 8
_kept: dict[tuple[uuid.UUID, ...], Pooled] = {}
