"""Pages: Methode voorstellen of a group, making one, deciding on one, and the printable list for the meeting (seed 004, W23).

Owns: `/plusminmee/jeugdgroepen/…/voorstellen`. Every member proposes; the beheerder decides (W18).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.kit import drop_kept_form, kept_form, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.decide_proposal import decline_proposal, discuss_proposal, take_over_place, take_over_talk
from modules.plusminmee.errors import NotFoundError, NotInGroupError
from modules.plusminmee.find_membership import members_of
from modules.plusminmee.find_youngsters import youngsters_of
from modules.plusminmee.keeping import keeping
from modules.plusminmee.make_proposal import make_proposal
from modules.plusminmee.open_youngster import Known, all_known, known
from modules.plusminmee.paging import Order, read_page
from modules.plusminmee.proposal_model import OPEN, PROPOSAL_ANSWER, PROPOSAL_WHY, Proposal
from modules.plusminmee.read_past import read_past_day
from modules.plusminmee.reading import Reading
from modules.plusminmee.retention import today
from modules.plusminmee.typed import TypedError, read_id
from modules.plusminmee.who import member_here, professional_here
from modules.plusminmee.work_model import SIGNS
from modules.plusminmee.write_freely import point_out, read_free_text
from modules.plusminmee.youngster_model import IN_CIRCLE

blueprint = Blueprint("proposals", __name__, url_prefix="/plusminmee/jeugdgroepen/<uuid:group_id>/voorstellen")

Errors = list[tuple[str, str]]
LONGEST_WHY = 2000
PAGE_SIZE = 50
DECISIONS = ("discussed", "take_over", "decline")
_OPEN_FIRST: Order[Proposal] = Order(
    Proposal.made_at, Proposal.id, finished=(Proposal.state.not_in(OPEN), lambda row: row.state not in OPEN)
)


@dataclass(frozen=True)
class Shown:
    """A proposal as members read it."""

    row: Proposal
    youngster: Known
    why: str
    answer: str


@blueprint.get("")
@require_right(GEBRUIKER, BEHEERDER)
def overview(group_id: uuid.UUID) -> str:
    """All of them, open ones first."""
    mine = member_here(group_id)
    session = database().reading()
    page = read_page(session, _of_group(group_id), _OPEN_FIRST, request.args.get("na", ""), PAGE_SIZE)
    return render_template(
        "plusminmee/proposals.html",
        mine=mine,
        group=mine.group,
        proposals=_opened(page.rows),
        next_position=page.next_position,
    )


@blueprint.get("/overleg")
@require_right(GEBRUIKER, BEHEERDER)
def meeting(group_id: uuid.UUID) -> str:
    """Overleg: all that is open, on one page to print, without photos."""
    mine = member_here(group_id)
    newest_first = _of_group(group_id).order_by(Proposal.made_at.desc(), Proposal.id.desc())
    rows = database().reading().scalars(newest_first.where(Proposal.state.in_(OPEN))).all()
    return render_template(
        "plusminmee/meeting.html", mine=mine, group=mine.group, proposals=_opened(rows), today=today()
    )


@blueprint.route("/nieuw", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def add(group_id: uuid.UUID) -> Response | tuple[str, int]:
    """Methode voorstel doen."""
    member_here(group_id)
    if request.method == "GET":
        return _form(group_id, kept_form() or MultiDict(), [])
    reading = Reading(request.form)
    youngster_id = reading.field("youngster", read_id, missing=_("Kies een jongere."))
    wanted = reading.field("wanted", _wanted)
    why = reading.field("why", read_free_text, most=LONGEST_WHY, missing=_("Schrijf waarom u dit voorstelt."))
    if youngster_id is None or wanted is None or why is None:
        return _form(group_id, request.form, reading.errors)
    place = None if wanted == "talk" else wanted
    try:
        database().perform(make_proposal, keeping(), professional_here().id, group_id, youngster_id, place, why)
    except NotInGroupError as error:
        return _form(group_id, request.form, [(error.field, str(error.words))])
    drop_kept_form()
    tell("ok", _("Uw voorstel staat klaar voor het volgende overleg."))
    point_out(why)
    return redirect(url_for("proposals.overview", group_id=group_id), 303)


@blueprint.route("/<uuid:proposal_id>", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def show(group_id: uuid.UUID, proposal_id: uuid.UUID) -> Response | tuple[str, int]:
    """One proposal; the beheerder decides on it here."""
    if request.method == "GET":
        return _page(group_id, proposal_id, kept_form() or MultiDict({"day": today().isoformat()}), [])
    member_here(group_id, as_beheerder=True)
    errors = _decide(group_id, proposal_id, request.form)
    if errors:
        return _page(group_id, proposal_id, request.form, errors)
    drop_kept_form()
    tell("ok", _("Uw beslissing is bewaard."), _("De andere professionals zien het in het logboek."))
    if request.form["decision"] == "decline":
        point_out(request.form["answer"])
    return redirect(url_for("proposals.show", group_id=group_id, proposal_id=proposal_id), 303)


def _decide(group_id: uuid.UUID, proposal_id: uuid.UUID, form: MultiDict[str, str]) -> Errors:
    kind = _find(group_id, proposal_id).row.kind
    reading = Reading(form)
    decision = reading.field("decision", _decision)
    day = reading.field("day", read_past_day, missing=_("Vul in wanneer het besproken is."))
    talk = decision == "take_over" and kind == "talk"
    sign = reading.field("sign", _sign) if talk else None
    for_id = reading.field("professional", read_id, missing=_("Kies voor wie dit actiepunt is.")) if talk else None
    reason = _("Schrijf waarom u het voorstel niet volgt.")
    answer = reading.field("answer", read_free_text, most=LONGEST_WHY, missing=reason) if decision == "decline" else ""
    if reading.errors or day is None:
        return reading.errors
    here, kept = professional_here().id, keeping()
    if decision == "discussed":
        database().perform(discuss_proposal, here, group_id, proposal_id, day)
    elif decision == "decline":
        database().perform(decline_proposal, kept, here, group_id, proposal_id, day, answer or "")
    elif sign is not None and for_id is not None:
        try:
            database().perform(take_over_talk, kept, here, group_id, proposal_id, day, sign, for_id)
        except NotInGroupError as error:
            return [(error.field, str(error.words))]
    else:
        database().perform(take_over_place, kept, here, group_id, proposal_id, day)
    return []


def _of_group(group_id: uuid.UUID) -> Select[Proposal]:
    """Those of a group, with the youngster and who made them."""
    return (
        select(Proposal)
        .where(Proposal.group_id == group_id)
        .options(joinedload(Proposal.youngster, innerjoin=True), joinedload(Proposal.maker, innerjoin=True))
    )


def _find(group_id: uuid.UUID, proposal_id: uuid.UUID) -> Shown:
    rows = database().reading().scalars(_of_group(group_id).where(Proposal.id == proposal_id)).all()
    if not rows:
        raise NotFoundError
    return _opened(rows)[0]


def _opened(rows: Sequence[Proposal]) -> list[Shown]:
    sealer = keeping().sealer
    return [
        Shown(
            row,
            known(sealer, row.youngster),
            sealer.open_text(row.why, PROPOSAL_WHY.of(row.id)),
            sealer.open_text(row.answer, PROPOSAL_ANSWER.of(row.id)) if row.answer is not None else "",
        )
        for row in rows
    ]


def _wanted(typed: str) -> str:
    if typed != "talk" and typed not in IN_CIRCLE:
        raise TypedError(_("Kies een plaats of een gesprek."))
    return typed


def _decision(typed: str) -> str:
    if typed not in DECISIONS:
        raise TypedError(_("Kies wat er met het voorstel gebeurt."))
    return typed


def _sign(typed: str) -> str:
    if typed not in SIGNS:
        raise TypedError(_("Kies + of −."))
    return typed


def _form(group_id: uuid.UUID, typed: MultiDict[str, str], errors: Errors) -> tuple[str, int]:
    mine = member_here(group_id)
    youngsters = all_known(keeping().sealer, youngsters_of(database().reading(), group_id))
    page = render_template(
        "plusminmee/proposal_form.html",
        mine=mine,
        group=mine.group,
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        youngsters=[("", _("kies een jongere")), *((str(each.id), each.name) for each in youngsters)],
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200


def _page(group_id: uuid.UUID, proposal_id: uuid.UUID, typed: MultiDict[str, str], errors: Errors) -> tuple[str, int]:
    mine = member_here(group_id)
    proposal = _find(group_id, proposal_id)
    members = members_of(database().reading(), group_id) if mine.beheerder else []
    page = render_template(
        "plusminmee/proposal.html",
        mine=mine,
        group=mine.group,
        proposal=proposal,
        open=proposal.row.state in OPEN,
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        members=[
            ("", _("kies een professional")),
            *((str(each.professional_id), each.professional.full_name) for each in members),
        ],
    )
    return page, 422 if errors else 200
