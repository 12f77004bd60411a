"""Pages: the centres of the organisation, and keeping that list.

Owns: `/cultuurmonitor/centra…` without the figures. Does not own figures (figure_pages.py).
"""

import uuid
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import BRUSSELS
from look.language import gettext as _
from modules.cultuurmonitor.about import INVOERDER, RAADPLEGER
from modules.cultuurmonitor.add_centre import add_centre
from modules.cultuurmonitor.centre_name import CentreNameError, read_name
from modules.cultuurmonitor.change_centre import change_centre
from modules.cultuurmonitor.end_centre import end_centre, resume_centre
from modules.cultuurmonitor.errors import NameTakenError, NotFoundError
from modules.cultuurmonitor.figures import FIRST_YEAR, last_full_year
from modules.cultuurmonitor.find_centres import find_centre, list_centres
from modules.cultuurmonitor.find_figures import figures_of_centres, may_read
from modules.cultuurmonitor.model import CENTRE_KINDS
from modules.kit import drop_kept_form, kept_form, person_here, require_right
from modules.kit.database import database
from modules.kit.error_pages import error_page
from modules.kit.tell import tell

blueprint = Blueprint("centres", __name__, url_prefix="/cultuurmonitor/centra")

YEARS_SHOWN = 6


@blueprint.app_errorhandler(NotFoundError)
def not_found(_error: NotFoundError) -> tuple[str, int]:
    """What is not there for this organisation: the same page for what does not exist and for what is another's."""
    return error_page(
        _("Dit vinden we niet bij uw organisatie"),
        _("Misschien is het adres niet volledig, of hoort dit bij een andere organisatie."),
        404,
        back=(_("Naar uw centra"), url_for("centres.overview")),
    )


@blueprint.get("")
@require_right(INVOERDER, RAADPLEGER)
def overview() -> str:
    """The centres of the organisation, with where the figures of the last full year stand."""
    person = person_here()
    session = database().reading()
    centres = list_centres(session, person)
    year = last_full_year(datetime.now(BRUSSELS).date())
    figures = figures_of_centres(session, centres)
    asked = {centre.id: next((row for row in figures[centre.id] if row.year == year), None) for centre in centres}
    return render_template(
        "cultuurmonitor/overview.html",
        person=person,
        open_centres=[centre for centre in centres if centre.ended_at is None],
        ended_centres=[centre for centre in centres if centre.ended_at is not None],
        year=year,
        figures=asked,
        readable={centre_id: may_read(person, row) for centre_id, row in asked.items()},
        first_time=not any(figures.values()),
        submitted=sum(1 for row in asked.values() if row is not None and row.state == "submitted"),
    )


@blueprint.get("/<uuid:centre_id>")
@require_right(INVOERDER, RAADPLEGER)
def show(centre_id: uuid.UUID) -> str:
    """One centre: its years."""
    person = person_here()
    session = database().reading()
    centre = find_centre(session, person, centre_id)
    figures = {row.year: row for row in figures_of_centres(session, [centre])[centre.id]}
    this_year = datetime.now(BRUSSELS).year
    years = sorted({*range(max(FIRST_YEAR, this_year - YEARS_SHOWN + 1), this_year + 1), *figures}, reverse=True)
    return render_template(
        "cultuurmonitor/centre.html",
        person=person,
        centre=centre,
        years=years,
        figures=figures,
        readable={year: may_read(person, figures.get(year)) for year in years},
        asked_year=last_full_year(datetime.now(BRUSSELS).date()),
    )


@blueprint.route("/nieuw", methods=["GET", "POST"])
@require_right(INVOERDER)
def add() -> Response | tuple[str, int]:
    """Add a centre."""
    if request.method == "GET":
        return _form(kept_form() or MultiDict(), [], None)
    name, errors = _read(request.form)
    if not errors:
        try:
            centre_id = database().perform(add_centre, person_here(), name=name, kind=request.form["kind"])
        except NameTakenError:
            errors = [_taken()]
        else:
            drop_kept_form()
            tell("ok", _("%(name)s staat in uw lijst.", name=name), _("U kunt nu cijfers invullen."))
            return redirect(url_for("centres.show", centre_id=centre_id), 303)
    return _form(request.form, errors, None)


@blueprint.route("/<uuid:centre_id>/wijzigen", methods=["GET", "POST"])
@require_right(INVOERDER)
def change(centre_id: uuid.UUID) -> Response | tuple[str, int]:
    """Another name or kind."""
    centre = find_centre(database().reading(), person_here(), centre_id)
    if request.method == "GET":
        return _form(kept_form() or MultiDict({"name": centre.name, "kind": centre.kind}), [], centre.name, centre_id)
    before = centre.name
    name, errors = _read(request.form)
    if not errors:
        try:
            database().perform(change_centre, person_here(), centre_id, name=name, kind=request.form["kind"])
        except NameTakenError:
            errors = [_taken()]
        else:
            drop_kept_form()
            tell("ok", _("De gegevens van %(name)s zijn bewaard.", name=name))
            return redirect(url_for("centres.show", centre_id=centre_id), 303)
    return _form(request.form, errors, before, centre_id)


@blueprint.route("/<uuid:centre_id>/stopzetten", methods=["GET", "POST"])
@require_right(INVOERDER)
def end(centre_id: uuid.UUID) -> Response | str:
    """The centre stopped: asked first, then done."""
    centre = find_centre(database().reading(), person_here(), centre_id)
    name = centre.name
    if request.method == "GET":
        return render_template("cultuurmonitor/end_centre.html", centre=centre)
    database().perform(end_centre, person_here(), centre_id)
    tell("ok", _("%(name)s staat bij de gestopte centra.", name=name), _("De cijfers blijven bewaard."))
    return redirect(url_for("centres.overview"), 303)


@blueprint.post("/<uuid:centre_id>/hervatten")
@require_right(INVOERDER)
def resume(centre_id: uuid.UUID) -> Response:
    """The centre goes on after all."""
    try:
        database().perform(resume_centre, person_here(), centre_id)
    except NameTakenError:
        tell("fail", _("Er is al een centrum met die naam."), _("Geef dat eerst een andere naam."))
    else:
        tell("ok", _("Het centrum staat weer in uw lijst."))
    return redirect(url_for("centres.show", centre_id=centre_id), 303)


def _read(form: MultiDict[str, str]) -> tuple[str, list[tuple[str, str]]]:
    errors = []
    name = ""
    try:
        name = read_name(form.get("name", ""))
    except CentreNameError as error:
        errors.append(("name", str(error)))
    if form.get("kind") not in CENTRE_KINDS:
        errors.append(("kind", _("Kies of het een cultuurcentrum of een gemeenschapscentrum is.")))
    return name, errors


def _taken() -> tuple[str, str]:
    return "name", _("Uw organisatie heeft al een centrum met deze naam.")


def _form(
    typed: MultiDict[str, str], errors: list[tuple[str, str]], before: str | None, centre_id: uuid.UUID | None = None
) -> tuple[str, int]:
    page = render_template(
        "cultuurmonitor/centre_form.html",
        person=person_here(),
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        before=before,
        centre_id=centre_id,
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200
