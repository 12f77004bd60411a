"""What somebody can work out about unknown cells of a table from its margins (SV2). Pure arithmetic; owns no policy.

A table of whole numbers, none below zero, of which some cells are known and the sum of the unknown ones in each row and column. The
values that one unknown cell can have are then an unbroken range: the ends are found by the largest flow from rows to columns.
"""

from collections.abc import Collection, Sequence

Cell = tuple[int, int]


def can_have(cells: Collection[Cell], rows: Sequence[int], columns: Sequence[int], cell: Cell, values: int) -> bool:
    """Whether `cell` can have at least so many `values`, given what is left in each row and column for `cells` together."""
    row, column = cell
    others = [each for each in cells if each != cell]
    whole = sum(rows)
    least = max(0, whole - largest_flow(others, rows, columns))
    most = least + values - 1
    if most > min(rows[row], columns[column]):
        return False
    left = [left - most * (index == row) for index, left in enumerate(rows)]
    below = [left - most * (index == column) for index, left in enumerate(columns)]
    return largest_flow(others, left, below) == whole - most


def largest_flow(cells: Collection[Cell], rows: Sequence[int], columns: Sequence[int]) -> int:
    """How much of what is left in the rows fits into the columns through `cells` (Ford and Fulkerson)."""
    flow: dict[Cell, int] = dict.fromkeys(cells, 0)
    of_row: dict[int, list[int]] = {}
    of_column: dict[int, list[int]] = {}
    for row, column in flow:
        of_row.setdefault(row, []).append(column)
        of_column.setdefault(column, []).append(row)
    left, room = list(rows), list(columns)
    total = 0
    while True:
        path = _way(flow, of_row, of_column, left, room)
        if path is None:
            return total
        first, last = path[0][0], path[-1][1]
        back = [flow[cell] for cell in path[1::2]]
        amount = min([left[first], room[last], *back])
        for place, cell in enumerate(path):
            flow[cell] += amount if place % 2 == 0 else -amount
        left[first] -= amount
        room[last] -= amount
        total += amount


def _way(
    flow: dict[Cell, int],
    of_row: dict[int, list[int]],
    of_column: dict[int, list[int]],
    left: Sequence[int],
    room: Sequence[int],
) -> list[Cell] | None:
    """Cells, in turn to add to and to take from, that lead from a row with something left to a column with room."""
    came: dict[int, Cell | None] = {row: None for row in of_row if left[row] > 0}
    by: dict[int, int] = {}
    queue = list(came)
    for row in queue:
        for column in of_row.get(row, ()):
            if column in by:
                continue
            by[column] = row
            if room[column] > 0:
                return _back(column, by, came)
            for other in of_column[column]:
                if other not in came and flow[other, column] > 0:
                    came[other] = (other, column)
                    queue.append(other)
    return None


def _back(column: int, by: dict[int, int], came: dict[int, Cell | None]) -> list[Cell]:
    path: list[Cell] = []
    while True:
        row = by[column]
        path.append((row, column))
        before = came[row]
        if before is None:
            return path[::-1]
        path.append(before)
        column = before[1]
