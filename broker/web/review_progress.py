"""/nazicht/voortgang and /nazicht/wederzijds, for the owner of an application and the officer of a kind of organisation: how far
the organisations are with confirming, and who gave each other rights.

Owns the pages and their words; what stands in them is `access.campaign_progress` and `access.reciprocal_rights`.
"""

from flask import Blueprint, render_template, request
from sqlalchemy import ColumnElement

from broker import clock
from broker.access.campaign import RecertificationCampaign
from broker.access.campaign_progress import ProgressPage, campaign_progress, overseen, rounds
from broker.access.list_campaigns import CampaignLine
from broker.access.reciprocal_rights import WITHIN, GivenRight, overseen_by, reciprocal_rights, within
from broker.database import db
from broker.errors import NotFoundError
from broker.installation import installation
from broker.web.actor import actor
from broker.web.paging import with_query
from broker.web.read_id import read_id
from broker.web.review import PATH as REVIEW
from broker.web.review import campaign_title
from broker.web.right_state import Chip
from broker.web.task_view import right_name
from broker.web.who import require_sign_in
from look.language import gettext as _
from look.language import ngettext, short_date

blueprint = Blueprint("review_progress", __name__)

PATH = f"{REVIEW}/voortgang"
RECIPROCAL = f"{REVIEW}/wederzijds"
UNFINISHED = "open"
_LONGEST = 40


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """The rounds of everything that I oversee; and of one round its organisations."""
    session = db.session()
    mine = overseen(session, actor())
    if mine is None:
        raise NotFoundError
    application = request.args.get("toepassing", "")[:_LONGEST]
    period = request.args.get("periode", "")[:_LONGEST]
    unfinished = request.args.get("toon") == UNFINISHED
    found = rounds(session, mine)
    asked = next((each for each in found if (each.application_code, each.period) == (application, period)), None)
    if asked is None:
        return render_template(
            "review/rounds.html",
            rounds=[
                (
                    each,
                    campaign_title(each.application_code, each.period),
                    clock.last_day(each.due_at),
                    _url(each.application_code, each.period),
                )
                for each in found
            ],
        )
    after = read_id(request.args.get("na", ""))
    page = campaign_progress(session, _within(mine, application, period), unfinished=unfinished, after=after)
    return _organisations(page, asked.application_code, asked.period, unfinished=unfinished, first=after is None)


@blueprint.get(RECIPROCAL)
@require_sign_in
def reciprocal() -> str:
    """Who gave each other rights in the last year, within what I oversee (threats ID8)."""
    session = db.session()
    scopes = overseen_by(session, actor())
    if not scopes:
        raise NotFoundError
    now = clock.now()
    found = within(reciprocal_rights(session, now - WITHIN, now), scopes)
    return render_template("review/reciprocal.html", pairs=[(_given(each.last), _given(each.before)) for each in found])


def _given(right: GivenRight) -> tuple[str, list[str]]:
    catalogue = installation().catalogue
    name = right_name(catalogue, right.application_code, right.right_code)
    return right.person_name, [name, right.organisation_name, short_date(right.given_at)]


def _organisations(page: ProgressPage, application: str, period: str, *, unfinished: bool, first: bool) -> str:
    kept = {"toon": UNFINISHED} if unfinished else {}
    return render_template(
        "review/progress.html",
        title=campaign_title(application, period),
        lines=[(line, _chip(line), clock.last_day(line.due_at)) for line in page.lines],
        tabs=[
            {"label": _("Alle organisaties"), "url": _url(application, period), "current": not unfinished, "count": 0},
            {
                "label": _("Nog niet klaar"),
                "url": _url(application, period, toon=UNFINISHED),
                "current": unfinished,
                "count": 0,
            },
        ],
        unfinished=unfinished,
        next_url=_url(application, period, **kept, na=page.next_key.hex) if page.next_key else "",
        begin_url="" if first else _url(application, period, **kept),
        back=PATH,
    )


def _within(mine: ColumnElement[bool], application: str, period: str) -> list[ColumnElement[bool]]:
    return [
        mine,
        RecertificationCampaign.application_code == application,
        RecertificationCampaign.period == period,
    ]


def _chip(line: CampaignLine) -> Chip:
    if line.left:
        return "waiting", ngettext("Nog 1 recht", "Nog %(n)s rechten", line.left)
    if line.by_policy:
        return "lapsed", ngettext("1 niet bevestigd", "%(n)s niet bevestigd", line.by_policy)
    return "approved", _("Alles bevestigd")


def _url(application: str, period: str, **more: str) -> str:
    return with_query(PATH, {"toepassing": application, "periode": period} | more)
