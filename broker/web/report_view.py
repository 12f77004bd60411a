"""The page of a task about a colleague who was reported (seed 000). Owns its words."""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.access.decide_report import NOT_ABOUT_YOURSELF
from broker.access.grant import Grant
from broker.access.load_case import about_themselves
from broker.access.pool import Authority
from broker.access.report import Report
from broker.access.task import Task
from broker.authentication.last_used import last_used
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.web.decision_form import APPROVE, REJECT
from broker.web.not_used import not_used
from broker.web.pools_at_hand import pools_at_hand
from broker.web.task_view import Row, TaskView, context_name, outcome_in_words, right_name, say
from look.language import gettext as _
from look.language import short_date

_reporter = aliased(Person, name="reporter")


def report_view(
    session: Session, installation: Installation, actor: uuid.UUID, task: Task, authority: Authority
) -> TaskView:
    """The view of `task`, which is about a reported right, for `actor`."""
    report, grant, person, job, organisation, reporter = session.execute(
        select(Report, Grant, Person, Affiliation, Organisation, _reporter)
        .join(Grant, Grant.id == Report.grant_id)
        .join(Person, Person.id == Grant.person_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .join(_reporter, _reporter.id == Report.reporter_id)
        .where(Report.id == task.report_id)
    ).one()
    name = name_at_work(person, job)
    open_now = task.closed_at is None
    common: dict[str, Any] = {
        "task": task,
        "authority": authority,
        "title": _("Heeft %(name)s dit recht nog nodig?", name=name.full_name),
        "number": "",
        "asked_heading": _("Wat gemeld werd"),
        "asked": _asked(session, installation, report, reporter, grant, organisation),
        "outcome": outcome_in_words(session, task, _("Het recht stopte"), _("Het recht bleef")),
    }
    if not open_now:
        return TaskView(**common)
    if about_themselves(session, actor, task.pool_key, person.id, pools_at_hand()):
        return TaskView(**common, refused=say(NOT_ABOUT_YOURSELF))
    stop = _("%(name)s kan meteen niet meer aanmelden en leest uw reden in een mail.", name=name.given_name)
    if grant.ended_at is not None:
        stop = _("Het recht is intussen al gestopt.")
    return TaskView(
        **common,
        choices=[
            (APPROVE, _("Stop het recht"), stop),
            (REJECT, _("Laat het recht staan"), _("Er verandert niets. %(name)s hoort niets.", name=name.given_name)),
        ],
        reason_help=_("%(name)s leest deze tekst in een mail.", name=name.given_name),
        afterwards=_(
            "Wie het meldde, blijft onbekend voor %(name)s. De tekst van de melding wordt daarna gewist.",
            name=name.given_name,
        ),
    )


def _asked(
    session: Session,
    installation: Installation,
    report: Report,
    reporter: Person,
    grant: Grant,
    organisation: Organisation,
) -> list[Row]:
    used = last_used(session, [grant.person_id], [organisation.id])
    at = used.get((grant.person_id, organisation.id, grant.application_code))
    catalogue = installation.catalogue
    rows = [
        (
            _("Recht"),
            right_name(catalogue, grant.application_code, grant.right_code),
            context_name(catalogue, grant.application_code, grant.right_code, grant.context_code),
        ),
        (_("Organisatie"), organisation.name, ""),
        (_("Sinds"), short_date(grant.valid_from), _until(grant)),
        (_("Laatst gebruikt"), short_date(at) if at else not_used(), ""),
        (_("Gemeld door"), reporter.full_name, short_date(report.created_at)),
    ]
    return [*rows, (_("Waarom"), f"‘{report.note}’", "")] if report.note else rows


def _until(grant: Grant) -> str:
    if grant.valid_until is None:
        return _("geen einddatum")
    return _("tot en met %(day)s", day=short_date(clock.last_day(grant.valid_until)))
