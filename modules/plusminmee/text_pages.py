"""Pages: Werkinstructies and Release Notes, and the notes that are shown once after signing in (W25).

Owns: `/plusminmee/werkinstructies`, `/plusminmee/release-notes`, and that somebody closed the notes. Does not own their words
(manual.yaml, release_notes.yaml), nor where they are shown first (notes_first.py).
"""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from modules.kit import local_path, require_right
from modules.kit.database import database
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.manual import MANUAL
from modules.plusminmee.model import Professional
from modules.plusminmee.release_notes import LATEST, RELEASES
from modules.plusminmee.who import professional_here

blueprint = Blueprint("texts", __name__, url_prefix="/plusminmee")


@blueprint.get("/werkinstructies")
@require_right(GEBRUIKER, BEHEERDER)
def manual() -> str:
    """Every chapter on one page, each with its own address behind the #."""
    professional_here()
    return render_template("plusminmee/manual.html", manual=MANUAL)


@blueprint.get("/release-notes")
@require_right(GEBRUIKER, BEHEERDER)
def notes() -> str:
    """What changed in each version."""
    professional_here()
    return render_template("plusminmee/notes.html", releases=RELEASES)


@blueprint.get("/release-notes/gezien")
@require_right(GEBRUIKER, BEHEERDER)
def back() -> Response:
    """Where a sign-in leads back from the X: to look again, and press it."""
    return redirect(url_for("texts.notes"), 303)


@blueprint.post("/release-notes/gezien")
@require_right(GEBRUIKER, BEHEERDER)
def close() -> Response:
    """X: the newest notes were seen, and are not shown again; on to the page that they stood over."""
    database().perform(_seen, professional_here())
    return redirect(local_path(request.form.get("terug", "")), 303)


def _seen(session: Session, professional: Professional) -> None:
    session.get_one(Professional, professional.id).notes_seen = LATEST
