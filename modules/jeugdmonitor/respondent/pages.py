"""Pages: the form of a survey as respondents meet it: begin, page by page, look back, send, thanks.

Owns: `/v/<link>…`, without JavaScript and without a session. Does not own what is kept (partial.py, send_response.py), nor the
limits (places.py).
"""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from look.language import gettext as _
from modules.jeugdmonitor.about import RESPONDENTS
from modules.jeugdmonitor.day import today
from modules.jeugdmonitor.errors import NotFoundError, NotTakenError
from modules.jeugdmonitor.find_rounds import round_of_link
from modules.jeugdmonitor.make_codes import hash_of_code
from modules.jeugdmonitor.model import EntryCode, Round
from modules.jeugdmonitor.respondent import cookie
from modules.jeugdmonitor.respondent.form_pages import form_pages
from modules.jeugdmonitor.respondent.isolation import isolate
from modules.jeugdmonitor.respondent.partial import Partial, begin_partial, read_partial, save_page
from modules.jeugdmonitor.respondent.places import MOST_BEGUN, MOST_SENT, MOST_WRONG_CODES, STRIKING, Places
from modules.jeugdmonitor.respondent.read_answers import Given, read_answers
from modules.jeugdmonitor.respondent.send_response import send_response
from modules.jeugdmonitor.respondent.survey_secret import survey_key
from modules.jeugdmonitor.respondent.taking import not_yet, over
from modules.kit.database import BusyError, database
from modules.kit.state import kit

blueprint = Blueprint("survey", __name__, url_prefix=f"{RESPONDENTS}<link_key>")

_PLACES = "jeugdmonitor_places"
LONGEST_CODE = 20
"""As somebody types it, with spaces."""
Answer = AnyResponse | str | tuple[str, int]


@blueprint.record_once
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions[_PLACES] = Places()
    # The guard against forged forms is the survey's own (cookie.py): the usual one would open a session.
    state.app.extensions["csrf"].exempt(blueprint)
    isolate(state.app)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Visit:
    """Who is here: the round, the value in the cookie if there is one, and what was filled in so far."""

    round: Round
    value: str | None
    partial: Partial | None


def _visit(link_key: str) -> Visit:
    session = database().reading()
    round_ = round_of_link(session, link_key)
    value = cookie.own_value(round_)
    return Visit(round_, value, read_partial(session, kit().settings.secret, link_key, value))


@blueprint.get("")
def begin(link_key: str) -> Answer:
    """What this is, that it may be skipped, and the button to begin or to go on."""
    visit = _visit(link_key)
    round_ = visit.round
    if not_yet(round_):
        return _message(round_, "not_yet")
    if over(round_):
        return _message(round_, "over", 410)
    if cookie.was_sent(round_) and not round_.with_codes:
        return redirect(url_for("survey.thanks", link_key=link_key), 303)
    return _welcome(visit)


@blueprint.post("")
def start(link_key: str) -> Answer:
    """Begin, with a code where the round asks one."""
    visit = _visit(link_key)
    refused = _refuse_form(visit)
    if refused is not None:
        return refused
    if _places().so_far("begun", *_place(link_key)) >= MOST_BEGUN:
        return _message(visit.round, "busy", 429)
    code_hash = None
    if visit.round.with_codes:
        if _places().so_far("wrong code", *_place(link_key)) >= MOST_WRONG_CODES:
            return _message(visit.round, "busy", 429)
        code_hash = hash_of_code(request.form.get("code", ""), survey_key())
        if database().reading().get(EntryCode, (visit.round.id, code_hash)) is None:
            _places().count("wrong code", *_place(link_key))
            return _welcome(visit, _("Deze code klopt niet, of ze is al gebruikt. Kijk ze nog eens na."))
    _places().count("begun", *_place(link_key))
    database().perform(begin_partial, kit().settings.secret, link_key, visit.value or "", code_hash)
    return redirect(url_for("survey.page", link_key=link_key, number=1), 303)


@blueprint.get("/<int:number>")
def page(link_key: str, number: int) -> Answer:
    """One page of questions, with what was answered before."""
    visit = _visit(link_key)
    if visit.partial is None:
        return _to_begin(link_key)
    return _form(visit, number, visit.partial.given, {})


@blueprint.post("/<int:number>")
def save(link_key: str, number: int) -> Answer:
    """Keep the page and go on, or back."""
    visit = _visit(link_key)
    refused = _refuse_form(visit)
    if refused is not None:
        return refused
    pages = form_pages(visit.round)
    if visit.partial is None:
        return _to_begin(link_key)
    if not 1 <= number <= len(pages):
        raise NotFoundError
    fields = [item.field for item in pages[number - 1].items]
    given, wrong = read_answers(pages[number - 1], request.form)
    if wrong:
        return _form(visit, number, given, wrong)
    database().perform(save_page, kit().settings.secret, link_key, visit.value or "", fields, given)
    if request.form.get("to") == "back":
        if number == 1:
            return _to_begin(link_key)
        return redirect(url_for("survey.page", link_key=link_key, number=number - 1), 303)
    if number == len(pages):
        return redirect(url_for("survey.check", link_key=link_key), 303)
    return redirect(url_for("survey.page", link_key=link_key, number=number + 1), 303)


@blueprint.get("/klaar")
def check(link_key: str) -> Answer:
    """How much was answered, the way back, and the button to send."""
    visit = _visit(link_key)
    if visit.partial is None:
        return _to_begin(link_key)
    if over(visit.round):
        return _message(visit.round, "over", 410)
    pages = form_pages(visit.round)
    skipped = [sum(item.field not in visit.partial.given for item in one.items) for one in pages]
    return _shown("check.html", visit.round, pages=pages, skipped=skipped, token=cookie.form_token(visit.value or ""))


@blueprint.post("/klaar")
def send(link_key: str) -> Answer:
    """Send it all."""
    visit = _visit(link_key)
    refused = _refuse_form(visit)
    if refused is not None:
        return refused
    if cookie.was_sent(visit.round) or visit.partial is None:
        return _to_begin(link_key)
    sent = _places().so_far("sent", *_place(link_key)) + 1
    if sent > MOST_SENT:
        return _message(visit.round, "busy", 429)
    database().perform(send_response, kit().settings.secret, link_key, visit.value or "", striking=sent >= STRIKING)
    _places().count("sent", *_place(link_key))
    response = make_response(redirect(url_for("survey.thanks", link_key=link_key), 303))
    return cookie.set_value(response, visit.round, cookie.SENT)


@blueprint.get("/dank")
def thanks(link_key: str) -> Answer:
    """It was sent; where to go when something is on your mind."""
    visit = _visit(link_key)
    if not cookie.was_sent(visit.round):
        return _to_begin(link_key)
    return _shown("thanks.html", visit.round)


@blueprint.errorhandler(NotFoundError)
def not_found(_error: NotFoundError) -> Answer:
    """A link that leads nowhere."""
    return _message(None, "unknown", 404)


@blueprint.errorhandler(NotTakenError)
def not_taken(_error: NotTakenError) -> Answer:
    """It closed meanwhile, the code was used meanwhile, or it was sent already: the first page knows which."""
    return _to_begin((request.view_args or {})["link_key"])


@blueprint.errorhandler(RequestEntityTooLarge)
def too_much(_error: RequestEntityTooLarge) -> Answer:
    """More than any page of ours sends."""
    return _message(None, "too_much", 413)


@blueprint.errorhandler(BusyError)
def busy(_error: BusyError) -> Answer:
    """Many answer at once."""
    return _message(None, "busy", 503)


def _welcome(visit: Visit, wrong: str = "") -> Answer:
    value = visit.value or cookie.new_value()
    response = make_response(
        render_template(
            "jeugdmonitor/respondent/begin.html",
            round=visit.round,
            token=cookie.form_token(value),
            going_on=visit.partial is not None,
            questions=len(visit.round.questions),
            wrong=wrong,
            typed=request.form.get("code", "")[:LONGEST_CODE],
            longest_code=LONGEST_CODE,
        ),
        422 if wrong else 200,
    )
    return response if visit.value else cookie.set_value(response, visit.round, value)


def _form(visit: Visit, number: int, given: Given, wrong: dict[str, str]) -> Answer:
    pages = form_pages(visit.round)
    if over(visit.round):
        return _message(visit.round, "over", 410)
    if not 1 <= number <= len(pages):
        raise NotFoundError
    shown = _shown(
        "form.html",
        visit.round,
        pages=pages,
        page=pages[number - 1],
        number=number,
        given=given,
        wrong=wrong,
        preview=False,
        token=cookie.form_token(visit.value or ""),
    )
    return shown, 422 if wrong else 200


def _refuse_form(visit: Visit) -> Answer | None:
    """The page for a form that is not ours, or that comes too late; None when all is well."""
    if over(visit.round):
        return _message(visit.round, "over", 410)
    if not cookie.form_is_ours(visit.value):
        return _message(visit.round, "sent" if cookie.was_sent(visit.round) else "no_cookie", 400)
    return None


def _message(round_: Round | None, what: str, status: int = 200) -> tuple[str, int]:
    return _shown("message.html", round_, what=what), status


def _shown(template: str, round_: Round | None, **facts: object) -> str:
    return render_template(f"jeugdmonitor/respondent/{template}", round=round_, **facts)


def _to_begin(link_key: str) -> Response | AnyResponse:
    return redirect(url_for("survey.begin", link_key=link_key), 303)


def _places() -> Places:
    places = current_app.extensions[_PLACES]
    assert isinstance(places, Places)
    return places


def _place(link_key: str) -> tuple[str | None, str, date]:
    """What is counted by; the address is used for nothing else, and kept nowhere."""
    return request.remote_addr, link_key, today()
