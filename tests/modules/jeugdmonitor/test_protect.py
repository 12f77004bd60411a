"""No cell of a table can be worked out from what is shown: looked for by trying every table that fits (SV2, SV3)."""

import random
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.jeugdmonitor.results.margins import can_have, largest_flow
from modules.jeugdmonitor.results.protect import HIDDEN, LEAST, Protected, Share, protect, protect_choices

Table = list[list[int]]


def shown(share: Share) -> bool:
    return share.kind in ("about", "below")


def rows_that_fit(base: int, known: Sequence[int | None]) -> Iterator[tuple[int, ...]]:
    """Every row of whole numbers with this sum and these known cells."""
    if len(known) == 1:
        if known[0] in (None, base):
            yield (base,)
        return
    first = range(base + 1) if known[0] is None else range(known[0], known[0] + 1)
    for value in first:
        if value <= base:
            for rest in rows_that_fit(base - value, known[1:]):
                yield (value, *rest)


def tables_that_fit(
    everybody: Sequence[int], groups: Mapping[str, Sequence[int]], told: Protected
) -> list[tuple[tuple[int, ...], ...]]:
    """Every table (groups that are told of, then all others together) that fits what is told, taken as exact: the sums of the
    groups, and each cell that is shown. A total that is not shown is not known, beyond what "above" says."""
    names = list(told.groups)
    bases = [sum(groups[name]) for name in names]
    bases.append(sum(everybody) - sum(bases))
    knowns: list[list[int | None]] = [
        [count if shown(share) else None for count, share in zip(groups[name], told.groups[name].shares, strict=True)]
        for name in names
    ]
    knowns.append([None] * len(everybody))
    totals = [count if shown(share) else None for count, share in zip(everybody, told.everybody.shares, strict=True)]
    found: list[tuple[tuple[int, ...], ...]] = []

    def go_on(index: int, rows: tuple[tuple[int, ...], ...]) -> None:
        if index == len(bases):
            sums = [sum(row[column] for row in rows) for column in range(len(everybody))]
            if all(total in (None, value) for total, value in zip(totals, sums, strict=True)):
                found.append(rows)
            return
        for row in rows_that_fit(bases[index], knowns[index]):
            go_on(index + 1, (*rows, row))

    go_on(0, ())
    return found


def assert_nothing_is_given_away(everybody: Sequence[int], groups: Mapping[str, Sequence[int]]) -> None:
    told = protect(everybody, groups)
    fitting = tables_that_fit(everybody, groups, told)
    for column, share in enumerate(told.everybody.shares):
        if share.kind == "hidden" and told.everybody.base:
            values = {sum(row[column] for row in table) for table in fitting if fits_above(table, told)}
            assert len(values) >= LEAST, (everybody, groups, "everybody", column)
    for index, name in enumerate(told.groups):
        for column, share in enumerate(told.groups[name].shares):
            if shown(share):
                assert groups[name][column] >= LEAST
            else:
                values = {table[index][column] for table in fitting}
                assert len(values) >= LEAST, (everybody, groups, name, column)
    rest = [count - sum(groups[name][column] for name in told.groups) for column, count in enumerate(everybody)]
    for column, count in enumerate(rest):
        if told.groups and sum(rest) and count < LEAST and shown(told.everybody.shares[column]):
            values = {table[-1][column] for table in fitting}
            assert len(values) >= LEAST, (everybody, groups, "all others", column)


def fits_above(table: tuple[tuple[int, ...], ...], told: Protected) -> bool:
    base = sum(sum(row) for row in table)
    return all(
        100 * sum(row[column] for row in table) > share.percent * base
        for column, share in enumerate(told.everybody.shares)
        if share.kind == "above"
    )


@pytest.mark.parametrize("seed", range(40))
def test_no_hidden_cell_lies_in_a_range_narrower_than_ten(seed: int) -> None:
    """SV2: a brute-force solver over random tables."""
    rolled = random.Random(seed)
    for _ in range(12):
        options = rolled.choice((2, 3))
        size = 16 if options == 3 else 30
        names = ["a", "b", "c"][: rolled.choice((1, 2) if options == 3 else (1, 2, 3))]
        groups = {
            name: [rolled.choice((0, 1, 3, 9, rolled.randint(0, size))) for _ in range(options)] for name in names
        }
        nobody = [rolled.choice((0, 0, 1, 12)) for _ in range(options)]
        everybody = [sum(groups[name][column] for name in names) + nobody[column] for column in range(options)]
        assert_nothing_is_given_away(everybody, groups)


counts = st.lists(st.integers(0, 400), min_size=2, max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_below_ten_is_ever_shown_and_no_single_cell_is_hidden_alone(data: st.DataObject) -> None:
    """SV2."""
    options = data.draw(st.integers(2, 6))
    row = st.lists(st.integers(0, 300), min_size=options, max_size=options)
    groups = {name: data.draw(row) for name in ("6-8", "9-11", "12-14", "15-17")}
    skipped = data.draw(row)
    everybody = [sum(groups[name][column] for name in groups) + skipped[column] for column in range(options)]
    told = protect(everybody, groups)
    for name, found in [("", told.everybody), *told.groups.items()]:
        real = everybody if not name else groups[name]
        for count, share in zip(real, found.shares, strict=True):
            assert count >= LEAST or not shown(share)
        hidden = [share for share in found.shares if share.kind == "hidden"]
        assert len(hidden) != 1 or any(share.kind == "above" for share in found.shares)


def test_fewer_than_ten_respondents_say_nothing() -> None:
    told = protect((5, 4), {})
    assert told.everybody.shares == (HIDDEN, HIDDEN)
    assert told.everybody.base == 0, "not even how many they were"


def test_where_everybody_says_the_same_only_a_rough_majority_is_told() -> None:
    """SV3: a cell of 100 % is shown as > 90 %, and rougher where there are few."""
    assert protect((400, 0, 0), {}).everybody.shares == (Share("above", 90), HIDDEN, HIDDEN)
    assert protect((60, 0), {}).everybody.shares == (Share("above", 80), HIDDEN)
    assert protect((12, 0), {}).everybody.shares == (HIDDEN, HIDDEN)


def test_a_small_share_of_many_is_told_as_below_ten_per_cent() -> None:
    """SV3."""
    assert protect((950, 50), {}).everybody.shares == (Share("above", 90), Share("below", 10))


def test_shares_are_rounded_to_five_per_cent() -> None:
    shares = protect((31, 33, 36), {}).everybody.shares
    assert [share.percent for share in shares] == [30, 35, 35]


def test_a_small_group_takes_the_next_smallest_with_it_so_that_it_cannot_be_worked_out() -> None:
    groups = {"girl": (40, 40), "boy": (30, 30), "other": (2, 3)}
    told = protect((72, 73), groups)
    assert set(told.groups) == {"girl"}, "else the others are what is left of everybody"


def test_who_skipped_the_question_about_themselves_counts_as_others() -> None:
    few = protect((81, 80), {"girl": (40, 40), "boy": (40, 37)})
    assert set(few.groups) == {"girl"}, "four skipped it: the boys hide them"
    assert set(protect((100, 100), {"girl": (40, 40), "boy": (40, 40)}).groups) == {"girl", "boy"}


def test_each_answer_of_several_is_protected_by_itself() -> None:
    told = protect_choices((50, 3, 98), 100, {"girl": ((25, 1, 49), 50), "boy": ((25, 2, 49), 50)})
    assert [share.kind for share in told.everybody.shares] == ["about", "hidden", "above"]
    assert [share.kind for share in told.groups["girl"].shares] == ["about", "hidden", "hidden"]


def test_the_range_of_a_cell_is_that_of_its_margins() -> None:
    square = [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert largest_flow(square, (5, 5), (5, 5)) == 10
    assert can_have(square, (5, 5), (5, 5), (0, 0), 6)
    assert not can_have(square, (5, 5), (5, 5), (0, 0), 7)
    assert not can_have([(0, 0)], (5,), (5,), (0, 0), 2), "a single unknown cell is known"
