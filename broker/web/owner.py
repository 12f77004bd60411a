"""/toepassingsbeheer: the owner of an application sees who has what in it, everywhere (issue "the desk").

Reads only; owns these pages and their words. Who owns what is `owned_application`; the list is that of `list_rights_in`.
"""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.list_rights import RightFilter, list_rights_in
from broker.access.new_heads import new_heads
from broker.access.send_announcement import owned_application
from broker.database import db
from broker.errors import NotFoundError
from broker.installation import installation
from broker.people.living_mandates import MandateView, living_mandates
from broker.people.mandate import APPLICATION_OWNER
from broker.web.actor import actor
from broker.web.paging import paging
from broker.web.read_id import read_id
from broker.web.right_state import state_chip
from broker.web.task_view import context_name, right_name, say
from broker.web.who import require_sign_in
from look.language import ngettext

blueprint = Blueprint("owner", __name__)

PATH = "/toepassingsbeheer"
SOON = "binnenkort"
_WORDS_AT_MOST = 100


@blueprint.get(PATH)
@require_sign_in
def start() -> str | Response:
    """The applications that I own; of one, straight to it."""
    catalogue = installation().catalogue
    held = living_mandates(db.session(), person_id=actor(), kinds=(APPLICATION_OWNER,))
    mine = [catalogue.applications[code] for code in catalogue.applications if code in _codes(held)]
    if not mine:
        raise NotFoundError("application_unknown")
    if len(mine) == 1:
        return redirect(f"{PATH}/{mine[0].code}", code=303)
    return render_template(
        "owner/applications.html", applications=[(each.code, say(each.name)) for each in mine], path=PATH
    )


@blueprint.get(f"{PATH}/<code>")
@require_sign_in
def show(code: str) -> str:
    """Every right in one application, by name."""
    session, catalogue = db.session(), installation().catalogue
    application, _mandate = owned_application(session, installation(), actor(), code)
    words = request.args.get("zoek", "")[:_WORDS_AT_MOST]
    soon = request.args.get("stopt") == SOON
    after = read_id(request.args.get("na", ""))
    page = list_rights_in(session, catalogue, actor(), code, RightFilter(words, soon), after)
    kept = {name: value for name, value in (("zoek", words), ("stopt", SOON if soon else "")) if value}
    return render_template(
        "owner/rights.html",
        application=say(application.name),
        code=code,
        lines=[
            (
                line,
                [
                    each
                    for each in (
                        right_name(catalogue, code, line.right_code),
                        context_name(catalogue, code, line.right_code, line.context_code),
                        line.organisation_name,
                    )
                    if each
                ],
                clock.last_day(line.valid_until) if line.valid_until is not None else None,
                state_chip(line),
            )
            for line in page.lines
        ],
        words=words,
        soon=soon,
        counted=ngettext("1 recht", "%(n)s rechten", page.count),
        heads=new_heads(session, application),
        **paging(f"{PATH}/{code}", kept, begun=after is not None, next_key=page.next_key),
        clear_url=f"{PATH}/{code}",
    )


def _codes(held: list[MandateView]) -> set[str]:
    return {view.mandate.application_code for view in held if view.mandate.application_code}
