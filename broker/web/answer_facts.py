"""/link/gegevens: the page of a secure link on which somebody answers what an administrator asks, or says no (threats NR1, NR2).

It says who asks (function and organisation), for what and why, and that it may be refused. Owns this page; the link is swapped for
a cookie in `links`, what an answer does is in access/.
"""

import re
from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.answer_facts import MISSING, Answers, answer_facts, refuse_facts
from broker.access.asked_facts import BIRTH_DATE, NUMBER, WORK_PHONE, AskedFacts
from broker.authentication.session import SignedIn
from broker.database import db, perform
from broker.errors import ForbiddenError, NotFoundError
from broker.installation import installation
from broker.people.identifiers import IdentifierError, masked_national_number
from broker.people.mandate import Mandate
from broker.people.one_time_link import ASK_NUMBER, find_link
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.ask_facts import FACT_NAMES
from broker.web.fields import Answer, number_answer, parse, phone_answer
from broker.web.links import FACTS_COOKIE, FACTS_PATH
from broker.web.task_view import say
from broker.web.who import sign_in_address, signed_in
from look.language import gettext as _

blueprint = Blueprint("answer_facts", __name__)

_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@blueprint.get(FACTS_PATH)
def show() -> str | tuple[str, int]:
    """Who asks, for what, and the fields."""
    asked = _asked()
    if not asked.waits_at(clock.now()):
        return render_template("answer_facts/over.html"), 410
    return _page(asked, {}, {})


@blueprint.post(FACTS_PATH)
def answer() -> str | Response | tuple[str, int]:
    """Send the answer, or refuse."""
    asked = _asked()
    token = request.cookies.get(FACTS_COOKIE, "")
    if request.form.get("doe") == "weiger":
        perform(refuse_facts, installation(), token)
        return _done("refused")
    typed = {name: value[:100] for name, value in request.form.items()}
    who = _by_key(asked)
    values, wrong = parse(_fields(asked, who), typed)
    if wrong:
        return _page(asked, typed, wrong), 422
    answers = Answers(
        number=who.number if who else values.get(NUMBER),
        birth_date=values.get(BIRTH_DATE),
        work_phone=values.get(WORK_PHONE),
        person_id=who.person_id if who else None,
        full_name=who.full_name if who else "",
    )
    try:
        perform(answer_facts, installation(), token, answers)
    except ForbiddenError as error:
        return _page(asked, typed, {NUMBER: error.text}), 403
    return _done("answered")


@blueprint.get(f"{FACTS_PATH}/klaar")
def done() -> str:
    """After answering or refusing."""
    return render_template("answer_facts/done.html", refused=request.args.get("antwoord") == "nee")


def _asked() -> AskedFacts:
    link = find_link(db.session(), installation().keys, ASK_NUMBER, request.cookies.get(FACTS_COOKIE, ""))
    asked = db.session().get(AskedFacts, link.subject_id)
    if asked is None:
        raise NotFoundError
    return asked


def _by_key(asked: AskedFacts) -> SignedIn | None:
    """The signed-in person whose key said a number, unless they chose to type it."""
    who = signed_in()
    if who is None or who.number is None or NUMBER not in asked.facts or request.args.get("wie") == "getypt":
        return None
    return who


def _fields(asked: AskedFacts, who: SignedIn | None) -> dict[str, Answer]:
    every = {
        NUMBER: number_answer(MISSING),
        BIRTH_DATE: Answer(_birth_date, MISSING),
        WORK_PHONE: phone_answer(MISSING),
    }
    return {fact: every[fact] for fact in asked.facts if fact != NUMBER or who is None}


def _birth_date(typed: str) -> Any:
    """A day that somebody alive can be born on.

    Raises:
        IdentifierError: it is none.
    """
    try:
        if _ISO_DAY.fullmatch(typed):
            day = date.fromisoformat(typed)
        else:
            match = _DAY.fullmatch(typed)
            if match is None:
                raise IdentifierError(NO_DAY)
            day = date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError as error:
        raise IdentifierError(NO_DAY) from error
    if day.year < 1900 or day > clock.local_date(clock.now()):
        raise IdentifierError(NO_DAY)
    return day


def _page(asked: AskedFacts, typed: dict[str, str], wrong: dict[str, Text]) -> str:
    session = db.session()
    g.number_shown = True  # never kept by the browser
    who = _by_key(asked)
    said = {fact: say(sentence) for fact, sentence in wrong.items()}
    kind = session.get_one(Mandate, asked.mandate_id).kind
    return render_template(
        "answer_facts/page.html",
        organisation_name=session.get_one(Organisation, asked.organisation_id).name,
        function=_("de doelgroepverantwoordelijke") if kind == "target_group_officer" else _("een lokale beheerder"),
        facts=[(fact, say(FACT_NAMES[fact]), asked.reasons[fact]) for fact in asked.facts],
        until=asked.expires_at,
        who=who,
        number=masked_national_number(who.number) if who and who.number else None,
        may_sign_in=NUMBER in asked.facts and signed_in() is None,
        sign_in=sign_in_address(),
        here=request.full_path.rstrip("?"),
        typed=typed,
        wrong=said,
        errors=list(said.items()),
    )


def _done(how: str) -> Response:
    response = redirect(f"{FACTS_PATH}/klaar" + ("?antwoord=nee" if how == "refused" else ""), code=303)
    response.delete_cookie(FACTS_COOKIE, path=FACTS_PATH)
    return response


NO_DAY = Text("Vul een dag in, bijvoorbeeld 31/12/1990", "Fill in a day, for example 31/12/1990")
