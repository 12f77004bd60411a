"""Whom an applicant replaces, and until when (seed-sentences M7): from what was typed on a form to one line for whoever decides.

Owns the fields of `registration/replaces.html` and what is wrong with them; both ways of asking have them.
"""

from collections.abc import Mapping

from broker.text import Text
from broker.web.decision_form import NO_DAY, read_day

REPLACES = "replaces"
SOMEBODY, SOMEBODY_UNKNOWN = "iemand", "onbekend"


def replaced_line(raw: Mapping[str, str]) -> str:
    """Whom, and until when where that was said; "" for nobody."""
    whom = {SOMEBODY: raw.get("replaces_name", "").strip(), SOMEBODY_UNKNOWN: "weet niet wie"}.get(
        raw.get("replaces_whom", ""), ""
    )
    until = raw.get("replaces_until", "").strip()
    if not whom or not until or replaced_unclear(raw) is not None:
        return whom
    return f"{whom}, tot en met {read_day(until):%d/%m/%Y}"


def replaced_unclear(raw: Mapping[str, str]) -> Text | None:
    """What is wrong with what was typed; None for nothing."""
    if raw.get("replaces_whom") not in (SOMEBODY, SOMEBODY_UNKNOWN):
        return None
    if raw["replaces_whom"] == SOMEBODY and not raw.get("replaces_name", "").strip():
        return MISSING_REPLACED
    try:
        return None if not raw.get("replaces_until", "").strip() or read_day(raw["replaces_until"]) else NO_DAY
    except ValueError:
        return NO_DAY


MISSING_REPLACED = Text(
    "Vul in wie u vervangt, of kies dat u het niet weet", "Fill in whom you replace, or choose that you do not know"
)
