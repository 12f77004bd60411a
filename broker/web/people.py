"""/mensen: the people of one's organisations, one of them with their rights, and what an administrator may write about a job.

Owns these pages and their words: the list, the person, contact at work, showing the number, and that somebody left. The operations
are `change_contact`, `show_number` and `leave_organisation`; what can be done about one right has pages of its own (`rights`,
`suspend`, `hand_over`).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.change_contact import WorkContact, change_contact
from broker.access.leave_organisation import leave_organisation
from broker.access.list_people import HeldRight, PeopleFilter, PersonAtWork, PersonLine, list_people, person_at_work
from broker.access.show_number import Purpose, show_number
from broker.authentication.last_used import Used, last_used
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError
from broker.installation import installation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import LOCAL_KINDS, organisation_scope
from broker.text import Text
from broker.web.account_number import AccountSheet, account_sheet
from broker.web.actor import actor
from broker.web.desk_tabs import desk_tabs
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.not_used import not_used
from broker.web.paging import paging
from broker.web.read_id import read_id
from broker.web.right_state import Chip, chip_of
from broker.web.task_view import context_name, right_name, say
from broker.web.tell import tell
from broker.web.waiting_invitation import waiting_invitation
from broker.web.who import require_recent_sign_in, require_sign_in
from look.language import gettext as _
from look.language import ngettext, short_date

blueprint = Blueprint("people", __name__)

PATH = "/mensen"
WITHOUT = "zonder"
_WORDS_AT_MOST = 100
_SOURCES = {
    "typed": Text("getypt door de aanvrager", "typed by the applicant"),
    "entered": Text("ingevuld door een beheerder", "entered by an administrator"),
    "proved": Text("bevestigd", "confirmed"),
}


@dataclass(frozen=True, slots=True)
class ShownRight:
    """A right in words: what, until when and since when by whom, its state, and when it was last used."""

    right: HeldRight
    name: str
    context: str
    until: str
    since: str
    chip: Chip
    used: str


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """The people of my organisations, by name."""
    words = request.args.get("zoek", "")[:_WORDS_AT_MOST]
    without = request.args.get("rechten") == WITHOUT
    after = read_id(request.args.get("na", ""))
    catalogue = installation().catalogue
    page = list_people(db.session(), catalogue, actor(), PeopleFilter(words, without), after)
    if page is None:
        return render_template("tasks/no_mandate.html", helpdesk=catalogue.helpdesk)
    used = _used(page.lines)
    several = len(page.organisations) > 1
    kept = {name: value for name, value in (("zoek", words), ("rechten", WITHOUT if without else "")) if value}
    return render_template(
        "people/list.html",
        desk_tabs=desk_tabs(PATH),
        lines=[
            (line, _about(line, several=several), [shown_right(each, line, used) for each in line.rights])
            for line in page.lines
        ],
        lead=page.organisations[0] if not several else _("Al uw organisaties"),
        words=words,
        without=without,
        counted=ngettext("1 persoon", "%(n)s personen", page.count),
        **paging(PATH, kept, begun=after is not None, next_key=page.next_key),
        clear_url=PATH,
    )


@blueprint.get(f"{PATH}/<uuid:affiliation_id>")
@require_sign_in
def one(affiliation_id: uuid.UUID) -> Response:
    """One person: their rights, how to reach them, and what can be done."""
    return _page(affiliation_id, {}, {}, 200)


@blueprint.get(f"{PATH}/<uuid:affiliation_id>/contact")
@blueprint.get(f"{PATH}/<uuid:affiliation_id>/nummer")
@require_sign_in
def back_to_person(affiliation_id: uuid.UUID) -> Response:
    """Where a reload, the other language, or a fresh sign-in leads on a page that answered a form."""
    return redirect(f"{PATH}/{affiliation_id}", code=303)


@blueprint.post(f"{PATH}/<uuid:affiliation_id>/contact")
@require_sign_in
def contact(affiliation_id: uuid.UUID) -> Response:
    """Another work address, telephone or address of the service."""
    typed = {name: request.form.get(name, "")[:300] for name in ("email", "telefoon", "dienst")}
    written = WorkContact(typed["email"], typed["telefoon"], typed["dienst"])
    try:
        changed = perform(change_contact, installation(), actor(), affiliation_id, written)
    except InvalidError as error:
        fields = {"phone": "telefoon", "general_email": "dienst"}
        wrong = {fields.get(name, name): sentence for name, sentence in error.fields.items()}
        return _page(affiliation_id, typed, wrong, status_of(error))
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _page(affiliation_id, typed, {}, status_of(error))
    if changed:
        tell("ok", _("De contactgegevens zijn bewaard."), _("Wie op het oude adres leest, krijgt daarvan een mail."))
    else:
        tell("info", _("Er is niets veranderd."))
    return redirect(f"{PATH}/{affiliation_id}", code=303)


@blueprint.post(f"{PATH}/<uuid:affiliation_id>/nummer")
@require_recent_sign_in
def number(affiliation_id: uuid.UUID) -> Response:
    """The number, once, on this answer only."""
    typed = {"waarvoor": request.form.get("waarvoor", "")[:40]}
    try:
        shown = perform(show_number, installation(), actor(), affiliation_id, typed["waarvoor"])
    except InvalidError as error:
        return _page(affiliation_id, typed, {"waarvoor": error.text}, status_of(error))
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _page(affiliation_id, typed, {}, status_of(error))
    return _page(affiliation_id, typed, {}, 200, number=_written_number(shown))


@blueprint.get(f"{PATH}/<uuid:affiliation_id>/vertrek")
@require_sign_in
def leaving(affiliation_id: uuid.UUID) -> Response:
    """What ends when this person no longer works here; the button does it."""
    return _leaving_page(affiliation_id, 200)


@blueprint.post(f"{PATH}/<uuid:affiliation_id>/vertrek")
@require_sign_in
def leave(affiliation_id: uuid.UUID) -> Response:
    """End the job and all rights, now."""
    name = _person(affiliation_id).name.full_name
    try:
        ended = perform(leave_organisation, installation(), actor(), affiliation_id)
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _leaving_page(affiliation_id, status_of(error))
    rest = ngettext(
        "Eén recht stopte meteen. Daarover vertrekt een mail.",
        "%(n)s rechten stopten meteen. Daarover vertrekken mails.",
        ended,
    )
    tell("ok", _("%(name)s werkt hier niet meer.", name=name), rest if ended else "")
    return redirect(PATH, code=303)


def shown_right(right: HeldRight, of: PersonLine, used: dict[Used, datetime]) -> ShownRight:
    """One right of a line in words."""
    catalogue = installation().catalogue
    at = used.get((of.person_id, of.organisation_id, right.application_code))
    since = _("sinds %(day)s", day=short_date(right.valid_from))
    if right.given_by:
        since = _("sinds %(day)s, door %(name)s", day=short_date(right.valid_from), name=right.given_by)
    return ShownRight(
        right=right,
        name=right_name(catalogue, right.application_code, right.right_code),
        context=context_name(catalogue, right.application_code, right.right_code, right.context_code),
        until=_("tot en met %(day)s", day=short_date(clock.last_day(right.valid_until)))
        if right.valid_until
        else _("geen einddatum"),
        since=since,
        chip=chip_of(right.state, right.valid_until),
        used=short_date(at) if at else not_used(),
    )


def _page(
    affiliation_id: uuid.UUID, typed: dict[str, str], wrong: dict[str, Text], status: int, number: str = ""
) -> Response:
    """The person as they are now, with what was typed."""
    found = _person(affiliation_id)
    line = _line_of(found)
    account = account_sheet(found)
    page = render_template(
        "people/person.html",
        desk_tabs=desk_tabs(PATH),
        found=found,
        name=found.name,
        facts=_facts(found, account),
        account=account,
        invitation=None if found.own else waiting_invitation(found),
        rights=[shown_right(each, line, _used([line])) for each in found.rights],
        number=number,
        masked=_holds_number(found),
        purposes=_purposes(),
        typed=_typed(found, typed),
        chosen=typed.get("waarvoor", ""),
        **field_errors(wrong),
    )
    return make_response(page, status)


def _leaving_page(affiliation_id: uuid.UUID, status: int) -> Response:
    found = _person(affiliation_id)
    catalogue = installation().catalogue
    scope = organisation_scope(found.organisation.id)
    administers = living_mandates(db.session(), person_id=found.person.id, scope_key=scope, kinds=LOCAL_KINDS)
    ends = [_("de werkrelatie met %(name)s", name=found.organisation.name)]
    ends += [
        _("het recht %(right)s", right=right_name(catalogue, r.application_code, r.right_code)) for r in found.rights
    ]
    ends += [_("het mandaat van lokale beheerder") for _mandate in administers]
    page = render_template("people/leaving.html", found=found, name=found.name, ends=ends)
    return make_response(page, status)


def _person(affiliation_id: uuid.UUID) -> PersonAtWork:
    return person_at_work(db.session(), installation().catalogue, actor(), affiliation_id)


def _line_of(found: PersonAtWork) -> PersonLine:
    return PersonLine(
        affiliation_id=found.affiliation.id,
        person_id=found.person.id,
        organisation_id=found.organisation.id,
        organisation_name=found.organisation.name,
        name=found.name,
        since=found.affiliation.valid_from,
        rights=found.rights,
        own=found.own,
        unconfirmed=found.affiliation.name_unconfirmed or found.person.state != "matched",
    )


def _used(lines: list[PersonLine]) -> dict[Used, datetime]:
    people = {line.person_id for line in lines if line.rights}
    return last_used(db.session(), people, {line.organisation_id for line in lines}) if people else {}


def _about(line: PersonLine, *, several: bool) -> list[str]:
    about = [_("hier sinds %(day)s", day=short_date(line.since))]
    if line.unconfirmed:
        about.append(_("nog niet aangemeld"))
    return [line.organisation_name, *about] if several else about


def _facts(found: PersonAtWork, account: AccountSheet | None) -> list[tuple[str, ...]]:
    job = found.affiliation
    source = _SOURCES.get(job.email_source or "")
    unlinked = job.name_unconfirmed or found.person.state != "matched"
    signed_in = _("nog niet met een digitale sleutel") if unlinked else _("ja, met een digitale sleutel")
    if account is not None:
        signed_in = _("nog niet") if unlinked else _("ja, met een gebruikersnaam en wachtwoord")
    return [
        (_("Organisatie"), found.organisation.name),
        (_("Werkt hier sinds"), short_date(job.valid_from)),
        (
            _("Aangemeld"),
            signed_in,
            _("De naam is die welke een beheerder typte.") if job.name_unconfirmed else "",
        ),
        (_("E-mailadres op het werk"), job.email or _("niet ingevuld"), say(source) if job.email and source else ""),
        (_("Telefoon op het werk"), job.phone or _("niet ingevuld")),
        (_("Adres van de dienst"), job.general_email or _("niet ingevuld")),
    ]


def _holds_number(found: PersonAtWork) -> bool:
    """There is a number to show; or one was typed here, which says nothing of whether it is known elsewhere (threats DG2)."""
    typed_here = found.affiliation.name_unconfirmed and found.person.number_hash is not None
    return found.person.number_sealed is not None or typed_here


def _typed(found: PersonAtWork, typed: dict[str, str]) -> dict[str, str]:
    job = found.affiliation
    known = {"email": job.email or "", "telefoon": job.phone or "", "dienst": job.general_email or ""}
    return known | typed


def _purposes() -> list[tuple[str, str]]:
    return [
        (Purpose.RIGHT_PERSON, _("Ik kijk na of dit de juiste persoon is")),
        (Purpose.MISTYPED, _("Ik kijk na of het nummer juist getypt is")),
        (Purpose.ASKED_BY_PERSON, _("De persoon vraagt welk nummer wij hebben")),
    ]


def _written_number(digits: str) -> str:
    """As it stands on an identity card: 85.07.30-033.28."""
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"
