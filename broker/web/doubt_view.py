"""The page of a task about somebody whose verified name is another (threats DG6). Owns its words.

Nothing of who stood at the gate is here: neither that name nor whose number it is (DG2).
"""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.decide_doubt import NOT_YOUR_OWN, SEVERAL, elsewhere
from broker.access.grant import Grant
from broker.access.load_case import about_themselves
from broker.access.pool import Authority
from broker.access.task import Task
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.web.decision_form import APPROVE, REJECT
from broker.web.pools_at_hand import pools_at_hand
from broker.web.task_view import Row, RuleLine, TaskView, context_name, outcome_in_words, right_name, say
from look.language import gettext as _
from look.language import ngettext, short_date


def doubt_view(
    session: Session, installation: Installation, actor: uuid.UUID, task: Task, authority: Authority
) -> TaskView:
    """The view of `task`, which is about somebody in doubt, for `actor`."""
    person = session.get_one(Person, task.doubted_person_id)
    organisation = session.get_one(Organisation, task.organisation_id)
    affiliation = session.scalar(
        select(Affiliation)
        .where(Affiliation.person_id == person.id, Affiliation.organisation_id == organisation.id)
        .order_by(Affiliation.ended_at.is_not(None), Affiliation.valid_from.desc())
        .limit(1)
    )
    grants = _grants(session, person, organisation)
    common: dict[str, Any] = {
        "task": task,
        "authority": authority,
        "title": _("Kloppen naam en nummer?"),
        "number": "",
        "asked_heading": _("Wie bij u is ingevuld") if task.closed_at is None else _("Wie bij u was ingevuld"),
        "asked": _asked(installation, person, organisation, affiliation, grants, closed=task.closed_at is not None),
        "outcome": outcome_in_words(session, task, _("De naam is verbeterd"), _("Het nummer is losgelaten")),
    }
    if task.closed_at is not None:
        return TaskView(**common)
    common["rules"] = [
        RuleLine(
            "missing",
            _("Het nummer is van iemand die anders heet"),
            _(
                "Dat zegt de digitale sleutel van wie zich met dit rijksregisternummer aanmeldde. Wie dat is, tonen we niet."
            ),
        ),
        RuleLine("ok", _("Er is niets gestart"), _("Niemand kan met deze rechten aanmelden tot u geantwoord hebt.")),
    ]
    if about_themselves(session, actor, task.pool_key, person.id, pools_at_hand()):
        return TaskView(**common, refused=say(NOT_YOUR_OWN))
    let_go = ngettext("Eén recht bij u stopt dan.", "%(n)s rechten bij u stoppen dan.", len(grants)) if grants else ""
    wrong_number = (REJECT, _("Het nummer is van iemand anders"), let_go)
    if person.state == "doubted" and elsewhere(session, person.id, organisation.id):
        return TaskView(
            **common, choices=[wrong_number], afterwards=_("Is de naam fout? %(words)s", words=say(SEVERAL))
        )
    wrong_name = (
        APPROVE,
        _("De naam is fout geschreven"),
        _("Schrijf hem opnieuw. Bij de volgende aanmelding vergelijken we hem."),
    )
    return TaskView(
        **common,
        choices=[wrong_name, wrong_number],
        afterwards=_("Vraag het na bij de persoon zelf, langs een weg die u kent."),
    )


def _grants(session: Session, person: Person, organisation: Organisation) -> list[tuple[Grant, str | None]]:
    rows = session.execute(
        select(Grant, AccessRequest.number)
        .outerjoin(AccessRequest, AccessRequest.id == Grant.request_id)
        .where(Grant.person_id == person.id, Grant.organisation_id == organisation.id, Grant.ended_at.is_(None))
        .order_by(Grant.given_at, Grant.id)
    )
    return [(grant, number) for grant, number in rows]


def _asked(
    installation: Installation,
    person: Person,
    organisation: Organisation,
    affiliation: Affiliation | None,
    grants: list[tuple[Grant, str | None]],
    *,
    closed: bool,
) -> list[Row]:
    rows: list[Row] = []
    if not closed and affiliation is not None:
        rows.append((_("Naam"), name_at_work(person, affiliation).full_name, _("zoals bij u ingevuld")))
    rows.append((_("Organisatie"), organisation.name, ""))
    catalogue = installation.catalogue
    for grant, number in grants:
        context = context_name(catalogue, grant.application_code, grant.right_code, grant.context_code)
        asked = _("aanvraag %(number)s", number=number) if number else _("rechtstreeks toegekend")
        parts = [context, asked, short_date(grant.given_at)]
        name = right_name(catalogue, grant.application_code, grant.right_code)
        rows.append((_("Recht"), name, " · ".join(part for part in parts if part)))
    if not closed and affiliation is not None and affiliation.email:
        rows.append((_("E-mailadres"), affiliation.email, ""))
    return rows
