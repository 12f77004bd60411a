"""What the page of one task shows, whatever it is about. Owns the shape and what all kinds share; not the words of each kind."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from broker.access.pool import Authority
from broker.access.task import APPROVED, Task
from broker.catalogue import Catalogue
from broker.people.identifiers import written_kbo
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text
from look.language import current_language
from look.language import gettext as _

Row = tuple[str, str, str]
"""Label, value and a smaller detail (may be "")."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One line of "Wat de regels zeggen": `state` is ok, attention or missing."""

    state: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a closed task ended: by whom (and for whom, by a deputy) and when, and the reason that was given."""

    word: str
    chip: str
    who: str
    when: datetime
    reason: str
    in_place: bool
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class AskedLine:
    """Where the facts stand that were asked of the applicant by a secure link: a sentence, and the link that goes with it."""

    text: str
    link: tuple[str, str]


@dataclass(frozen=True, slots=True)
class HolderLine:
    """Somebody who has the asked right already: since when and last used, and the addresses of what can be done about theirs."""

    name: str
    since: str
    used: str
    end_at: str
    hand_over_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One task for one reader. `choices` is empty where this reader cannot decide; then `refused` says why.

    `waiting` are rows of a second sheet (who waits for a label). `last_day` is the last day a right would hold, None where there
    is none. `holders` have `asks_right` at this organisation already. `appoint_at` is the page to appoint a head local
    administrator, for an officer who steps in or, with `appoint_why`, who must find somebody. `add_at` is the page
    that adds whom the task is about. `forget_at` is where what the applicant typed can be erased, once it was decided.
    """

    task: Task
    authority: Authority
    title: str
    number: str
    asked_heading: str
    asked: list[Row]
    rules: list[RuleLine] = field(default_factory=list)
    waiting: list[Row] = field(default_factory=list)
    choices: list[Row] = field(default_factory=list)
    refused: str = ""
    reason_help: str = ""
    afterwards: str = ""
    fingerprint: str = ""
    last_day: date | None = None
    follow_at: str = ""
    appoint_at: str = ""
    in_place: str = ""
    appoint_why: str = ""
    add_at: str = ""
    look_up_at: str = ""
    outcome: Outcome | None = None
    asked_facts: AskedLine | None = None
    holders: list[HolderLine] = field(default_factory=list)
    asks_right: str = ""
    forget_at: str = ""


def say(text: Text) -> str:
    """`text` in the language of this page."""
    return text.in_language(current_language())


def right_name(catalogue: Catalogue, application_code: str, right_code: str) -> str:
    """What people call a right; its code where the policies no longer know it."""
    application = catalogue.applications.get(application_code)
    right = application.rights.get(right_code) if application else None
    return say(right.name) if right else right_code


def context_name(catalogue: Catalogue, application_code: str, right_code: str, context_code: str) -> str:
    """What people call the context of a right; "" where it has none, or the policies no longer know it."""
    application = catalogue.applications.get(application_code)
    right = application.rights.get(right_code) if application else None
    context = right.contexts.get(context_code) if right else None
    return say(context.name) if context else ""


def organisation_detail(organisation: Organisation, kind: str) -> str:
    """The line under the name of an organisation: its number and what it is."""
    number = _("KBO %(number)s", number=written_kbo(organisation.kbo)) if organisation.kbo else organisation.code
    return f"{number} · {kind}" if kind else number


def outcome_of(session: Session, task: Task, reason: str | None) -> Outcome | None:
    """How `task` ended; None while it is open."""
    if task.closed_at is None:
        return None
    if task.decided_by is None:
        word, chip = {
            "withdrawn": (_("De aanvrager trok de vraag in"), "withdrawn"),
            "expired": (_("De vraag verviel: niemand besliste op tijd"), "lapsed"),
            "cancelled": (_("De vraag werd gestopt"), "ended"),
            "pool_changed": (_("De vraag ging naar een andere verantwoordelijke"), "ended"),
        }.get(task.close_reason or "", (_("De vraag werd gesloten"), "ended"))
        return Outcome(word, chip, "", task.closed_at, reason or "", in_place=False)
    approved = task.decision == APPROVED
    return Outcome(
        word=_("Goedgekeurd") if approved else _("Afgekeurd"),
        chip="approved" if approved else "refused",
        who=session.get_one(Person, task.decided_by).full_name,
        when=task.closed_at,
        reason="" if approved else reason or "",
        in_place=task.in_place_of_administrator,
        on_behalf_of=session.get_one(Person, task.on_behalf_of).full_name if task.on_behalf_of else "",
    )


def outcome_in_words(session: Session, task: Task, approved: str, rejected: str) -> Outcome | None:
    """The same of a task that nobody asked for: neither yes nor no, so in words of its own where somebody decided it."""
    outcome = outcome_of(session, task, None)
    if outcome is None or not outcome.who:
        return outcome
    return replace(outcome, chip="info", word=approved if task.decision == APPROVED else rejected)


def claim_words(claimer: Person | None, reader: uuid.UUID) -> str:
    """Who took the task on, in the line under the question; "" while nobody did."""
    if claimer is None:
        return ""
    if claimer.id == reader:
        return _("u nam ze op")
    return _("%(name)s nam ze op", name=claimer.full_name)
