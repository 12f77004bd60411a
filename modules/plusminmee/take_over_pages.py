"""Pages: groups of one's organisation without a beheerder, and taking one over.

Owns: `/plusminmee/zonder-beheerder`. They show the name of a group and nothing of who is in it. For who lacks the right PMM
Beheerder neither the pages nor the groups exist.
"""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.kit import person_here, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.model import Professional
from modules.plusminmee.take_over_group import group_to_take_over, groups_to_take_over, take_over_group
from modules.plusminmee.who import professional_here

blueprint = Blueprint("take_over", __name__, url_prefix="/plusminmee/zonder-beheerder")


@blueprint.get("")
@require_right(GEBRUIKER, BEHEERDER)
def overview() -> str:
    """Which groups wait for a beheerder."""
    organisation = _leader_here().organisation_code
    groups = groups_to_take_over(database().reading(), organisation)
    return render_template("plusminmee/take_over_list.html", groups=groups)


@blueprint.route("/<uuid:group_id>", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def take(group_id: uuid.UUID) -> Response | str:
    """Take one over; asked first."""
    taker = _leader_here()
    if request.method == "GET":
        group = group_to_take_over(database().reading(), taker.organisation_code, group_id)
        return render_template("plusminmee/take_over.html", group=group)
    database().perform(take_over_group, taker, group_id)
    tell("ok", _("U bent nu beheerder van deze groep."), _("De leden krijgen er een mail over."))
    return redirect(url_for("members.show", group_id=group_id), 303)


def _leader_here() -> Professional:
    if BEHEERDER not in person_here().rights:
        raise NotFoundError
    return professional_here()
