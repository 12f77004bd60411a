"""protect: which cells of a question's results may be shown (SV2, SV3). Pure; the one place that decides it.

A cell is how many respondents of a group chose an option. None below LEAST is shown, nor any from which one below could be worked
out: from the sum of a group, from everybody together, or from the groups that are not shown. Whatever is not shown can still have
at least LEAST values. Where nearly everybody chose the same, only "more than so many per cent" is said, and that so roughly that at
least LEAST numbers fit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from modules.jeugdmonitor.results.margins import Cell, can_have

LEAST = 10
_STEP = 5  # per cent
_TOP = 90  # per cent: more than this is not said (SV3)
_MAJORITY = 50


@dataclass(frozen=True, slots=True)
class Share:
    """What is said of one cell. `kind`: `about` (rounded to 5 per cent), `above`, `below`, or `hidden`; `percent` is 0 where
    hidden."""

    kind: Literal["about", "above", "below", "hidden"]
    percent: int = 0


HIDDEN = Share("hidden")


@dataclass(frozen=True, slots=True)
class Row:
    """One group of respondents: how many answered (rounded to 5; 0: not said), and a share for each option."""

    base: int
    shares: tuple[Share, ...]

    @property
    def says_something(self) -> bool:
        """At least one share is shown."""
        return any(share.kind != "hidden" for share in self.shares)


@dataclass(frozen=True, slots=True)
class Protected:
    """Everybody together, and the groups that can be shown beside; none where they would give something away."""

    everybody: Row
    groups: Mapping[str, Row] = field(default_factory=dict)


def protect(everybody: Sequence[int], groups: Mapping[str, Sequence[int]]) -> Protected:
    """What may be shown of one question with one answer each.

    `everybody` and each of `groups` count who chose each option. Who belongs to no group is in `everybody` only.
    """
    total = _protect_row(everybody)
    shown = [column for column, share in enumerate(total.shares) if share.kind in ("about", "below")]
    above = any(share.kind == "above" for share in total.shares)
    if not shown or above:
        return Protected(total)
    told: dict[str, Row] | None = None
    while told is None:
        told = _groups(everybody, groups, shown)
        if any(not row.says_something for row in told.values()):  # it goes with the others, who are looked at anew
            groups = {name: groups[name] for name, row in told.items() if row.says_something}
            told = None
    return Protected(total, told)


def protect_choices(everybody: Sequence[int], base: int, groups: Mapping[str, tuple[Sequence[int], int]]) -> Protected:
    """The same of a question with several answers: each option is a question of its own, chosen or not.

    `base` and the number beside each group's counts are how many answered the question at all.
    """
    tables = [
        protect(
            (chosen, base - chosen),
            {name: (counts[option], size - counts[option]) for name, (counts, size) in groups.items()},
        )
        for option, chosen in enumerate(everybody)
    ]
    names = [name for name in groups if any(name in each.groups for each in tables)]
    total = Row(next((each.everybody.base for each in tables), 0), tuple(each.everybody.shares[0] for each in tables))
    return Protected(
        total,
        {
            name: Row(
                rounded(groups[name][1]),
                tuple(each.groups[name].shares[0] if name in each.groups else HIDDEN for each in tables),
            )
            for name in names
        },
    )


def _groups(everybody: Sequence[int], groups: Mapping[str, Sequence[int]], shown: Sequence[int]) -> dict[str, Row]:
    """Each group that is large enough, with what may be shown of it; none where nothing may."""
    names, table = _rows(everybody, groups)
    if not names:
        return {}
    hidden = _hidden_cells(_columns(everybody, table, shown), len(names), len(shown))
    if hidden is None:
        return {}
    return {
        name: Row(
            rounded(sum(table[index])),
            tuple(
                share_of(table[index][column], sum(table[index]))
                if column in shown and (index, shown.index(column)) not in hidden
                else HIDDEN
                for column in range(len(everybody))
            ),
        )
        for index, name in enumerate(names)
    }


def _protect_row(counts: Sequence[int]) -> Row:
    """One row whose sum is known: what is too small, and as much beside it as hides it."""
    base = sum(counts)
    if base < LEAST:
        return Row(0, tuple(HIDDEN for _ in counts))
    hidden = {index for index, count in enumerate(counts) if count < LEAST}
    if not hidden:
        return Row(rounded(base), tuple(share_of(count, base) for count in counts))
    largest = max(range(len(counts)), key=lambda index: counts[index])
    if base - counts[largest] < LEAST:
        return Row(
            rounded(base),
            tuple(_above(base) if index == largest else HIDDEN for index in range(len(counts))),
        )
    while len(hidden) < 2 or sum(counts[index] for index in hidden) < LEAST:
        hidden.add(min((index for index in range(len(counts)) if index not in hidden), key=lambda each: counts[each]))
    return Row(
        rounded(base),
        tuple(HIDDEN if index in hidden else share_of(count, base) for index, count in enumerate(counts)),
    )


def _rows(everybody: Sequence[int], groups: Mapping[str, Sequence[int]]) -> tuple[list[str], list[list[int]]]:
    """The groups that are large enough, and their counts; last, without a name, all others together.

    The others are none or at least LEAST: else they could be worked out from everybody. So the smallest groups go with them.
    """
    names = [name for name, counts in groups.items() if sum(counts) >= LEAST]

    def others() -> list[int]:
        return [count - sum(groups[name][index] for name in names) for index, count in enumerate(everybody)]

    while names and 0 < sum(others()) < LEAST:
        names.remove(min(names, key=lambda name: sum(groups[name])))
    rest = others()
    if sum(rest) == 0 and len(names) < 2:
        return [], []
    table = [list(groups[name]) for name in names]
    return names, [*table, rest] if sum(rest) else table


def _columns(everybody: Sequence[int], table: Sequence[Sequence[int]], shown: Sequence[int]) -> list[list[int]]:
    """The table by the options that are shown of everybody; last, where there are any, all others together."""
    rest = [column for column in range(len(everybody)) if column not in shown]
    return [[row[each] for each in shown] + ([sum(row[each] for each in rest)] if rest else []) for row in table]


def _hidden_cells(table: Sequence[Sequence[int]], groups: int, options: int) -> set[Cell] | None:
    """The cells among the first `groups` rows and `options` columns that may not be shown; None where none may.

    All margins count as known, and so does every shown cell: what is said is rougher.
    """
    cells = [(row, column) for row in range(len(table)) for column in range(len(table[0]))]
    never = {(row, column) for row, column in cells if row >= groups or column >= options}
    hidden = {(row, column) for row, column in cells if (row, column) not in never and table[row][column] < LEAST}
    while True:
        weak = _weakest(table, never, hidden)
        if weak is None:
            return hidden
        shown = [each for each in cells if each not in never and each not in hidden]
        near = [(row, column) for row, column in shown if row == weak[0] or column == weak[1]]
        if not shown:
            return None
        hidden.add(min(near or shown, key=lambda each: table[each[0]][each[1]]))


def _weakest(table: Sequence[Sequence[int]], never: set[Cell], hidden: set[Cell]) -> Cell | None:
    """A cell that could be worked out too well, or None."""
    unknown = never | hidden
    rows = [
        sum(table[row][column] for column in range(len(table[0])) if (row, column) in unknown)
        for row in range(len(table))
    ]
    columns = [
        sum(row[column] for index, row in enumerate(table) if (index, column) in unknown)
        for column in range(len(table[0]))
    ]
    delicate = [cell for cell in sorted(unknown) if cell in hidden or table[cell[0]][cell[1]] < LEAST]
    return next((cell for cell in delicate if not can_have(unknown, rows, columns, cell, LEAST)), None)


def share_of(count: int, base: int) -> Share:
    """What is said of `count` out of `base`, where it may be said at all."""
    percent = 100 * count / base
    if percent < 100 - _TOP:
        return Share("below", 100 - _TOP)
    if percent > _TOP:
        return Share("above", _TOP)
    return Share("about", _STEP * round(percent / _STEP))


def _above(base: int) -> Share:
    """ "More than so many per cent": so few that at least LEAST numbers fit, and hidden where that is no majority."""
    percent = min(_TOP, _STEP * (100 * (base - LEAST) // base // _STEP))
    return Share("above", percent) if percent >= _MAJORITY else HIDDEN


def rounded(base: int) -> int:
    """A number of respondents as it is told."""
    return _STEP * round(base / _STEP)
