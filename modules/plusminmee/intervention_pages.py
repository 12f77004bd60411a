"""Pages: Interventies of a group, running and settled, adding one and changing one (seed 004).

Owns: `/plusminmee/jeugdgroepen/…/interventies`. Does not own the reminders (tell_reminders.py).
"""

import uuid
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.kit import drop_kept_form, kept_form, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.errors import NotFoundError, NotInGroupError
from modules.plusminmee.find_membership import members_of
from modules.plusminmee.find_youngsters import youngsters_of
from modules.plusminmee.keep_intervention import InterventionFields, add_intervention, change_intervention
from modules.plusminmee.keeping import keeping
from modules.plusminmee.open_youngster import all_known, known
from modules.plusminmee.paging import Order, read_page
from modules.plusminmee.read_past import read_past_day
from modules.plusminmee.reading import Reading
from modules.plusminmee.retention import months_later, today
from modules.plusminmee.typed import TypedError, read_day, read_id
from modules.plusminmee.who import member_here, professional_here
from modules.plusminmee.work_model import INTERVENTION_TEXT, SIGNS, Intervention
from modules.plusminmee.write_freely import point_out, read_free_text

blueprint = Blueprint("interventions", __name__, url_prefix="/plusminmee/jeugdgroepen/<uuid:group_id>/interventies")

Errors = list[tuple[str, str]]
LONGEST_TEXT = 2000
PAGE_SIZE = 50
LATEST_REMINDER_MONTHS = 60
"""No group is kept longer (retention.py)."""
_RUNNING_FIRST: Order[Intervention] = Order(
    Intervention.added_at,
    Intervention.id,
    finished=(Intervention.settled_on.is_not(None), lambda row: row.settled_on is not None),
)


@blueprint.get("")
@require_right(GEBRUIKER, BEHEERDER)
def overview(group_id: uuid.UUID) -> str:
    """Running and settled, the newest first."""
    mine = member_here(group_id)
    sealer = keeping().sealer
    query = (
        select(Intervention)
        .where(Intervention.group_id == group_id)
        .options(joinedload(Intervention.professional, innerjoin=True), joinedload(Intervention.youngster))
    )
    page = read_page(database().reading(), query, _RUNNING_FIRST, request.args.get("na", ""), PAGE_SIZE)
    shown = [
        (
            row,
            sealer.open_text(row.words, INTERVENTION_TEXT.of(row.id)),
            known(sealer, row.youngster).name if row.youngster else _("de groep"),
        )
        for row in page.rows
    ]
    return render_template(
        "plusminmee/interventions.html",
        mine=mine,
        group=mine.group,
        interventions=shown,
        next_position=page.next_position,
    )


@blueprint.route("/nieuw", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def add(group_id: uuid.UUID) -> Response | tuple[str, int]:
    """Interventie toevoegen."""
    member_here(group_id)
    if request.method == "GET":
        return _form(group_id, kept_form() or MultiDict(), [], None)
    fields, errors = _read(request.form, None)
    if fields is None:
        return _form(group_id, request.form, errors, None)
    try:
        database().perform(add_intervention, keeping(), professional_here().id, group_id, fields)
    except NotInGroupError as error:
        return _form(group_id, request.form, [(error.field, str(error.words))], None)
    return _kept(group_id, fields)


@blueprint.route("/<uuid:intervention_id>", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def change(group_id: uuid.UUID, intervention_id: uuid.UUID) -> Response | tuple[str, int]:
    """See one, change it, settle it."""
    member_here(group_id)
    row = _find(group_id, intervention_id)
    if request.method == "GET":
        return _form(group_id, kept_form() or _typed(row), [], row)
    fields, errors = _read(request.form, row.remind_on)
    if fields is None:
        return _form(group_id, request.form, errors, row)
    version = request.form.get("version", 0, int)
    try:
        database().perform(
            change_intervention, keeping(), professional_here().id, group_id, intervention_id, fields, version
        )
    except NotInGroupError as error:
        return _form(group_id, request.form, [(error.field, str(error.words))], _find(group_id, intervention_id))
    return _kept(group_id, fields)


def _kept(group_id: uuid.UUID, fields: InterventionFields) -> Response:
    drop_kept_form()
    tell("ok", _("De interventie is bewaard."))
    point_out(fields.words)
    return redirect(url_for("interventions.overview", group_id=group_id), 303)


def _find(group_id: uuid.UUID, intervention_id: uuid.UUID) -> Intervention:
    found = (
        database()
        .reading()
        .scalars(
            select(Intervention)
            .where(Intervention.id == intervention_id, Intervention.group_id == group_id)
            .options(joinedload(Intervention.professional, innerjoin=True))
        )
        .one_or_none()
    )
    if found is None:
        raise NotFoundError
    return found


def _read(form: MultiDict[str, str], reminded_on: date | None) -> tuple[InterventionFields | None, Errors]:
    """What was typed; a reminder that stood on `reminded_on` may stay there, though that day is past."""
    reading = Reading(form)
    sign = reading.field("sign", _sign)
    nobody = _("Kies een jongere of de groep.")
    youngster_id = reading.field("youngster", lambda typed: read_id(typed, missing=nobody) if typed else None)
    words = reading.field("words", read_free_text, most=LONGEST_TEXT, missing=_("Beschrijf de interventie."))
    professional_id = reading.field("professional", read_id, missing=_("Kies voor wie dit actiepunt is."))
    remind_on = reading.field("remind_on", _reminder, unless=reminded_on)
    settled_on = reading.field("settled_on", read_past_day)
    if reading.errors or sign is None or words is None or professional_id is None:
        return None, reading.errors
    return (
        InterventionFields(sign, youngster_id, words, professional_id, "street_value" in form, remind_on, settled_on),
        [],
    )


def _sign(typed: str) -> str:
    if typed not in SIGNS:
        raise TypedError(_("Kies + of −."))
    return typed


def _reminder(typed: str, *, unless: date | None) -> date | None:
    day = read_day(typed)
    if day is not None and day != unless and not today() <= day <= months_later(today(), LATEST_REMINDER_MONTHS):
        raise TypedError(_("Kies een dag vanaf vandaag, binnen vijf jaar."))
    return day


def _typed(row: Intervention) -> MultiDict[str, str]:
    typed = {
        "sign": row.sign,
        "youngster": str(row.youngster_id or ""),
        "words": keeping().sealer.open_text(row.words, INTERVENTION_TEXT.of(row.id)),
        "professional": str(row.professional_id),
        "remind_on": row.remind_on.isoformat() if row.remind_on else "",
        "settled_on": row.settled_on.isoformat() if row.settled_on else "",
        "version": str(row.version),
    }
    return MultiDict(typed | ({"street_value": "1"} if row.street_value else {}))


def _form(group_id: uuid.UUID, typed: MultiDict[str, str], errors: Errors, row: Intervention | None) -> tuple[str, int]:
    mine = member_here(group_id)
    session = database().reading()
    youngsters = all_known(keeping().sealer, youngsters_of(session, group_id))
    page = render_template(
        "plusminmee/intervention_form.html",
        mine=mine,
        group=mine.group,
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        intervention_id=row.id if row else None,
        youngsters=[("", _("de hele groep")), *((str(each.id), each.name) for each in youngsters)],
        members=[("", _("kies een professional")), *_for_whom(session, group_id, row)],
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200


def _for_whom(session: Session, group_id: uuid.UUID, row: Intervention | None) -> list[tuple[str, str]]:
    """The members, and who it is for already, though they left the group since."""
    people = {str(each.professional_id): each.professional.full_name for each in members_of(session, group_id)}
    if row is not None:
        gone = _("%(name)s (niet meer in de groep)", name=row.professional.full_name)
        people.setdefault(str(row.professional_id), gone)
    return list(people.items())
