"""What the templates of the Cultuurmonitor need to write figures and states.

Owns: those filters and names. Does not own figures (figures.py).
"""

from jinja2 import Environment

from look.language import gettext as _
from modules.cultuurmonitor.about import INVOERDER
from modules.cultuurmonitor.figures import FIGURES, SECTIONS, Figure, write_number, write_with_unit
from modules.cultuurmonitor.model import YearFigures
from modules.kit import SignedIn


def equip(environment: Environment) -> None:
    """Give the environment the filters and globals of the pages."""
    environment.filters["number_of"] = lambda amount, figure: write_number(figure, amount)
    environment.filters["with_unit_of"] = lambda amount, figure: write_with_unit(figure, amount)
    environment.filters["kind_word"] = kind_word
    environment.filters["state_chip"] = state_chip
    environment.filters["difference_of"] = difference
    environment.globals["SECTIONS"] = SECTIONS
    environment.globals["FIGURES"] = FIGURES
    environment.globals["may_enter"] = may_enter


def may_enter(person: SignedIn | None) -> bool:
    """Whether the person enters figures (and does not only read them)."""
    return person is not None and INVOERDER in person.rights


def kind_word(kind: str) -> str:
    """The word for a kind of centre (model.CENTRE_KINDS)."""
    return {"cultuurcentrum": _("Cultuurcentrum"), "gemeenschapscentrum": _("Gemeenschapscentrum")}[kind]


def state_chip(figures: YearFigures | None) -> tuple[str, str]:
    """Kind and word of the chip for the figures of a year."""
    if figures is None:
        return "neutral", _("Nog niet begonnen")
    if figures.state == "submitted":
        return "in_order", _("Ingediend")
    return "waiting", _("Concept")


def difference(amount: int | None, figure: Figure, before: int | None) -> str:
    """How much more or less than before: "+120 (+8 %)"; "" when one of both is not known."""
    if amount is None or before is None:
        return ""
    change = amount - before
    if change == 0:
        return _("gelijk")
    sign = "+" if change > 0 else "−"
    written = f"{sign}{write_number(figure, abs(change))}"
    if before == 0:
        return written
    share = round(abs(change) * 100 / before)
    return f"{written} ({sign}{share}\u00a0%)" if share else written
