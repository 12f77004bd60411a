"""/nazicht: the yearly check of who still needs a right (lifecycles §12; issue "the desk": recertification).

Owns these pages and their words: what there is to confirm, confirming it, and the page that asks to be sure. What stands in them
is `access.list_campaigns` and `access.show_campaign`; the one operation is `access.confirm_rights`.
"""

import uuid
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from marshmallow import RAISE, Schema, ValidationError, fields
from werkzeug.wrappers import Response

from broker import clock
from broker.access.campaign import BY_POLICY, ENDED, KEPT
from broker.access.confirm_rights import NOBODY_CHOSEN, Confirmation, Confirmed, confirm_rights
from broker.access.list_campaigns import CampaignLine, list_campaigns
from broker.access.show_campaign import GONE, ItemLine, PersonLine, show_campaign, still_to_confirm
from broker.authentication.last_used import last_used
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError
from broker.installation import installation
from broker.text import Text
from broker.web.actor import actor
from broker.web.decision_form import FORM_UNKNOWN
from broker.web.desk_tabs import desk_tabs
from broker.web.errors import status_of
from broker.web.not_used import not_used
from broker.web.paging import paging
from broker.web.read_id import read_id
from broker.web.right_state import Chip
from broker.web.task_view import context_name, right_name, say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _
from look.language import ngettext, short_date

blueprint = Blueprint("review", __name__)

PATH = "/nazicht"
KEEP, END, KEEP_ALL, END_ALL = "behoud", "stop", "behoud-alles", "stop-alles"
_AT_MOST = 50


class _Chosen(Schema):
    """The ticks and the button of the list; and of the page that asks to be sure, the reason."""

    class Meta:
        unknown = RAISE

    csrf_token = fields.List(fields.String())
    doe = fields.List(fields.String(), required=True)
    mens = fields.List(fields.UUID(), load_default=list)
    reden = fields.List(fields.String(), load_default=list)


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """What there is to confirm, the most urgent first, and what was."""
    now = clock.now()
    found = list_campaigns(db.session(), actor())
    lines = found.lines
    return render_template(
        "review/list.html",
        desk_tabs=desk_tabs(PATH) if found.administers else [],
        progress_url=f"{PATH}/voortgang" if found.oversees else "",
        open_lines=[
            (line, campaign_title(line.application_code, line.period), _chip(line), clock.last_day(line.due_at))
            for line in lines
            if not line.over(now)
        ],
        over_lines=[
            (line, campaign_title(line.application_code, line.period), _became(line))
            for line in lines
            if line.over(now)
        ],
    )


@blueprint.get(f"{PATH}/<uuid:campaign_id>")
@require_sign_in
def one(campaign_id: uuid.UUID) -> Response:
    """The people of one campaign with their rights."""
    return _page(campaign_id, 200)


@blueprint.get(f"{PATH}/<uuid:campaign_id>/bevestig")
@require_sign_in
def back(campaign_id: uuid.UUID) -> Response:
    """Where a reload, or the other language, leads on a page that answered a form."""
    return redirect(f"{PATH}/{campaign_id}", code=303)


@blueprint.post(f"{PATH}/<uuid:campaign_id>")
@require_sign_in
def choose(campaign_id: uuid.UUID) -> Response:
    """The buttons of the list. Keeping some is done at once; the others ask to be sure."""
    chosen = _read()
    press, _separator, one_person = chosen["doe"][0].partition(":")
    people = _people(one_person, chosen["mens"])
    if press not in (KEEP, END, KEEP_ALL, END_ALL) or len(people) > _AT_MOST:
        raise InvalidError("form_unknown", FORM_UNKNOWN)
    if press in (KEEP, END) and not people:
        tell("wait", say(NOBODY_CHOSEN), _("Zet een vinkje voor elke persoon."))
        return redirect(f"{PATH}/{campaign_id}", code=303)
    if press == KEEP:
        return _confirm(campaign_id, Confirmation(campaign_id, people, keep=True))
    return _ask(campaign_id, press, people if press == END else None, "", None, 200)


@blueprint.post(f"{PATH}/<uuid:campaign_id>/bevestig")
@require_sign_in
def sure(campaign_id: uuid.UUID) -> Response:
    """What the page that asks to be sure sends."""
    chosen = _read()
    press, reason = chosen["doe"][0], (chosen["reden"] or [""])[0]
    people = tuple(dict.fromkeys(chosen["mens"])) if press == END else None
    if press not in (END, KEEP_ALL, END_ALL) or people == ():
        raise InvalidError("form_unknown", FORM_UNKNOWN)
    wish = Confirmation(campaign_id, people, keep=press == KEEP_ALL, reason=reason)
    return _confirm(campaign_id, wish, press)


def _confirm(campaign_id: uuid.UUID, wish: Confirmation, press: str = KEEP) -> Response:
    try:
        done = perform(confirm_rights, installation(), actor(), wish)
    except InvalidError as error:
        return _ask(campaign_id, press, wish.people, wish.reason, error.fields.get("reason", error.text), 422)
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _page(campaign_id, status_of(error))
    _tell_done(done, keep=wish.keep)
    return redirect(f"{PATH}/{campaign_id}", code=303)


def _tell_done(done: Confirmed, *, keep: bool) -> None:
    own = _("Uw eigen recht laat u aan een collega.") if done.own else ""
    if not done.changed:
        tell("info", _("Hierover was al beslist."), own or _("Er is niets veranderd."))
    elif keep:
        tell("ok", ngettext("1 recht is bevestigd.", "%(n)s rechten zijn bevestigd.", done.changed), own)
    else:
        told = _("Wie het verliest, leest uw reden in een mail.")
        tell(
            "ok", ngettext("1 recht is gestopt.", "%(n)s rechten zijn gestopt.", done.changed), f"{told} {own}".strip()
        )


def _ask(
    campaign_id: uuid.UUID,
    press: str,
    people: tuple[uuid.UUID, ...] | None,
    reason: str,
    wrong: Text | None,
    status: int,
) -> Response:
    """The page that asks to be sure."""
    left = still_to_confirm(db.session(), actor(), campaign_id, people)
    if not left.rights:
        tell("info", _("Hier is niets te bevestigen."), _("Over uw eigen recht beslist u niet zelf."))
        return redirect(f"{PATH}/{campaign_id}", code=303)
    sentence = say(wrong) if wrong else ""
    page = render_template(
        "review/sure.html",
        campaign_id=campaign_id,
        press=press,
        keep=press == KEEP_ALL,
        people=people or (),
        left=left,
        more=left.people - len(left.names),
        reason=reason,
        errors=[("reden", sentence)] if sentence else [],
    )
    return make_response(page, status)


def _page(campaign_id: uuid.UUID, status: int) -> Response:
    everybody = request.args.get("toon") == "alles"
    after = read_id(request.args.get("na", ""))
    catalogue = installation().catalogue
    page = show_campaign(db.session(), catalogue, actor(), campaign_id, only_open=not everybody, after=after)
    line = page.campaign
    over = line.over(clock.now())
    kept = {"toon": "alles"} if everybody else {}
    used = last_used(db.session(), [each.person_id for each in page.people], [line.organisation_id])
    rendered = render_template(
        "review/campaign.html",
        campaign=line,
        title=campaign_title(line.application_code, line.period),
        over=over,
        became=_became(line),
        last_day=clock.last_day(line.due_at),
        tabs=[
            {
                "label": _("Nog te bevestigen"),
                "url": f"{PATH}/{campaign_id}",
                "current": not everybody,
                "count": line.left,
            },
            {"label": _("Alles"), "url": f"{PATH}/{campaign_id}?toon=alles", "current": everybody, "count": 0},
        ],
        people=[
            (
                each,
                [_shown(line, item) for item in each.items],
                _pressable(each, over=over),
                used.get((each.person_id, line.organisation_id, line.application_code)),
            )
            for each in page.people
        ],
        everybody=everybody,
        not_used=not_used(),
        counted=ngettext("1 recht", "%(n)s rechten", line.rights if everybody else line.left),
        **paging(f"{PATH}/{campaign_id}", kept, begun=after is not None, next_key=page.next_key),
    )
    return make_response(rendered, status)


def _pressable(person: PersonLine, *, over: bool) -> bool:
    return bool(person.left) and not person.own and not over


def _shown(campaign: CampaignLine, item: ItemLine) -> tuple[str, str, Chip]:
    """What the right is, since and until when, and what was said of it."""
    catalogue = installation().catalogue
    right = right_name(catalogue, campaign.application_code, item.right_code)
    context = context_name(catalogue, campaign.application_code, item.right_code, item.context_code)
    since = short_date(item.valid_from)
    when = _("sinds %(day)s, geen einddatum", day=since)
    if item.valid_until is not None:
        until = short_date(clock.last_day(item.valid_until))
        when = _("sinds %(day)s, tot en met %(until)s", day=since, until=until)
    by = _("door %(name)s", name=item.decided_by_name) if item.decided_by_name else ""
    chip = {
        "": ("waiting", _("Te bevestigen")),
        KEPT: ("running", _("Bevestigd")),
        ENDED: ("ended", _("Gestopt")),
        GONE: ("ended", _("Intussen gestopt")),
        BY_POLICY: ("lapsed", _("Niet bevestigd")),
    }[item.outcome]
    return f"{right} – {context}" if context else right, ", ".join(each for each in (when, by) if each), chip


def campaign_title(application_code: str, period: str) -> str:
    """What a campaign is called: its application and year, or that it follows a merger."""
    application = installation().catalogue.applications.get(application_code)
    name = say(application.short_name) if application else application_code
    return f"{name} {period}" if period.isdigit() else _("%(name)s, na een fusie", name=name)


def _chip(line: CampaignLine) -> Chip:
    if not line.left:
        return "approved", _("Alles bevestigd")
    return "waiting", ngettext("Nog 1 recht", "Nog %(n)s rechten", line.left)


def _became(line: CampaignLine) -> str:
    """What became of the rights, in one line."""
    parts = [ngettext("1 bevestigd", "%(n)s bevestigd", line.kept) if line.kept else ""]
    parts.append(ngettext("1 gestopt", "%(n)s gestopt", line.ended) if line.ended else "")
    if line.by_policy and line.unconfirmed == "end":
        parts.append(ngettext("1 niet bevestigd en gestopt", "%(n)s niet bevestigd en gestopt", line.by_policy))
    elif line.by_policy:
        parts.append(ngettext("1 niet bevestigd", "%(n)s niet bevestigd", line.by_policy))
    return ", ".join(part for part in parts if part)


def _read() -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = _Chosen().load(request.form.to_dict(flat=False))
    except ValidationError as error:
        raise InvalidError("form_unknown", FORM_UNKNOWN) from error
    return loaded


def _people(one_person: str, ticked: list[uuid.UUID]) -> tuple[uuid.UUID, ...]:
    """The person whose own button was pressed, else those who were ticked."""
    alone = read_id(one_person)
    return (alone,) if alone else tuple(dict.fromkeys(ticked))
