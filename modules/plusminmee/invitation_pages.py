"""Pages: Uitnodigingen, to whoever the broker has proved the address of (seed 004).

Owns: `/plusminmee/uitnodigingen`. Does not own inviting (member_pages.py).
"""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.kit import person_here, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.answer_invitation import answer_invitation
from modules.plusminmee.email_key import key_of_email
from modules.plusminmee.find_invitations import invitations_to
from modules.plusminmee.who import professional_here

blueprint = Blueprint("invitations", __name__, url_prefix="/plusminmee/uitnodigingen")


@blueprint.get("")
@require_right(GEBRUIKER, BEHEERDER)
def overview() -> str:
    """The open invitations to one's own address."""
    professional_here()
    address = person_here().email
    invitations = invitations_to(database().reading(), key_of_email(address))
    return render_template("plusminmee/invitations.html", invitations=invitations, address=address)


@blueprint.get("/<uuid:invitation_id>")
@require_right(GEBRUIKER, BEHEERDER)
def back(invitation_id: uuid.UUID) -> Response:
    """Where a sign-in leads back from the answer: to look again, and press it."""
    return redirect(url_for("invitations.overview"), 303)


@blueprint.post("/<uuid:invitation_id>")
@require_right(GEBRUIKER, BEHEERDER)
def answer(invitation_id: uuid.UUID) -> Response:
    """Accept or decline."""
    accept = request.form.get("antwoord") == "aanvaarden"
    group_id = database().perform(
        answer_invitation, professional_here(), key_of_email(person_here().email), invitation_id, accept=accept
    )
    if not accept:
        tell("ok", _("U sloeg de uitnodiging af."), _("De beheerder ziet dat in het logboek van de groep."))
        return redirect(url_for("invitations.overview"), 303)
    tell("ok", _("U hoort nu bij deze groep."))
    return redirect(url_for("groups.enter", group_id=group_id), 303)
