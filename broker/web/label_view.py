"""The page of a task about a label: which organisation, who waits for it, and whether this officer may decide. Owns its words."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from broker.access.about_label import AboutLabel, WaitingRight, about_label
from broker.access.label import Label
from broker.access.pool import Authority
from broker.access.task import Task
from broker.catalogue import Catalogue
from broker.installation import Installation
from broker.web.decision_form import APPROVE, REJECT
from broker.web.task_view import (
    Row,
    RuleLine,
    TaskView,
    context_name,
    organisation_detail,
    outcome_of,
    right_name,
    say,
)
from look.language import gettext as _
from look.language import ngettext, short_date


def label_view(
    session: Session, installation: Installation, actor: uuid.UUID, task: Task, authority: Authority
) -> TaskView:
    """The view of `task`, which is about a label, for `actor`."""
    catalogue = installation.catalogue
    about = about_label(session, task, actor)
    name, organisation = label_name(catalogue, about.label), about.organisation
    common: dict[str, Any] = {
        "task": task,
        "authority": authority,
        "title": _("Krijgt %(organisation)s het label ‘%(label)s’?", organisation=organisation.name, label=name),
        "number": "",
        "asked_heading": _("Wat wordt gevraagd") if task.closed_at is None else _("Wat werd gevraagd"),
        "asked": _asked(catalogue, about, name),
        "waiting": [_waiting(catalogue, about.label.application_code, each) for each in about.waiting],
        "outcome": outcome_of(session, task, about.label.reason),
    }
    if task.closed_at is not None:
        return TaskView(**common)
    common["rules"] = _rules(about, name)
    if about.refused is not None:
        return TaskView(**common, refused=say(about.refused))
    count = len(about.waiting)
    begin = ngettext(
        "Eén recht dat erop wacht, begint dan vanzelf.", "%(n)s rechten die erop wachten, beginnen dan vanzelf.", count
    )
    end = ngettext("Eén recht dat erop wacht, stopt dan.", "%(n)s rechten die erop wachten, stoppen dan.", count)
    return TaskView(
        **common,
        choices=[
            (APPROVE, _("Goedkeuren"), begin if count else _("Nieuwe rechten hoeven dan niet meer te wachten.")),
            (REJECT, _("Afkeuren"), (end + " " if count else "") + _("U geeft een reden.")),
        ],
        reason_help=_(
            "Wie op dit label wacht, leest deze tekst in een mail. Hij blijft bij het label bewaard: noem er niemand bij naam."
        ),
        afterwards=_("Iedereen die op dit label wacht, krijgt meteen een mail."),
    )


def label_name(catalogue: Catalogue, label: Label) -> str:
    """What people call a label; its code where the policies no longer know it."""
    application = catalogue.applications.get(label.application_code)
    policy = application.labels.get(label.label_code) if application else None
    return say(policy.name) if policy else label.label_code


def _asked(catalogue: Catalogue, about: AboutLabel, name: str) -> list[Row]:
    organisation, label = about.organisation, about.label
    kind = catalogue.organisation_type(organisation.target_group, organisation.organisation_type)
    application = catalogue.applications.get(label.application_code)
    others = [
        _("%(label)s (gevraagd)", label=label_name(catalogue, other))
        if other.approved_at is None
        else label_name(catalogue, other)
        for other in about.others
    ]
    return [
        (_("Organisatie"), organisation.name, organisation_detail(organisation, say(kind.name) if kind else "")),
        (_("Label"), name, _("nodig voor %(name)s", name=say(application.called)) if application else ""),
        (_("Gevraagd"), short_date(label.asked_at), ""),
        (_("Andere labels"), ", ".join(others) or _("geen"), ""),
    ]


def _waiting(catalogue: Catalogue, application_code: str, waiting: WaitingRight) -> Row:
    name = right_name(catalogue, application_code, waiting.right_code)
    context = context_name(catalogue, application_code, waiting.right_code, waiting.context_code)
    day = short_date(waiting.approved_at)
    by = (
        _("goedgekeurd door de doelgroepverantwoordelijke, in de plaats van een beheerder, op %(day)s", day=day)
        if waiting.by_officer
        else _("goedgekeurd door een lokale beheerder, op %(day)s", day=day)
    )
    parts = [context, waiting.centre or "", by]
    return waiting.person_name, name, " · ".join(part for part in parts if part)


def _rules(about: AboutLabel, name: str) -> list[RuleLine]:
    organisation = about.organisation.name
    if about.refused is not None:
        who = RuleLine("missing", _("U mag hierover niet beslissen"), say(about.refused))
    else:
        who = RuleLine(
            "ok",
            _("U mag hierover beslissen"),
            _("U keurde geen van de rechten goed die erop wachten, en vroeg er zelf geen."),
        )
    if about.fits:
        kind = RuleLine(
            "ok",
            _("De organisatie is nog wat ze was"),
            _("%(name)s is nog van hetzelfde soort als toen het label gevraagd werd.", name=organisation),
        )
    else:
        kind = RuleLine(
            "missing",
            _("Dit is een ander soort organisatie geworden"),
            _(
                "Uw beslissing kan niet meer tellen. Bevestigt u ze toch, dan krijgt de juiste verantwoordelijke de vraag."
            ),
        )
    return [who, kind]
