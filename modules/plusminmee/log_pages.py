"""Pages: the Logboek of one group, and across all groups one is in (seed 004: "In het logboek kunt u zelf niets wijzigen").

Owns: `…/logboek` in both places. Nothing here changes an entry; opening the one across groups notes that it was looked at.
"""

import uuid
from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from look.language import gettext as _
from modules.kit import require_right
from modules.kit.database import database
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.find_log import entries_across, entries_of
from modules.plusminmee.find_youngsters import youngsters_by_id
from modules.plusminmee.keeping import keeping
from modules.plusminmee.model import LogEntry, Professional
from modules.plusminmee.notes_first import notes_over_this_page
from modules.plusminmee.open_youngster import known
from modules.plusminmee.paging import Page
from modules.plusminmee.retention import retention_reasons
from modules.plusminmee.who import member_here, professional_here

blueprint = Blueprint("log", __name__, url_prefix="/plusminmee")


@blueprint.get("/logboek")
@require_right(GEBRUIKER, BEHEERDER)
def overview() -> str:
    """Who is new and what was posted in one's own groups, the newest first, each with a link. Nobody has looked at it while the
    notes of a new version stand over it."""
    professional = professional_here()
    seen_before = professional.log_seen_at
    page = entries_across(database().reading(), professional.id, request.args.get("na", ""))
    shown = render_template("plusminmee/log_across.html", page=page, seen_before=seen_before, names=_names(page))
    if not notes_over_this_page():
        database().perform(_seen, professional.id)
    return shown


@blueprint.get("/jeugdgroepen/<uuid:group_id>/logboek")
@require_right(GEBRUIKER, BEHEERDER)
def of_group(group_id: uuid.UUID) -> str:
    """All that happened in this group, the newest first."""
    mine = member_here(group_id)
    page = entries_of(database().reading(), group_id, request.args.get("na", ""))
    return render_template(
        "plusminmee/log_of_group.html",
        mine=mine,
        group=mine.group,
        page=page,
        names=_names(page),
        reasons=retention_reasons(database().reading(), keeping().sealer, group_id),
    )


def _names(page: Page[LogEntry]) -> dict[uuid.UUID | None, str]:
    """How the youngsters of these entries are called now; who was removed has no name any more."""
    ids = {entry.youngster_id for entry in page.rows if entry.youngster_id is not None}
    rows = youngsters_by_id(database().reading(), ids)
    names: dict[uuid.UUID | None, str] = {
        row.id: known(keeping().sealer, row).name or _("een verwijderde jongere") for row in rows
    }
    return names


def _seen(session: Session, professional_id: uuid.UUID) -> None:
    professional = session.get_one(Professional, professional_id)
    professional.log_seen_at = datetime.now(UTC)
