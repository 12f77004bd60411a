"""A column chart as plain numbers for an SVG: no script, no style, widths in per cent so that text keeps its size.

Owns: scale, columns, the words that stand for the picture. Does not own colours (cultuurmonitor.css).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from look.language import gettext as _
from modules.cultuurmonitor.figures import Figure, write_number, write_with_unit
from modules.cultuurmonitor.model import YearFigures

HEIGHT = 280
TOP = 34
BOTTOM = 246
LEFT = 7  # per cent, for the words of the scale
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Column:
    """One year. `x`, `middle`, `width` in per cent of the width; `y`, `height` in pixels."""

    year: int
    label: str
    x: float
    middle: float
    width: float
    y: float
    height: float
    draft: bool


@dataclass(frozen=True)
class Line:
    """One line of the scale, at `y` pixels."""

    y: float
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart, and `words` that say the same."""

    title: str
    words: str
    columns: list[Column]
    lines: list[Line]
    height: int = HEIGHT
    top: int = TOP
    bottom: int = BOTTOM


def draw_chart(figure: Figure, years: Sequence[YearFigures]) -> Chart | None:
    """The chart of one figure over these years (oldest first), or None when no year has it."""
    known = [(row, amount) for row in years if (amount := row.values()[figure.code]) is not None]
    if not known:
        return None
    top_of_scale, step = _scale(max(amount for _row, amount in known), smallest=10**figure.decimals)

    def y_of(amount: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * amount / top_of_scale, 1)

    share = (100 - LEFT) / len(known)
    columns = [
        Column(
            year=row.year,
            label=_short(figure, amount),
            x=round(LEFT + index * share + share * 0.2, 2),
            middle=round(LEFT + (index + 0.5) * share, 2),
            width=round(share * 0.6, 2),
            y=y_of(amount),
            height=round(BOTTOM - y_of(amount), 1),
            draft=row.state == "draft",
        )
        for index, (row, amount) in enumerate(known)
    ]
    amounts = [round(step * number) for number in range(1, round(top_of_scale / step) + 1)]
    return Chart(
        title=_("%(figure)s, per jaar", figure=_(figure.label)),
        words="; ".join(
            f"{row.year}: {write_with_unit(figure, amount)}{_(' (concept)') if row.state == 'draft' else ''}"
            for row, amount in known
        ),
        columns=columns,
        lines=[Line(y_of(amount), _short(figure, amount)) for amount in amounts],
    )


def _scale(largest: int, *, smallest: int) -> tuple[float, float]:
    """Top of the scale and step: three to five round lines. At least one unit (`smallest`) high."""
    largest = max(largest, smallest)
    size = 10 ** (len(str(largest)) - 1)
    step: float = size
    for factor in _STEPS:
        step = max(factor * size / 5, 1)
        if step * 5 >= largest:
            break
    lines = -(-largest // step)
    return step * lines, step


def _short(figure: Figure, amount: int) -> str:
    """A figure that fits above a column: 950 · 12.400 · 1,25 mln."""
    whole = amount // 100 if figure.unit == "euro" else amount
    if figure.unit == "fte":
        return write_number(figure, amount)
    if whole >= 1_000_000:
        hundredths = f"{whole / 1_000_000:.2f}".rstrip("0").rstrip(".")
        return _("%(number)s mln", number=hundredths.replace(".", ","))
    return f"{whole:,}".replace(",", ".")
