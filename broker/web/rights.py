"""/rechten: who may use what at one's organisations, and ending or changing the end of one right (issue "the desk").

Owns these pages and their words. What stands in them is `access.list_rights`; the operations are `end_right` and `change_last_day`.
"""

import uuid
from datetime import date

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.administered_grant import AdministeredGrant, administered_grant
from broker.access.change_last_day import LastDay, change_last_day, latest_last_day
from broker.access.end_right import end_right
from broker.access.list_rights import RightFilter, RightLine, list_rights
from broker.access.tell_last_day import EXTENDED
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError
from broker.installation import installation
from broker.people.name_at_work import NameAtWork
from broker.people.person import Person
from broker.text import Text
from broker.web.actor import actor
from broker.web.decision_form import NO_DAY, read_day
from broker.web.desk_tabs import desk_tabs
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.paging import paging
from broker.web.read_id import read_id
from broker.web.right_state import state_chip, state_of
from broker.web.task_view import context_name, right_name, say
from broker.web.tasks import PATH as TASKS
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _
from look.language import ngettext, short_date

blueprint = Blueprint("rights", __name__)

PATH = "/rechten"
SOON = "binnenkort"
_WORDS_AT_MOST = 100


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """The rights at my organisations, by name."""
    words = request.args.get("zoek", "")[:_WORDS_AT_MOST]
    soon = request.args.get("stopt") == SOON
    after = read_id(request.args.get("na", ""))
    catalogue = installation().catalogue
    page = list_rights(db.session(), catalogue, actor(), RightFilter(words, soon), after)
    if page is None:
        return render_template("tasks/no_mandate.html", helpdesk=catalogue.helpdesk)
    kept = {name: value for name, value in (("zoek", words), ("stopt", SOON if soon else "")) if value}
    return render_template(
        "rights/list.html",
        desk_tabs=desk_tabs(PATH),
        lines=[
            (line, _about(line, several=len(page.organisations) > 1), _last_day(line), state_chip(line))
            for line in page.lines
        ],
        lead=page.organisations[0] if len(page.organisations) == 1 else _("Al uw organisaties"),
        words=words,
        soon=soon,
        counted=ngettext("1 recht", "%(n)s rechten", page.count),
        **paging(PATH, kept, begun=after is not None, next_key=page.next_key),
        clear_url=PATH,
    )


@blueprint.get(f"{PATH}/<uuid:grant_id>")
@require_sign_in
def one(grant_id: uuid.UUID) -> Response:
    """One right: since when, until when, by whom, and what can be done about it."""
    return _page(grant_id, {}, {}, 200)


@blueprint.get(f"{PATH}/<uuid:grant_id>/tot")
@blueprint.get(f"{PATH}/<uuid:grant_id>/stop")
@require_sign_in
def back_to_right(grant_id: uuid.UUID) -> Response:
    """Where a reload, or the other language, leads on a page that answered a form."""
    return redirect(f"{PATH}/{grant_id}", code=303)


@blueprint.post(f"{PATH}/<uuid:grant_id>/tot")
@require_sign_in
def change(grant_id: uuid.UUID) -> Response:
    """Another last day."""
    typed = {name: request.form.get(name, "")[:2000] for name in ("tot", "waarom")}
    try:
        chosen = read_day(typed["tot"])
    except ValueError:
        return _page(grant_id, typed, {"tot": NO_DAY}, 422)
    last_day = LastDay(chosen, typed["waarom"], _seen(request.form.get("gezien", "")))
    try:
        changed = perform(change_last_day, installation(), actor(), grant_id, last_day)
    except InvalidError as error:
        fields = {"last_day": "tot", "reason": "waarom"}
        wrong = {fields.get(name, name): sentence for name, sentence in error.fields.items()}
        return _page(grant_id, typed, wrong, status_of(error))
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _page(grant_id, typed, {}, status_of(error))
    name = _holder(grant_id).full_name
    title = _("Het recht van %(name)s is verlengd.", name=name)
    if changed != EXTENDED:
        title = _("Het recht van %(name)s stopt vroeger.", name=name)
    tell("ok", title, _("Tot en met %(day)s. %(name)s krijgt een mail.", day=short_date(chosen), name=name))
    if request.form.get("lijst") == SOON:
        return redirect(f"{PATH}?stopt={SOON}", code=303)
    return redirect(f"{PATH}/{grant_id}", code=303)


@blueprint.post(f"{PATH}/<uuid:grant_id>/stop")
@require_sign_in
def end(grant_id: uuid.UUID) -> Response:
    """End it now."""
    typed = {"reden": request.form.get("reden", "")[:2000]}
    found = administered_grant(db.session(), actor(), grant_id)
    holder, back = found.name.full_name, TASKS if found.in_place else PATH  # an officer has no list of these rights
    try:
        perform(end_right, installation(), actor(), grant_id, typed["reden"])
    except InvalidError as error:
        return _page(grant_id, typed, {"reden": error.fields.get("reason", error.text)}, status_of(error))
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _page(grant_id, typed, {}, status_of(error))
    tell(
        "ok",
        _("Het recht van %(name)s is gestopt.", name=holder),
        _("%(name)s kan vanaf nu niet meer aanmelden en leest uw reden in een mail.", name=holder),
    )
    return redirect(back, code=303)


def _page(grant_id: uuid.UUID, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    """The right as it is now, with what was typed."""
    session = db.session()
    found = administered_grant(session, actor(), grant_id)
    latest = latest_last_day(installation().catalogue, found.grant, found.organisation)
    last = clock.last_day(found.grant.valid_until) if found.grant.valid_until else None
    state = state_of(session, installation().catalogue, grant_id)
    name = found.name
    page = render_template(
        "rights/right.html",
        found=found,
        title=name.full_name,
        name=name,
        right=right_name(installation().catalogue, found.grant.application_code, found.grant.right_code),
        chip=state,
        facts=_facts(found, last),
        rests=found.grant.suspension_open(clock.now()),
        open_now=found.grant.ended_at is None and not found.grant.run_out(clock.now()),
        last=last,
        latest=latest,
        today=clock.local_date(clock.now()),
        typed=typed,
        **field_errors(wrong),
    )
    return make_response(page, status)


def _facts(found: AdministeredGrant, last: date | None) -> list[tuple[str, ...]]:
    grant = found.grant
    given_by = db.session().get(Person, grant.given_by) if grant.given_by else None
    rows: list[tuple[str, ...]] = [
        (_("Organisatie"), found.organisation.name),
        (
            _("Sinds"),
            short_date(grant.valid_from),
            _("gegeven door %(name)s", name=given_by.full_name) if given_by else "",
        ),
    ]
    if grant.ended_at is not None:
        rows.append((_("Gestopt op"), short_date(grant.ended_at)))
    else:
        rows.append((_("Tot en met"), short_date(last) if last else _("geen einddatum")))
    if grant.suspended_from is not None and grant.suspension_open(clock.now()):
        until = clock.last_day(grant.suspended_until) if grant.suspended_until is not None else None
        ends = _("tot en met %(day)s", day=short_date(until)) if until else _("tot iemand het hervat")
        rows.append((_("Geschorst vanaf"), short_date(grant.suspended_from), ends))
    return rows


def _about(line: RightLine, *, several: bool) -> list[str]:
    catalogue = installation().catalogue
    lines = [
        right_name(catalogue, line.application_code, line.right_code),
        context_name(catalogue, line.application_code, line.right_code, line.context_code),
    ]
    if several:
        lines.append(line.organisation_name)
    return [each for each in lines if each]


def _last_day(line: RightLine) -> date | None:
    return clock.last_day(line.valid_until) if line.valid_until is not None else None


def _holder(grant_id: uuid.UUID) -> NameAtWork:
    return administered_grant(db.session(), actor(), grant_id).name


def _seen(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
