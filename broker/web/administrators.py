"""/beheerders: who decides for one's organisations; appointing, dismissing, stopping, and a deputy for an absence.

Owns these pages and their words. Who may do what is in people/ and `access.resign_mandate`, read again under its lock.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.resign_mandate import Resignation, leaves_nobody, resign_mandate
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.end_deputy import end_deputy
from broker.people.find_colleagues import Colleague, find_colleagues
from broker.people.list_administrators import Administrator, administrators_of
from broker.people.living_mandates import MandateView, living_mandates
from broker.people.mandate import HEAD_LOCAL_ADMIN, LOCAL_ADMIN, LOCAL_KINDS
from broker.people.name_deputy import NewDeputy, name_deputy
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.actor import actor
from broker.web.administrator_words import mandate_word
from broker.web.decision_form import NO_DAY, read_day
from broker.web.desk_tabs import desk_tabs
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.read_id import read_id
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_recent_sign_in, require_sign_in
from look.language import gettext as _
from look.language import short_date

blueprint = Blueprint("administrators", __name__)

PATH = "/beheerders"
FOUND_AT_MOST = 20
_WORDS_AT_MOST = 100
_NOBODY = Text("Kies een collega.", "Choose a colleague.")
_CHOOSE = Text("Kies wie u opvolgt.", "Choose your successor.")
VACANT = "niemand"


@dataclass(frozen=True, slots=True)
class _Own:
    """The local mandates of the reader, and everybody who decides at those organisations."""

    mandates: tuple[MandateView, ...]
    administrators: tuple[Administrator, ...]

    @property
    def headed(self) -> list[Organisation]:
        """The organisations where the reader appoints."""
        return [
            view.organisation
            for view in self.mandates
            if view.kind == HEAD_LOCAL_ADMIN and view.organisation is not None
        ]


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """Everybody who decides at my organisations."""
    own = _own()
    if not own.mandates:
        return render_template("tasks/no_mandate.html", helpdesk=installation().catalogue.helpdesk)
    names = sorted({view.organisation.name for view in own.mandates if view.organisation is not None})
    return render_template(
        "administrators/list.html",
        desk_tabs=desk_tabs(PATH),
        lead=names[0] if len(names) == 1 else _("Al uw organisaties"),
        rows=[(each, _about(each, several=len(names) > 1)) for each in own.administrators],
        me=actor(),
        headed=own.headed,
        today=clock.now(),
        last_day=clock.last_day,
    )


@blueprint.get(f"{PATH}/nieuw")
@require_recent_sign_in
def ask() -> Response:
    """Whom to appoint: a colleague of the organisation."""
    return _appoint_page(_headed(request.args.get("organisatie", "")), {}, {}, 200)


@blueprint.post(f"{PATH}/nieuw")
@require_recent_sign_in
def appoint() -> Response:
    """Appoint a local administrator."""
    organisation = _headed(request.form.get("organisatie", ""))
    typed = {name: request.form.get(name, "")[:2000] for name in ("wie", "zoek", "waarom", "tot")}
    person_id, wrong = read_id(typed["wie"]), {}
    if person_id is None:
        wrong["wie"] = _NOBODY
    until = _day(typed["tot"], wrong, "tot") if typed["tot"].strip() else None
    if wrong or person_id is None:
        return _appoint_page(organisation, typed, wrong, 422)
    wish = Appointment(
        person_id=person_id,
        kind=LOCAL_ADMIN,
        organisation_id=organisation.id,
        evidence=typed["waarom"],
        valid_until=clock.end_of_day(until) if until else None,
    )
    try:
        mandate = perform(appoint_mandate, installation(), actor(), wish)
    except (InvalidError, ConflictError, ForbiddenError, NotFoundError, BusyError) as error:
        return _appoint_page(
            organisation, typed, _at_fields(error, {"evidence": "waarom", "valid_until": "tot"}), status_of(error)
        )
    new = next((each for each in _own().administrators if each.mandate.id == mandate.id), None)
    name = new.name if new else ""
    rest = _("%(name)s en de andere beheerders krijgen een mail.", name=name)
    if new is not None and not new.counts:
        rest = _("Het mandaat begint als %(name)s aanmeldt met een digitale sleutel.", name=name)
    tell("ok", _("%(name)s is nu lokale beheerder.", name=name), rest)
    return redirect(PATH, code=303)


@blueprint.get(f"{PATH}/<uuid:mandate_id>")
@require_sign_in
def one(mandate_id: uuid.UUID) -> Response:
    """One administrator: of oneself a deputy and stopping, of another what a head may end."""
    return _page(mandate_id, {}, {}, 200)


@blueprint.get(f"{PATH}/<uuid:mandate_id>/plaatsvervanger")
@blueprint.get(f"{PATH}/<uuid:mandate_id>/stop")
@require_sign_in
def back_to_one(mandate_id: uuid.UUID) -> Response:
    """Where a reload, or a new sign-in, leads on a page that answered a form."""
    return redirect(f"{PATH}/{mandate_id}", code=303)


@blueprint.post(f"{PATH}/<uuid:mandate_id>/plaatsvervanger")
@require_recent_sign_in
def name_one(mandate_id: uuid.UUID) -> Response:
    """Name a deputy for one's own mandate."""
    typed = {name: request.form.get(name, "")[:_WORDS_AT_MOST] for name in ("wie", "zoek", "van", "tot")}
    wrong: dict[str, Text] = {}
    person_id = read_id(typed["wie"])
    if person_id is None:
        wrong["wie"] = _NOBODY
    first, last = _day(typed["van"], wrong, "van"), _day(typed["tot"], wrong, "tot")
    if person_id is None or first is None or last is None:
        return _page(mandate_id, typed, wrong, 422)
    try:
        perform(name_deputy, installation(), actor(), mandate_id, NewDeputy(person_id, first, last))
    except (InvalidError, ConflictError, ForbiddenError, BusyError) as error:
        return _page(mandate_id, typed, _at_fields(error, {"first_day": "van", "last_day": "tot"}), status_of(error))
    tell(
        "ok",
        _("U hebt een plaatsvervanger."),
        _(
            "Van %(first)s tot en met %(last)s. Iedereen die het moet weten, krijgt een mail.",
            first=short_date(first),
            last=short_date(last),
        ),
    )
    return redirect(f"{PATH}/{mandate_id}", code=303)


@blueprint.post(f"{PATH}/<uuid:mandate_id>/stop")
@require_recent_sign_in
def stop(mandate_id: uuid.UUID) -> Response:
    """Lay down one's own mandate, or dismiss somebody else."""
    typed = {name: request.form.get(name, "")[:2000] for name in ("opvolger", "reden")}
    mine = any(view.mandate_id == mandate_id for view in _own().mandates)
    try:
        if mine:
            perform(resign_mandate, installation(), actor(), mandate_id, _resignation(typed))
        else:
            perform(dismiss_mandate, installation(), actor(), mandate_id, typed["reden"])
    except (InvalidError, ConflictError, ForbiddenError, BusyError) as error:
        fields = {"note": "reden"}
        wrong = {"opvolger": _CHOOSE} if error.code == "successor_needed" else _at_fields(error, fields)
        return _page(mandate_id, typed, wrong, status_of(error))
    if mine:
        tell("ok", _("U bent gestopt als beheerder."), _("De andere beheerders krijgen een mail."))
    else:
        tell("ok", _("De aanstelling is beëindigd."), _("Iedereen die het moet weten, krijgt een mail."))
    return redirect(PATH, code=303)


@blueprint.post(f"{PATH}/plaatsvervanger/<uuid:deputy_id>/stop")
@require_sign_in
def end(deputy_id: uuid.UUID) -> Response:
    """End a deputyship: the holder, the deputy, or a head."""
    try:
        perform(end_deputy, installation(), actor(), deputy_id)
    except (ConflictError, BusyError) as error:
        tell("fail", say(error.text))
    else:
        tell("ok", _("De plaatsvervanging is gestopt."), _("Iedereen die het moet weten, krijgt een mail."))
    return redirect(PATH if _own().mandates else "/taken", code=303)


def _own() -> _Own:
    session = db.session()
    mandates = living_mandates(session, person_id=actor(), kinds=LOCAL_KINDS)
    places = {view.organisation.id for view in mandates if view.organisation is not None}
    return _Own(tuple(mandates), tuple(administrators_of(session, places)))


def _headed(code: str) -> Organisation:
    """The organisation with this code where the reader is head; the only one where none is named."""
    mandates = living_mandates(db.session(), person_id=actor(), kinds=(HEAD_LOCAL_ADMIN,))
    places = [view.organisation for view in mandates if view.organisation is not None]
    found = [each for each in places if each.code == code] if code else places
    if len(found) != 1:
        raise NotFoundError
    return found[0]


def _about(administrator: Administrator, *, several: bool) -> list[str]:
    lines = [mandate_word(administrator.mandate.kind)]
    if administrator.email:
        lines.append(administrator.email)
    if several:
        lines.append(administrator.organisation.name)
    return lines


def _appoint_page(organisation: Organisation, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    words = (typed.get("zoek") or request.args.get("zoek", ""))[:_WORDS_AT_MOST]
    page = render_template(
        "administrators/appoint.html",
        organisation=organisation,
        words=words,
        found=_found(organisation, words),
        typed=typed,
        **field_errors(wrong),
        today=clock.local_date(clock.now()),
    )
    return make_response(page, status)


def _page(mandate_id: uuid.UUID, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    own = _own()
    shown = next((each for each in own.administrators if each.mandate.id == mandate_id), None)
    if shown is None:
        raise NotFoundError
    mine = shown.person.id == actor()
    words = (typed.get("zoek") or request.args.get("zoek", ""))[:_WORDS_AT_MOST]
    living = _deciding(own, shown)
    page = render_template(
        "administrators/administrator.html",
        shown=shown,
        kind=mandate_word(shown.mandate.kind),
        mine=mine,
        head=any(each.id == shown.organisation.id for each in own.headed),
        words=words,
        found=_found(shown.organisation, words, {each.person.id for each in living}) if mine else [],
        leaves=mine and leaves_nobody(shown.mandate, _views(shown)),
        successors=[(str(each.person.id), each.name) for each in living if each.person.id != actor()],
        typed=typed,
        **field_errors(wrong),
        today=clock.local_date(clock.now()),
        now=clock.now(),
        last_day=clock.last_day,
        vacant=VACANT,
    )
    return make_response(page, status)


def _deciding(own: _Own, shown: Administrator) -> list[Administrator]:
    """Everybody who decides at this organisation now, each once."""
    found = {
        each.person.id: each
        for each in own.administrators
        if each.counts and each.organisation.id == shown.organisation.id
    }
    return list(found.values())


def _views(shown: Administrator) -> list[MandateView]:
    return living_mandates(db.session(), scope_key=shown.mandate.scope_key)


def _found(organisation: Organisation, words: str, but: set[uuid.UUID] | None = None) -> list[Colleague]:
    found = find_colleagues(db.session(), organisation.id, words, FOUND_AT_MOST)
    return [each for each in found if each.person_id not in (but or {actor()})]


def _resignation(typed: dict[str, str]) -> Resignation:
    chosen = typed["opvolger"]
    return Resignation(note=typed["reden"], successor_id=read_id(chosen), leave_vacant=chosen == VACANT)


def _day(written: str, wrong: dict[str, Text], field: str) -> date | None:
    try:
        return read_day(written)
    except ValueError:
        wrong[field] = NO_DAY
        return None


def _at_fields(error: DomainError, names: dict[str, str]) -> dict[str, Text]:
    """The sentences of a refusal, each at its field; one without a field above the form."""
    fields = error.fields if isinstance(error, InvalidError) else {}
    return {names.get(name, name): sentence for name, sentence in fields.items()} or {"": error.text}
