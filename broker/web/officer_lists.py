"""/verantwoordelijke/…: what an officer watches over: organisations without an administrator, appointments, labels.

Owns these pages and their words. Who may do what is in people/ and access/, read again under its lock.
"""

import uuid

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.list_labels import label_line, list_labels
from broker.access.take_back_label import take_back_label
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.list_administrators import Administrator, administrators_of
from broker.people.list_organisations import appointments, unadministered
from broker.people.mandate import HEAD_LOCAL_ADMIN, Mandate
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.actor import actor
from broker.web.administrator_words import mandate_word
from broker.web.errors import status_of
from broker.web.label_view import label_name
from broker.web.officer_scope import officer_tabs, own_kinds
from broker.web.paging import paging
from broker.web.read_id import read_id
from broker.web.task_view import organisation_detail, say
from broker.web.tell import tell
from broker.web.who import require_recent_sign_in, require_sign_in
from look.language import gettext as _
from look.language import ngettext

blueprint = Blueprint("officer_lists", __name__)

PATH = "/verantwoordelijke"
WITHOUT, APPOINTMENTS, LABELS = f"{PATH}/zonder-beheerder", f"{PATH}/aanstellingen", f"{PATH}/labels"
_WORDS_AT_MOST = 100


@blueprint.get(WITHOUT)
@require_sign_in
def without() -> str:
    """Organisations of my kinds where nobody decides."""
    words, after = _asked()
    page = unadministered(db.session(), own_kinds(), words, after)
    return render_template(
        "officer/without.html",
        officer_tabs=officer_tabs(WITHOUT),
        page=page,
        detail=_detail,
        words=words,
        counted=ngettext("1 organisatie", "%(n)s organisaties", page.count),
        path=WITHOUT,
        **paging(WITHOUT, _kept(words), begun=after is not None, next_key=page.next_key),
    )


@blueprint.get(APPOINTMENTS)
@require_sign_in
def appointed() -> str:
    """Who decides at organisations of my kinds, the newest appointment first."""
    words, after = _asked()
    page = appointments(db.session(), own_kinds(), words, after)
    return render_template(
        "officer/appointments.html",
        officer_tabs=officer_tabs(APPOINTMENTS),
        page=page,
        kind=mandate_word,
        words=words,
        counted=ngettext("1 aanstelling", "%(n)s aanstellingen", page.count),
        path=APPOINTMENTS,
        **paging(APPOINTMENTS, _kept(words), begun=after is not None, next_key=page.next_key),
    )


@blueprint.get(f"{APPOINTMENTS}/<uuid:mandate_id>")
@require_sign_in
def appointment(mandate_id: uuid.UUID) -> Response:
    """One appointment, and on what grounds."""
    return _appointment_page(mandate_id, {}, {}, 200)


@blueprint.get(f"{APPOINTMENTS}/<uuid:mandate_id>/stop")
@require_sign_in
def back_to_appointment(mandate_id: uuid.UUID) -> Response:
    """Where a reload, or a new sign-in, leads on a page that answered the form."""
    return redirect(f"{APPOINTMENTS}/{mandate_id}", code=303)


@blueprint.post(f"{APPOINTMENTS}/<uuid:mandate_id>/stop")
@require_recent_sign_in
def dismiss(mandate_id: uuid.UUID) -> Response:
    """Take a head's appointment back."""
    typed = {"reden": request.form.get("reden", "")[:2000]}
    if not typed["reden"].strip():
        return _appointment_page(mandate_id, typed, {"reden": _WHY}, 422)
    try:
        perform(dismiss_mandate, installation(), actor(), mandate_id, typed["reden"])
    except (InvalidError, ConflictError, ForbiddenError, BusyError) as error:
        fields = error.fields if isinstance(error, InvalidError) else {}
        return _appointment_page(mandate_id, typed, {"reden": fields.get("note", error.text)}, status_of(error))
    tell("ok", _("De aanstelling is beëindigd."), _("Iedereen die het moet weten, krijgt een mail."))
    return redirect(APPOINTMENTS, code=303)


@blueprint.get(LABELS)
@require_sign_in
def labels() -> str:
    """The labels of organisations of my kinds."""
    words, after = _asked()
    page = list_labels(db.session(), own_kinds(), words, after)
    return render_template(
        "officer/labels.html",
        officer_tabs=officer_tabs(LABELS),
        page=page,
        name=lambda label: label_name(installation().catalogue, label),
        detail=_detail,
        words=words,
        counted=ngettext("1 label", "%(n)s labels", page.count),
        path=LABELS,
        **paging(LABELS, _kept(words), begun=after is not None, next_key=page.next_key),
    )


@blueprint.get(f"{LABELS}/<uuid:label_id>")
@require_sign_in
def label(label_id: uuid.UUID) -> Response:
    """One label, and ending it."""
    return _label_page(label_id, {}, {}, 200)


@blueprint.get(f"{LABELS}/<uuid:label_id>/stop")
@require_sign_in
def back_to_label(label_id: uuid.UUID) -> Response:
    """Where a reload, or a new sign-in, leads on a page that answered the form."""
    return redirect(f"{LABELS}/{label_id}", code=303)


@blueprint.post(f"{LABELS}/<uuid:label_id>/stop")
@require_recent_sign_in
def end(label_id: uuid.UUID) -> Response:
    """End it."""
    typed = {"reden": request.form.get("reden", "")[:2000]}
    try:
        waiting = perform(take_back_label, installation(), actor(), label_id, typed["reden"])
    except (InvalidError, ConflictError, ForbiddenError, BusyError) as error:
        fields = error.fields if isinstance(error, InvalidError) else {}
        return _label_page(label_id, typed, {"reden": fields.get("reason", error.text)}, status_of(error))
    rest = ngettext("Eén recht wacht nu op een label.", "%(n)s rechten wachten nu op een label.", waiting)
    tell("ok", _("Het label is beëindigd."), rest if waiting else "")
    return redirect(LABELS, code=303)


def _appointment_page(mandate_id: uuid.UUID, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    shown = _administrator(mandate_id)
    page = render_template(
        "officer/appointment.html",
        shown=shown,
        kind=mandate_word(shown.mandate.kind),
        may_end=shown.mandate.kind == HEAD_LOCAL_ADMIN and shown.person.id != actor(),
        last_day=clock.last_day,
        typed=typed,
        **_said(wrong),
    )
    return make_response(page, status)


def _administrator(mandate_id: uuid.UUID) -> Administrator:
    """An open mandate at an organisation of one's own kinds; any other is absent (threats ID2)."""
    session, kinds = db.session(), own_kinds()
    mandate = session.get(Mandate, mandate_id)
    organisation = session.get(Organisation, mandate.organisation_id) if mandate and mandate.organisation_id else None
    if organisation is None or (organisation.target_group, organisation.organisation_type) not in kinds:
        raise NotFoundError
    found = administrators_of(session, [organisation.id])
    shown = next((each for each in found if each.mandate.id == mandate_id), None)
    if shown is None:
        raise NotFoundError
    return shown


def _label_page(label_id: uuid.UUID, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    line = label_line(db.session(), own_kinds(), label_id)
    if line is None:
        raise NotFoundError
    page = render_template(
        "officer/label.html",
        line=line,
        name=label_name(installation().catalogue, line.label),
        detail=_detail(line.organisation),
        typed=typed,
        **_said(wrong),
    )
    return make_response(page, status)


def _said(wrong: dict[str, Text]) -> dict[str, object]:
    return {
        "wrong": {name: say(sentence) for name, sentence in wrong.items()},
        "errors": [(name, say(sentence)) for name, sentence in wrong.items()],
    }


def _asked() -> tuple[str, uuid.UUID | None]:
    """The words that were searched, and after which row the page begins."""
    return request.args.get("zoek", "")[:_WORDS_AT_MOST], read_id(request.args.get("na", ""))


def _kept(words: str) -> dict[str, str]:
    return {"zoek": words} if words else {}


def _detail(organisation: Organisation) -> str:
    kind = installation().catalogue.organisation_type(organisation.target_group, organisation.organisation_type)
    return organisation_detail(organisation, say(kind.name) if kind else "")


_WHY = Text("Zeg waarom.", "Say why.")
