"""Free fields of the tool's forms: read as typed, a BSN refused at the field, other words pointed out above the next page.

Owns: how a form asks it. Does not own the rule itself (free_text.py).
"""

from look.language import gettext as _
from modules.kit.tell import tell
from modules.plusminmee.free_text import look_through
from modules.plusminmee.typed import read_line, read_text


def read_free_line(typed: str, *, most: int, missing: str = "") -> str:
    """As typed.read_line, and without a BSN.

    Raises:
        TypedError: as there. RefusedError: text_bsn.
    """
    line = read_line(typed, most=most, missing=missing)
    look_through(line)
    return line


def read_free_text(typed: str, *, most: int, missing: str = "") -> str:
    """As typed.read_text, and without a BSN.

    Raises:
        TypedError: as there. RefusedError: text_bsn.
    """
    text = read_text(typed, most=most, missing=missing)
    look_through(text)
    return text


def point_out(*texts: str) -> None:
    """Say above the next page what these good texts seem to be about; the words themselves are not repeated, nor kept elsewhere."""
    found = {hint.category.code: str(hint.category.name) for text in texts for hint in look_through(text)}
    if found:
        tell(
            "wait",
            _("Kijk nog eens na wat u schreef."),
            _(
                "Het lijkt te gaan over: %(subjects)s. Bewaar dat alleen als het echt nodig is.",
                subjects=", ".join(found.values()),
            ),
        )
