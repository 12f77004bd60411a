"""The form of the yearly figures: what was typed, what is wrong with it, what it is worth.

Owns: reading it as a whole, so that nothing typed is lost and every mistake is told at once. Does not own one number
(figures.py) nor the page (figure_pages.py).
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from look.language import gettext as _
from modules.cultuurmonitor.figures import FIGURES, NumberError, read_number, write_number
from modules.cultuurmonitor.model import YearFigures

LONGEST_REMARK = 2000


@dataclass(frozen=True)
class FigureForm:
    """One filled-in form. `typed` is literally what was typed, by figure code; `errors` are sentences by field."""

    typed: dict[str, str]
    values: dict[str, int | None]
    remark: str
    version: int
    errors: dict[str, str]


def form_of(figures: YearFigures | None) -> FigureForm:
    """The form as it is shown at first: what was saved, or nothing."""
    values = figures.values() if figures else dict.fromkeys(FIGURES)
    return FigureForm(
        typed={code: write_number(figure, values[code]) for code, figure in FIGURES.items()},
        values=values,
        remark=figures.remark if figures else "",
        version=figures.version if figures else 0,
        errors={},
    )


def read_form(posted: Mapping[str, str]) -> FigureForm:
    """The form as it was sent."""
    typed = {code: posted.get(code, "") for code in FIGURES}
    values: dict[str, int | None] = {}
    errors: dict[str, str] = {}
    for code, figure in FIGURES.items():
        values[code] = None
        try:
            values[code] = read_number(figure, typed[code])
        except NumberError as error:
            sentence = str(error)
            errors[code] = f"{_(figure.label)}: {sentence[0].lower()}{sentence[1:]}"
    remark = unicodedata.normalize("NFC", posted.get("remark", "").replace("\r\n", "\n")).strip()
    if len(remark) > LONGEST_REMARK:
        errors["remark"] = _("Deze opmerking is te lang. Hou het bij 2.000 tekens.")
    elif any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co") and sign != "\n" for sign in remark):
        errors["remark"] = _("In deze opmerking staan onzichtbare tekens. Typ de tekst opnieuw in.")
    version = posted.get("version", "")
    return FigureForm(typed, values, remark, int(version) if version.isascii() and version.isdigit() else 0, errors)


def differences(form: FigureForm, figures: YearFigures) -> list[str]:
    """The codes of the figures (and "remark") in which the form and what is saved are not the same."""
    saved = figures.values()
    codes = [code for code in FIGURES if form.values[code] != saved[code]]
    return [*codes, "remark"] if form.remark != figures.remark else codes
