"""What a decider sends: one strict schema a kind of task; nothing but yes, no, why and earlier gets in (threats ID6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from marshmallow import RAISE, Schema, ValidationError, fields

from broker import clock
from broker.access.task import FOR_DOUBT, FOR_REQUEST
from broker.errors import InvalidError
from broker.text import Text

APPROVE, REJECT = "goedkeuren", "afkeuren"

_WRITTEN_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """What was chosen. `seen_version` and `seen_explanation` are what the page showed (threats ID5)."""

    approve: bool
    reason: str
    last_day: date | None
    seen_version: int
    seen_explanation: str | None
    given_name: str = ""
    family_name: str = ""


class _DecisionSchema(Schema):
    """Yes or no, and why."""

    class Meta:
        unknown = RAISE

    csrf_token = fields.String()
    beslissing = fields.String(load_default="")
    reden = fields.String(load_default="")
    versie = fields.Integer(required=True)


class _RequestDecisionSchema(_DecisionSchema):
    """A request may also be given an earlier last day, and shows an explanation."""

    tot = fields.String(load_default="")
    uitleg = fields.String(required=True)


class _DoubtDecisionSchema(_DecisionSchema):
    """Of somebody in doubt the name may be written again."""

    voornaam = fields.String(load_default="")
    familienaam = fields.String(load_default="")


_SCHEMAS: dict[str, type[_DecisionSchema]] = {FOR_REQUEST: _RequestDecisionSchema, FOR_DOUBT: _DoubtDecisionSchema}


def read_decision(kind: str, posted: Mapping[str, str]) -> DecisionForm:
    """The decision in `posted`, for a task of `kind`.

    Raises:
        InvalidError: with the sentence of each field; or, with no field at all, a form that is not ours.
    """
    schema = _SCHEMAS.get(kind, _DecisionSchema)()
    try:
        loaded = schema.load(dict(posted))
    except ValidationError as error:
        raise InvalidError("form_unknown", FORM_UNKNOWN) from error
    wrong: dict[str, Text] = {}
    if loaded["beslissing"] not in (APPROVE, REJECT):
        wrong["beslissing"] = _CHOOSE_ONE if kind == FOR_DOUBT else _CHOOSE
    approve = loaded["beslissing"] == APPROVE
    last_day = None
    if approve and loaded.get("tot", "").strip():
        try:
            last_day = read_day(loaded["tot"])
        except ValueError:
            wrong["tot"] = NO_DAY
        else:
            if last_day < clock.local_date(clock.now()):
                wrong["tot"] = Text("Deze dag is al voorbij.", "This day is over already.")
    if wrong:
        raise InvalidError("decision_incomplete", _INCOMPLETE, wrong)
    names = (loaded.get("voornaam", ""), loaded.get("familienaam", ""))
    return DecisionForm(approve, loaded["reden"], last_day, loaded["versie"], loaded.get("uitleg"), *names)


def read_day(typed: str) -> date:
    """A day as a date field sends it (2027-12-31) or as people write it (31/12/2027, 31.12.2027).

    Raises:
        ValueError: it is no day.
    """
    typed = typed.strip()
    if _ISO_DAY.fullmatch(typed):
        return date.fromisoformat(typed)
    written = _WRITTEN_DAY.fullmatch(typed)
    if written is None:
        raise ValueError(typed)
    return date(int(written[3]), int(written[2]), int(written[1]))


def read_optional_day(typed: str, field: str) -> date | None:
    """The same, or None where nothing was written.

    Raises:
        InvalidError: for `field`, it is no day.
    """
    try:
        return read_day(typed) if typed.strip() else None
    except ValueError as error:
        raise InvalidError("day_wrong", NO_DAY, {field: NO_DAY}) from error


NO_DAY = Text("Schrijf de dag zo: 31/12/2027.", "Write the day like this: 31/12/2027.")
_CHOOSE = Text("Kies goedkeuren of afkeuren.", "Choose to approve or to turn down.")
_CHOOSE_ONE = Text("Kies wat er fout was.", "Choose what was wrong.")
_INCOMPLETE = Text("Uw beslissing is nog niet volledig.", "Your decision is not complete yet.")
FORM_UNKNOWN = Text(
    "Dit formulier bevat iets wat wij niet verwachten. Er is niets beslist. Open de vraag opnieuw en beslis dan.",
    "This form holds something that we do not expect. Nothing was decided. Open the request again and then decide.",
)
