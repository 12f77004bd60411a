"""/rechten/<id>/overdragen: a colleague stands in for somebody for a period (seed 000: a long absence).

Owns this page and its words; the operation is `hand_over`. A colleague is chosen from the own organisation, by name.
"""

import uuid

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.administered_grant import administered_grant
from broker.access.hand_over import HandOver, hand_over
from broker.access.stand_in_candidates import stand_in_candidates
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError
from broker.installation import installation
from broker.text import Text
from broker.web.actor import actor
from broker.web.decision_form import read_optional_day
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.read_id import read_id
from broker.web.task_view import right_name, say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _
from look.language import short_date

blueprint = Blueprint("hand_over", __name__)

_FIELDS = {"colleague": "collega", "first_day": "van", "last_day": "tot", "reason": "reden"}


@blueprint.get("/rechten/<uuid:grant_id>/overdragen")
@require_sign_in
def handing_over(grant_id: uuid.UUID) -> Response:
    """Whom, from when until when, and why."""
    return _page(grant_id, {"zoek": request.args.get("zoek", "")[:100]}, {}, 200)


@blueprint.post("/rechten/<uuid:grant_id>/overdragen")
@require_sign_in
def over(grant_id: uuid.UUID) -> Response:
    """Hand it over."""
    typed = {name: request.form.get(name, "")[:2000] for name in ("collega", "van", "tot", "reden", "zoek")}
    try:
        wish = HandOver(
            grant_id=grant_id,
            colleague_id=read_id(typed["collega"]),
            first_day=read_optional_day(typed["van"], "first_day"),
            last_day=read_optional_day(typed["tot"], "last_day"),
            reason=typed["reden"],
        )
        given = perform(hand_over, installation(), actor(), wish)
    except InvalidError as error:
        wrong = {_FIELDS.get(name, name): sentence for name, sentence in error.fields.items()}
        return _page(grant_id, typed, wrong, status_of(error))
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _page(grant_id, typed, {}, status_of(error))
    assert given.valid_until is not None
    tell(
        "ok",
        _("Het recht is overgedragen tot en met %(day)s.", day=short_date(clock.last_day(given.valid_until))),
        _("Beiden krijgen een mail. Daarna werkt het recht vanzelf weer zoals voorheen."),
    )
    return redirect(f"/rechten/{grant_id}", code=303)


def _page(grant_id: uuid.UUID, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    session = db.session()
    found = administered_grant(session, actor(), grant_id)
    grant, now = found.grant, clock.now()
    candidates = stand_in_candidates(session, actor(), grant, typed.get("zoek", ""))
    page = render_template(
        "suspend/hand_over.html",
        found=found,
        name=found.name,
        right=right_name(installation().catalogue, grant.application_code, grant.right_code),
        possible=grant.ended_at is None and not grant.run_out(now) and not grant.suspension_open(now),
        candidates=[(str(each.affiliation_id), each.name.full_name) for each in candidates.people],
        more=candidates.more,
        last=clock.last_day(grant.valid_until) if grant.valid_until is not None else None,
        today=clock.local_date(now),
        typed=typed,
        **field_errors(wrong),
    )
    return make_response(page, status)
