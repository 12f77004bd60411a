"""Pages: Methode, the plus-min-mee circle of a group, now and at any earlier date; placing, monitoring and removing (seed 004).

Owns: `/plusminmee/jeugdgroepen/…/methode`. Every member looks; only the beheerder moves (W18), by form as well as by dragging.
"""

import uuid
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from look.language import written_date
from modules.kit import drop_kept_form, kept_form, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.circle import draw
from modules.plusminmee.find_circle import Standing, standing_now, standing_on
from modules.plusminmee.find_membership import members_of
from modules.plusminmee.find_youngsters import find_youngster
from modules.plusminmee.keeping import keeping
from modules.plusminmee.model import Membership
from modules.plusminmee.open_youngster import known
from modules.plusminmee.place_words import place_word
from modules.plusminmee.place_youngster import MONITORING_MONTHS, monitor_youngster, place_youngster
from modules.plusminmee.reading import Reading
from modules.plusminmee.remove_youngster import remove_youngster
from modules.plusminmee.retention import today
from modules.plusminmee.typed import TypedError, read_day, read_id
from modules.plusminmee.who import member_here, professional_here
from modules.plusminmee.write_freely import point_out, read_free_text
from modules.plusminmee.youngster_model import PLACES

blueprint = Blueprint("circle", __name__, url_prefix="/plusminmee/jeugdgroepen/<uuid:group_id>/methode")

Errors = list[tuple[str, str]]
LONGEST_REASON = 500


@blueprint.get("")
@require_right(GEBRUIKER, BEHEERDER)
def show(group_id: uuid.UUID) -> str | tuple[str, int]:
    """The circle of today; with `dag` that of an earlier day, to look at only."""
    mine = member_here(group_id)
    try:
        day = read_day(request.args.get("dag", ""))
    except TypedError as error:
        return _page(mine, _now(group_id), None, MultiDict(), [("dag", str(error))]), 422
    if day is None or day >= today():
        return _page(
            mine, _now(group_id), None, kept_form() or MultiDict({"youngster": request.args.get("jongere", "")}), []
        )
    standing = standing_on(database().reading(), keeping().sealer, group_id, day)
    return _page(mine, standing, day, MultiDict(), [])


@blueprint.route("/plaats", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def place(group_id: uuid.UUID) -> Response | tuple[str, int]:
    """Plaats wijzigen: what the form and a dragged dot both do."""
    mine = member_here(group_id, as_beheerder=True)
    if request.method == "GET":  # back from a sign-in, with what was chosen
        return _page(mine, _now(group_id), None, kept_form() or MultiDict(), []), 200
    reading = Reading(request.form)
    youngster_id = reading.field("youngster", read_id, missing=_("Kies een jongere."))
    chosen = reading.field("place", _place)
    why = reading.field("why", read_free_text, most=LONGEST_REASON)
    if youngster_id is None or chosen is None or why is None:
        return _page(mine, _now(group_id), None, request.form, reading.errors), 422
    if chosen == "monitoring":
        return redirect(url_for("circle.monitor", group_id=group_id, youngster_id=youngster_id), 303)
    database().perform(place_youngster, keeping(), professional_here().id, group_id, youngster_id, chosen, why)
    drop_kept_form()
    tell(
        "ok",
        _("De plaats is bewaard: %(place)s.", place=place_word(chosen)),
        _("De andere professionals zien het in het logboek."),
    )
    point_out(why)
    return redirect(url_for("circle.show", group_id=group_id), 303)


@blueprint.route("/<uuid:youngster_id>/monitoren", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def monitor(group_id: uuid.UUID, youngster_id: uuid.UUID) -> Response | tuple[str, int]:
    """Out of sight: for how long, and with whom it was agreed (W21)."""
    mine = member_here(group_id, as_beheerder=True)
    session = database().reading()
    youngster = known(keeping().sealer, find_youngster(session, group_id, youngster_id))
    members = members_of(session, group_id)
    errors: Errors = []
    if request.method == "POST":
        agreed = request.form.getlist("agreed", uuid.UUID)
        months = request.form.get("months", 0, int)
        if months not in MONITORING_MONTHS:
            errors.append(("months", _("Kies 1 of 3 maanden.")))
        if not agreed or not {each.professional_id for each in members}.issuperset(agreed):
            errors.append(("agreed", _("Kies met wie u dit hebt afgesproken.")))
        if not errors:
            name = youngster.name
            until = database().perform(
                monitor_youngster, keeping(), professional_here().id, group_id, youngster_id, months, agreed
            )
            drop_kept_form()
            tell(
                "ok",
                _("%(name)s staat op monitoren tot %(day)s.", name=name, day=written_date(until)),
                _("Dan krijgt u een mail. Er verandert niets vanzelf."),
            )
            return redirect(url_for("circle.show", group_id=group_id), 303)
    typed = request.form if request.method == "POST" else kept_form() or MultiDict()
    page = render_template(
        "plusminmee/monitor.html",
        mine=mine,
        group=mine.group,
        youngster=youngster,
        members=members,
        months=typed.get("months", ""),
        agreed=typed.getlist("agreed"),
        errors=errors,
        wrong=dict(errors),
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200


@blueprint.route("/<uuid:youngster_id>/verwijderen", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def remove(group_id: uuid.UUID, youngster_id: uuid.UUID) -> Response | tuple[str, int]:
    """For good: the reason is recorded elsewhere, and that this was done is ticked here (C1)."""
    mine = member_here(group_id, as_beheerder=True)
    youngster = known(keeping().sealer, find_youngster(database().reading(), group_id, youngster_id))
    errors: Errors = []
    if request.method == "POST":
        if request.form.get("recorded") == "1":
            for name in database().perform(remove_youngster, professional_here().id, group_id, youngster_id):
                keeping().files.erase(name)
            tell("ok", _("De jongere is definitief verwijderd."), _("Naam, gegevens en foto zijn gewist."))
            return redirect(url_for("circle.show", group_id=group_id), 303)
        errors = [("recorded", _("Leg eerst de reden vast in het eigen systeem van de gemeente, en vink dit aan."))]
    page = render_template(
        "plusminmee/remove_youngster.html",
        group=mine.group,
        youngster=youngster,
        errors=errors,
        wrong=dict(errors),
    )
    return page, 422 if errors else 200


def _place(typed: str) -> str:
    if typed not in PLACES:
        raise TypedError(_("Kies een plaats."))
    return typed


def _now(group_id: uuid.UUID) -> Standing:
    return standing_now(database().reading(), keeping().sealer, group_id)


def _page(mine: Membership, standing: Standing, day: date | None, typed: MultiDict[str, str], errors: Errors) -> str:
    return render_template(
        "plusminmee/circle.html",
        mine=mine,
        group=mine.group,
        standing=standing,
        sectors=draw(standing.by_place),
        day=day,
        today=today(),
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        kept=request.method == "GET" and kept_form() is not None,
    )
