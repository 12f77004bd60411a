"""What is said of a group: its fields, read from a form.

Owns: those fields and what is wrong with them; a BSN is refused in every one. Does not own the term of the organisation
(retention.py).
"""

from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from look.language import gettext as _
from modules.plusminmee.model import LONGEST_NAME, LONGEST_PURPOSE
from modules.plusminmee.reading import Reading
from modules.plusminmee.typed import read_day
from modules.plusminmee.write_freely import read_free_line, read_free_text

LONGEST_REASON = 500


@dataclass(frozen=True)
class GroupFields:
    """Name, place, purpose, until when its content is kept, and why it is kept longer, where it is."""

    name: str
    place: str
    purpose: str
    retain_until: date
    why: str = ""


def read_group(form: MultiDict[str, str]) -> tuple[GroupFields | None, list[tuple[str, str]]]:
    """The fields, or what is wrong with each."""
    reading = Reading(form)
    name = reading.field("name", read_free_line, most=LONGEST_NAME, missing=_("Vul de naam van de groep in."))
    place = reading.field("place", read_free_line, most=LONGEST_NAME, missing=_("Vul in waar de groep samenkomt."))
    purpose = reading.field(
        "purpose", read_free_text, most=LONGEST_PURPOSE, missing=_("Schrijf waarvoor u deze groep volgt.")
    )
    until = reading.field("retain_until", read_day, missing=_("Kies tot wanneer u de gegevens bewaart."))
    why = reading.field("why", read_free_text, most=LONGEST_REASON)
    if reading.errors or name is None or place is None or purpose is None or until is None:
        return None, reading.errors
    return GroupFields(name, place, purpose, until, why or ""), []
