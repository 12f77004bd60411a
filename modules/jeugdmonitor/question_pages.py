"""Pages: what a draft asks: the questions of the bank, own questions, and the form as children will see it.

Owns: `/jeugdmonitor/bevragingen/<id>/vragen…` and `…/voorbeeld…`. Does not own the form of the respondents (respondent/).
"""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.jeugdmonitor.about import COORDINATOR
from modules.jeugdmonitor.asked import asked_questions
from modules.jeugdmonitor.bank import bank_for_ages
from modules.jeugdmonitor.choose_questions import choose_questions
from modules.jeugdmonitor.equip import free_text_allowed
from modules.jeugdmonitor.errors import NotFoundError
from modules.jeugdmonitor.keep_own_question import drop_own_question, keep_own_question, own_row
from modules.jeugdmonitor.model import Round, RoundQuestion
from modules.jeugdmonitor.own_question import MOST_OWN, read_own_question
from modules.jeugdmonitor.respondent.form_pages import form_pages
from modules.jeugdmonitor.round_pages import round_here, seen_version, to_round
from modules.kit import drop_kept_form, kept_form, person_here, require_right
from modules.kit.database import database
from modules.kit.tell import tell

blueprint = Blueprint("questions", __name__, url_prefix="/jeugdmonitor/bevragingen/<uuid:round_id>")

A_LOT = 25
"""More questions than most children finish; said, never refused."""


@blueprint.route("/vragen", methods=["GET", "POST"])
@require_right(COORDINATOR)
def choose(round_id: uuid.UUID) -> Response | str:
    """Choose from the bank, and see the own questions. Who has chosen nothing yet finds a proposal ticked."""
    round_ = round_here(round_id)
    if round_.state != "draft":
        return to_round(round_id)
    offered = bank_for_ages(round_.lowest_age)
    if request.method == "POST":
        chosen = request.form.getlist("question")
        database().perform(choose_questions, person_here(), round_id, chosen, seen_version=seen_version())
        drop_kept_form()
        tell("ok", _("De vragen zijn bewaard."))
        if request.form.get("then") == "own":
            return redirect(url_for("questions.add_own", round_id=round_id), 303)
        return to_round(round_id)
    kept = kept_form()
    ticked = {row.bank_code for row in round_.questions if row.bank_code}
    proposed = not round_.questions and kept is None
    if kept is not None:
        ticked = set(kept.getlist("question"))
    elif proposed:
        ticked = {question.code for question in offered if question.core}
    return render_template(
        "jeugdmonitor/questions.html",
        round=round_,
        offered=offered,
        ticked=ticked,
        proposed=proposed,
        a_lot=A_LOT,
        own=[asked for asked in asked_questions(round_.questions) if asked.bank_code is None],
        most_own=MOST_OWN,
    )


@blueprint.route("/vragen/eigen", methods=["GET", "POST"])
@require_right(COORDINATOR)
def add_own(round_id: uuid.UUID) -> Response | tuple[str, int]:
    """A question of the municipality itself."""
    return _own_form(round_here(round_id), None)


@blueprint.route("/vragen/eigen/<uuid:question_id>", methods=["GET", "POST"])
@require_right(COORDINATOR)
def change_own(round_id: uuid.UUID, question_id: uuid.UUID) -> Response | tuple[str, int]:
    """Another wording, another theme, other answers."""
    round_ = round_here(round_id)
    return _own_form(round_, own_row(round_, question_id))


@blueprint.post("/vragen/eigen/<uuid:question_id>/weg")
@require_right(COORDINATOR)
def drop_own(round_id: uuid.UUID, question_id: uuid.UUID) -> Response:
    """Take an own question out."""
    database().perform(drop_own_question, person_here(), round_id, question_id)
    tell("ok", _("De vraag staat niet meer in uw bevraging."))
    return redirect(url_for("questions.choose", round_id=round_id), 303)


@blueprint.get("/voorbeeld", defaults={"number": 1})
@blueprint.get("/voorbeeld/<int:number>")
@require_right(COORDINATOR)
def preview(round_id: uuid.UUID, number: int) -> str:
    """One page of the form as children will see it; nothing can be sent from here."""
    round_ = round_here(round_id)
    pages = form_pages(round_)
    if not 1 <= number <= len(pages):
        raise NotFoundError
    return render_template(
        "jeugdmonitor/respondent/form.html",
        round=round_,
        pages=pages,
        page=pages[number - 1],
        number=number,
        given={},
        wrong={},
        preview=True,
    )


def _own_form(round_: Round, row: RoundQuestion | None) -> Response | tuple[str, int]:
    if round_.state != "draft":
        return to_round(round_.id)
    round_id, question_id = round_.id, row.id if row else None
    typed = kept_form() or _written(row)
    errors: list[tuple[str, str]] = []
    words: list[str] = []
    if request.method == "POST":
        typed = request.form
        own, errors, words = read_own_question(request.form, free_text=free_text_allowed())
        if own is not None:
            database().perform(keep_own_question, person_here(), round_id, question_id, own)
            drop_kept_form()
            tell("ok", _("Uw eigen vraag is bewaard."))
            return redirect(url_for("questions.choose", round_id=round_id), 303)
    page = render_template(
        "jeugdmonitor/own_question.html",
        round=round_,
        row=row,
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        words=words,
        free_text=free_text_allowed(),
    )
    return page, 422 if errors else 200


def _written(row: RoundQuestion | None) -> MultiDict[str, str]:
    if row is None:
        return MultiDict()
    options = "\n".join(words for _code, words in row.options or ())
    return MultiDict({"theme": row.theme or "", "kind": row.kind or "", "prompt": row.prompt or "", "options": options})
