"""The notes of a new version stand over the first page that somebody opens, whichever that is, until they are closed (W25; seed
004, Hoofdpagina: "Voordat u verder kunt gaan dient u het wijzigingen scherm te sluiten middels het 'X'").

Owns: whether they stand over the page of this request, and where closing them leads. Does not own the notes (release_notes.py), how
they look (page.html), nor that they were seen (text_pages.py).
"""

from flask import g, request

from modules.plusminmee.model import Professional
from modules.plusminmee.release_notes import Release, unseen


def notes_over_this_page() -> tuple[Release, ...]:
    """Those that the person at the door has yet to see. Never over a form that came back: closing them opens the page anew, and
    what was typed would be lost."""
    professional: Professional | None = g.get("professional")
    if professional is None or request.method != "GET":
        return ()
    return unseen(professional.notes_seen or None)


def this_page() -> str:
    """The local address of this page."""
    return request.full_path if request.query_string else request.path
