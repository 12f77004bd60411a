"""/lijsten: taking lists of one's organisations along, and the yearly report to print (issue "the desk").

Owns these pages. What stands in a list is `list_tables`, how it is written `sheets`, who may have it `access.take_list`; bringing a
file is `upload`.
"""

import uuid
from datetime import date

from flask import Blueprint, make_response, redirect, render_template, request, stream_with_context
from werkzeug.wrappers import Response

from broker import clock
from broker.access.mandate_over import own_organisations
from broker.access.take_list import PEOPLE, take_list, take_report
from broker.access.yearly_report import yearly_report
from broker.database import db, perform
from broker.errors import NotFoundError
from broker.installation import installation
from broker.web.actor import actor
from broker.web.desk_tabs import desk_tabs
from broker.web.list_tables import list_names, list_table, state_words
from broker.web.sheets.cells import Writer
from broker.web.sheets.csv_form import csv_file
from broker.web.sheets.xlsx_form import xlsx_file
from broker.web.task_view import context_name, right_name, say
from broker.web.who import RECENT, require_recent_sign_in, require_sign_in, signed_in
from look.language import gettext as _
from look.language import short_date

blueprint = Blueprint("lists", __name__)

PATH = "/lijsten"
_WRITERS: dict[str, tuple[Writer, str]] = {
    "csv": (csv_file, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_file, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """What can be taken along, and what can be brought."""
    organisations = own_organisations(db.session(), actor())
    if not organisations:
        return render_template("tasks/no_mandate.html", helpdesk=installation().catalogue.helpdesk)
    person = signed_in()
    helps = {
        "people": _("Wie er werkt, sinds wanneer en met hoeveel rechten."),
        "rights": _("Wie wat mag, sinds wanneer, tot wanneer, en van wie het recht kwam."),
        "tasks": _("Alle vragen die bij de beheerders binnenkwamen, en wat ermee gebeurde."),
        "history": _("Wat er gebeurde, wanneer, en door wie."),
    }
    year = clock.local_date(clock.now()).year
    return render_template(
        "lists/lists.html",
        desk_tabs=desk_tabs(PATH),
        lists=[(code, name, helps[code]) for code, name in list_names().items()],
        chosen=PEOPLE,
        organisations=[(str(each.id), each.name) for each in organisations],
        lead=organisations[0].name if len(organisations) == 1 else _("Al uw organisaties"),
        recent=person is not None and person.satisfies(0, RECENT),
        prove_url=f"/aanmelden?verder={PATH}&vers=1",
        years=[(str(each), str(each)) for each in (year, year - 1, year - 2)],
    )


@blueprint.get(f"{PATH}/haal")
@blueprint.get(f"{PATH}/verslag")
@require_sign_in
def back_to_lists() -> Response:
    """Where a reload leads, the other language, or somebody who proved anew who they are."""
    return redirect(PATH, code=303)


@blueprint.post(f"{PATH}/haal")
@require_recent_sign_in
def take() -> Response:
    """One list, as a file that is written while it is sent."""
    which, form = request.form.get("lijst", ""), request.form.get("vorm", "")
    organisations = perform(take_list, actor(), which, form, _chosen(request.form.get("organisatie", "")))
    write, content_type = _WRITERS[form]
    table = list_table(db.session(), installation().catalogue, which, organisations)
    name = f"{table.name.lower()}-{clock.local_date(clock.now()).isoformat()}.{form}"
    response = Response(stream_with_context(write(table)), content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.post(f"{PATH}/verslag")
@require_recent_sign_in
def report() -> Response:
    """The yearly report of one organisation, to print: as many names as in a list, so asked for and written down as one is."""
    organisation_id = perform(take_report, actor(), _chosen(request.form.get("organisatie", "")))
    today = clock.local_date(clock.now())
    year = _year(request.form.get("jaar", ""), today)
    catalogue = installation().catalogue
    found = yearly_report(db.session(), catalogue, organisation_id, year)
    states = state_words()
    kinds = {"head_local_admin": _("hoofd lokale beheerder"), "local_admin": _("lokale beheerder")}
    return make_response(
        render_template(
            "lists/report.html",
            report=found,
            today=today,
            kinds=kinds,
            labels=[_label(*each) for each in found.labels],
            counts=[
                (right_name(catalogue, application, right), number)
                for application, right, number in found.rights_by_kind
            ],
            lines=[
                (
                    each,
                    right_name(catalogue, each.application_code, each.right_code),
                    context_name(catalogue, each.application_code, each.right_code, each.context_code),
                    short_date(clock.local_date(each.since)),
                    short_date(clock.last_day(each.until)) if each.until else _("geen einddatum"),
                    states[each.state],
                )
                for each in found.rights
            ],
        )
    )


def _label(application_code: str, label_code: str) -> str:
    application = installation().catalogue.applications.get(application_code)
    policy = application.labels.get(label_code) if application else None
    return say(policy.name) if policy else label_code


def _year(written: str, today: date) -> int:
    """The year that was asked; this one where it is none that can have happened."""
    year = int(written) if written.isascii() and written.isdigit() and len(written) == 4 else today.year
    return year if 2000 <= year <= today.year else today.year


def _chosen(written: str) -> uuid.UUID | None:
    """The organisation that was chosen; None for all of them.

    Raises:
        NotFoundError: not an id.
    """
    if not written:
        return None
    try:
        return uuid.UUID(written)
    except ValueError as error:
        raise NotFoundError("organisation_unknown") from error
