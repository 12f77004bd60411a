"""/taken: Mijn taken (seed 002, issue 2 item 7). The list with its tabs and filters, and taking a task on.

Owns the words of the list. What stands in it is `access.list_tasks`; deciding is `decide` and `decide_several`.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.claim_task import claim_task, release_task
from broker.access.list_tasks import DECIDED, MINE, OPEN, TaskFilter, TaskLine, TaskPage, list_tasks
from broker.access.task import FOR_ADMISSION, FOR_DOUBT, FOR_LABEL, FOR_NOMINATION, FOR_REPORT, FOR_VACANCY
from broker.database import db, perform
from broker.errors import ConflictError
from broker.installation import installation
from broker.web.actor import actor
from broker.web.paging import with_query
from broker.web.task_view import context_name, right_name, say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from broker.working_days import working_days_between
from look.language import day_date, ngettext
from look.language import gettext as _

blueprint = Blueprint("tasks", __name__)

PATH = "/taken"
_VIEWS = {"open": OPEN, "van-mij": MINE, "beslist": DECIDED}
_WAITING = ("1", "3", "7")
_LONG = 5  # working days from which waiting is long (LOOK 4)
_LAPSES_SOON = 5
_WORDS_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Chip:
    """A status chip: its kind (look/macros) and its word."""

    kind: str
    word: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the list in words. `about` are the quiet lines under the name, `until` how long a claim lasts; `apart` says why it
    cannot be ticked."""

    line: TaskLine
    name: str
    about: list[str]
    waiting: Chip
    until: str
    apart: str
    ended: Chip | None


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """The open tasks of everybody with me, those I took on, or what was decided."""
    asked = {
        name: request.args.get(name, "")[:_WORDS_AT_MOST] for name in ("lijst", "zoek", "toepassing", "wacht", "na")
    }
    tab = asked["lijst"] if asked["lijst"] in _VIEWS else "open"
    wanted = TaskFilter(
        words=asked["zoek"],
        application_code=asked["toepassing"],
        waiting_days=int(asked["wacht"]) if asked["wacht"] in _WAITING else 0,
    )
    catalogue = installation().catalogue
    page = list_tasks(db.session(), catalogue, actor(), _VIEWS[tab], wanted, asked["na"] or None)
    if page is None:
        return render_template("tasks/no_mandate.html", helpdesk=catalogue.helpdesk)
    kept = {name: asked[name] for name in ("zoek", "toepassing", "wacht") if asked[name]}
    filtered = bool(kept)
    return render_template(
        "tasks/list.html",
        page=page,
        lines=[_shown(line, page) for line in page.lines],
        tab=tab,
        tabs=_tabs(page, tab),
        lead=_lead(page),
        asked=asked,
        filtered=filtered,
        first=not asked["na"],
        last_day=clock.last_day,
        next_url=_url(tab, kept, na=page.next_key) if page.next_key else "",
        begin_url=_url(tab, kept) if asked["na"] else "",
        clear_url=_url(tab, {}),
        counted=_counted(page, tab, filtered=filtered, first=not asked["na"]),
        applications=[
            ("", _("Alle")),
            *((each.code, say(each.short_name)) for each in catalogue.applications.values()),
        ],
        waits=[("", _("Alle")), ("1", _("1 dag of meer")), ("3", _("3 dagen of meer")), ("7", _("7 dagen of meer"))],
    )


@blueprint.post("/taken/<uuid:task_id>/neem-op")
@require_sign_in
def claim(task_id: uuid.UUID) -> Response:
    """ "Ik neem dit op", and on to the task."""
    try:
        perform(claim_task, installation(), actor(), task_id)
    except ConflictError as error:
        tell("fail", say(error.text))
    else:
        tell("ok", _("U neemt deze vraag op."), _("Uw collega’s zien dat, tot het einde van de volgende werkdag."))
    return redirect(f"{PATH}/{task_id}", code=303)


@blueprint.post("/taken/<uuid:task_id>/geef-vrij")
@require_sign_in
def release(task_id: uuid.UUID) -> Response:
    """Give it free again."""
    try:
        released = perform(release_task, installation(), actor(), task_id)
    except ConflictError as error:
        tell("fail", say(error.text))
    else:
        if released:
            tell("ok", _("De taak is weer vrij."), _("U en uw collega’s kunnen ze opnemen."))
    return redirect(PATH, code=303)


def _shown(line: TaskLine, page: TaskPage) -> ShownLine:
    catalogue = installation().catalogue
    name, about = line.applicant_name, []
    right = right_name(catalogue, line.application_code, line.right_code)
    if line.kind == FOR_LABEL:
        name = line.organisation_name
        about = [_("vraagt het label %(label)s", label=_label(line))]
    elif line.kind == FOR_DOUBT:
        name = line.organisation_name
        about = [_("een naam en nummer nakijken")]
    elif line.kind == FOR_REPORT:
        name = line.organisation_name
        about = [_("een collega meldt dat iemand een recht niet meer nodig heeft")]
    elif line.kind == FOR_NOMINATION:
        name = line.organisation_name
        about = [_("een account gevraagd voor een collega")]
    elif line.kind == FOR_VACANCY:
        name = line.organisation_name
        about = [_("zoekt een hoofd lokale beheerder")]
    elif line.kind == FOR_ADMISSION:
        name = line.organisation_name
        about = [_("nieuwe organisatie in de lijst"), _("gevraagd door %(name)s", name=line.applicant_name)]
    else:
        about = [_("vraagt %(right)s", right=right), _context(line)]
        if line.in_place or len(page.organisations) != 1:
            about.append(line.organisation_name)
        if line.typed:
            about.append(_("naam getypt, niet gecontroleerd"))
        if line.change_of_role:
            about.append(_("wissel van rol"))
    until = _("tot en met %(day)s", day=day_date(clock.last_day(line.claimed_until))) if line.claimed_until else ""
    return ShownLine(line, name, [each for each in about if each], _waiting(line), until, _apart(line), _ended(line))


def _label(line: TaskLine) -> str:
    application = installation().catalogue.applications.get(line.application_code)
    policy = application.labels.get(line.label_code) if application else None
    return say(policy.name) if policy else line.label_code


def _context(line: TaskLine) -> str:
    return context_name(installation().catalogue, line.application_code, line.right_code, line.context_code)


def _waiting(line: TaskLine) -> Chip:
    today = clock.local_date(clock.now())
    if line.decide_before is not None:
        left = working_days_between(today, clock.last_day(line.decide_before))
        if left <= 0:
            return Chip("lapsing", _("Vervalt vandaag"))
        if left <= _LAPSES_SOON:
            return Chip("lapsing", ngettext("Vervalt over 1 werkdag", "Vervalt over %(n)s werkdagen", left))
    waited = working_days_between(clock.local_date(line.opened_at), today)
    if waited == 0:
        return Chip("new", "")
    word = ngettext("1 werkdag", "%(n)s werkdagen", waited)
    return Chip("waiting" if waited >= _LONG else "neutral", word)


def _apart(line: TaskLine) -> str:
    if line.own:
        return _("over uw eigen vraag beslist u niet zelf")
    return _("beslist u apart") if line.careful else ""


def _ended(line: TaskLine) -> Chip | None:
    if line.closed_at is None:
        return None
    if line.decision is not None:
        return Chip("approved" if line.decision == "approved" else "refused", "")
    return Chip(
        {"withdrawn": "withdrawn", "expired": "lapsed"}.get(line.close_reason or "", "ended"), _closed_word(line)
    )


def _closed_word(line: TaskLine) -> str:
    return {"cancelled": _("Gestopt"), "pool_changed": _("Doorgegeven")}.get(line.close_reason or "", "")


def _tabs(page: TaskPage, tab: str) -> list[dict[str, Any]]:
    rows = (
        ("open", _("Open"), page.open_count),
        ("van-mij", _("Van mij"), page.mine_count),
        ("beslist", _("Beslist"), 0),
    )
    return [
        {"label": label, "url": _url(code, {}), "current": code == tab, "count": count} for code, label, count in rows
    ]


def _lead(page: TaskPage) -> str:
    """ "Zeven mensen wachten op u of op een collega-beheerder van Gemeente Genk." """
    count, organisations = page.open_count, sorted(set(page.organisations))
    if count == 0:
        return ""
    number = _in_words(count)
    if len(organisations) == 1:
        return ngettext(
            "Eén persoon wacht op u of op een collega-beheerder van %(organisation)s.",
            "%(number)s mensen wachten op u of op een collega-beheerder van %(organisation)s.",
            count,
            number=number,
            organisation=organisations[0],
        )
    return ngettext(
        "Eén vraag wacht op u of op een collega.",
        "%(number)s vragen wachten op u of op een collega.",
        count,
        number=number,
    )


def _in_words(count: int) -> str:
    """A small number at the beginning of a sentence."""
    words = {
        2: _("Twee"),
        3: _("Drie"),
        4: _("Vier"),
        5: _("Vijf"),
        6: _("Zes"),
        7: _("Zeven"),
        8: _("Acht"),
        9: _("Negen"),
        10: _("Tien"),
        11: _("Elf"),
        12: _("Twaalf"),
    }
    return words.get(count, str(count))


def _counted(page: TaskPage, tab: str, *, filtered: bool, first: bool) -> str:
    """The words beside "Verder": only what is known for certain, as pages go by key."""
    shown = len(page.lines)
    if first and not filtered and tab != "beslist":
        total = page.open_count if tab == "open" else page.mine_count
        return _("Taak 1 tot %(shown)s van %(total)s", shown=shown, total=max(total, shown))
    return ngettext("1 taak op deze pagina", "%(n)s taken op deze pagina", shown)


def _url(tab: str, kept: dict[str, str], **more: str) -> str:
    query = {**({"lijst": tab} if tab != "open" else {}), **kept, **more}
    return with_query(PATH, query)
