"""Pages: Professionals, who works on a group, and what the beheerder does with that (seed 004).

Owns: `/plusminmee/jeugdgroepen/…/professionals`. Does not own answering an invitation (invitation_pages.py).
"""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as Answer
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.kit import broker_page, kept_form, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import ASK_ACCOUNT, BEHEERDER, GEBRUIKER
from modules.plusminmee.confirm_members import confirm_members, confirmation_due
from modules.plusminmee.email_key import EmailError, read_email
from modules.plusminmee.end_membership import remove_member
from modules.plusminmee.errors import (
    AlreadyMemberError,
    InvitedAlreadyError,
    LastBeheerderError,
    NotFoundError,
    TooManyInvitationsError,
)
from modules.plusminmee.find_invitations import invitations_of, run_out_of
from modules.plusminmee.find_membership import members_of
from modules.plusminmee.invite import invite
from modules.plusminmee.model import PORTRAIT, Membership
from modules.plusminmee.retention import today
from modules.plusminmee.set_role import set_role
from modules.plusminmee.show_photo import show_photo
from modules.plusminmee.who import member_here, professional_here
from modules.plusminmee.withdraw_invitation import withdraw_invitation

blueprint = Blueprint("members", __name__, url_prefix="/plusminmee/jeugdgroepen/<uuid:group_id>/professionals")


@blueprint.get("")
@require_right(GEBRUIKER, BEHEERDER)
def show(group_id: uuid.UUID) -> str:
    """Who works on this group: name, function, organisation; for the beheerder address and telephone too (W24)."""
    return _page(group_id, "", [])


@blueprint.route("/uitnodigen", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def ask_in(group_id: uuid.UUID) -> Response | tuple[str, int]:
    """Invite by address."""
    member_here(group_id, as_beheerder=True)
    if request.method == "GET":  # back from a sign-in, with what was typed
        return _page(group_id, (kept_form() or MultiDict()).get("email", ""), []), 200
    typed = request.form.get("email", "")
    try:
        address = read_email(typed)
        database().perform(invite, professional_here().id, group_id, address)
    except EmailError as error:
        return _page(group_id, typed, [("email", str(error))]), 422
    except AlreadyMemberError:
        return _page(group_id, typed, [("email", _("Wie dit adres heeft, hoort al bij de groep."))]), 422
    except InvitedAlreadyError:
        return _page(group_id, typed, [("email", _("Dit adres is al uitgenodigd. Hieronder ziet u tot wanneer."))]), 422
    except TooManyInvitationsError:
        return _page(
            group_id, typed, [("email", _("U nodigde vandaag al veel mensen uit. Probeer het morgen opnieuw."))]
        ), 422
    tell(
        "ok",
        _("De uitnodiging voor %(address)s vertrekt per mail.", address=address),
        _("Ze blijft 14 dagen geldig. Wie ze krijgt, meldt zich aan met ditzelfde adres."),
    )
    return redirect(url_for("members.show", group_id=group_id), 303)


@blueprint.post("/uitnodigingen/<uuid:invitation_id>/intrekken")
@require_right(GEBRUIKER, BEHEERDER)
def take_back(group_id: uuid.UUID, invitation_id: uuid.UUID) -> Response:
    """Take an invitation back."""
    database().perform(withdraw_invitation, professional_here().id, group_id, invitation_id)
    tell("ok", _("De uitnodiging is ingetrokken."))
    return redirect(url_for("members.show", group_id=group_id), 303)


@blueprint.get("/<uuid:membership_id>/foto")
@require_right(GEBRUIKER, BEHEERDER)
def photo(group_id: uuid.UUID, membership_id: uuid.UUID) -> Answer:
    """The photo of a member, for members of this group only, as long as both are (W24)."""
    member_here(group_id)
    who = _member(group_id, membership_id).professional
    return show_photo(who.photo.square if who.photo else None, PORTRAIT.of(who.id))


@blueprint.route("/<uuid:membership_id>/verwijderen", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def remove(group_id: uuid.UUID, membership_id: uuid.UUID) -> Response | str:
    """Remove somebody, at once; asked first."""
    mine = member_here(group_id, as_beheerder=True)
    theirs = _member(group_id, membership_id)
    name = theirs.professional.full_name
    if request.method == "GET":
        return render_template("plusminmee/remove_member.html", group=mine.group, name=name)
    try:
        database().perform(remove_member, professional_here().id, group_id, membership_id)
    except LastBeheerderError:
        _tell_last_one()
    else:
        tell("ok", _("%(name)s hoort niet meer bij de groep.", name=name), _("De toegang stopte meteen."))
    itself = theirs.professional_id == professional_here().id
    return redirect(url_for("groups.overview") if itself else url_for("members.show", group_id=group_id), 303)


@blueprint.post("/<uuid:membership_id>/rol")
@require_right(GEBRUIKER, BEHEERDER)
def change_role(group_id: uuid.UUID, membership_id: uuid.UUID) -> Response:
    """Make somebody beheerder, or ordinary member again."""
    beheerder = request.form.get("rol") == "beheerder"
    try:
        database().perform(set_role, professional_here().id, group_id, membership_id, beheerder=beheerder)
    except LastBeheerderError:
        _tell_last_one()
    else:
        tell("ok", _("De rol is gewijzigd."))
    return redirect(url_for("members.show", group_id=group_id), 303)


@blueprint.post("/bevestigen")
@require_right(GEBRUIKER, BEHEERDER)
def confirm(group_id: uuid.UUID) -> Response:
    """Say that everybody shown still belongs here (M13)."""
    shown = frozenset(request.form.getlist("lid", uuid.UUID))
    database().perform(confirm_members, professional_here().id, group_id, shown)
    tell("ok", _("U bevestigde wie bij de groep hoort."), _("Over drie maanden vragen we het opnieuw."))
    return redirect(url_for("members.show", group_id=group_id), 303)


@blueprint.get("/bevestigen")
@blueprint.get("/<uuid:membership_id>/rol")
@blueprint.get("/uitnodigingen/<uuid:invitation_id>/intrekken")
@require_right(GEBRUIKER, BEHEERDER)
def back(group_id: uuid.UUID, **_which: uuid.UUID) -> Response:
    """Where a sign-in leads back from a button: to look again, and press it."""
    member_here(group_id)
    return redirect(url_for("members.show", group_id=group_id), 303)


def _member(group_id: uuid.UUID, membership_id: uuid.UUID) -> Membership:
    for each in members_of(database().reading(), group_id):
        if each.id == membership_id:
            return each
    raise NotFoundError


def _tell_last_one() -> None:
    tell("fail", _("Een groep heeft minstens één beheerder."), _("Maak eerst iemand anders beheerder."))


def _page(group_id: uuid.UUID, typed: str, errors: list[tuple[str, str]]) -> str:
    mine = member_here(group_id)
    session = database().reading()
    members = members_of(session, group_id)
    due = confirmation_due(members)
    return render_template(
        "plusminmee/professionals.html",
        mine=mine,
        group=mine.group,
        members=members,
        invitations=invitations_of(session, group_id) if mine.beheerder else [],
        run_out=run_out_of(session, group_id) if mine.beheerder else [],
        ask_account=broker_page(ASK_ACCOUNT),
        confirm_by=due,
        confirm_late=due <= today(),
        typed=typed,
        errors=errors,
        wrong=dict(errors),
    )
