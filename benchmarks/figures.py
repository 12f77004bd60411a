"""The arithmetic: from what was counted to rates and ratios. Knows no server.

A rate is visits per second of the server's own processor time. A ratio is taken within one round, where both stood in the same
weather, and the median of the rounds is shown; so is how far the rounds lie apart.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Cell:
    """One contestant on one path in one round. `database_cpu` is the time of its database, where that is a program apart."""

    path: str
    contestant: str
    round: int
    visits: int
    seconds: float
    cpu: float
    database_cpu: float = 0.0
    median_us: int = 0
    slow_us: int = 0

    @property
    def rate(self) -> float:
        """Visits per second of the server's own processor time."""
        return self.visits / self.cpu if self.cpu else 0.0

    @property
    def rate_with_database(self) -> float:
        """The same, with the time of its database."""
        whole = self.cpu + self.database_cpu
        return self.visits / whole if whole else 0.0

    @property
    def rate_by_the_clock(self) -> float:
        """Visits per second that passed."""
        return self.visits / self.seconds if self.seconds else 0.0


class Figures:
    """All cells of a run."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.cells = tuple(cells)
        self._by_place: dict[tuple[str, str], dict[int, Cell]] = {}
        for cell in self.cells:
            self._by_place.setdefault((cell.path, cell.contestant), {})[cell.round] = cell

    def has(self, path: str, contestant: str) -> bool:
        """Whether it was measured there."""
        return (path, contestant) in self._by_place

    def rate(self, path: str, contestant: str) -> float:
        """The median rate over the rounds."""
        return median(cell.rate for cell in self._rounds(path, contestant))

    def rate_with_database(self, path: str, contestant: str) -> float:
        """The median rate, with the time of its database."""
        return median(cell.rate_with_database for cell in self._rounds(path, contestant))

    def rate_by_the_clock(self, path: str, contestant: str) -> float:
        """The median rate per second that passed."""
        return median(cell.rate_by_the_clock for cell in self._rounds(path, contestant))

    def median_us(self, path: str, contestant: str) -> float:
        """The median over the rounds of the median latency."""
        return median(cell.median_us for cell in self._rounds(path, contestant))

    def has_database(self, path: str, contestant: str) -> bool:
        """Whether a database apart took time."""
        return any(cell.database_cpu for cell in self._rounds(path, contestant))

    def ratio(self, path: str, contestant: str, other: str, other_path: str = "") -> float | None:
        """How many times the rate of `other` this is: the median of the rounds that both have; None where one lacks."""
        found = self.ratios(path, contestant, other, other_path)
        return median(found) if found else None

    def ratios(self, path: str, contestant: str, other: str, other_path: str = "") -> list[float]:
        """The ratio of each round, from the lowest."""
        mine = self._by_place.get((path, contestant), {})
        theirs = self._by_place.get((other_path or path, other), {})
        both = mine.keys() & theirs.keys()
        return sorted(mine[each].rate / theirs[each].rate for each in both if theirs[each].rate)

    def _rounds(self, path: str, contestant: str) -> list[Cell]:
        return list(self._by_place[path, contestant].values())

    def as_plain(self) -> list[dict[str, Any]]:
        """For a JSON file."""
        return [asdict(cell) for cell in self.cells]


def order_of(names: list[str], turn: int) -> list[str]:
    """`names` in the order of this turn: everybody comes first once, so that nobody always follows the same one."""
    shift = turn % len(names) if names else 0
    return names[shift:] + names[:shift]
