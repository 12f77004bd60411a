"""Pages: Jongeren, everybody in the group, and what is kept of each (seed 004).

Owns: `/plusminmee/jeugdgroepen/…/jongeren` with the photos. Does not own placing (circle_pages.py), which only the beheerder does.
"""

import uuid

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from look.language import gettext as _
from modules.kit import drop_kept_form, kept_form, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.attachments import download_headers
from modules.plusminmee.document_numbers import DocumentKind
from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.export_youngster import export_youngster
from modules.plusminmee.file_store import NoFileError
from modules.plusminmee.find_work import interventions_for, proposals_about
from modules.plusminmee.find_youngsters import agreed_with, find_youngster, placements_of, youngsters_of
from modules.plusminmee.keep_photo import KeptPhoto, keep_photo, remove_photo
from modules.plusminmee.keep_youngster import add_youngster, change_youngster
from modules.plusminmee.keeping import keeping
from modules.plusminmee.open_youngster import all_known, fields_of, known
from modules.plusminmee.place_words import document_word
from modules.plusminmee.refusals import RefusedError
from modules.plusminmee.retention import today
from modules.plusminmee.show_photo import show_photo
from modules.plusminmee.who import member_here, professional_here
from modules.plusminmee.work_model import INTERVENTION_TEXT
from modules.plusminmee.write_freely import point_out
from modules.plusminmee.youngster_form import YoungsterFields, read_youngster
from modules.plusminmee.youngster_model import PHOTO, PHOTO_SQUARE, WHY, Youngster

blueprint = Blueprint("youngsters", __name__, url_prefix="/plusminmee/jeugdgroepen/<uuid:group_id>/jongeren")

MOST_SHOWN = 100

Errors = list[tuple[str, str]]


@blueprint.get("")
@require_right(GEBRUIKER, BEHEERDER)
def overview(group_id: uuid.UUID) -> str:
    """Everybody in the group: age, place, kopstuk, traject, out of sight, and whose period of monitoring is over (W21)."""
    mine = member_here(group_id)
    youngsters = all_known(keeping().sealer, youngsters_of(database().reading(), group_id))
    return render_template(
        "plusminmee/youngsters.html", mine=mine, group=mine.group, youngsters=youngsters, today=today()
    )


@blueprint.get("/<uuid:youngster_id>")
@require_right(GEBRUIKER, BEHEERDER)
def show(group_id: uuid.UUID, youngster_id: uuid.UUID) -> str:
    """What is kept of one youngster, and their interventions, proposals and places in time (W20)."""
    mine = member_here(group_id)
    session, sealer = database().reading(), keeping().sealer
    row = find_youngster(session, group_id, youngster_id)
    places = placements_of(session, youngster_id)
    interventions = interventions_for(session, youngster_id, MOST_SHOWN)
    return render_template(
        "plusminmee/youngster.html",
        mine=mine,
        group=mine.group,
        youngster=known(sealer, row),
        fields=fields_of(sealer, row),
        places=places,
        agreed=agreed_with(session, places),
        interventions=[(each, sealer.open_text(each.words, INTERVENTION_TEXT.of(each.id))) for each in interventions],
        proposals=proposals_about(session, youngster_id, MOST_SHOWN),
        reasons={each.id: sealer.open_text(each.why, WHY.of(each.id)) for each in places if each.why is not None},
    )


@blueprint.route("/nieuw", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def add(group_id: uuid.UUID) -> Answer | tuple[str, int]:
    """+ Jongere toevoegen."""
    member_here(group_id)
    if request.method == "GET":
        return _form(group_id, kept_form() or MultiDict(), [], None)
    youngster_id = uuid.uuid4()
    fields, photo, errors = _read(youngster_id)
    if fields is None or errors:
        return _form(group_id, request.form, errors, None)
    database().perform(add_youngster, keeping(), professional_here().id, group_id, youngster_id, fields, photo)
    drop_kept_form()
    tell("ok", _("%(name)s staat bij de groep.", name=fields.name), _("De beheerder kiest de plaats in de methode."))
    point_out(fields.description)
    return redirect(url_for("youngsters.overview", group_id=group_id), 303)


@blueprint.route("/<uuid:youngster_id>/wijzigen", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def change(group_id: uuid.UUID, youngster_id: uuid.UUID) -> Answer | tuple[str, int]:
    """Change what is kept."""
    member_here(group_id)
    row = find_youngster(database().reading(), group_id, youngster_id)
    if request.method == "GET":
        typed = kept_form() or _typed(fields_of(keeping().sealer, row), row.version)
        return _form(group_id, typed, [], row)
    fields, photo, errors = _read(youngster_id)
    if fields is None or errors:
        return _form(group_id, request.form, errors, row)
    left_over = database().perform(
        change_youngster,
        keeping(),
        professional_here().id,
        group_id,
        youngster_id,
        fields,
        request.form.get("version", 0, int),
        photo,
    )
    _erase(left_over)
    drop_kept_form()
    tell("ok", _("De gegevens van %(name)s zijn bewaard.", name=fields.name))
    point_out(fields.description)
    return redirect(url_for("youngsters.show", group_id=group_id, youngster_id=youngster_id), 303)


@blueprint.get("/<uuid:youngster_id>/foto/verwijderen")
@blueprint.get("/<uuid:youngster_id>/afschrift")
@require_right(GEBRUIKER, BEHEERDER)
def back(group_id: uuid.UUID, youngster_id: uuid.UUID) -> Answer:
    """Where a sign-in leads back from a button: to look again, and press it."""
    member_here(group_id)
    return redirect(url_for("youngsters.show", group_id=group_id, youngster_id=youngster_id), 303)


@blueprint.post("/<uuid:youngster_id>/foto/verwijderen")
@require_right(GEBRUIKER, BEHEERDER)
def drop_photo(group_id: uuid.UUID, youngster_id: uuid.UUID) -> Answer:
    """Take the photo away."""
    _erase(database().perform(remove_photo, professional_here().id, group_id, youngster_id))
    tell("ok", _("De foto is weg."))
    return redirect(url_for("youngsters.show", group_id=group_id, youngster_id=youngster_id), 303)


@blueprint.post("/<uuid:youngster_id>/afschrift")
@require_right(GEBRUIKER, BEHEERDER)
def export(group_id: uuid.UUID, youngster_id: uuid.UUID) -> Response:
    """A copy of all that is kept, to hand to the youngster or the parents; only the beheerder makes one."""
    member_here(group_id, as_beheerder=True)
    copy = database().perform(export_youngster, keeping(), professional_here().id, group_id, youngster_id)
    try:
        packed = copy.packed(keeping(), youngster_id)
    except NoFileError:
        raise NotFoundError from None
    return Response(packed, headers=download_headers("afschrift.zip", "application/zip"))


@blueprint.get("/<uuid:youngster_id>/foto")
@require_right(GEBRUIKER, BEHEERDER)
def photo(group_id: uuid.UUID, youngster_id: uuid.UUID) -> Response:
    """The photo, for members of this group only."""
    member_here(group_id)
    row = find_youngster(database().reading(), group_id, youngster_id)
    return show_photo(row.photo, PHOTO.of(row.id))


@blueprint.get("/<uuid:youngster_id>/foto/klein")
@require_right(GEBRUIKER, BEHEERDER)
def small_photo(group_id: uuid.UUID, youngster_id: uuid.UUID) -> Response:
    """Its middle, for the circle and the list."""
    member_here(group_id)
    row = find_youngster(database().reading(), group_id, youngster_id)
    return show_photo(row.photo_square, PHOTO_SQUARE.of(row.id))


def _read(youngster_id: uuid.UUID) -> tuple[YoungsterFields | None, KeptPhoto | None, Errors]:
    fields, errors = read_youngster(request.form)
    sent = request.files.get("photo")
    if fields is None or sent is None or not sent.filename:
        return fields, None, errors
    try:
        return fields, keep_photo(keeping(), youngster_id, sent.read()), errors
    except RefusedError as error:
        return fields, None, [*errors, ("photo", str(error.words))]


def _erase(names: list[str]) -> None:
    for name in names:
        keeping().files.erase(name)


def _typed(fields: YoungsterFields, version: int) -> MultiDict[str, str]:
    typed = {
        "name": fields.name,
        "born": fields.born.isoformat() if fields.born else "",
        "kenteken": fields.kenteken or "",
        "description": fields.description,
        "checked_on": fields.checked_on.isoformat() if fields.checked_on else "",
        "document_kind": fields.document_kind or "",
        "document_number": fields.document_number or "",
        "version": str(version),
    }
    ticked = {name: "1" for name in ("kopstuk", "traject", "letter") if getattr(fields, name)}
    return MultiDict(typed | ticked)


def _form(group_id: uuid.UUID, typed: MultiDict[str, str], errors: Errors, row: Youngster | None) -> tuple[str, int]:
    mine = member_here(group_id)
    page = render_template(
        "plusminmee/youngster_form.html",
        mine=mine,
        group=mine.group,
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        youngster=row,
        documents=[("", _("niet nagekeken")), *((kind.value, document_word(kind)) for kind in DocumentKind)],
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200
