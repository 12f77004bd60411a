"""Pages: Help, a question to the helpdesk with its subject, and the way to reporting an incident (seed 004).

Owns: `/plusminmee/help`. The question is mailed and not kept here. Does not own reporting (incident_pages.py).
"""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.kit import drop_kept_form, kept_form, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import APPLICATION, BEHEERDER, GEBRUIKER
from modules.plusminmee.model import Professional
from modules.plusminmee.policy import POLICY
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.reading import Reading
from modules.plusminmee.who import professional_here
from modules.plusminmee.write_freely import read_free_line, read_free_text

blueprint = Blueprint("help", __name__, url_prefix="/plusminmee/help")

LONGEST_QUESTION = 2000


@blueprint.route("", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def ask() -> Response | tuple[str, int]:
    """Ask the helpdesk; the answer comes by mail."""
    professional = professional_here()
    if request.method == "GET":
        return _form(kept_form() or MultiDict(), [])
    reading = Reading(request.form)
    subject = reading.field("subject", read_free_line, most=120, missing=_("Vul in waarover uw vraag gaat."))
    question = reading.field("question", read_free_text, most=LONGEST_QUESTION, missing=_("Schrijf uw vraag."))
    if subject is None or question is None:
        return _form(request.form, reading.errors)
    database().perform(_send, professional, subject, question)
    drop_kept_form()
    tell(
        "ok",
        _("Uw vraag is onderweg naar %(team)s.", team=APPLICATION.contact.team),
        _("U krijgt antwoord op %(address)s.", address=professional.email),
    )
    return redirect(url_for("help.ask"), 303)


def _send(session: Session, professional: Professional, subject: str, question: str) -> None:
    put_letter(
        session,
        f"question:{uuid.uuid4()}",
        "question",
        APPLICATION.contact.email,
        subject=subject,
        question=question,
        name=professional.full_name,
        organisation=professional.organisation_name,
        answer_to=professional.email,
    )


def _form(typed: MultiDict[str, str], errors: list[tuple[str, str]]) -> tuple[str, int]:
    page = render_template(
        "plusminmee/help.html",
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        fg=POLICY.data_protection_officer,
    )
    return page, 422 if errors else 200
