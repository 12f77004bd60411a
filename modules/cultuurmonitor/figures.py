"""What is counted: the figures of a year, their units, their limits, and the rules between them.

Owns: the list of figures (one place, in the order of the pages), reading what somebody typed, writing it the Flemish way, and
the checks before figures may be submitted. Pure: knows no page and no database.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from look.language import gettext as _

FIRST_YEAR = 2015
Unit = Literal["count", "fte", "euro"]
Values = Mapping[str, int | None]


@dataclass(frozen=True)
class Figure:
    """One figure. Kept as a whole number of its smallest unit: a count, 0.01 FTE, or a cent; at most `most`.

    `label` and `help` are Dutch msgids. `total` marks the one that must be the sum of the others in its section.
    """

    code: str
    label: str
    unit: Unit
    most: int
    help: str = ""
    total: bool = False

    @property
    def decimals(self) -> int:
        """How many digits after the comma may be typed."""
        return 0 if self.unit == "count" else 2


@dataclass(frozen=True)
class Section:
    """Figures that stand together on the page."""

    code: str
    title: str
    lead: str
    figures: tuple[Figure, ...]

    @property
    def parts(self) -> tuple[Figure, ...]:
        """The figures that the total must be the sum of; empty in a section without a total."""
        return tuple(figure for figure in self.figures if not figure.total) if self.total else ()

    @property
    def total(self) -> Figure | None:
        """The total of the section, if it has one."""
        return next((figure for figure in self.figures if figure.total), None)


@dataclass(frozen=True)
class Finding:
    """Something to put in order before the figures can be submitted, at the figure `code`."""

    code: str
    message: str


class NumberError(ValueError):
    """What was typed is not a figure; the message is a sentence for who typed it."""


_EVENTS = 20_000
_PEOPLE = 5_000_000
_FTE = 50_000
_CENTS = 10_000_000_000

SECTIONS = (
    Section(
        "activities",
        "Activiteiten",
        "Tel elke voorstelling, tentoonstelling of vorming één keer.",
        (
            Figure("activities_own", "Eigen aanbod", "count", _EVENTS, "Het centrum koos en betaalde."),
            Figure("activities_partners", "Samen met partners", "count", _EVENTS),
            Figure("activities_receptive", "Receptief", "count", _EVENTS, "Een ander organiseerde, in uw zaal."),
            Figure("activities_total", "Alle activiteiten", "count", _EVENTS, total=True),
        ),
    ),
    Section(
        "visitors",
        "Bezoekers",
        "Iedereen die binnenkwam voor een activiteit, met of zonder ticket.",
        (Figure("visitors_total", "Bezoekers", "count", _PEOPLE),),
    ),
    Section(
        "tickets",
        "Tickets",
        "Niet meer dan het aantal bezoekers.",
        (
            Figure("tickets_paid", "Betaalde tickets", "count", _PEOPLE),
            Figure("tickets_free", "Gratis tickets", "count", _PEOPLE),
            Figure("tickets_total", "Alle tickets", "count", _PEOPLE, total=True),
        ),
    ),
    Section(
        "hirings",
        "Verhuringen",
        "Hoe vaak een zaal of lokaal verhuurd of uitgeleend werd.",
        (
            Figure("hirings_associations", "Aan verenigingen", "count", _EVENTS),
            Figure("hirings_others", "Aan anderen", "count", _EVENTS, "Bedrijven, scholen, personen."),
            Figure("hirings_total", "Alle verhuringen", "count", _EVENTS, total=True),
        ),
    ),
    Section(
        "staff",
        "Personeel",
        "In voltijdse equivalenten (VTE) op 31 december, met een komma: 4,5.",
        (
            Figure("staff_programme", "Programmatie en publiek", "fte", _FTE),
            Figure("staff_support", "Techniek, onthaal en administratie", "fte", _FTE),
            Figure("staff_total", "Alle personeel", "fte", _FTE, total=True),
        ),
    ),
    Section(
        "income",
        "Inkomsten",
        "In euro, zonder btw.",
        (
            Figure("income_own", "Eigen inkomsten", "euro", _CENTS, "Tickets, verhuur, horeca."),
            Figure("income_subsidies", "Subsidies", "euro", _CENTS, "Ook de toelage van uw gemeente."),
            Figure("income_other", "Andere inkomsten", "euro", _CENTS),
            Figure("income_total", "Alle inkomsten", "euro", _CENTS, total=True),
        ),
    ),
    Section(
        "expense",
        "Uitgaven",
        "In euro, zonder btw.",
        (
            Figure("expense_staff", "Personeel", "euro", _CENTS),
            Figure("expense_programme", "Programmatie", "euro", _CENTS, "Uitkoop, auteursrechten, promotie."),
            Figure("expense_running", "Werking en gebouw", "euro", _CENTS),
            Figure("expense_total", "Alle uitgaven", "euro", _CENTS, total=True),
        ),
    ),
)

FIGURES: dict[str, Figure] = {figure.code: figure for section in SECTIONS for figure in section.figures}

_WHOLE = re.compile(r"\d+|\d{1,3}(\.\d{3})+")
_WITH_COMMA = re.compile(r"(\d+|\d{1,3}(\.\d{3})+)(,\d+)?")
_POINT_AS_COMMA = re.compile(r"\d+\.\d{1,2}")


def read_number(figure: Figure, typed: str) -> int | None:
    """What was typed, in the figure's smallest unit; None for nothing. Takes 1234, 1.234, 1 234, 12,5 and € 12,50.

    Raises:
        NumberError: no number, too many digits after the comma, below zero, or more than can be.
    """
    compact = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if not sign.isspace()).replace("€", "")
    if not compact:
        return None
    if compact.startswith(("-", "−", "–")):
        raise NumberError(_("Dit kan niet minder dan 0 zijn."))
    if len(compact) > 30 or not compact.isascii():
        raise NumberError(_("Vul een getal in, bijvoorbeeld 1.250."))
    if figure.decimals == 0:
        if not _WHOLE.fullmatch(compact):
            raise NumberError(_("Vul een heel getal in, bijvoorbeeld 1.250."))
        amount = int(compact.replace(".", ""))
    else:
        amount = _read_hundredths(compact)
    if amount > figure.most:
        raise NumberError(
            _("Dit is meer dan hier kan (%(most)s). Kijk het na.", most=write_number(figure, figure.most))
        )
    return amount


def _read_hundredths(compact: str) -> int:
    if _POINT_AS_COMMA.fullmatch(compact):
        raise NumberError(
            _("Gebruik een komma voor de cijfers na de komma: %(better)s.", better=compact.replace(".", ","))
        )
    if not _WITH_COMMA.fullmatch(compact):
        raise NumberError(_("Vul een getal in, bijvoorbeeld 12,5."))
    number = Decimal(compact.replace(".", "").replace(",", "."))
    if number != number.quantize(Decimal("0.01"), ROUND_HALF_UP):
        raise NumberError(_("Hoogstens twee cijfers na de komma."))
    return int(number * 100)


def write_number(figure: Figure, amount: int | None) -> str:
    """The figure as people write it here: 1.250 · 4,5 · 1.250,00; "" for what is not filled in."""
    if amount is None:
        return ""
    if figure.decimals == 0:
        return _grouped(amount)
    whole, rest = divmod(amount, 100)
    if figure.unit == "fte":
        decimals = f"{rest:02d}".rstrip("0")
        return f"{_grouped(whole)},{decimals}" if decimals else _grouped(whole)
    return f"{_grouped(whole)},{rest:02d}"


def write_with_unit(figure: Figure, amount: int | None) -> str:
    """The figure with its unit: 1.250 · 4,5 VTE · € 1.250,00; a dash for what is not filled in."""
    if amount is None:
        return "–"
    number = write_number(figure, amount)
    return {"count": number, "fte": f"{number} VTE", "euro": f"€\u00a0{number}"}[figure.unit]


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def last_full_year(today: date) -> int:
    """The year that figures are asked of: the last one that is over."""
    return today.year - 1


def check_before_submitting(values: Values, year: int, today: date) -> list[Finding]:
    """What must be put in order before these figures may be submitted; nothing when all is well."""
    findings = [
        Finding(code, _("%(label)s: nog niet ingevuld. Is er geen, vul dan 0 in.", label=_(figure.label)))
        for code, figure in FIGURES.items()
        if values[code] is None
    ]
    findings += check_sums(values)
    if year > last_full_year(today):
        findings.append(
            Finding(
                "",
                _(
                    "Het jaar %(year)s is nog niet voorbij. Bewaren kan nu al, indienen kan vanaf 1 januari %(next)s.",
                    year=year,
                    next=year + 1,
                ),
            )
        )
    return findings


def check_sums(values: Values) -> list[Finding]:
    """Which totals are not the sum of their parts, and which figures cannot be together. Only of what is filled in."""
    findings = []
    for section in SECTIONS:
        total = section.total
        parts = [values[part.code] for part in section.parts]
        if total is None or any(part is None for part in parts):
            continue
        given = values[total.code]
        added = sum(part for part in parts if part is not None)
        if given is not None and given != added:
            findings.append(
                Finding(
                    total.code,
                    _(
                        "%(label)s: u vulde %(given)s in, maar de delen samen zijn %(sum)s.",
                        label=_(total.label),
                        given=write_with_unit(total, given),
                        sum=write_with_unit(total, added),
                    ),
                )
            )
    tickets, visitors = values["tickets_total"], values["visitors_total"]
    if tickets is not None and visitors is not None and tickets > visitors:
        findings.append(
            Finding(
                "tickets_total",
                _(
                    "Er zijn meer tickets (%(tickets)s) dan bezoekers (%(visitors)s). Kijk beide na.",
                    tickets=write_number(FIGURES["tickets_total"], tickets),
                    visitors=write_number(FIGURES["visitors_total"], visitors),
                ),
            )
        )
    if values["activities_total"] == 0 and visitors:
        findings.append(Finding("activities_total", _("Er zijn bezoekers, maar geen activiteiten. Kijk beide na.")))
    return findings
