"""What is kept of a youngster: the fields of the seed, read from a form. Only the name is required (W19).

Owns: those fields and what is wrong with them; a BSN is refused in every one (seed 004, Identiteitscheck). Does not own the photo.
"""

from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from look.language import gettext as _
from modules.plusminmee.document_numbers import DocumentKind, read_document_number
from modules.plusminmee.kenteken import read_kenteken
from modules.plusminmee.read_past import read_past_day
from modules.plusminmee.reading import Reading
from modules.plusminmee.refusals import RefusedError
from modules.plusminmee.typed import TypedError
from modules.plusminmee.write_freely import read_free_line, read_free_text

LONGEST_NAME = 120
LONGEST_DESCRIPTION = 2000
OLDEST_YEAR = 1970


@dataclass(frozen=True)
class YoungsterFields:
    """The fields of one youngster, as they were typed and found good; None is not known."""

    name: str
    born: date | None
    kenteken: str | None
    kopstuk: bool
    traject: bool
    letter: bool
    description: str
    checked_on: date | None
    document_kind: str | None
    document_number: str | None


def read_youngster(form: MultiDict[str, str]) -> tuple[YoungsterFields | None, list[tuple[str, str]]]:
    """The fields, or what is wrong with each."""
    reading = Reading(form)
    name = reading.field("name", read_free_line, most=LONGEST_NAME, missing=_("Vul de volledige naam in."))
    born = reading.field("born", read_past_day, earliest=date(OLDEST_YEAR, 1, 1))
    plate = reading.field("kenteken", lambda typed: read_kenteken(typed) if typed.strip() else None)
    description = reading.field("description", read_free_text, most=LONGEST_DESCRIPTION)
    kind = reading.field("document_kind", _kind)
    begun = bool(kind or form.get("checked_on", "").strip())
    number = reading.field("document_number", lambda typed: _document(typed, kind, begun=begun))
    checked_on = reading.field("checked_on", lambda typed: _checked(typed, number))
    if reading.errors or name is None:
        return None, reading.errors
    return (
        YoungsterFields(
            name=name,
            born=born,
            kenteken=plate,
            kopstuk="kopstuk" in form,
            traject="traject" in form,
            letter="letter" in form,
            description=description or "",
            checked_on=checked_on,
            document_kind=kind if number else None,
            document_number=number,
        ),
        [],
    )


def _kind(typed: str) -> str | None:
    if typed and typed not in set(DocumentKind):
        raise TypedError(_("Kies ID-kaart, paspoort of rijbewijs."))
    return typed or None


def _document(typed: str, kind: str | None, *, begun: bool) -> str | None:
    """The number; an identity check of which something is filled in (`begun`) has all three, so that nothing typed goes unseen."""
    if not typed.strip():
        if begun:
            raise RefusedError("document_missing")
        return None
    if kind is None:
        raise TypedError(_("Kies met welk document de identiteit is nagekeken."))
    return read_document_number(typed, DocumentKind(kind))


def _checked(typed: str, number: str | None) -> date | None:
    if number and not typed.strip():
        raise TypedError(_("Vul in wanneer de identiteit is nagekeken."))
    return read_past_day(typed)
