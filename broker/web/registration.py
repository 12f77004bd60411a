"""Zelfregistratie: the pages behind /user/aanvraag (seed 002, issue 2 items 3 to 5).

Sign in or type who you are → the form → "Controleer en bevestig" → sent. Works without JavaScript; what was typed stays. Owns the
order of the pages; parsing is in `registration_form`, the link in `registration_link`, what happens in access/.
"""

import uuid
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request
from flask import session as browser_session
from werkzeug.wrappers import Response

from broker.access.access_request import AccessRequest
from broker.access.known_centres import known_centres
from broker.access.pool import reachable
from broker.access.submit_request import Refusal, Submission, Submitted, refusal_before_sending, submit_request
from broker.authentication.session import SignedIn
from broker.catalogue import Application, Form
from broker.database import db, perform
from broker.errors import ConflictError, DomainError, InvalidError, NotFoundError
from broker.installation import installation
from broker.keys import SealError
from broker.people.find_organisations import find_organisations
from broker.people.identifiers import masked_email, masked_national_number, written_kbo
from broker.people.living_mandates import pool_members
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.errors import status_of
from broker.web.links import keep
from broker.web.registration_form import (
    OTHER_CENTRE,
    UNLISTED,
    Filled,
    open_draft,
    read_form,
    seal_draft,
    unlisted_allowed,
)
from broker.web.registration_link import RegistrationLink, application_of_link, read_link
from broker.web.requests import source_address
from broker.web.tell import tell
from broker.web.who import sign_in_address, signed_in
from look.language import current_language, short_date
from look.language import gettext as _

blueprint = Blueprint("registration", __name__, static_folder="static", static_url_path="/user/static")

FOUND_AT_MOST = 20
PATH = "/user/aanvraag"
SENT_PATH = f"{PATH}/verstuurd"
SENT_COOKIE = "poortwachter-verstuurd"
SENT_SECONDS = 3600
_PAGES = (200, 409, 422)


@blueprint.get(PATH)
def show() -> str | Response | tuple[str, int]:
    """The first page of a link: who are you; then the form."""
    try:
        application = application_of_link(installation().catalogue, request.args)
        if application is not None:
            return _pick_right(application)
        link = _link()
    except DomainError as error:
        return wrong_link(error)
    browser()
    form = installation().catalogue.forms[link.application.form]
    if _identity(form) is None:
        return render_template("registration/start.html", **_about(link), form=form, sign_in=_sign_in(link))
    typed = {"zoek": request.args.get("zoek", ""), "submission_id": str(uuid.uuid4())}
    return _form_page(link, form, Filled(typed, {}, link.organisation))


@blueprint.post(PATH)
def send() -> str | Response | tuple[str, int]:
    """One button of the form or of the page that confirms it: search, not in the list, on, back, or send."""
    try:
        link = _link()
    except DomainError as error:
        return wrong_link(error)
    form = installation().catalogue.forms[link.application.form]
    if _identity(form) is None:
        return redirect(_sign_in(link), code=303)
    press = request.form.get("doe", "verder")
    typed = {name: value for name, value in request.form.items() if name not in ("csrf_token", "doe", "draft")}
    if "draft" in request.form:
        draft = open_draft(installation(), browser(), link, request.form["draft"])
        if draft is None:
            tell("wait", _("Dit formulier stond te lang open."), _("Vul het nog eens in. Er is niets verstuurd."))
            return redirect(request.full_path, code=303)
        typed = draft | ({"change_of_role": "1"} if press == "wissel" else {})
    if press == "niet-in-lijst":
        typed[UNLISTED] = "1"
    elif press == "in-lijst":
        typed[UNLISTED] = ""
    if press in ("zoek", "niet-in-lijst", "in-lijst", "wijzig"):
        return _form_page(link, form, Filled(typed, {}, _posted_organisation(link, typed)))
    filled = _read(link, form, typed)
    if filled.submission is None:
        return _form_page(link, form, filled), 422
    if press != "verstuur":
        return _check_page(link, form, filled, filled.submission)
    charter = link.application.charter
    if charter is None:
        return _submit(link, form, filled, filled.submission)
    if request.form.get("charter") != charter.version:
        return _check_page(link, form, filled, filled.submission, charter_missing=True)
    return _submit(link, form, filled, replace(filled.submission, charter_version=charter.version))


@blueprint.after_request
def keep_for_the_back_button(response: Response) -> Response:
    """A browser shows the answer to a form again only if it may keep it and its cookies are the same (Vary): without this, Back
    after sending gives an error page of the browser. A page with a typed rijksregisternummer is never kept (shared computers)."""
    if request.method == "POST" and response.status_code in _PAGES and not g.get("number_shown"):
        response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.get(SENT_PATH)
def sent() -> str:
    """After sending with an address that is still to be proved: look in your mailbox. The same for everybody (threats SR4)."""
    try:
        told = installation().keys.unseal_json(request.cookies.get(SENT_COOKIE, ""), _place_of_sent())
    except SealError as error:
        raise NotFoundError from error
    if not isinstance(told, dict):
        raise NotFoundError
    application = installation().catalogue.applications.get(told.get("application", ""))
    return render_template("registration/sent.html", told=told, application=application)


@blueprint.get("/user/organisaties")
def organisations() -> str:
    """The results of the search box, for the script that searches while one types. The same list as without it."""
    try:
        link = _link()
    except DomainError as error:
        raise NotFoundError from error
    words = request.args.get("zoek", "")[:200]
    return render_template(
        "registration/found.html", found=_found(link, words), words=words, chosen="", written_kbo=written_kbo
    )


def _link() -> RegistrationLink:
    application_of_link(installation().catalogue, request.args)
    return read_link(db.session(), installation().catalogue, request.args)


def _identity(form: Form) -> SignedIn | str | None:
    """The signed-in person, "typed" where the policy allows it and it was chosen, or None: still to choose."""
    who = signed_in()
    if who is not None and "digital_key" in form.identity:
        return who
    return "typed" if "typed" in form.identity and request.args.get("wie") == "getypt" else None


def _who(form: Form) -> SignedIn | None:
    who = _identity(form)
    return who if isinstance(who, SignedIn) else None


def _sign_in(link: RegistrationLink) -> str:
    return sign_in_address(link.application.code)


def browser() -> str:
    """A random id of this browser, in the signed cookie: a draft opens in the browser that wrote it only."""
    if "browser" not in browser_session:
        browser_session["browser"] = uuid.uuid4().hex
    return str(browser_session["browser"])


def _read(link: RegistrationLink, form: Form, typed: dict[str, str]) -> Filled:
    return read_form(db.session(), installation(), link, form, typed, _who(form), source_address(), current_language())


def _posted_organisation(link: RegistrationLink, typed: dict[str, str]) -> Organisation | None:
    if link.organisation is not None:
        return link.organisation
    found = find_organisations(
        db.session(), link.code.target_group, link.code.organisation_type, typed.get("organisation", ""), limit=1
    )
    return found[0] if found and found[0].code == typed.get("organisation") else None


def _found(link: RegistrationLink, words: str) -> list[Organisation]:
    if not words.strip():
        return []
    return find_organisations(
        db.session(), link.code.target_group, link.code.organisation_type, words, limit=FOUND_AT_MOST
    )


def _about(link: RegistrationLink) -> dict[str, Any]:
    catalogue = installation().catalogue
    return {
        "link": link,
        "application": link.application,
        "right": link.right,
        "context": link.right.contexts.get(link.code.context_code),
        "kind": catalogue.target_groups[link.code.target_group].types[link.code.organisation_type],
        "helpdesk": catalogue.helpdesk,
        "here": request.full_path,
    }


def _form_page(link: RegistrationLink, form: Form, filled: Filled) -> str:
    language = current_language()
    typed = dict(filled.typed)
    typed.setdefault("submission_id", str(uuid.uuid4()))
    words = typed.get("zoek", "")
    found = _found(link, words)
    chosen = filled.organisation
    if chosen is not None and chosen.code not in {each.code for each in found}:
        found = [chosen, *found]
    errors = [
        ("zoek" if name == "organisation" else name, sentence.in_language(language))
        for name, sentence in filled.wrong.items()
    ]
    who = _who(form)
    g.number_shown = who is None
    return render_template(
        "registration/form.html",
        **_about(link),
        form=form,
        typed=typed,
        wrong={name: sentence.in_language(language) for name, sentence in filled.wrong.items()},
        errors=errors,
        who=who,
        number=masked_national_number(who.number) if who and who.number else None,
        found=found,
        words=words,
        chosen=chosen,
        centres=known_centres(db.session(), link.application.code, chosen.id) if chosen else [],
        other_centre=OTHER_CENTRE,
        unlisted_allowed=unlisted_allowed(installation(), link),
        unlisted=typed.get(UNLISTED) == "1",
        written_kbo=written_kbo,
    )


def _check_page(
    link: RegistrationLink, form: Form, filled: Filled, submission: Submission, *, charter_missing: bool = False
) -> str | Response | tuple[str, int]:
    try:
        refusal = refusal_before_sending(db.session(), installation(), submission)
    except InvalidError as error:
        return _form_page(link, form, Filled(filled.typed, error.fields, filled.organisation)), 422
    if refusal is not None:
        return _refused(link, filled, refusal)
    typed = filled.typed | {"submission_id": str(submission.submission_id)}
    number = submission.number
    wrong = _("Kruis aan dat u het charter las en ermee akkoord gaat") if charter_missing else ""
    page = render_template(
        "registration/check.html",
        **_about(link),
        form=form,
        submission=submission,
        organisation=filled.organisation,
        number=masked_national_number(number) if number else None,
        typed_identity=submission.person_id is None,
        no_administrator=_no_administrator(filled, submission),
        draft=seal_draft(installation(), browser(), link, typed),
        written_kbo=written_kbo,
        charter=link.application.charter,
        wrong=wrong,
        errors=[("charter", wrong)] if wrong else [],
    )
    return page, 422 if wrong else 200


def _no_administrator(filled: Filled, submission: Submission) -> bool:
    """Whether nobody can decide there yet; told only to somebody who proved who they are (threats SR3)."""
    if submission.person_id is None or filled.organisation is None:
        return False
    return not reachable(tuple(pool_members(db.session(), organisation_scope(filled.organisation.id))))


def _refused(link: RegistrationLink, filled: Filled, refusal: Refusal) -> Response | tuple[str, int]:
    if refusal.first is not None:
        return first_response(refusal.first)
    page = render_template(
        "registration/refused.html",
        **_about(link),
        finding=refusal.finding,
        change_of_role=refusal.change_of_role,
        draft=seal_draft(installation(), browser(), link, filled.typed),
    )
    return page, 409


def first_response(first: AccessRequest) -> Response:
    """The same was asked already: to the page of that request."""
    since = first.opened_at or first.created_at
    asked = _("U had deze vraag al gesteld, op %(date)s.", date=short_date(since.date()))
    tell("info", asked, _("Dit is ze: u hoeft niets opnieuw te doen."))
    return redirect(f"/aanvraag/{first.number}", code=303)


def _submit(
    link: RegistrationLink, form: Form, filled: Filled, submission: Submission
) -> str | Response | tuple[str, int]:
    try:
        submitted = perform(submit_request, installation(), submission)
    except InvalidError as error:
        return _form_page(link, form, Filled(filled.typed, error.fields, filled.organisation)), 422
    except ConflictError:
        refusal = refusal_before_sending(db.session(), installation(), submission)
        if refusal is None:
            raise
        return _refused(link, filled, refusal)
    return sent_response(submitted, submission, link.application)


def sent_response(submitted: Submitted, submission: Submission, application: Application) -> Response:
    """After sending: to the page of the request, or to the one that says to look in the mailbox first."""
    if not submitted.to_prove and submission.person_id is not None:
        if not submitted.repeated:
            tell("ok", _("Uw vraag is verstuurd."), _("Hieronder ziet u altijd waar ze staat."))
        return redirect(f"/aanvraag/{submitted.number}", code=303)
    told = {
        "number": submitted.number,
        "email": masked_email(submission.email),
        "application": application.code,
        "link": request.full_path,
    }
    # In a cookie for the next page alone: one for the form as well would keep Back from showing it (see above).
    response = redirect(SENT_PATH, code=303)
    keep(response, SENT_COOKIE, installation().keys.seal_json(told, _place_of_sent()), SENT_PATH, SENT_SECONDS)
    return response


def _place_of_sent() -> str:
    return f"sent:{browser()}"


def _pick_right(application: Application) -> str | tuple[str, int]:
    group = request.args["dg"]
    rows = [row for row in installation().catalogue.kind_links(application) if row.target_group == group]
    if not rows:
        raise NotFoundError(
            "not_offered_to_group",
            Text(
                f"U kunt toegang tot {application.called.nl} niet vragen voor doelgroep {group}.",
                f"Access to {application.called.en} cannot be asked for target group {group}.",
            ),
            application_code=application.code,
        )
    carried = {name: value for name, value in request.args.items() if name in ("oc", "ctx")}
    return render_template("registration/pick_right.html", application=application, rows=rows, carried=carried)


def wrong_link(error: DomainError) -> Response:
    """What is wrong with the link, and which links exist; nothing is stored."""
    catalogue = installation().catalogue
    code = error.facts.get("application_code")
    shown = [each for each in catalogue.applications.values() if code in (None, each.code)]
    page = render_template(
        "registration/wrong_link.html",
        sentence=error.text.in_language(current_language()),
        links=[(each, catalogue.kind_links(each)) for each in shown],
        helpdesk=catalogue.helpdesk,
    )
    return make_response(page, status_of(error))
