"""/taken/<id>: one task, the question it asks and the decision (issue 2 items 7 and 8).

Owns the way from a pressed button to an operation and back to a page that says what happened. What the page shows is in the
three views; the rules and the locks are in access/.
"""

import uuid

from flask import Blueprint, make_response, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.admit_organisation import admit_organisation
from broker.access.close_vacancy import close_vacancy
from broker.access.decide_doubt import CORRECTED, OVER, DoubtDecided, decide_doubt
from broker.access.decide_label import LabelDecided, close_changed_pool, decide_label
from broker.access.decide_nomination import NominationDecided, decide_nomination
from broker.access.decide_report import ReportDecided, decide_report
from broker.access.decide_request import Decided, decide_request
from broker.access.decision import Decision, task_for
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.read_task import read_task
from broker.access.settle_doubt import RightName
from broker.access.task import FOR_ADMISSION, FOR_DOUBT, FOR_LABEL, FOR_NOMINATION, FOR_REPORT, FOR_VACANCY, Task
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, DomainError, InvalidError
from broker.installation import installation
from broker.text import Text
from broker.web.actor import actor
from broker.web.admission_view import admission_view
from broker.web.decision_form import DecisionForm, read_decision
from broker.web.doubt_view import doubt_view
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.label_view import label_view
from broker.web.nomination_view import nomination_view
from broker.web.pools_at_hand import pools_at_hand
from broker.web.report_view import report_view
from broker.web.request_view import request_view
from broker.web.task_view import TaskView, claim_words, right_name, say
from broker.web.tell import tell
from broker.web.vacancy_view import vacancy_view
from broker.web.who import proved_recently, require_sign_in, sign_in_anew_address
from look.language import gettext as _
from look.language import ngettext

blueprint = Blueprint("decide", __name__)

_TYPED = ("beslissing", "reden", "tot", "voornaam", "familienaam")

_VIEWS = {
    FOR_LABEL: label_view,
    FOR_ADMISSION: admission_view,
    FOR_DOUBT: doubt_view,
    FOR_REPORT: report_view,
    FOR_NOMINATION: nomination_view,
    FOR_VACANCY: vacancy_view,
}
_FIELDS = {"reason": "reden", "last_day": "tot", "given_name": "voornaam", "family_name": "familienaam"}


@blueprint.get("/taken/<uuid:task_id>")
@require_sign_in
def show(task_id: uuid.UUID) -> Response:
    """The task; read-only where it is closed or where this person cannot decide."""
    return _page(task_id, {}, {}, 200)


@blueprint.get("/taken/<uuid:task_id>/beslis")
@require_sign_in
def back_to_task(task_id: uuid.UUID) -> Response:
    """Where a reload, or the other language, leads on a page that answered the form."""
    task_for(db.session(), actor(), task_id)
    return redirect(f"/taken/{task_id}", code=303)


@blueprint.post("/taken/<uuid:task_id>/beslis")
@require_sign_in
def decide(task_id: uuid.UUID) -> Response:
    """Decide; or the page again, with what was typed and why it could not be."""
    typed = {name: request.form.get(name, "") for name in _TYPED}
    kind = task_for(db.session(), actor(), task_id)[0].kind
    if kind == FOR_LABEL and not proved_recently():
        return _page(task_id, typed, {}, 403)
    try:
        return _decide(task_id, kind, read_decision(kind, request.form))
    except InvalidError as error:
        if not error.fields:
            raise
        wrong = {_FIELDS.get(name, name): sentence for name, sentence in error.fields.items()}
        return _page(task_id, typed, wrong, 422)
    except ConflictError as error:
        if error.code == "pool_changed":
            perform(close_changed_pool, installation(), task_id)
        _tell_failure(error)
        return _page(task_id, typed, {}, status_of(error))
    except BusyError as error:
        _tell_failure(error)
        return _page(task_id, typed, {}, status_of(error))


def _decide(task_id: uuid.UUID, kind: str, form: DecisionForm) -> Response:
    decision = Decision(
        task_id=task_id,
        approve=form.approve,
        reason=form.reason,
        seen_version=form.seen_version,
        seen_explanation=form.seen_explanation,
    )
    if kind == FOR_LABEL:
        _tell_label(perform(decide_label, installation(), actor(), decision))
    elif kind == FOR_ADMISSION:
        return _admit(decision)
    elif kind == FOR_DOUBT:
        _tell_doubt(
            perform(decide_doubt, installation(), actor(), decision, RightName(form.given_name, form.family_name))
        )
    elif kind == FOR_REPORT:
        _tell_report(perform(decide_report, installation(), actor(), decision))
    elif kind == FOR_NOMINATION:
        _tell_nomination(perform(decide_nomination, installation(), actor(), decision), approved=form.approve)
    elif kind == FOR_VACANCY:
        perform(close_vacancy, installation(), actor(), decision)
        tell("ok", _("De taak is gesloten."), _("Vragen van die organisatie komen voorlopig bij u."))
    else:
        given, right = _applicant_and_right(task_id)
        _tell_request(perform(decide_request, installation(), actor(), decision, form.last_day), given, right)
    return redirect("/taken", code=303)


def _admit(decision: Decision) -> Response:
    """After admitting, the officer goes on to the request itself, where an administrator can be appointed."""
    organisation = perform(admit_organisation, installation(), actor(), decision)
    if organisation is None:
        tell("ok", _("U weigerde de organisatie."), _("De aanvrager leest uw reden in een mail."))
        return redirect("/taken", code=303)
    tell(
        "ok",
        _("%(name)s staat nu in de lijst.", name=organisation.name),
        _("Er is nog geen beheerder. Stel er een aan, of beslis zelf over deze vraag."),
    )
    following = db.session().scalar(
        select(Task.id)
        .join(OrganisationProposal, OrganisationProposal.request_id == Task.request_id)
        .where(OrganisationProposal.organisation_id == organisation.id, Task.closed_at.is_(None))
    )
    return redirect(f"/taken/{following}" if following else "/taken", code=303)


def _page(task_id: uuid.UUID, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    """The task as it is now, with what was typed."""
    session = db.session()
    read = read_task(session, task_id)
    task, authority = task_for(session, actor(), task_id, pools_at_hand())
    view: TaskView = _VIEWS.get(task.kind, request_view)(session, installation(), actor(), task, authority)
    page = render_template(
        "tasks/task.html",
        view=view,
        task=task,
        typed=typed,
        **field_errors(wrong),
        claimed=claim_words(read.claimer, actor()),
        # Lifecycles §9: a label opens the right of everybody in the organisation, so it asks for a recent proof.
        prove_at="" if task.kind != FOR_LABEL or proved_recently() else sign_in_anew_address(),
        claimed_by_me=task.claimed_at(clock.now()) and task.claimed_by == actor(),
        today=clock.local_date(clock.now()),
    )
    return make_response(page, status)


def _applicant_and_right(task_id: uuid.UUID) -> tuple[str, str]:
    """The given name and what the right is called, for the message afterwards; neither depends on the decision."""
    task, _authority = task_for(db.session(), actor(), task_id)
    asked = db.session().get_one(AccessRequest, task.request_id)
    return asked.given_name, right_name(installation().catalogue, asked.application_code, asked.right_code)


def _tell_request(decided: Decided, given: str, right: str) -> None:
    name = decided.applicant_name
    if decided.outcome == "rejected":
        tell(
            "ok",
            _("U keurde de vraag van %(name)s af.", name=name),
            _("%(name)s leest uw reden in een mail.", name=given),
        )
        return
    if decided.outcome == "affiliated":
        tell(
            "ok",
            _("%(name)s staat nu als medewerker bij ons.", name=name),
            _("%(name)s krijgt een mail.", name=given),
        )
        return
    if decided.outcome == "given":
        tell(
            "ok",
            _("%(name)s kreeg het recht %(right)s.", name=name, right=right),
            _("%(name)s krijgt een mail.", name=given),
        )
        return
    if decided.outcome == "waiting_for_label":
        rest = _(
            "Het recht begint zodra de organisatie haar label heeft. De doelgroepverantwoordelijke kreeg een mail."
        )
    else:
        rest = _("Het recht begint als %(name)s aanmeldt met een digitale sleutel.", name=given)
    tell("ok", _("U keurde de vraag van %(name)s goed.", name=name), rest)


def _tell_label(decided: LabelDecided) -> None:
    count = decided.grants
    if decided.approved:
        rest = ngettext(
            "Eén recht dat erop wachtte, kan beginnen.", "%(n)s rechten die erop wachtten, kunnen beginnen.", count
        )
        tell("ok", _("%(name)s heeft nu het label.", name=decided.organisation_name), rest if count else "")
        return
    rest = ngettext(
        "Eén recht dat erop wachtte, is gestopt. De aanvrager leest uw reden in een mail.",
        "%(n)s rechten die erop wachtten, zijn gestopt. De aanvragers lezen uw reden in een mail.",
        count,
    )
    tell("ok", _("U keurde het label voor %(name)s af.", name=decided.organisation_name), rest if count else "")


def _tell_report(decided: ReportDecided) -> None:
    if decided.ended:
        tell("ok", _("Het recht is gestopt."), _("De persoon leest uw reden in een mail."))
    else:
        tell("ok", _("De melding is gesloten."), _("Er veranderde niets aan het recht."))


def _tell_nomination(decided: NominationDecided, *, approved: bool) -> None:
    name = decided.person_name
    if approved:
        tell("ok", _("De taak is gesloten."), _("Wie het vroeg, leest dat %(name)s al een account heeft.", name=name))
    else:
        tell("ok", _("Er komt geen account voor %(name)s.", name=name), _("Wie het vroeg, leest uw reden in een mail."))


def _tell_doubt(decided: DoubtDecided) -> None:
    if decided.outcome == OVER:
        tell("ok", _("Dit was al in orde."), _("De persoon is intussen aangemeld met de naam die u kent."))
    elif decided.outcome == CORRECTED:
        tell("ok", _("De naam is verbeterd."), _("Bij de volgende aanmelding vergelijken we hem opnieuw."))
    else:
        rest = ngettext("Eén recht is gestopt.", "%(n)s rechten zijn gestopt.", decided.ended) if decided.ended else ""
        tell("ok", _("Het nummer hoort niet meer bij deze persoon."), rest)


def _tell_failure(error: DomainError) -> None:
    first, separator, rest = say(error.text).partition(". ")
    tell("fail", first + separator.strip(), rest)
