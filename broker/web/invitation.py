"""/link/uitnodiging: the page of the link by which somebody who was added without a number says: that is me (decisions 7).

It asks for a digital key first; the button then uses the link. Owns this page; the link is swapped for a cookie in `links`, what
accepting does is `access.accept_invitation`.
"""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.access.accept_invitation import accept_invitation
from broker.database import db, perform
from broker.errors import ConflictError, ForbiddenError, NotFoundError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.one_time_link import INVITATION, find_link, link_is_open
from broker.people.organisation import Organisation
from broker.web.errors import status_of
from broker.web.links import INVITATION_COOKIE, INVITATION_PATH
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import sign_in_address, signed_in
from look.language import gettext as _

blueprint = Blueprint("invitation", __name__)


@blueprint.get(INVITATION_PATH)
def show() -> Response | str | tuple[str, int]:
    """Who added them; the way to sign in, or the button."""
    return _page(200)


@blueprint.post(INVITATION_PATH)
def accept() -> Response | str | tuple[str, int]:
    """The button."""
    who = signed_in()
    if who is None:
        return redirect(sign_in_address(), code=303)
    try:
        accepted = perform(accept_invitation, installation(), request.cookies.get(INVITATION_COOKIE, ""), who.person_id)
    except (ForbiddenError, ConflictError) as error:
        tell("fail", say(error.text))
        return _page(status_of(error))
    if accepted.doubted:
        tell(
            "wait",
            _("U bent aangemeld, maar uw naam is niet die in de uitnodiging."),
            _(
                "Een lokale beheerder van %(name)s kijkt dat na. U hoeft niets te doen.",
                name=accepted.organisation_name,
            ),
        )
    else:
        tell(
            "ok",
            _("Wij weten nu wie u bent."),
            _("Uw rechten bij %(name)s beginnen vanzelf.", name=accepted.organisation_name),
        )
    response = redirect("/mijn-profiel", code=303)
    response.delete_cookie(INVITATION_COOKIE, path=INVITATION_PATH)
    return response


def _page(status: int) -> str | tuple[str, int]:
    session = db.session()
    link = find_link(session, installation().keys, INVITATION, request.cookies.get(INVITATION_COOKIE, ""))
    job = session.get(Affiliation, link.subject_id)
    if job is None:
        raise NotFoundError
    organisation = session.get_one(Organisation, job.organisation_id)
    open_now = link_is_open(link) and job.ended_at is None
    page = render_template(
        "give/invitation.html",
        organisation=organisation,
        open_now=open_now,
        who=signed_in(),
        sign_in=sign_in_address(),
        path=INVITATION_PATH,
    )
    return page, status if open_now else 410
