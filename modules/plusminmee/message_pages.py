"""Pages: Berichten of a group, all of them, newest first; posting one; downloading what was attached (seed 004).

Owns: `/plusminmee/jeugdgroepen/…/berichten`. An attachment is downloaded, never shown (threats PH1).
"""

import uuid

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from look.language import gettext as _
from look.language import written_moment
from modules.kit import drop_kept_form, kept_form, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.attachments import download_headers
from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.file_store import NoFileError
from modules.plusminmee.keeping import keeping
from modules.plusminmee.paging import Order, read_page
from modules.plusminmee.post_message import KeptAttachment, keep_attachment, post_message
from modules.plusminmee.read_past import read_seen_at
from modules.plusminmee.reading import Reading
from modules.plusminmee.refusals import RefusedError
from modules.plusminmee.who import member_here, professional_here
from modules.plusminmee.work_model import ATTACHMENT, ATTACHMENT_NAME, MESSAGE_TEXT, Message
from modules.plusminmee.write_freely import point_out, read_free_line, read_free_text

blueprint = Blueprint("messages", __name__, url_prefix="/plusminmee/jeugdgroepen/<uuid:group_id>/berichten")

Errors = list[tuple[str, str]]
LONGEST_TEXT = 4000
PAGE_SIZE = 30
_NEWEST_FIRST: Order[Message] = Order(Message.posted_at, Message.id)


@blueprint.get("")
@require_right(GEBRUIKER, BEHEERDER)
def overview(group_id: uuid.UUID) -> str:
    """Alle berichten, the newest first, a page at a time by key; with `niemand` those in which nobody was met (M17)."""
    mine = member_here(group_id)
    only_nobody = "niemand" in request.args
    query = select(Message).where(Message.group_id == group_id).options(joinedload(Message.author, innerjoin=True))
    if only_nobody:
        query = query.where(Message.nobody_there)
    page = read_page(database().reading(), query, _NEWEST_FIRST, request.args.get("na", ""), PAGE_SIZE)
    sealer = keeping().sealer
    messages = [
        (
            row,
            sealer.open_text(row.words, MESSAGE_TEXT.of(row.id)),
            sealer.open_text(row.attachment_name, ATTACHMENT_NAME.of(row.id)) if row.attachment_name else "",
        )
        for row in page.rows
    ]
    return render_template(
        "plusminmee/messages.html",
        mine=mine,
        group=mine.group,
        messages=messages,
        only_nobody=only_nobody,
        next_position=page.next_position,
    )


@blueprint.route("/nieuw", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def add(group_id: uuid.UUID) -> Answer | tuple[str, int]:
    """+ Bericht plaatsen."""
    member_here(group_id)
    if request.method == "GET":
        return _form(group_id, kept_form() or MultiDict(), [])
    reading = Reading(request.form)
    words = reading.field("words", read_free_text, most=LONGEST_TEXT, missing=_("Schrijf uw bericht."))
    message_id = uuid.uuid4()
    attachment, errors = _attached(message_id) if words is not None else (None, [])
    if words is None or errors:
        return _form(group_id, request.form, [*reading.errors, *errors])
    database().perform(
        post_message,
        keeping(),
        professional_here().id,
        group_id,
        message_id,
        words,
        nobody_there=False,
        attachment=attachment,
    )
    return _posted(group_id, words)


@blueprint.route("/niemand", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def nobody(group_id: uuid.UUID) -> Answer | tuple[str, int]:
    """Niemand aangetroffen, in one tap: the place of the group and this moment, or another place and moment (M17)."""
    usual = member_here(group_id).group.place
    if request.method == "GET":  # back from a sign-in, with what was typed
        return _form(group_id, kept_form() or MultiDict(), [])
    reading = Reading(request.form)
    place = reading.field("place", read_free_line, most=120)
    seen_at = reading.field("seen_at", read_seen_at)
    if place is None or seen_at is None:
        return _form(group_id, request.form, reading.errors)
    moment = written_moment(seen_at)
    words = _("Niemand aangetroffen: %(place)s, %(moment)s.", place=place or usual, moment=moment)
    database().perform(
        post_message, keeping(), professional_here().id, group_id, uuid.uuid4(), words, nobody_there=True
    )
    return _posted(group_id, words)


@blueprint.get("/<uuid:message_id>/bijlage")
@require_right(GEBRUIKER, BEHEERDER)
def attachment(group_id: uuid.UUID, message_id: uuid.UUID) -> Response:
    """Download what was attached, as a member of this group."""
    member_here(group_id)
    row = (
        database()
        .reading()
        .scalars(select(Message).where(Message.id == message_id, Message.group_id == group_id))
        .one_or_none()
    )
    if row is None or row.attachment is None or row.attachment_name is None or row.attachment_type is None:
        raise NotFoundError
    try:
        content = keeping().files.read(row.attachment, ATTACHMENT.of(row.id))
    except NoFileError:
        raise NotFoundError from None
    name = keeping().sealer.open_text(row.attachment_name, ATTACHMENT_NAME.of(row.id))
    return Response(content, headers=download_headers(name, row.attachment_type))


def _attached(message_id: uuid.UUID) -> tuple[KeptAttachment | None, Errors]:
    sent = request.files.get("attachment")
    if sent is None or not sent.filename:
        return None, []
    try:
        return keep_attachment(keeping(), message_id, sent.filename, sent.read()), []
    except RefusedError as error:
        return None, [("attachment", str(error.words))]


def _posted(group_id: uuid.UUID, words: str) -> Answer:
    drop_kept_form()
    tell("ok", _("Uw bericht staat bij de groep."))
    point_out(words)
    return redirect(url_for("messages.overview", group_id=group_id), 303)


def _form(group_id: uuid.UUID, typed: MultiDict[str, str], errors: Errors) -> tuple[str, int]:
    mine = member_here(group_id)
    page = render_template(
        "plusminmee/message_form.html",
        mine=mine,
        group=mine.group,
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200
