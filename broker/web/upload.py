"""/lijsten/bestand: bringing a file of rights, reading what each line would do, and letting the chosen ones be done (threats CU).

Owns these pages. How a file is read is `sheets.rights_file`; the operations are `keep_upload`, `carry_out_upload`, `close_upload`.
The worker does the rest (`access.work_on_uploads`); a short file is dealt with before the page is shown.
"""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.access.carry_out_upload import carry_out_upload, choose_lines
from broker.access.close_upload import KEPT_UNDECIDED, forget_upload
from broker.access.explain_direct import rights_offered
from broker.access.find_uploads import (
    VIEWS,
    UploadCounts,
    count_lines,
    last_uploads,
    names_at_work,
    page_of_lines,
    upload_of,
)
from broker.access.keep_upload import LINES_AT_MOST, keep_upload
from broker.access.mandate_over import own_organisations
from broker.access.upload import CAN, CARRIED_OUT, GIVEN, REFUSED, Upload, UploadLine
from broker.access.upload_content import LineContent
from broker.access.upload_seal import content_of, told_of
from broker.access.work_on_uploads import work_on_upload
from broker.database import db, perform
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.actor import actor
from broker.web.desk_tabs import desk_tabs
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.paging import with_query
from broker.web.sheets.cells import Table
from broker.web.sheets.csv_form import csv_file
from broker.web.sheets.rights_file import read_rights_file
from broker.web.task_view import context_name, right_name, say
from broker.web.tell import tell
from broker.web.who import RECENT, require_recent_sign_in, require_sign_in, signed_in
from look.language import gettext as _
from look.language import written_moment

blueprint = Blueprint("upload", __name__)

PATH = "/lijsten/bestand"
_AT_ONCE_SECONDS = 2.0  # what somebody waits for a short file
_NO_FILE = Text("Kies eerst een bestand.", "Choose a file first.")
_NO_ORGANISATION = Text("Kies eerst een organisatie.", "Choose an organisation first.")


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line in words. `about` is empty once the line was emptied."""

    number: int
    name: str
    about: list[str]
    chip: tuple[str, str]
    told: list[str]
    can: bool
    chosen: bool
    right_url: str


@blueprint.get(PATH)
@require_sign_in
def show() -> Response:
    """Where a file is brought, and the last ones."""
    return _form({}, 200)


@blueprint.post(PATH)
@require_sign_in
def bring() -> Response:
    """A file arrives."""
    mine = own_organisations(db.session(), actor())
    file = request.files.get("bestand")
    content = file.read() if file is not None else b""
    try:
        organisation = _organisation(mine, request.form.get("organisatie", ""))
        if not content:
            raise InvalidError("no_file", _NO_FILE, {"bestand": _NO_FILE})
        upload_id = perform(keep_upload, installation(), actor(), organisation.id, read_rights_file(content))
    except (InvalidError, ConflictError, ForbiddenError) as error:
        fields = error.fields if isinstance(error, InvalidError) else {}
        return _form(fields or {"bestand": error.text}, status_of(error))
    work_on_upload(installation(), upload_id, _AT_ONCE_SECONDS)
    return redirect(f"{PATH}/{upload_id}", code=303)


@blueprint.get(f"{PATH}/voorbeeld")
@require_sign_in
def example() -> Response:
    """An example file: the columns, and a line for every right that can be given."""
    mine = own_organisations(db.session(), actor())
    organisation = _organisation(mine, request.args.get("organisatie", ""))
    columns = (
        _("E-mailadres"),
        _("Rijksregisternummer"),
        _("Voornaam"),
        _("Familienaam"),
        _("Toepassing"),
        _("Recht"),
        _("Context"),
        _("Vanaf"),
        _("Tot en met"),
    )
    rows = [
        ("", "", "", "", application.code, right, context, "", "")
        for application in installation().catalogue.applications.values()
        for right, context in rights_offered(application, organisation)
    ]
    response = Response(
        b"".join(csv_file(Table("", tuple((each, 0) for each in columns), rows))),
        content_type="text/csv; charset=utf-8",
    )
    response.headers.set("Content-Disposition", "attachment", filename=f"{_('rechten-voorbeeld')}.csv")
    return response


@blueprint.get(f"{PATH}/<uuid:upload_id>")
@require_sign_in
def one(upload_id: uuid.UUID) -> str:
    """Where a file stands: the preview, how far it is, or what came of it."""
    session = db.session()
    upload = upload_of(session, actor(), upload_id)
    counts = count_lines(session, upload)
    organisation = session.get_one(Organisation, upload.organisation_id)
    view = request.args.get("toon", "alle")
    view = view if view in VIEWS else "alle"
    after = request.args.get("na", "")
    page = page_of_lines(
        session, upload, view, int(after) if after.isascii() and after.isdigit() and len(after) < 8 else 0
    )
    names = names_at_work(session, upload, page.lines)
    state = _state(upload)
    return render_template(
        f"upload/{'preview' if state == 'preview' else 'progress'}.html",
        desk_tabs=desk_tabs("/lijsten"),
        upload=upload,
        state=state,
        counts=counts,
        numbers=_numbers(counts, state),
        organisation=organisation,
        forgotten_at=upload.created_at + KEPT_UNDECIDED,
        lines=[_shown(line, names) for line in page.lines],
        view=view,
        views=_views(upload, counts, view, state),
        next_url=_url(upload_id, view, na=str(page.next_after)) if page.next_after else "",
        begin_url=_url(upload_id, view) if after else "",
        here=_url(upload_id, view, **({"na": after} if after else {})),
    )


@blueprint.post(f"{PATH}/<uuid:upload_id>/kies")
@require_sign_in
def choose(upload_id: uuid.UUID) -> Response:
    """The ticks of one page, all lines that can, or none."""
    press = request.form.get("doe", "")
    back = f"{PATH}/{upload_id}"
    try:
        shown, ticked = (_line_numbers(request.form.getlist(name)) for name in ("getoond", "regel"))
        chosen = {"alles": None, "niets": set[int]()}.get(press, ticked)
        perform(choose_lines, actor(), upload_id, chosen, among=None if press in ("alles", "niets") else shown)
    except ConflictError as error:
        tell("fail", say(error.text))
        return redirect(back, code=303)
    if press == "verder":
        return redirect(f"{back}/uitvoeren", code=303)
    view, after = request.form.get("toon", "alle"), request.form.get("na", "")
    tell("ok", _("Uw keuze is bewaard."))
    return redirect(
        _url(upload_id, view if view in VIEWS else "alle", **({"na": after} if after.isdigit() else {})), code=303
    )


@blueprint.get(f"{PATH}/<uuid:upload_id>/kies")
@blueprint.get(f"{PATH}/<uuid:upload_id>/wis")
@require_sign_in
def back_to_upload(upload_id: uuid.UUID) -> Response:
    """Where a reload, or the other language, leads on a page that answered a form."""
    return redirect(f"{PATH}/{upload_id}", code=303)


@blueprint.get(f"{PATH}/<uuid:upload_id>/uitvoeren")
@require_sign_in
def ask(upload_id: uuid.UUID) -> Response:
    """Are you sure."""
    session = db.session()
    upload = upload_of(session, actor(), upload_id)
    if _state(upload) != "preview":
        return redirect(f"{PATH}/{upload_id}", code=303)
    person = signed_in()
    counts = count_lines(session, upload)
    page = render_template(
        "upload/confirm.html",
        upload=upload,
        counts=counts,
        organisation=session.get_one(Organisation, upload.organisation_id),
        recent=person is not None and person.satisfies(0, RECENT),
        prove_url=f"/aanmelden?{urlencode({'verder': f'{PATH}/{upload_id}/uitvoeren', 'vers': '1'})}",
    )
    return make_response(page)


@blueprint.post(f"{PATH}/<uuid:upload_id>/uitvoeren")
@require_recent_sign_in
def carry_out(upload_id: uuid.UUID) -> Response:
    """Do it."""
    seen = request.form.get("gezien", "")
    try:
        perform(carry_out_upload, actor(), upload_id, int(seen) if seen.isascii() and seen.isdigit() else 0)
    except (ConflictError, InvalidError, ForbiddenError) as error:
        tell("fail", say(error.text))
        return redirect(f"{PATH}/{upload_id}", code=303)
    work_on_upload(installation(), upload_id, _AT_ONCE_SECONDS)
    return redirect(f"{PATH}/{upload_id}", code=303)


@blueprint.post(f"{PATH}/<uuid:upload_id>/wis")
@require_sign_in
def forget(upload_id: uuid.UUID) -> Response:
    """Throw the file away."""
    try:
        perform(forget_upload, actor(), upload_id)
    except ConflictError as error:
        tell("fail", say(error.text))
        return redirect(f"{PATH}/{upload_id}", code=303)
    tell("ok", _("Het bestand is gewist."), _("Wat al gegeven was, blijft."))
    return redirect(PATH, code=303)


def _form(wrong: dict[str, Text], status: int) -> Response:
    session = db.session()
    organisations = own_organisations(session, actor())
    if not organisations:
        return make_response(render_template("tasks/no_mandate.html", helpdesk=installation().catalogue.helpdesk))
    page = render_template(
        "upload/bring.html",
        desk_tabs=desk_tabs("/lijsten"),
        organisations=[(str(each.id), each.name) for each in organisations],
        chosen=request.form.get("organisatie", "") or str(organisations[0].id),
        last=[
            (f"{PATH}/{each.id}", written_moment(each.created_at), _sentence_of(each))
            for each in last_uploads(session, actor())
        ],
        most=f"{LINES_AT_MOST:,}".replace(",", "."),
        **field_errors(wrong),
    )
    return make_response(page, status)


def _organisation(mine: list[Organisation], written: str) -> Organisation:
    """The organisation that was chosen, or the only one.

    Raises:
        NotFoundError: none of theirs.
        InvalidError: none was chosen of several.
    """
    if not mine:
        raise NotFoundError("organisation_unknown")
    if not written:
        if len(mine) == 1:
            return mine[0]
        raise InvalidError("no_organisation", _NO_ORGANISATION, {"organisatie": _NO_ORGANISATION})
    found = next((each for each in mine if str(each.id) == written), None)
    if found is None:
        raise NotFoundError("organisation_unknown")
    return found


def _state(upload: Upload) -> str:
    """checking, preview, running, done or forgotten."""
    if upload.closed_at is not None:
        return "done" if upload.close_reason == CARRIED_OUT else "forgotten"
    if upload.decided_at is not None:
        return "running"
    return "preview" if upload.checked_at is not None else "checking"


def _sentence_of(upload: Upload) -> str:
    return {
        "checking": _("wordt nagekeken"),
        "preview": _("wacht op u"),
        "running": _("wordt uitgevoerd"),
        "done": _("uitgevoerd"),
        "forgotten": _("gewist"),
    }[_state(upload)]


def _numbers(counts: UploadCounts, state: str) -> list[tuple[str, int]]:
    if state in ("running", "done"):
        waiting = counts.all - counts.given - counts.refused - counts.left_out
        return [
            (_("Gegeven"), counts.given),
            (_("Niet gelukt"), counts.refused),
            (_("Bleef liggen"), counts.left_out),
            (_("Nog te doen"), waiting),
        ]
    return [
        (_("Regels"), counts.all),
        (_("Kan"), counts.can),
        (_("Kan niet"), counts.cannot),
        (_("Gekozen"), counts.chosen),
    ]


def _views(upload: Upload, counts: UploadCounts, view: str, state: str) -> list[dict[str, object]]:
    preview = (
        ("alle", _("Alle"), counts.all),
        ("kan", _("Kan"), counts.can),
        ("kan-niet", _("Kan niet"), counts.cannot),
        ("gekozen", _("Gekozen"), counts.chosen),
    )
    after = (
        ("alle", _("Alle"), counts.all),
        ("gegeven", _("Gegeven"), counts.given),
        ("geweigerd", _("Niet gelukt"), counts.refused),
        ("weggelaten", _("Bleef liggen"), counts.left_out),
    )
    return [
        {"label": label, "url": _url(upload.id, code), "current": code == view, "count": count}
        for code, label, count in (preview if state == "preview" else after)
    ]


def _shown(line: UploadLine, names: dict[uuid.UUID, str]) -> ShownLine:
    keys, catalogue = installation().keys, installation().catalogue
    content = content_of(keys, line)
    about: list[str] = []
    if content is not None:
        right = (
            right_name(catalogue, content.application, content.right),
            context_name(catalogue, content.application, content.right, content.context) or content.context,
        )
        about = [each for each in (content.email, ", ".join(part for part in right if part)) if each]
    return ShownLine(
        number=line.number,
        name=_name(line, content, names),
        about=about,
        chip=_chip(line),
        told=[say(each) for each in told_of(keys, line)],
        can=line.verdict == CAN,
        chosen=line.chosen,
        right_url=f"/rechten/{line.grant_id}" if line.grant_id else "",
    )


def _name(line: UploadLine, content: LineContent | None, names: dict[uuid.UUID, str]) -> str:
    """The name that the organisation knows; of somebody new, and of a line that cannot be done, the one that was typed."""
    known = names.get(line.person_id, "") if line.person_id is not None else ""
    return known or (content.full_name if content is not None else "")


def _chip(line: UploadLine) -> tuple[str, str]:
    if line.outcome == GIVEN:
        return "approved", _("Gegeven")
    if line.outcome == REFUSED:
        return "refused", _("Niet gelukt")
    if line.outcome is not None and line.verdict == CAN:
        return "ended", _("Bleef liggen")
    if line.verdict is None:
        return "waiting", _("Wordt nagekeken")
    return ("in_order", _("Kan")) if line.verdict == CAN else ("missing", _("Kan niet"))


def _line_numbers(written: list[str]) -> set[int]:
    return {int(each) for each in written if each.isascii() and each.isdigit() and len(each) < 8}


def _url(upload_id: uuid.UUID, view: str, **more: str) -> str:
    query = {**({"toon": view} if view != "alle" else {}), **more}
    return with_query(f"{PATH}/{upload_id}", query)
