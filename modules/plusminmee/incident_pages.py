"""Pages: Beveiligingsincident melden (seed 004, last page; M15), one's own reports, and the page behind the link of the mail.

Owns: `/plusminmee/incidenten` and `/plusminmee/melding`. Who has the link needs no account: recipients may have none.
"""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.kit import drop_kept_form, kept_form, require_right
from modules.kit.database import database
from modules.kit.error_pages import error_page
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.errors import NotFoundError, TooManyReportsError
from modules.plusminmee.find_incidents import find_report, reports_of, told
from modules.plusminmee.find_membership import memberships_of
from modules.plusminmee.find_youngsters import youngsters_in
from modules.plusminmee.incident_form import read_incident
from modules.plusminmee.keeping import keeping
from modules.plusminmee.open_report import find_link, open_report
from modules.plusminmee.open_youngster import all_known
from modules.plusminmee.policy import POLICY
from modules.plusminmee.report_incident import report_incident, send_links_again
from modules.plusminmee.retention import today
from modules.plusminmee.who import professional_here
from modules.plusminmee.write_freely import point_out

blueprint = Blueprint("incidents", __name__, url_prefix="/plusminmee")

Errors = list[tuple[str, str]]


@blueprint.get("/incidenten")
@require_right(GEBRUIKER, BEHEERDER)
def overview() -> str:
    """What one reported oneself."""
    reports = reports_of(database().reading(), professional_here().id)
    sealer = keeping().sealer
    return render_template("plusminmee/incidents.html", reports=[told(sealer, each) for each in reports])


@blueprint.route("/incidenten/nieuw", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def add() -> Response | tuple[str, int]:
    """Report one. Bij twijfel: melden."""
    professional = professional_here()
    if request.method == "GET":
        empty = MultiDict({"leader_email": professional.leader_email, "happened_on": today().isoformat()})
        return _form(kept_form() or empty, [])
    session = database().reading()
    groups = [each.group_id for each in memberships_of(session, professional.id)]
    names = [each.name for each in all_known(keeping().sealer, youngsters_in(session, groups))]
    fields, errors = read_incident(request.form, groups, names)
    if fields is None:
        return _form(request.form, errors)
    try:
        report_id = database().perform(report_incident, keeping(), professional, fields)
    except TooManyReportsError:
        many = _(
            "U meldde vandaag al veel. Mail %(fg)s of bel uw leidinggevende, of meld de rest morgen.",
            fg=POLICY.data_protection_officer,
        )
        return _form(request.form, [("what", many)])
    drop_kept_form()
    tell(
        "ok",
        _("Uw melding is bewaard."),
        _(
            "%(leader)s en %(fg)s krijgen een mail met een link.",
            leader=fields.leader_email,
            fg=POLICY.data_protection_officer,
        ),
    )
    point_out(fields.what)
    return redirect(url_for("incidents.show", report_id=report_id), 303)


@blueprint.get("/incidenten/<uuid:report_id>")
@require_right(GEBRUIKER, BEHEERDER)
def show(report_id: uuid.UUID) -> str:
    """One of one's own, and whether it was read."""
    row = find_report(database().reading(), professional_here().id, report_id)
    return render_template(
        "plusminmee/incident.html", report=told(keeping().sealer, row), fg=POLICY.data_protection_officer
    )


@blueprint.get("/incidenten/<uuid:report_id>/opnieuw")
@require_right(GEBRUIKER, BEHEERDER)
def back(report_id: uuid.UUID) -> Response:
    """Where a sign-in leads back from the button: to look again, and press it."""
    return redirect(url_for("incidents.show", report_id=report_id), 303)


@blueprint.post("/incidenten/<uuid:report_id>/opnieuw")
@require_right(GEBRUIKER, BEHEERDER)
def send_again(report_id: uuid.UUID) -> Response:
    """Mail the links once more."""
    database().perform(send_links_again, keeping(), professional_here(), report_id)
    tell(
        "ok",
        _("De links zijn opnieuw onderweg."),
        _("Ze werken weer 30 dagen. Ze vertrekken hoogstens één keer per dag."),
    )
    return redirect(url_for("incidents.show", report_id=report_id), 303)


@blueprint.route("/melding/<secret>", methods=["GET", "POST"])
def by_link(secret: str) -> str | tuple[str, int]:
    """Behind the link of the mail: a button, and behind the button the report."""
    try:
        if request.method == "GET":
            find_link(database().reading(), secret)
            return render_template("plusminmee/incident_link.html", report=None)
        row = database().perform(open_report, secret)
    except NotFoundError:
        return error_page(
            _("Deze link werkt niet"),
            _("Misschien is hij niet volledig, of is hij ouder dan 30 dagen. Vraag de melding aan wie ze deed."),
            404,
        )
    return render_template("plusminmee/incident_link.html", report=told(keeping().sealer, row))


def _form(typed: MultiDict[str, str], errors: Errors) -> tuple[str, int]:
    own = memberships_of(database().reading(), professional_here().id)
    page = render_template(
        "plusminmee/incident_form.html",
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        groups=[("", _("geen groep, of ik weet het niet")), *((str(each.group_id), each.group.name) for each in own)],
        fg=POLICY.data_protection_officer,
        last_day=today().isoformat(),
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200
