"""Asking one person for what ties a right to them, by a secure link, and reading the answer (seed 000 step 2, threats NR).

From a task (/taken/<id>/vraag-gegevens) or a person's page (/mensen/<job>/vraag-gegevens); the answer stands at /gevraagd/<id>.
Owns these pages and the words of each fact; who may ask and read is in access/.
"""

import uuid
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from broker import clock
from broker.access.access_request import OPEN, AccessRequest
from broker.access.ask_facts import (
    QUESTIONS_A_DAY,
    REASON_LENGTH,
    Question,
    ask_facts,
    number_lacks_of_person,
    number_lacks_on_request,
)
from broker.access.asked_facts import BIRTH_DATE, FACTS, NUMBER, WORK_PHONE, AskedFacts
from broker.access.decision import task_for
from broker.access.mandate_over import mandate_over
from broker.access.read_answer import asked_by, erase_answer, read_answer
from broker.access.task import FOR_REQUEST, Task
from broker.database import db, perform
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text
from broker.web.actor import actor
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_recent_sign_in, require_sign_in
from look.language import gettext as _

blueprint = Blueprint("ask_facts", __name__)

FACT_NAMES = {
    NUMBER: Text("Rijksregisternummer of BIS-nummer", "National register or BIS number"),
    BIRTH_DATE: Text("Geboortedatum", "Date of birth"),
    WORK_PHONE: Text("Telefoonnummer op het werk", "Telephone number at work"),
}
_USUAL_REASONS = {
    NUMBER: Text("Om het recht aan de juiste persoon te koppelen", "To tie the right to the right person"),
    BIRTH_DATE: Text("Om u van een naamgenoot te onderscheiden", "To tell you from somebody of the same name"),
    WORK_PHONE: Text("Om u te kunnen bellen over uw toegang", "To be able to call you about your access"),
}


@dataclass(frozen=True, slots=True)
class _About:
    """Whom it is about, where this page belongs, and whether the number may be asked."""

    question: Question
    name: str
    organisation_name: str
    back: tuple[str, str]
    may_ask_number: bool

    @property
    def facts(self) -> tuple[str, ...]:
        """What may be asked."""
        return tuple(fact for fact in FACTS if fact != NUMBER or self.may_ask_number)


@blueprint.route("/taken/<uuid:task_id>/vraag-gegevens", methods=("GET", "POST"))
@require_sign_in
def of_request(task_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Ask the applicant of a task."""
    session = db.session()
    task, _authority = task_for(session, actor(), task_id)
    if task.kind != FOR_REQUEST:
        raise NotFoundError("task_unknown")
    asked = session.get_one(AccessRequest, task.request_id)
    if asked.status != OPEN or asked.person_id == actor():
        return redirect(f"/taken/{task_id}", code=303)
    about = _About(
        Question(task_id=task_id),
        asked.full_name,
        session.get_one(Organisation, task.organisation_id).name,
        (_("De taak"), f"/taken/{task_id}"),
        number_lacks_on_request(asked),
    )
    return _ask(about)


@blueprint.route("/mensen/<uuid:affiliation_id>/vraag-gegevens", methods=("GET", "POST"))
@require_sign_in
def of_job(affiliation_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Ask somebody who works for the administrator's organisation."""
    session = db.session()
    job = session.get(Affiliation, affiliation_id)
    if job is None:
        raise NotFoundError("affiliation_unknown")
    organisation = mandate_over(session, actor(), job.organisation_id)
    person = session.get_one(Person, job.person_id)
    if job.ended_at is not None or person.id == actor():
        return redirect(f"/mensen/{affiliation_id}", code=303)
    about = _About(
        Question(affiliation_id=affiliation_id),
        name_at_work(person, job).full_name,
        organisation.name,
        (_("Mensen"), f"/mensen/{affiliation_id}"),
        number_lacks_of_person(person),
    )
    return _ask(about)


def _ask(about: _About) -> str | Response | tuple[str, int]:
    if request.method == "GET":
        chosen = [NUMBER] if about.may_ask_number else []
        return _form(about, chosen, {fact: say(reason) for fact, reason in _USUAL_REASONS.items()}, {})
    chosen = [fact for fact in about.facts if fact in request.form.getlist("vraag")]
    reasons = {fact: request.form.get(f"reden_{fact}", "")[: 2 * REASON_LENGTH] for fact in FACTS}
    question = Question({fact: reasons[fact] for fact in chosen}, about.question.task_id, about.question.affiliation_id)
    try:
        perform(ask_facts, installation(), actor(), question)
    except InvalidError as error:
        return _form(about, chosen, reasons, error.fields), 422
    except (ConflictError, ForbiddenError) as error:
        tell("fail", say(error.text))
        return redirect(about.back[1], code=303)
    tell(
        "ok",
        _("%(name)s kreeg een link.", name=about.name),
        _("De link werkt 72 uur. U krijgt een mail als er een antwoord is."),
    )
    return redirect(about.back[1], code=303)


def _form(about: _About, chosen: list[str], reasons: dict[str, str], wrong: dict[str, Text]) -> str:
    return render_template(
        "ask_facts/ask.html",
        about=about,
        facts=[(fact, say(FACT_NAMES[fact])) for fact in about.facts],
        chosen=chosen,
        reasons=reasons,
        wrong={fact: say(sentence) for fact, sentence in wrong.items()},
        errors=[(f"reden_{fact}" if fact in chosen else "vraag", say(sentence)) for fact, sentence in wrong.items()],
        a_day=QUESTIONS_A_DAY,
        longest=REASON_LENGTH,
    )


@blueprint.get("/gevraagd/<uuid:asked_id>")
@require_sign_in
def show(asked_id: uuid.UUID) -> str:
    """What was asked and whether there is an answer; the answer itself is a button further."""
    return _answer_page(asked_by(db.session(), actor(), asked_id), {})


@blueprint.get("/gevraagd/<uuid:asked_id>/toon")
@require_sign_in
def back_to_question(asked_id: uuid.UUID) -> Response:
    """Where a sign-in, a reload or the other language leads back from the answer."""
    return redirect(f"/gevraagd/{asked_id}", code=303)


@blueprint.post("/gevraagd/<uuid:asked_id>/toon")
@require_recent_sign_in
def reveal(asked_id: uuid.UUID) -> str:
    """The answer, once; that it was shown stands in the audit."""
    answer = perform(read_answer, installation(), actor(), asked_id)
    return _answer_page(asked_by(db.session(), actor(), asked_id), answer)


@blueprint.post("/gevraagd/<uuid:asked_id>/wis")
@require_sign_in
def erase(asked_id: uuid.UUID) -> Response:
    """The answer is no longer needed."""
    perform(erase_answer, actor(), asked_id)
    tell("ok", _("Het antwoord is gewist."))
    return redirect(f"/gevraagd/{asked_id}", code=303)


def _answer_page(asked: AskedFacts, answer: dict[str, str]) -> str:
    session, now = db.session(), clock.now()
    return render_template(
        "ask_facts/answer.html",
        asked=asked,
        name=_name_of(session, asked),
        organisation_name=session.get_one(Organisation, asked.organisation_id).name,
        back=_belongs_to(session, asked),
        reasons=[(say(FACT_NAMES[fact]), asked.reasons[fact]) for fact in asked.facts],
        waits=asked.waits_at(now),
        readable=asked.readable_at(now),
        answer=[(say(FACT_NAMES[fact]), value) for fact, value in answer.items()],
    )


def _name_of(session: Session, asked: AskedFacts) -> str:
    if asked.request_id is not None:
        return session.get_one(AccessRequest, asked.request_id).full_name
    job = session.get_one(Affiliation, asked.affiliation_id)
    return name_at_work(session.get_one(Person, job.person_id), job).full_name


def _belongs_to(session: Session, asked: AskedFacts) -> tuple[str, str]:
    if asked.affiliation_id is not None:
        return _("Mensen"), f"/mensen/{asked.affiliation_id}"
    task_id = session.scalar(select(Task.id).where(Task.request_id == asked.request_id, Task.closed_at.is_(None)))
    return (_("De taak"), f"/taken/{task_id}") if task_id else (_("Mijn taken"), "/taken")
