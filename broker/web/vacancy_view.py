"""The page of a task about an organisation that lost whoever appointed or decided there. Owns its words."""

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker.access.pool import Authority
from broker.access.task import BY_ADMINISTRATORS, Task
from broker.installation import Installation
from broker.people.list_administrators import administrators_of
from broker.people.organisation import Organisation
from broker.web.administrator_words import mandate_word
from broker.web.decision_form import REJECT
from broker.web.task_view import Row, TaskView, organisation_detail, outcome_in_words, say
from look.language import gettext as _
from look.language import ngettext


def vacancy_view(
    session: Session, installation: Installation, actor: uuid.UUID, task: Task, authority: Authority
) -> TaskView:
    """The view of `task`, which is about an organisation without a head, for `actor`."""
    organisation = session.get_one(Organisation, task.organisation_id)
    common: dict[str, Any] = {
        "task": task,
        "authority": authority,
        "title": _("Wie wordt hoofd lokale beheerder van %(name)s?", name=organisation.name),
        "number": "",
        "asked_heading": _("De organisatie"),
        "asked": _asked(session, installation, organisation),
        "outcome": outcome_in_words(session, task, _("Er is iemand aangesteld"), _("Voorlopig niemand")),
    }
    if task.closed_at is not None:
        return TaskView(**common)
    return TaskView(
        **common,
        choices=[
            (
                REJECT,
                _("Voorlopig niemand aanstellen"),
                _("Vragen van deze organisatie komen bij u. Aanstellen kan later altijd nog."),
            )
        ],
        afterwards=_("Stelt u iemand aan, dan sluit deze taak vanzelf."),
        appoint_at=f"/verantwoordelijke/organisaties/{organisation.code}/beheerder",
        appoint_why=_(
            "De laatste is gestopt en wees geen opvolger aan. Wie u aanstelt, kan weer collega’s aanstellen."
        ),
    )


def _asked(session: Session, installation: Installation, organisation: Organisation) -> list[Row]:
    kind = installation.catalogue.organisation_type(organisation.target_group, organisation.organisation_type)
    left = [f"{each.name}, {mandate_word(each.mandate.kind)}" for each in administrators_of(session, [organisation.id])]
    waiting = (
        session.scalar(
            select(func.count()).where(
                Task.organisation_id == organisation.id, Task.closed_at.is_(None), Task.kind.in_(BY_ADMINISTRATORS)
            )
        )
        or 0
    )
    return [
        (_("Organisatie"), organisation.name, organisation_detail(organisation, say(kind.name) if kind else "")),
        (_("Beheerders nu"), "; ".join(left) or _("niemand"), ""),
        (_("Wie wacht"), ngettext("1 vraag", "%(n)s vragen", waiting) if waiting else _("niemand"), ""),
    ]
