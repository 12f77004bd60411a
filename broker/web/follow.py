"""/aanvraag/<number>: where a request stands (issue 2 item 6). By the mailed link or signed in; anybody else gets a 404."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.end_grant import end_own_grant
from broker.access.follow_request import Story, follow_request, may_follow
from broker.access.resend_tracking import resend_tracking
from broker.access.withdraw_request import withdraw_request
from broker.database import db, perform
from broker.errors import NotFoundError
from broker.installation import installation
from broker.people.identifiers import IdentifierError, email_address, masked_email, written_kbo
from broker.people.one_time_link import TRACKING, find_link, link_is_open
from broker.web.ask_again import again_at
from broker.web.links import FOLLOW_COOKIE
from broker.web.tell import tell
from broker.web.who import require_sign_in, signed_in
from broker.working_days import working_days_between
from look.language import current_language
from look.language import gettext as _

blueprint = Blueprint("follow", __name__)

READABLE_AFTER = timedelta(days=90)  # by the link alone, after it was decided (decisions 13, threats TL4)


@blueprint.get("/aanvraag/<number>")
def show(number: str) -> str:
    """The page of a request."""
    story = _story(number)
    application = installation().catalogue.applications.get(story.request.application_code)
    right = application.rights.get(story.request.right_code) if application else None
    kind = installation().catalogue.organisation_type(story.request.target_group, story.request.organisation_type)
    here = clock.local_date(clock.now())
    return render_template(
        "follow/show.html",
        story=story,
        application=application,
        right=right,
        context=right.contexts.get(story.request.context_code) if right else None,
        kind=kind,
        language=current_language(),
        waited=working_days_between(clock.local_date(story.since), here),
        email=masked_email(story.request.email),
        owner=_owns(story),
        again_at=again_at(story.request, story.organisation),
        helpdesk=installation().catalogue.helpdesk,
        written_kbo=written_kbo,
        last_day=clock.last_day(story.grant.valid_until) if story.grant and story.grant.valid_until else None,
    )


@blueprint.get("/aanvraag/<number>/intrekken")
def ask_withdraw(number: str) -> str | Response:
    """Are you sure: a page, not a pop-up."""
    story = _story(number)
    if not story.may_withdraw:
        return redirect(f"/aanvraag/{number}", code=303)
    return render_template("follow/withdraw.html", story=story)


@blueprint.post("/aanvraag/<number>/intrekken")
def withdraw(number: str) -> Response:
    """Take the request back."""
    perform(withdraw_request, installation(), _story(number).request.id)
    tell("ok", _("Uw aanvraag is ingetrokken."), _("Er gebeurt niets meer mee."))
    return redirect(f"/aanvraag/{number}", code=303)


@blueprint.get("/aanvraag/<number>/teruggeven")
@require_sign_in
def ask_give_back(number: str) -> str | Response:
    """Giving back a right needs a sign-in: the link alone can never end it (threats TL3)."""
    story = _story(number)
    if not _owns(story) or story.grant is None or story.grant.ended_at is not None:
        return redirect(f"/aanvraag/{number}", code=303)
    return render_template("follow/give_back.html", story=story)


@blueprint.post("/aanvraag/<number>/teruggeven")
@require_sign_in
def give_back(number: str) -> Response:
    """End one's own right."""
    story = _story(number)
    who = signed_in()
    if who is None or story.grant is None or not _owns(story):
        raise NotFoundError
    perform(end_own_grant, installation(), who.person_id, story.grant.id)
    tell("ok", _("Uw recht is gestopt."), _("De mensen van de toepassing weten het."))
    return redirect(f"/aanvraag/{number}", code=303)


@blueprint.get("/aanvraag")
def lost() -> str:
    """Who lost the link asks for a new one here."""
    return render_template("follow/lost.html", typed={}, wrong={}, errors=[])


@blueprint.post("/aanvraag")
def resend() -> str | Response | tuple[str, int]:
    """Mail a new link, if the two belong together; the answer is the same if they do not (threats rule 2)."""
    typed = {name: request.form.get(name, "")[:300] for name in ("number", "email")}
    try:
        email = email_address(typed["email"], test_domains=installation().settings.development)
    except IdentifierError as error:
        sentence = error.text.in_language(current_language())
        page = render_template("follow/lost.html", typed=typed, wrong={"email": sentence}, errors=[("email", sentence)])
        return page, 422
    perform(resend_tracking, installation(), typed["number"], email)
    tell(
        "info",
        _("Horen dit nummer en dit adres bij elkaar, dan krijgt u zo meteen een mail."),
        _("Oudere links werken dan niet meer."),
    )
    return redirect("/aanvraag", code=303)


def _story(number: str) -> Story:
    session = db.session()
    asked = session.scalar(select(AccessRequest).where(AccessRequest.number == number))
    who = signed_in()
    if asked is None or not (may_follow(asked, who.person_id if who else None) or _holds_link(asked)):
        raise NotFoundError("request_unknown")
    return follow_request(session, installation(), number)


def _holds_link(asked: AccessRequest) -> bool:
    try:
        link = find_link(db.session(), installation().keys, TRACKING, request.cookies.get(FOLLOW_COOKIE, ""))
    except NotFoundError:
        return False
    if asked.closed_at is not None and asked.closed_at + READABLE_AFTER < clock.now():
        return False
    return link.subject_id == asked.id and link_is_open(link)


def _owns(story: Story) -> bool:
    who = signed_in()
    return who is not None and story.grant is not None and story.grant.person_id == who.person_id
