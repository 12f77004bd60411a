"""The plus-min-mee circle as plain numbers for an SVG: three sectors, and a place for every dot in its sector.

Owns: sizes, and that dots of one sector never lie over each other, however many they are. Does not own who stands where
(find_circle.py), colours (plusminmee.css) nor words (place_words.py). Angles run clockwise from the right, as in SVG.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modules.plusminmee.open_youngster import Known
from modules.plusminmee.youngster_model import IN_CIRCLE

SIZE = 600
CENTRE = SIZE / 2
RADIUS = 288
CORE = 58
_NEAREST, _FURTHEST = 79, 236
_BEGINS = {"plus": -90, "mee": 30, "min": 150}
_WORDS = {"plus": (372, 50), "mee": (300, 558), "min": (228, 50)}
_WIDTH = 120
_MARGIN = 5
_NAME = 22
"""What a name under a dot takes."""
# (radius of a dot, what is free around it, whether its name fits under it), the largest that fits is taken
_SIZES = (
    (26, 34, True),
    (24, 14, False),
    (20, 10, False),
    (16, 8, False),
    (13, 6, False),
    (10, 5, False),
    (7, 4, False),
    (5, 2, False),
)


@dataclass(frozen=True)
class Dot:
    """One youngster in the circle."""

    youngster: Known
    x: float
    y: float
    r: int
    named: bool


@dataclass(frozen=True)
class Sector:
    """One of the three: its outline, its edge, where its word stands, and its dots."""

    place: str
    outline: str
    edge: str
    word_x: int
    word_y: int
    dots: tuple[Dot, ...]


def draw(by_place: dict[str, list[Known]]) -> list[Sector]:
    """The three sectors with everybody in them."""
    return [_sector(place, by_place.get(place, [])) for place in IN_CIRCLE]


def _sector(place: str, youngsters: Sequence[Known]) -> Sector:
    begin, end = _BEGINS[place], _BEGINS[place] + _WIDTH
    (x1, y1), (x2, y2) = _at(begin, RADIUS), _at(end, RADIUS)
    arc = f"A {RADIUS} {RADIUS} 0 0 1 {x2} {y2}"
    word_x, word_y = _WORDS[place]
    return Sector(
        place,
        outline=f"M {CENTRE} {CENTRE} L {x1} {y1} {arc} Z",
        edge=f"M {x1} {y1} {arc}",
        word_x=word_x,
        word_y=word_y,
        dots=tuple(_dots(begin, youngsters)),
    )


def _dots(begin: float, youngsters: Sequence[Known]) -> Iterator[Dot]:
    sized = [(r, _spots(begin, r, free, _NAME if named else 0), named) for r, free, named in _SIZES]
    r, spots, named = next((each for each in sized if len(each[1]) >= len(youngsters)), sized[-1])
    step = len(spots) / max(len(youngsters), 1)
    for position, youngster in enumerate(youngsters):
        x, y = spots[min(int((position + 0.5) * step), len(spots) - 1)]
        yield Dot(youngster, x, y, r, named)


def _spots(begin: float, r: int, free: int, name: int) -> list[tuple[float, float]]:
    """Where dots of this size can stand in a sector, ring by ring from the core outward, short of the words at the edge."""
    spots = []
    distance = float(_NEAREST + r - _SIZES[-1][0])
    while distance <= _FURTHEST - r - name:
        margin = math.degrees((r + 3) / distance) + _MARGIN / 2
        width = _WIDTH - 2 * margin
        count = int(math.radians(width) * distance // (2 * r + free)) + 1 if width >= 0 else 0
        for number in range(count):
            share = (number + 0.5) / count if count == 1 else number / (count - 1)
            spots.append(_at(begin + margin + width * share, distance))
        distance += 2 * r + free
    return spots


def _at(degrees: float, distance: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    return round(CENTRE + distance * math.cos(angle), 1), round(CENTRE + distance * math.sin(angle), 1)
