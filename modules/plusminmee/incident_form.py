"""What is told of an incident: its fields, read from a form (M15).

Owns: those fields and what is wrong with them; a BSN and the name of a youngster are refused. Does not own keeping it.
"""

import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from look.language import gettext as _
from modules.plusminmee.email_key import EmailError, read_email
from modules.plusminmee.reading import Reading
from modules.plusminmee.refusals import RefusedError
from modules.plusminmee.retention import today
from modules.plusminmee.typed import TypedError, read_day
from modules.plusminmee.write_freely import read_free_text

LONGEST_REPORT = 4000
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class IncidentFields:
    """What happened, on which day, in which group if any, and the leidinggevende who is told."""

    what: str
    happened_on: date
    group_id: uuid.UUID | None
    leader_email: str


def read_incident(
    form: MultiDict[str, str], own_groups: Collection[uuid.UUID], youngsters: Collection[str]
) -> tuple[IncidentFields | None, list[tuple[str, str]]]:
    """The fields, or what is wrong with each. `own_groups` may be chosen; the names of `youngsters` may not stand in it."""
    reading = Reading(form)
    what = reading.field("what", _what, youngsters=youngsters)
    day = reading.field("happened_on", _day)
    group_id = reading.field("group", _group, own_groups=own_groups)
    leader = reading.field("leader_email", _leader)
    if reading.errors or what is None or day is None or leader is None:
        return None, reading.errors
    return IncidentFields(what, day, group_id, leader), []


def names_a_youngster(text: str, names: Collection[str]) -> bool:
    """Whether one of these full names stands in the text. A name of one word is not looked for: it may be anybody's."""
    words = f" {' '.join(_WORD.findall(text.casefold()))} "
    looked_for = (_WORD.findall(name.casefold()) for name in names)
    return any(len(name) > 1 and f" {' '.join(name)} " in words for name in looked_for)


def _what(typed: str, *, youngsters: Collection[str]) -> str:
    text = read_free_text(typed, most=LONGEST_REPORT, missing=_("Schrijf wat er gebeurde."))
    if names_a_youngster(text, youngsters):
        raise RefusedError("text_youngster")
    return text


def _day(typed: str) -> date | None:
    day = read_day(typed, missing=_("Vul in op welke dag het gebeurde, of op welke dag u het merkte."))
    if day is not None and day > today():
        raise TypedError(_("Deze dag ligt in de toekomst. Kijk hem na."))
    return day


def _group(typed: str, *, own_groups: Collection[uuid.UUID]) -> uuid.UUID | None:
    if not typed:
        return None
    for group_id in own_groups:
        if str(group_id) == typed:
            return group_id
    raise TypedError(_("Kies een groep uit de lijst, of geen."))


def _leader(typed: str) -> str:
    if not typed.strip():
        raise EmailError(_("Vul het e-mailadres van uw leidinggevende in. Zonder dat adres kan de melding niet weg."))
    return read_email(typed)
