"""Pages: the survey rounds of the municipality, one round, and its plan.

Owns: `/jeugdmonitor/bevragingen…` as far as the plan of a round goes. Does not own its questions (question_pages.py), opening
and closing (open_pages.py), the invitation (invite_pages.py) nor the results.
"""

import uuid
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.jeugdmonitor.about import COORDINATOR
from modules.jeugdmonitor.asked import asked_questions
from modules.jeugdmonitor.day import today
from modules.jeugdmonitor.errors import ChangedMeanwhileError, NotFoundError
from modules.jeugdmonitor.find_rounds import find_round, list_rounds
from modules.jeugdmonitor.model import OLDEST, YOUNGEST, PrivacyReading, RateNote, Round
from modules.jeugdmonitor.open_round import why_not_ready
from modules.jeugdmonitor.plan_round import begin_round, change_round, prolong_round, throw_away
from modules.jeugdmonitor.response_counts import enough_answers
from modules.jeugdmonitor.round_form import read_last_day, read_plan
from modules.jeugdmonitor.round_steps import steps_of
from modules.kit import drop_kept_form, kept_form, person_here, require_right
from modules.kit.database import database
from modules.kit.error_pages import error_page
from modules.kit.tell import tell

blueprint = Blueprint("rounds", __name__, url_prefix="/jeugdmonitor/bevragingen")

USUAL_PERIOD = timedelta(days=27)


@blueprint.app_errorhandler(NotFoundError)
def not_found(_error: NotFoundError) -> tuple[str, int]:
    """What is not there for this municipality: the same page for what does not exist and for what is another's."""
    return error_page(
        _("Dit vinden we niet bij uw gemeente"),
        _("Misschien is het adres niet volledig, of hoort dit bij een andere gemeente."),
        404,
        back=(_("Naar uw bevragingen"), url_for("rounds.overview")),
    )


@blueprint.app_errorhandler(ChangedMeanwhileError)
def changed_meanwhile(_error: ChangedMeanwhileError) -> Response | tuple[str, int]:
    """A button was pressed on a page that is no longer true: the page of now, and what happened."""
    tell("fail", _("Deze bevraging is intussen gewijzigd."), _("Uw knop deed niets. Dit is hoe ze nu is."))
    return to_round((request.view_args or {})["round_id"])


def seen_version() -> int:
    """The version of the round that the posted page showed; 0 when it does not say."""
    version = request.form.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def round_here(round_id: uuid.UUID) -> Round:
    """One round of the municipality of whoever is signed in, to read.

    Raises:
        NotFoundError: no such round there.
    """
    return find_round(database().reading(), person_here(), round_id)


def to_round(round_id: uuid.UUID) -> Response:
    """On to the page of a round, after a form."""
    return redirect(url_for("rounds.show", round_id=round_id), 303)


@blueprint.get("")
@require_right(COORDINATOR)
def overview() -> str:
    """The rounds of the municipality."""
    person = person_here()
    rounds = list_rounds(database().reading(), person)
    return render_template("jeugdmonitor/overview.html", person=person, rounds=rounds)


@blueprint.get("/<uuid:round_id>")
@require_right(COORDINATOR)
def show(round_id: uuid.UUID) -> str:
    """One round: where it stands, what comes next, what is asked. Of the answers only whether there are enough to show."""
    session = database().reading()
    round_ = find_round(session, person_here(), round_id)
    return render_template(
        "jeugdmonitor/round.html",
        round=round_,
        asked=asked_questions(round_.questions),
        steps=steps_of(round_, today()),
        why_not=why_not_ready(round_, today()),
        enough=enough_answers(session, round_.id),
        reading=session.get(PrivacyReading, round_.id),
        notes=session.scalars(select(RateNote.day).where(RateNote.round_id == round_.id).order_by(RateNote.day)).all(),
    )


@blueprint.route("/nieuw", methods=["GET", "POST"])
@require_right(COORDINATOR)
def begin() -> Response | tuple[str, int]:
    """Begin a round."""
    if request.method == "GET":
        return _form(kept_form() or _blank(), [], None)
    plan, errors = read_plan(request.form, today())
    if plan is None:
        return _form(request.form, errors, None)
    round_id = database().perform(begin_round, person_here(), plan)
    drop_kept_form()
    tell("ok", _("Uw bevraging is bewaard."), _("Kies nu de vragen."))
    return redirect(url_for("questions.choose", round_id=round_id), 303)


@blueprint.route("/<uuid:round_id>/wijzigen", methods=["GET", "POST"])
@require_right(COORDINATOR)
def change(round_id: uuid.UUID) -> Response | tuple[str, int]:
    """Another title, other ages, another period."""
    round_ = round_here(round_id)
    if round_.state != "draft":
        return to_round(round_id)
    if request.method == "GET":
        return _form(kept_form() or _written(round_), [], round_)
    plan, errors = read_plan(request.form, today())
    if plan is None:
        return _form(request.form, errors, round_)
    database().perform(change_round, person_here(), round_id, plan, seen_version=seen_version())
    drop_kept_form()
    tell("ok", _("De bevraging is gewijzigd."))
    return to_round(round_id)


@blueprint.route("/<uuid:round_id>/verlengen", methods=["GET", "POST"])
@require_right(COORDINATOR)
def prolong(round_id: uuid.UUID) -> Response | tuple[str, int]:
    """Another last day for an open round."""
    round_ = round_here(round_id)
    if round_.state != "open":
        return to_round(round_id)
    typed, why = request.form.get("last_day", round_.last_day.isoformat()), ""
    if request.method == "POST":
        last_day, why = read_last_day(typed, round_.first_day, today())
        if last_day is not None:
            database().perform(prolong_round, person_here(), round_id, last_day, seen_version=seen_version())
            tell("ok", _("De laatste dag is verzet."))
            return to_round(round_id)
    errors = [("last_day", why)] if why else []
    page = render_template("jeugdmonitor/prolong.html", round=round_, typed=typed, errors=errors, wrong=dict(errors))
    return page, 422 if errors else 200


@blueprint.route("/<uuid:round_id>/weggooien", methods=["GET", "POST"])
@require_right(COORDINATOR)
def discard(round_id: uuid.UUID) -> Response | str:
    """Throw a draft away: asked first, then done."""
    round_ = round_here(round_id)
    if round_.state != "draft":
        return to_round(round_id)
    title = round_.title
    if request.method == "GET":
        return render_template("jeugdmonitor/discard.html", round=round_)
    database().perform(throw_away, person_here(), round_id)
    tell("ok", _("%(title)s is weggegooid.", title=title))
    return redirect(url_for("rounds.overview"), 303)


def _blank() -> MultiDict[str, str]:
    first = today() + timedelta(days=7)
    return MultiDict({"first_day": first.isoformat(), "last_day": (first + USUAL_PERIOD).isoformat()})


def _written(round_: Round) -> MultiDict[str, str]:
    fields = ("title", "introduction", "lowest_age", "highest_age", "first_day", "last_day")
    written = MultiDict({name: str(getattr(round_, name)) for name in fields})
    if round_.with_codes:
        written["with_codes"] = "1"
    return written


def _form(typed: MultiDict[str, str], errors: list[tuple[str, str]], round_: Round | None) -> tuple[str, int]:
    page = render_template(
        "jeugdmonitor/round_form.html",
        round=round_,
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        ages=range(YOUNGEST, OLDEST + 1),
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200
