"""The page of a task about a colleague for whom an account is asked (seed-sentences M11). Owns its words.

Adding happens on the page "Nieuwe persoon toevoegen", filled in, by an administrator; a deputy or an officer in place of one cannot
(`mandate_over`) and is told who does.
"""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from broker.access.grant import Grant
from broker.access.nomination import Nomination
from broker.access.pool import Authority
from broker.access.task import Task
from broker.installation import Installation
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.web.decision_form import APPROVE, REJECT
from broker.web.task_view import Row, TaskView, outcome_in_words, say
from look.language import gettext as _
from look.language import short_date

_asker_s = aliased(Organisation, name="asker_s")


def nomination_view(
    session: Session, installation: Installation, _actor: uuid.UUID, task: Task, authority: Authority
) -> TaskView:
    """The view of `task`, which is about somebody named for an account."""
    nomination, asker, organisation, asker_s = session.execute(
        select(Nomination, Person, Organisation, _asker_s)
        .join(Person, Person.id == Nomination.nominated_by)
        .join(Organisation, Organisation.id == Nomination.organisation_id)
        .join(Grant, Grant.id == Nomination.grant_id)
        .join(_asker_s, _asker_s.id == Grant.organisation_id)
        .where(Nomination.id == task.nomination_id)
    ).one()
    known = installation.catalogue.applications.get(nomination.application_code)
    application = say(known.called) if known else nomination.application_code
    name = nomination.full_name or _("een collega")
    common: dict[str, Any] = {
        "task": task,
        "authority": authority,
        "title": _("Krijgt %(name)s een account voor %(application)s?", name=name, application=application),
        "number": "",
        "asked_heading": _("Wat gevraagd werd"),
        "asked": _asked(nomination, asker, organisation, asker_s),
        "outcome": outcome_in_words(session, task, _("Er is een account"), _("Er komt geen account")),
    }
    if task.closed_at is not None:
        return TaskView(**common)
    may_add = authority.deputy_id is None and not authority.in_place
    return TaskView(
        **common,
        choices=[
            (
                APPROVE,
                _("%(name)s heeft al een account", name=name),
                _("Er verandert niets. %(asker)s leest dat in een mail.", asker=asker.given_name),
            ),
            (REJECT, _("Er komt geen account"), _("%(asker)s leest uw reden in een mail.", asker=asker.given_name)),
        ],
        reason_help=_("%(asker)s leest deze tekst in een mail.", asker=asker.given_name),
        afterwards=_("Naam, e-mailadres en reden worden gewist zodra er geantwoord is."),
        add_at=f"/mensen/nieuw?voordracht={task.id}" if may_add else "",
        appoint_at=f"/verantwoordelijke/organisaties/{organisation.code}/beheerder" if authority.in_place else "",
        in_place=_("Een account toevoegen kan alleen een lokale beheerder van %(name)s.", name=organisation.name)
        if authority.in_place
        else "",
    )


def _asked(nomination: Nomination, asker: Person, organisation: Organisation, asker_s: Organisation) -> list[Row]:
    named: list[Row] = (
        [
            (_("Voor wie"), nomination.full_name, _("naam getypt, niet gecontroleerd")),
            (_("E-mailadres"), nomination.email, _("niet gecontroleerd")),
        ]
        if nomination.settled_at is None
        else []
    )
    why: list[Row] = [(_("Waarvoor"), f"‘{nomination.note}’", "")] if nomination.note else []
    return [
        *named,
        (_("Organisatie"), organisation.name, ""),
        (_("Gevraagd door"), asker.full_name, f"{asker_s.name} · {short_date(nomination.created_at)}"),
        *why,
    ]
