"""/taken/<id>/wis: erasing what an applicant wrote, after the decision (seed 000). Owns this door."""

import uuid

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from broker.access.decision import task_for
from broker.access.forget_typed import forget_typed
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError
from broker.installation import installation
from broker.web.actor import actor
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _

blueprint = Blueprint("forget_typed", __name__)


@blueprint.get("/taken/<uuid:task_id>/wis")
@require_sign_in
def back_to_task(task_id: uuid.UUID) -> Response:
    """Where a reload, or the other language, leads."""
    task_for(db.session(), actor(), task_id)
    return redirect(f"/taken/{task_id}", code=303)


@blueprint.post("/taken/<uuid:task_id>/wis")
@require_sign_in
def forget(task_id: uuid.UUID) -> Response:
    """Erase it now."""
    try:
        perform(forget_typed, installation(), actor(), task_id)
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
    else:
        tell(
            "ok", _("De motivatie en de getypte contactgegevens zijn gewist."), _("De beslissing en de datums blijven.")
        )
    return redirect(f"/taken/{task_id}", code=303)
