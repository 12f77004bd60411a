"""Pages: the figures of one centre for one year: look, fill in, submit, reopen.

Owns: `/cultuurmonitor/centra/<id>/<year>…`. Does not own figures (figures.py) nor how they are saved (save_figures.py).
"""

import uuid
from datetime import date, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from look.language import BRUSSELS
from look.language import gettext as _
from modules.cultuurmonitor.about import INVOERDER, RAADPLEGER
from modules.cultuurmonitor.errors import ChangedMeanwhileError, NotFoundError, NotInOrderError
from modules.cultuurmonitor.figure_form import FigureForm, differences, form_of, read_form
from modules.cultuurmonitor.figures import FIRST_YEAR, check_before_submitting, check_sums
from modules.cultuurmonitor.find_centres import find_centre
from modules.cultuurmonitor.find_figures import figures_of_year, may_read
from modules.cultuurmonitor.model import Centre, YearFigures
from modules.cultuurmonitor.save_figures import save_figures
from modules.cultuurmonitor.submit_figures import reopen_figures, submit_figures
from modules.kit import drop_kept_form, kept_form, person_here, require_right
from modules.kit.database import database
from modules.kit.tell import tell

blueprint = Blueprint("figures", __name__, url_prefix="/cultuurmonitor/centra/<uuid:centre_id>/<int:year>")


def _today() -> date:
    return datetime.now(BRUSSELS).date()


def _find(centre_id: uuid.UUID, year: int) -> tuple[Centre, YearFigures | None]:
    """The centre of this organisation with its figures of the year.

    Raises:
        NotFoundError: another's centre, or a year that nothing is asked of.
    """
    if not FIRST_YEAR <= year <= _today().year:
        raise NotFoundError
    session = database().reading()
    centre = find_centre(session, person_here(), centre_id)
    return centre, figures_of_year(session, centre, year)


@blueprint.get("")
@require_right(INVOERDER, RAADPLEGER)
def show(centre_id: uuid.UUID, year: int) -> tuple[str, int]:
    """Look at the figures; an Invoerder sees what is still to be put in order, and submits here."""
    return _show(centre_id, year, 200)


def _show(centre_id: uuid.UUID, year: int, status: int) -> tuple[str, int]:
    person = person_here()
    centre, figures = _find(centre_id, year)
    before = figures_of_year(database().reading(), centre, year - 1)
    page = render_template(
        "cultuurmonitor/figures.html",
        person=person,
        centre=centre,
        year=year,
        figures=figures,
        readable=may_read(person, figures),
        before=before if may_read(person, before) else None,
        findings=check_before_submitting(figures.values(), year, _today()) if figures else [],
    )
    return page, status


@blueprint.get("/invullen")
@require_right(INVOERDER)
def fill_in(centre_id: uuid.UUID, year: int) -> Response | tuple[str, int]:
    """The form, with what was saved, or with what was typed before the sign-in ran out."""
    centre, figures = _find(centre_id, year)
    kept = kept_form()
    if kept is not None:
        return _form(centre, year, read_form(kept), 200, kept=True)
    if figures is not None and figures.state == "submitted":
        return redirect(url_for("figures.show", centre_id=centre_id, year=year), 303)
    return _form(centre, year, form_of(figures), 200)


@blueprint.post("/invullen")
@require_right(INVOERDER)
def save(centre_id: uuid.UUID, year: int) -> Response | tuple[str, int]:
    """Save as a draft. What cannot be read as a figure is shown at its field; what is not in order yet is saved and told."""
    centre, figures = _find(centre_id, year)
    form = read_form(request.form)
    if form.errors:
        return _form(centre, year, form, 422)
    if figures is not None and figures.version != form.version and not differences(form, figures):
        # Sent twice, or the other saved exactly the same: there is nothing to choose.
        return redirect(url_for("figures.show", centre_id=centre_id, year=year), 303)
    try:
        database().perform(
            save_figures,
            person_here(),
            centre_id,
            year,
            seen_version=form.version,
            values=form.values,
            remark=form.remark,
        )
    except ChangedMeanwhileError:
        return _conflict(centre_id, year, form)
    drop_kept_form()
    tell(
        "ok",
        _("De cijfers over %(year)s zijn bewaard als concept.", year=year),
        _("Alleen u en uw collega’s met de rol Invoerder zien ze."),
    )
    return redirect(url_for("figures.show", centre_id=centre_id, year=year), 303)


@blueprint.post("/indienen")
@require_right(INVOERDER)
def submit(centre_id: uuid.UUID, year: int) -> Response | tuple[str, int]:
    """Submit the version that the page showed."""
    _find(centre_id, year)
    try:
        database().perform(submit_figures, person_here(), centre_id, year, seen_version=_seen_version(), today=_today())
    except ChangedMeanwhileError:
        return _changed(centre_id, year)
    except NotInOrderError:
        return _show(centre_id, year, 422)
    tell("ok", _("De cijfers over %(year)s zijn ingediend.", year=year), _("Wie Raadpleger is, ziet ze vanaf nu."))
    return redirect(url_for("figures.show", centre_id=centre_id, year=year), 303)


@blueprint.route("/heropenen", methods=["GET", "POST"])
@require_right(INVOERDER)
def reopen(centre_id: uuid.UUID, year: int) -> Response | str | tuple[str, int]:
    """Make a draft again of what was submitted: asked first, then done."""
    centre, figures = _find(centre_id, year)
    if request.method == "GET":
        if figures is None or figures.state != "submitted":
            return redirect(url_for("figures.show", centre_id=centre_id, year=year), 303)
        return render_template("cultuurmonitor/reopen.html", centre=centre, year=year, figures=figures)
    try:
        database().perform(reopen_figures, person_here(), centre_id, year, seen_version=_seen_version())
    except ChangedMeanwhileError:
        return _changed(centre_id, year)
    tell("ok", _("De cijfers over %(year)s zijn weer een concept.", year=year), _("Dien ze opnieuw in als ze kloppen."))
    return redirect(url_for("figures.fill_in", centre_id=centre_id, year=year), 303)


def _seen_version() -> int:
    version = request.form.get("version", "")
    return int(version) if version.isascii() and version.isdigit() else 0


def _form(centre: Centre, year: int, form: FigureForm, status: int, *, kept: bool = False) -> tuple[str, int]:
    page = render_template(
        "cultuurmonitor/figure_form.html",
        person=person_here(),
        centre=centre,
        year=year,
        form=form,
        before=figures_of_year(database().reading(), centre, year - 1),
        errors=list(form.errors.items()),
        findings={} if form.errors else {finding.code: finding.message for finding in check_sums(form.values)},
        kept=kept,
    )
    return page, status


def _conflict(centre_id: uuid.UUID, year: int, form: FigureForm) -> tuple[str, int]:
    """Two edited at once: what the other saved and what was typed, side by side; nothing of either is lost."""
    centre, figures = _find(centre_id, year)
    if figures is None:
        raise NotFoundError
    page = render_template(
        "cultuurmonitor/conflict.html",
        person=person_here(),
        centre=centre,
        year=year,
        form=form,
        figures=figures,
        different=differences(form, figures),
    )
    return page, 409


def _changed(centre_id: uuid.UUID, year: int) -> tuple[str, int]:
    """A button was pressed on a page that is no longer true: the page of now, and what happened."""
    _centre, figures = _find(centre_id, year)
    if figures is None:
        raise NotFoundError
    happened = {
        "saved": _("%(name)s bewaarde intussen andere cijfers.", name=figures.saved_by_name),
        "submitted": _("%(name)s diende deze cijfers al in.", name=figures.saved_by_name),
        "reopened": _("%(name)s maakte er intussen weer een concept van.", name=figures.saved_by_name),
    }[figures.events[-1].kind]
    tell("fail", happened, _("Dit staat er nu. Uw knop deed niets."))
    return _show(centre_id, year, 409)
