"""/taken/beslis: the bar under the list, for several requests at once (issue 2 item 7, threats ID7).

First a page that lists what was chosen, then one transaction and one outcome a line. A line that carries a warning is never
approved here.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from marshmallow import RAISE, Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from broker.access.claim_task import release_task
from broker.access.decide_request import LOOK_AT_IT_FIRST, decide_request
from broker.access.decision import PAGE_OUT_OF_DATE, Decision, cleaned_reason, task_for
from broker.access.explain_request import Explanation, explanations_of
from broker.access.own_pools import OwnPools, own_pools
from broker.access.read_task import TaskRead, read_tasks
from broker.access.rules.case import WARNING
from broker.access.task import FOR_REQUEST, Task
from broker.database import db, perform
from broker.errors import DomainError, InvalidError
from broker.installation import installation
from broker.text import Text
from broker.web.actor import actor
from broker.web.decision_form import FORM_UNKNOWN
from broker.web.task_view import right_name, say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _
from look.language import ngettext

blueprint = Blueprint("decide_several", __name__)

AT_MOST = 50
RELEASE, REJECT, APPROVE = "geef-vrij", "afkeuren", "goedkeuren"


@dataclass(frozen=True, slots=True)
class Line:
    """One chosen task: who and what, and why it cannot be decided together with others (else "")."""

    task_id: uuid.UUID
    name: str
    right: str
    organisation: str
    seen: str
    apart: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one line; `sentence` is why not, or what follows."""

    line: Line
    done: bool
    sentence: str


class _Chosen(Schema):
    """The ticks and the button of the list; and of the page that asks to be sure, what it showed and the one reason."""

    class Meta:
        unknown = RAISE

    csrf_token = fields.List(fields.String())
    doe = fields.List(fields.String(), required=True)
    taak = fields.List(fields.UUID(), load_default=list)
    gezien = fields.List(fields.String(), load_default=list)
    reden = fields.List(fields.String(), load_default=list)
    zeker = fields.List(fields.String(), load_default=list)


@blueprint.get("/taken/beslis")
@require_sign_in
def back_to_list() -> Response:
    """Where a reload, or the other language, leads on a page that answered the bar."""
    return redirect("/taken", code=303)


@blueprint.post("/taken/beslis")
@require_sign_in
def decide_several() -> Response:
    """The bar of the list, and the page that asks to be sure."""
    chosen = _read(request.form)
    task_ids: list[uuid.UUID] = list(dict.fromkeys(chosen["taak"]))
    press = chosen["doe"][0]
    if press not in (RELEASE, REJECT, APPROVE):
        raise InvalidError("form_unknown", FORM_UNKNOWN)
    if not task_ids:
        tell("wait", _("Kies eerst een of meer vragen."), _("Zet een vinkje voor elke vraag."))
        return redirect("/taken", code=303)
    if len(task_ids) > AT_MOST:
        raise InvalidError("too_many_chosen", TOO_MANY)
    if press == RELEASE:
        return _release(task_ids)
    pools = own_pools(db.session(), actor())
    lines = _lines(task_ids, pools)
    approve = press == APPROVE
    if not chosen["zeker"]:
        return _ask(lines, "", None, approve=approve)
    reason = (chosen["reden"] or [""])[0]
    try:
        cleaned_reason(reason, required=not approve)
    except InvalidError as error:
        return _ask(lines, reason, error.fields["reason"], approve=approve)
    seen = dict(each.partition(":")[::2] for each in chosen["gezien"])
    results = [_decide(line, seen.get(str(line.task_id), ""), reason, approve=approve) for line in lines]
    return make_response(render_template("tasks/several_done.html", results=results, approve=approve))


def _read(posted: MultiDict[str, str]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = _Chosen().load(posted.to_dict(flat=False))
    except ValidationError as error:
        raise InvalidError("form_unknown", FORM_UNKNOWN) from error
    return loaded


def _release(task_ids: list[uuid.UUID]) -> Response:
    """Give free what this person had taken on; what a colleague has stays with that colleague."""
    tasks = [task_for(db.session(), actor(), task_id)[0] for task_id in task_ids]
    mine = [task.id for task in tasks if task.claimed_by == actor()]
    for task_id in mine:
        try:
            perform(release_task, installation(), actor(), task_id)
        except DomainError as error:
            tell("fail", say(error.text))
            return redirect("/taken", code=303)
    if mine:
        told = ngettext("Eén taak is weer vrij.", "%(n)s taken zijn weer vrij.", len(mine))
        tell("ok", told, _("U en uw collega’s kunnen ze opnemen."))
    else:
        tell("info", _("U had geen van deze taken opgenomen."), _("Er is niets veranderd."))
    return redirect("/taken", code=303)


def _ask(lines: list[Line], reason: str, wrong: Text | None, *, approve: bool) -> Response:
    sentence = say(wrong) if wrong else ""
    page = render_template(
        "tasks/several.html",
        together=[line for line in lines if not line.apart],
        apart=[line for line in lines if line.apart],
        approve=approve,
        reason=reason,
        wrong=sentence,
        errors=[("reden", sentence)] if sentence else [],
    )
    return make_response(page, 422 if wrong else 200)


def _lines(task_ids: list[uuid.UUID], pools: OwnPools) -> list[Line]:
    """What was chosen, as it is now; as many statements for fifty as for two.

    Raises:
        NotFoundError: one is absent, or not in the pools of this person (threats ID2).
    """
    session = db.session()
    read = read_tasks(session, task_ids)
    for each in read:
        task_for(session, actor(), each.task.id, pools)
    asked_at = [
        (each.request, each.organisation)
        for each in read
        if each.task.kind == FOR_REQUEST and each.request is not None and each.organisation is not None
    ]
    explained = {
        asked.id: found
        for (asked, _), found in zip(
            asked_at, explanations_of(session, installation(), asked_at, actor(), pools), strict=True
        )
    }
    return [_line(each, explained.get(each.request.id) if each.request else None) for each in read]


def _line(read: TaskRead, explanation: Explanation | None) -> Line:
    task, asked, organisation = read.task, read.request, read.organisation
    if explanation is None or asked is None or organisation is None:
        name = organisation.name if organisation else ""
        return Line(task.id, name or _("Nieuwe organisatie"), "", "", "", say(LOOK_AT_IT_FIRST))
    return Line(
        task_id=task.id,
        name=asked.full_name,
        right=right_name(installation().catalogue, asked.application_code, asked.right_code),
        organisation=organisation.name,
        seen=f"{task.id}:{task.version}:{explanation.fingerprint}",
        apart=_why_apart(task, explanation),
    )


def _why_apart(task: Task, explanation: Explanation) -> str:
    if task.closed_at is not None:
        return ""  # the decision itself says by whom and when
    refused = next((finding for finding in explanation.findings if finding.refused), None)
    if refused is not None:
        return f"{say(refused.statement)}. {say(refused.why)}"
    warning = next((finding for finding in explanation.findings if finding.weight == WARNING), None)
    return f"{say(warning.statement)}. {say(LOOK_AT_IT_FIRST)}" if warning else ""


def _decide(line: Line, seen: str, reason: str, *, approve: bool) -> Result:
    if line.apart:
        return Result(line, done=False, sentence=line.apart)
    version, _separator, fingerprint = seen.partition(":")
    if not version.isdecimal() or not fingerprint:
        return Result(line, done=False, sentence=say(PAGE_OUT_OF_DATE))
    decision = Decision(
        task_id=line.task_id,
        approve=approve,
        reason=reason,
        seen_version=int(version),
        seen_explanation=fingerprint,
    )
    try:
        decided = perform(decide_request, installation(), actor(), decision, bulk=True)
    except DomainError as error:
        return Result(line, done=False, sentence=say(error.text))
    sentences = {
        "given": _("Het recht loopt. De aanvrager krijgt een mail."),
        "waiting_for_label": _("Het recht begint zodra de organisatie haar label heeft."),
        "waiting_for_identity": _("Het recht begint bij de eerste keer aanmelden met een digitale sleutel."),
        "affiliated": _("De werkrelatie is er. De aanvrager krijgt een mail."),
        "rejected": _("De aanvrager leest uw reden in een mail."),
    }
    return Result(line, done=True, sentence=sentences[decided.outcome])


TOO_MANY = Text(
    "U kunt hoogstens 50 vragen tegelijk kiezen. Er is niets beslist.",
    "You can choose 50 requests at most. Nothing was decided.",
)
