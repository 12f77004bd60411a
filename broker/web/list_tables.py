"""The four lists of an administrator as tables for a spreadsheet: which columns, and the words for codes.

Every word is looked up before the first row is asked, as rows are read while the answer is already on its way.
"""

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy.orm import Session

from broker import clock
from broker.access.lists.history import history_entries
from broker.access.lists.people import PersonEntry, people_entries
from broker.access.lists.rights import RightEntry, right_entries
from broker.access.lists.tasks import task_entries
from broker.access.take_list import HISTORY, PEOPLE, RIGHTS, TASKS
from broker.authentication.last_used import last_used
from broker.catalogue import Catalogue
from broker.web.history_words import event_words
from broker.web.sheets.cells import Row, Table
from broker.web.task_view import say
from look.language import gettext as _

E = TypeVar("E", PersonEntry, RightEntry)

_AT_ONCE = 1_000
NAME, CODE, DAY, MOMENT, LONG = 20, 16, 12, 17, 34


def list_table(session: Session, catalogue: Catalogue, which: str, organisations: Collection[uuid.UUID]) -> Table:
    """The list `which` of these organisations, read as it is written."""
    tables: dict[str, Callable[[Session, Catalogue, Collection[uuid.UUID]], Table]] = {
        PEOPLE: _people,
        RIGHTS: _rights,
        TASKS: _tasks,
        HISTORY: _history,
    }
    return tables[which](session, catalogue, organisations)


def list_names() -> dict[str, str]:
    """What each list is called, in the order of the page."""
    return {PEOPLE: _("Mensen"), RIGHTS: _("Rechten"), TASKS: _("Taken"), HISTORY: _("Geschiedenis")}


def state_words() -> dict[str, str]:
    """Where a right stands, in a word or two."""
    return {
        "active": _("Loopt"),
        "planned": _("Gepland"),
        "suspended": _("Geschorst"),
        "waiting_for_label": _("Wacht op label"),
        "waiting_for_identity": _("Nog niet aangemeld"),
        "affiliation_ended": _("Werkt hier niet meer"),
        "organisation_ended": _("Organisatie gestopt"),
        "not_offered": _("Niet meer aangeboden"),
        "expired": _("Vervallen"),
        "ended": _("Beëindigd"),
    }


def _people(session: Session, _catalogue: Catalogue, organisations: Collection[uuid.UUID]) -> Table:
    columns = (
        (_("Familienaam"), NAME),
        (_("Voornaam"), NAME),
        (_("E-mailadres"), LONG),
        (_("Telefoon"), CODE),
        (_("Organisatie"), LONG),
        (_("Code van de organisatie"), CODE),
        (_("Sinds"), DAY),
        (_("Tot en met"), DAY),
        (_("Meldde zich al aan"), CODE),
        (_("Aantal rechten"), CODE),
        (_("Laatst gebruikt"), DAY),
    )
    known = {True: _("ja"), False: _("nee")}

    def rows() -> Iterator[Row]:
        for each, used in _used(session, people_entries(session, organisations), organisations):
            yield (
                each.family_name,
                each.given_name,
                each.email,
                each.phone,
                each.organisation_name,
                each.organisation_code,
                clock.local_date(each.since),
                _last_day(each.until),
                known[each.signed_in_once],
                each.rights,
                _day(max(used.values(), default=None)),
            )

    return Table(list_names()[PEOPLE], columns, rows())


def _rights(session: Session, catalogue: Catalogue, organisations: Collection[uuid.UUID]) -> Table:
    columns = (
        (_("Familienaam"), NAME),
        (_("Voornaam"), NAME),
        (_("E-mailadres"), LONG),
        (_("Organisatie"), LONG),
        (_("Code van de organisatie"), CODE),
        (_("Toepassing"), NAME),
        (_("Recht"), LONG),
        (_("Context"), NAME),
        (_("Stand"), NAME),
        (_("Sinds"), DAY),
        (_("Tot en met"), DAY),
        (_("Gegeven op"), DAY),
        (_("Gegeven door"), NAME),
        (_("Laatst gebruikt"), DAY),
        (_("Code van de toepassing"), CODE),
        (_("Code van het recht"), CODE),
        (_("Code van de context"), CODE),
    )
    states, names = state_words(), _Names(catalogue)

    def rows() -> Iterator[Row]:
        for each, used in _used(session, right_entries(session, catalogue, organisations), organisations):
            codes = (each.application_code, each.right_code, each.context_code)
            yield (
                each.family_name,
                each.given_name,
                each.email,
                each.organisation_name,
                each.organisation_code,
                *names.of(*codes),
                states[each.state],
                clock.local_date(each.since),
                _last_day(each.until),
                clock.local_date(each.given_at),
                each.given_by,
                _day(used.get(each.application_code)),
                *codes,
            )

    return Table(list_names()[RIGHTS], columns, rows())


def _tasks(session: Session, catalogue: Catalogue, organisations: Collection[uuid.UUID]) -> Table:
    columns = (
        (_("Waarover"), NAME),
        (_("Nummer"), CODE),
        (_("Familienaam"), NAME),
        (_("Voornaam"), NAME),
        (_("Organisatie"), LONG),
        (_("Toepassing"), NAME),
        (_("Recht"), LONG),
        (_("Context"), NAME),
        (_("Gevraagd op"), MOMENT),
        (_("Stand"), NAME),
        (_("Gesloten op"), MOMENT),
        (_("Beslist door"), NAME),
        (_("In de plaats van een beheerder"), CODE),
    )
    kinds = {
        "request": _("Aanvraag"),
        "report": _("Melding over een collega"),
        "doubt": _("Twijfel over een persoon"),
        "vacancy": _("Geen beheerder"),
        "nomination": _("Account voor een collega"),
        "label": _("Label"),
        "admission": _("Nieuwe organisatie"),
    }
    stands = {
        "open": _("Open"),
        "approved": _("Goedgekeurd"),
        "rejected": _("Afgekeurd"),
        "decided": _("Beslist"),
        "withdrawn": _("Ingetrokken"),
        "expired": _("Vervallen"),
        "cancelled": _("Gestopt"),
        "pool_changed": _("Doorgegeven"),
    }
    in_place, names = {True: _("ja"), False: ""}, _Names(catalogue)

    def rows() -> Iterator[Row]:
        for each in task_entries(session, organisations):
            yield (
                kinds.get(each.kind, each.kind),
                each.request_number,
                each.family_name,
                each.given_name,
                each.organisation_name,
                *names.of(each.application_code, each.right_code, each.context_code),
                _moment(each.opened_at),
                stands.get(each.stand, each.stand),
                _moment(each.closed_at),
                each.decided_by,
                in_place[each.in_place],
            )

    return Table(list_names()[TASKS], columns, rows())


def _history(session: Session, catalogue: Catalogue, organisations: Collection[uuid.UUID]) -> Table:
    columns = (
        (_("Wanneer"), MOMENT),
        (_("Wat"), LONG),
        (_("Over wie"), NAME),
        (_("Toepassing"), NAME),
        (_("Recht"), LONG),
        (_("Context"), NAME),
        (_("Door wie"), NAME),
        (_("Organisatie"), LONG),
        (_("Waarom (code)"), NAME),
        (_("Code van het voorval"), LONG),
    )
    words, names = event_words(), _Names(catalogue)
    actors = {
        "applicant": _("de aanvrager"),
        "operator": _("de dienst achter Poortwachter"),
        "application": _("een toepassing"),
        "system": _("vanzelf"),
    }

    def rows() -> Iterator[Row]:
        for each in history_entries(session, organisations):
            yield (
                _moment(each.happened_at),
                words.get(each.name, each.name),
                each.about,
                *names.of(each.application_code, each.right_code, each.context_code),
                each.actor_name or actors.get(each.actor_kind, ""),
                each.organisation_name,
                each.reason,
                each.name,
            )

    return Table(list_names()[HISTORY], columns, rows())


class _Names:
    """(application, right, context) as people call them; codes where the policies no longer know them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._applications: Mapping[str, str] = {
            each.code: say(each.short_name) for each in catalogue.applications.values()
        }
        self._rights: dict[tuple[str, str], str] = {}
        self._contexts: dict[tuple[str, str, str], str] = {}
        for application in catalogue.applications.values():
            for right in application.rights.values():
                self._rights[(application.code, right.code)] = say(right.name)
                for context in right.contexts.values():
                    self._contexts[(application.code, right.code, context.code)] = say(context.name)

    def of(self, application_code: str, right_code: str, context_code: str) -> tuple[str, str, str]:
        """The three names."""
        return (
            self._applications.get(application_code, application_code),
            self._rights.get((application_code, right_code), right_code),
            self._contexts.get((application_code, right_code, context_code), context_code),
        )


def _used(
    session: Session, entries: Iterator[E], organisations: Collection[uuid.UUID]
) -> Iterator[tuple[E, dict[str, datetime]]]:
    """Each entry with when its person last used which application for its organisation; a statement for many at a time."""
    while some := list(islice(entries, _AT_ONCE)):
        found = last_used(session, {each.person_id for each in some}, organisations)
        session.rollback()
        by_job: dict[tuple[uuid.UUID, uuid.UUID], dict[str, datetime]] = {}
        for (person_id, organisation_id, application_code), moment in found.items():
            by_job.setdefault((person_id, organisation_id), {})[application_code] = moment
        for each in some:
            yield each, by_job.get((each.person_id, each.organisation_id), {})


def _day(instant: datetime | None) -> date | None:
    return clock.local_date(instant) if instant is not None else None


def _last_day(until: datetime | None) -> date | None:
    return clock.last_day(until) if until is not None else None


def _moment(instant: datetime | None) -> datetime | None:
    return instant.astimezone(clock.BRUSSELS) if instant is not None else None
