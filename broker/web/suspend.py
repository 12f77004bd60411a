"""/rechten/<id>/schorsen and /hervatten: stopping a right for a while, and letting it work again (issue "the desk").

Owns these two pages and their words; the operations are `suspend_right` and `resume_right`.
"""

import uuid

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.administered_grant import administered_grant
from broker.access.resume_right import resume_right, stand_ins_of
from broker.access.suspend_right import Suspension, suspend_right
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import name_at_work
from broker.people.person import Person
from broker.text import Text
from broker.web.actor import actor
from broker.web.decision_form import read_optional_day
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.task_view import right_name, say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _
from look.language import short_date

blueprint = Blueprint("suspend", __name__)

_FIELDS = {"reason": "reden", "last_day": "tot"}


@blueprint.get("/rechten/<uuid:grant_id>/schorsen")
@require_sign_in
def suspending(grant_id: uuid.UUID) -> Response:
    """Why, and until when."""
    return _page("suspend/suspend.html", grant_id, {}, {}, 200)


@blueprint.post("/rechten/<uuid:grant_id>/schorsen")
@require_sign_in
def suspend(grant_id: uuid.UUID) -> Response:
    """Suspend it now."""
    typed = {name: request.form.get(name, "")[:2000] for name in ("reden", "tot")}
    try:
        suspension = Suspension(typed["reden"], read_optional_day(typed["tot"], "last_day"))
        perform(suspend_right, installation(), actor(), grant_id, suspension)
    except InvalidError as error:
        return _page("suspend/suspend.html", grant_id, typed, _wrong(error), status_of(error))
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _page("suspend/suspend.html", grant_id, typed, {}, status_of(error))
    name = _name(grant_id)
    tell(
        "ok",
        _("Het recht van %(name)s is geschorst.", name=name),
        _("%(name)s kan vanaf nu niet meer aanmelden en leest uw reden in een mail.", name=name),
    )
    return redirect(f"/rechten/{grant_id}", code=303)


@blueprint.get("/rechten/<uuid:grant_id>/hervatten")
@require_sign_in
def resuming(grant_id: uuid.UUID) -> Response:
    """Who gets it back, and who stops standing in."""
    return _page("suspend/resume.html", grant_id, {}, {}, 200)


@blueprint.post("/rechten/<uuid:grant_id>/hervatten")
@require_sign_in
def resume(grant_id: uuid.UUID) -> Response:
    """Let it work again."""
    typed = {"reden": request.form.get("reden", "")[:2000]}
    try:
        perform(resume_right, installation(), actor(), grant_id, typed["reden"])
    except InvalidError as error:
        return _page("suspend/resume.html", grant_id, typed, _wrong(error), status_of(error))
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _page("suspend/resume.html", grant_id, typed, {}, status_of(error))
    tell("ok", _("Het recht van %(name)s werkt weer.", name=_name(grant_id)), _("Daarover vertrekt een mail."))
    return redirect(f"/rechten/{grant_id}", code=303)


def _page(template: str, grant_id: uuid.UUID, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    session = db.session()
    found = administered_grant(session, actor(), grant_id)
    grant, now = found.grant, clock.now()
    page = render_template(
        template,
        found=found,
        name=found.name,
        right=right_name(installation().catalogue, grant.application_code, grant.right_code),
        running=grant.ended_at is None and not grant.run_out(now),
        rests=grant.suspension_open(now),
        note=grant.suspension_note,
        stand_ins=_stand_ins(grant_id),
        last=clock.last_day(grant.valid_until) if grant.valid_until is not None else None,
        today=clock.local_date(now),
        typed=typed,
        **field_errors(wrong),
    )
    return make_response(page, status)


def _stand_ins(grant_id: uuid.UUID) -> list[str]:
    """Who stands in for this right, and until when."""
    session = db.session()
    found = []
    for each in stand_ins_of(session, grant_id):
        name = name_at_work(session.get_one(Person, each.person_id), session.get_one(Affiliation, each.affiliation_id))
        assert each.valid_until is not None
        last = short_date(clock.last_day(each.valid_until))
        found.append(_("%(name)s, tot en met %(day)s", name=name.full_name, day=last))
    return found


def _name(grant_id: uuid.UUID) -> str:
    return administered_grant(db.session(), actor(), grant_id).name.full_name


def _wrong(error: InvalidError) -> dict[str, Text]:
    return {_FIELDS.get(name, name): sentence for name, sentence in error.fields.items()}
