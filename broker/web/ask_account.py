"""/toepassingen/<code>/account-aanvragen: the other way in (seed 000): somebody writes to their local administrator.

The four steps → find your organisation → who may ask and what will happen → the message, filled in: to copy, to open in a mail
program, or to send through the broker, where it becomes a request like any other. No number is typed here. Owns the order of the
pages; the words of the message are in `ask_message`, what sending does in access/.
"""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.access.pool import reachable
from broker.access.submit_request import Refusal, Submission, refusal_before_sending, submit_request
from broker.access.tell_owner_of_request import GENERAL_EMAIL
from broker.authentication.session import SignedIn
from broker.catalogue import Application, AskAdministrator, EntitlementCode
from broker.database import db, perform
from broker.errors import ConflictError, NotFoundError
from broker.installation import installation
from broker.people.find_organisations import organisation_by_code
from broker.people.identifiers import masked_national_number, written_kbo
from broker.people.living_mandates import pool_members
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.ask_message import right_in_words, written_message
from broker.web.draft import open_typed, seal_typed
from broker.web.fields import Answer, email_answer, line_answer, optional_email_answer, parse
from broker.web.organisations_offered import kinds_offered, organisations_found
from broker.web.registration import browser, first_response, sent_response
from broker.web.registration_form import MISSING_FAMILY_NAME, MISSING_GIVEN_NAME, submission_id
from broker.web.replaced import REPLACES, replaced_line, replaced_unclear
from broker.web.requests import source_address
from broker.web.tell import tell
from broker.web.who import sign_in_address, signed_in
from look.language import current_language
from look.language import gettext as _

blueprint = Blueprint("ask_account", __name__)

PATH = "/toepassingen/<code>/account-aanvragen"


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked, for which organisation; `codes` is empty for a kind of organisation that may not ask."""

    application: Application
    policy: AskAdministrator
    organisation: Organisation
    codes: tuple[EntitlementCode, ...]

    def code(self, chosen: str) -> EntitlementCode:
        """The right that was chosen, or the only one."""
        return next((each for each in self.codes if each.code == chosen), self.codes[0])


@blueprint.get(PATH)
def show(code: str) -> str:
    """The four steps and the search; or, with `oc`, the page of that organisation."""
    application, policy = _application(code)
    if not request.args.get("oc"):
        words = request.args.get("zoek", "")[:200]
        return render_template(
            "ask_account/start.html",
            **_about(application, policy),
            words=words,
            found=organisations_found(application, words),
            written_kbo=written_kbo,
        )
    asking = _asking(application, policy)
    return _form_page(asking, {}, {}) if asking.codes else _may_not(asking)


@blueprint.post(PATH)
def write(code: str) -> str | Response | tuple[str, int]:
    """Write the message; change something in it; or send it."""
    asking = _asking(*_application(code))
    if not asking.codes:
        return _may_not(asking)
    press = request.form.get("doe", "schrijf")
    typed = {name: value[:2000] for name, value in request.form.items() if name not in ("csrf_token", "doe", "draft")}
    if "draft" in request.form:
        draft = open_typed(installation(), _draft_place(asking), request.form["draft"])
        if draft is None:
            tell("wait", _("Deze pagina stond te lang open."), _("Vul het nog eens in. Er is niets verstuurd."))
            return redirect(request.full_path, code=303)
        typed = draft
    if press == "wijzig":
        return _form_page(asking, typed, {})
    who = signed_in()
    values, wrong = parse(_answers(who), typed | {REPLACES: replaced_line(typed)})
    unclear = replaced_unclear(typed)
    wrong |= {REPLACES: unclear} if unclear is not None else {}
    if wrong:
        return _form_page(asking, typed, wrong), 422
    submission = _submission(asking, values, typed, who)
    refusal = refusal_before_sending(db.session(), installation(), submission)
    if refusal is not None:
        return _refused(asking, refusal)
    if press != "verstuur":
        return _message_page(asking, submission, typed)
    charter = asking.application.charter
    if charter is None:
        return _send(asking, submission)
    if request.form.get("charter") != charter.version:
        return _message_page(
            asking, submission, typed, wrong=_("Kruis aan dat u het charter las en ermee akkoord gaat")
        ), 422
    return _send(asking, replace(submission, charter_version=charter.version))


def _application(code: str) -> tuple[Application, AskAdministrator]:
    application = installation().catalogue.applications.get(code)
    if application is None or application.ask_administrator is None:
        raise NotFoundError("unknown_application")
    return application, application.ask_administrator


def _asking(application: Application, policy: AskAdministrator) -> _Asking:
    organisation = organisation_by_code(db.session(), request.args.get("oc", "")[:20])
    if organisation is None:
        raise NotFoundError("organisation_unknown", NO_SUCH_ORGANISATION)
    codes = tuple(
        each
        for each in application.entitlement_codes.values()
        if (each.target_group, each.organisation_type) == (organisation.target_group, organisation.organisation_type)
    )
    return _Asking(application, policy, organisation, codes)


def _about(application: Application, policy: AskAdministrator) -> dict[str, Any]:
    catalogue, language = installation().catalogue, current_language()
    return {
        "application": application,
        "policy": policy,
        "kinds": [
            catalogue.target_groups[group].types[kind].plural.in_language(language)
            for group, kind in kinds_offered(application)
        ],
        "rights": [
            right_in_words(right, context)
            for right in application.rights.values()
            for context in (right.contexts.values() or [None])
        ],
        "keys": [
            catalogue.identity_providers[each].name.in_language(language)
            for each in application.sign_in
            if each in catalogue.identity_providers
        ],
        "helpdesk": catalogue.helpdesk,
        "language": language,
        "here": request.full_path.rstrip("?"),
        "home": f"/toepassingen/{application.code}/account-aanvragen",
    }


def _may_not(asking: _Asking) -> str:
    kind = installation().catalogue.organisation_type(
        asking.organisation.target_group, asking.organisation.organisation_type
    )
    return render_template(
        "ask_account/may_not.html",
        **_about(asking.application, asking.policy),
        organisation=asking.organisation,
        kind=kind,
    )


def _answers(who: SignedIn | None) -> dict[str, Answer]:
    test_domains = installation().settings.development
    named = {
        "given_name": line_answer(100, MISSING_GIVEN_NAME),
        "family_name": line_answer(100, MISSING_FAMILY_NAME),
    }
    return (named if who is None else {}) | {
        "email": email_answer(test_domains=test_domains),
        GENERAL_EMAIL: optional_email_answer(test_domains=test_domains),
        REPLACES: line_answer(200),
    }


def _form_page(asking: _Asking, typed: dict[str, str], wrong: dict[str, Text]) -> str:
    browser()
    language = current_language()
    said = {name: sentence.in_language(language) for name, sentence in wrong.items()}
    who = signed_in()
    return render_template(
        "ask_account/form.html",
        **_about(asking.application, asking.policy),
        organisation=asking.organisation,
        codes=[(each.code, _right_words(asking.application, each)) for each in asking.codes],
        typed={"submission_id": str(uuid.uuid4())} | typed,
        wrong=said,
        errors=list(said.items()),
        who=who,
        sign_in=sign_in_address(asking.application.code),
        deciders=_deciders(asking.organisation) if who else None,
    )


def _deciders(organisation: Organisation) -> list[str]:
    """The functions that decide there, for somebody who proved who they are; never names (threats SR3)."""
    members = tuple(pool_members(db.session(), organisation_scope(organisation.id)))
    if not reachable(members):
        return []
    words = {"head_local_admin": _("hoofd lokale beheerder"), "local_admin": _("lokale beheerder")}
    return sorted({words.get(each.kind, _("lokale beheerder")) for each in members})


def _right_words(application: Application, code: EntitlementCode) -> str:
    right = application.rights[code.right_code]
    return right_in_words(right, right.contexts.get(code.context_code))


def _submission(asking: _Asking, values: dict[str, Any], typed: dict[str, str], who: SignedIn | None) -> Submission:
    return Submission(
        submission_id=submission_id(typed),
        entitlement_code=asking.code(typed.get("ec", "")).code,
        given_name=who.given_name if who else values["given_name"],
        family_name=who.family_name if who else values["family_name"],
        person_id=who.person_id if who else None,
        number=who.number if who else None,
        email=values["email"],
        organisation_id=asking.organisation.id,
        answers={code: values[code] for code in (GENERAL_EMAIL, REPLACES) if values.get(code)},
        language=current_language(),
        source=source_address(),
    )


def _message_page(asking: _Asking, submission: Submission, typed: dict[str, str], wrong: str = "") -> str:
    code = asking.code(submission.entitlement_code)
    right = asking.application.rights[code.right_code]
    general = submission.answers.get(GENERAL_EMAIL)
    emails = [submission.email, *([general] if general else [])]
    message = written_message(
        asking.application,
        right,
        right.contexts.get(code.context_code),
        asking.organisation.name,
        f"{submission.given_name} {submission.family_name}",
        emails,
        submission.answers.get(REPLACES, ""),
    )
    return render_template(
        "ask_account/message.html",
        **_about(asking.application, asking.policy),
        organisation=asking.organisation,
        message=message,
        charter_wrong=wrong,
        errors=[("charter", wrong)] if wrong else [],
        submission=submission,
        emails=emails,
        replaces=submission.answers.get(REPLACES, ""),
        right=_right_words(asking.application, code),
        number=masked_national_number(submission.number) if submission.number else None,
        draft=seal_typed(
            installation(), _draft_place(asking), typed | {"submission_id": str(submission.submission_id)}
        ),
    )


def _send(asking: _Asking, submission: Submission) -> Response | tuple[str, int]:
    try:
        submitted = perform(submit_request, installation(), submission)
    except ConflictError:
        refusal = refusal_before_sending(db.session(), installation(), submission)
        if refusal is None:
            raise
        return _refused(asking, refusal)
    return sent_response(submitted, submission, asking.application)


def _refused(asking: _Asking, refusal: Refusal) -> Response | tuple[str, int]:
    if refusal.first is not None:
        return first_response(refusal.first)
    page = render_template(
        "ask_account/refused.html", **_about(asking.application, asking.policy), finding=refusal.finding
    )
    return page, 409


def _draft_place(asking: _Asking) -> str:
    return f"draft:account:{browser()}:{asking.application.code}:{asking.organisation.id}"


NO_SUCH_ORGANISATION = Text("Deze organisatie kennen wij niet.", "We do not know this organisation.")
