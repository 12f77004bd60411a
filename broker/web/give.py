"""/rechten/nieuw: "Nieuw recht toekennen" (seed 002 step 2): who, which right and until when, what the rules say, the button.

Owns these pages and their words. The rules are in access/rules, the operation is `access.give_right`. A number that is searched for
is sent in a form and stands in no address.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.count_role_elsewhere import count_role_elsewhere
from broker.access.explain_direct import DirectGrant, check_days, codes_offered, explain_direct_at, role_elsewhere
from broker.access.explain_request import Explanation
from broker.access.find_colleagues import Colleague, colleague, find_colleagues
from broker.access.give_right import give_right
from broker.access.invite_colleague import waits_for_invitation
from broker.catalogue import EntitlementCode
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError, TooManyError
from broker.installation import installation
from broker.people.look_up import look_up
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.actor import actor
from broker.web.colleague_form import colleague_page
from broker.web.decision_form import NO_DAY, read_day
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.fields import number_answer, parse
from broker.web.own_organisation import chosen_organisation, desk_organisations
from broker.web.request_view import rule_line
from broker.web.right_words import right_words
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _
from look.language import short_date

blueprint = Blueprint("give", __name__)

PATH = "/rechten/nieuw"
BY_NUMBER, BY_NAME = "nummer", "naam"
_WORDS_AT_MOST = 100
_NO_RIGHT = Text("Kies een recht.", "Choose a right.")
_NO_NUMBER = Text("Vul het rijksregisternummer in.", "Fill in the national register number.")
_NO_NAME = Text("Vul een naam of een e-mailadres in.", "Fill in a name or an email address.")


@blueprint.get(PATH)
@require_sign_in
def who() -> Response:
    """Who is it for?"""
    return _who_page(desk_organisations(), {}, {}, 200)


@blueprint.post(PATH)
@require_sign_in
def search() -> Response:
    """By number, at one organisation and exactly; or by name or address, among those who work there."""
    organisations = desk_organisations()
    typed = {name: request.form.get(name, "").strip()[:_WORDS_AT_MOST] for name in ("organisatie", "nummer", "naam")}
    organisation = chosen_organisation(organisations, typed["organisatie"])
    if request.form.get("doe") == BY_NAME:
        if not typed["naam"]:
            return _who_page(organisations, typed, {"naam": _NO_NAME}, 422)
        return _who_page(organisations, typed, {}, 200, find_colleagues(db.session(), organisation, typed["naam"]))
    values, wrong = parse({"nummer": number_answer(_NO_NUMBER)}, typed)
    if wrong:
        return _who_page(organisations, typed, wrong, 422)
    try:
        found = perform(look_up, installation(), actor(), organisation, values["nummer"])
    except TooManyError as error:
        return _who_page(organisations, typed, {"nummer": error.text}, status_of(error))
    if found is not None:
        return redirect(f"{PATH}/{found.affiliation.id}", code=303)
    tell(
        "info",
        _("Bij %(name)s werkt niemand met dit nummer.", name=organisation.name),
        _("Voeg de persoon toe, dan kunt u het recht geven."),
    )
    return colleague_page(organisations, {"organisatie": organisation.code, "number": typed["nummer"]}, {}, 200)


@blueprint.get(f"{PATH}/<uuid:affiliation_id>")
@require_sign_in
def which(affiliation_id: uuid.UUID) -> Response:
    """Which right, and from when until when?"""
    return _which_page(_subject(affiliation_id), {}, {}, 200)


@blueprint.post(f"{PATH}/<uuid:affiliation_id>")
@require_sign_in
def check_or_give(affiliation_id: uuid.UUID) -> Response:
    """What the rules say of it, before the button; the button; or back to change something."""
    subject = _subject(affiliation_id)
    typed = {
        name: request.form.get(name, "")[:_WORDS_AT_MOST] for name in ("recht", "vanaf", "tot", "wissel", "gezien")
    }
    press = request.form.get("doe", "kijk-na")
    if press == "wijzig":
        return _which_page(subject, typed, {}, 200)
    try:
        direct = _read(subject, typed | ({"wissel": "1"} if press == "wissel" else {}))
        if press != "geef":
            return _check_page(subject, direct, 200)
        given = perform(give_right, installation(), actor(), replace(direct, seen=typed["gezien"]))
    except InvalidError as error:
        fields = {"first_day": "vanaf", "last_day": "tot"}
        wrong = {fields.get(name, name): sentence for name, sentence in error.fields.items()}
        return _which_page(subject, typed, wrong, status_of(error))
    except TooManyError as error:
        return _which_page(subject, typed, {"recht": error.text}, status_of(error))
    except (ConflictError, ForbiddenError, BusyError) as error:
        return _conflict(subject, direct, typed, error)
    tell("ok", *_said(subject, given.outcome, given.grant.valid_from.date()))
    return redirect(f"/rechten/{given.grant.id}", code=303)


@dataclass(frozen=True, slots=True)
class _Subject:
    """Who gets a right, where."""

    who: Colleague
    organisation: Organisation


def _subject(affiliation_id: uuid.UUID) -> _Subject:
    found, organisation = colleague(db.session(), actor(), affiliation_id)
    return _Subject(found, organisation)


def _who_page(
    organisations: list[Organisation],
    typed: Mapping[str, str],
    wrong: Mapping[str, Text],
    status: int,
    found: list[Colleague] | None = None,
) -> Response:
    page = render_template(
        "give/who.html",
        organisations=organisations,
        options=[(each.code, each.name) for each in organisations],
        typed=typed,
        **field_errors(wrong),
        found=found,
        me=actor(),
    )
    return make_response(page, status)


def _which_page(subject: _Subject, typed: Mapping[str, str], wrong: Mapping[str, Text], status: int) -> Response:
    codes = codes_offered(installation().catalogue, subject.organisation)
    page = render_template(
        "give/which.html",
        who=subject.who,
        organisation=subject.organisation,
        choices=[right_words(installation().catalogue, code) for code in codes],
        typed=dict(typed) | ({"recht": codes[0].code} if len(codes) == 1 else {}),
        today=clock.local_date(clock.now()),
        own=subject.who.person.id == actor(),
        invited=waits_for_invitation(subject.who.person),
        **field_errors(wrong),
    )
    return make_response(page, status)


def _read(subject: _Subject, typed: Mapping[str, str]) -> DirectGrant:
    """What was chosen.

    Raises:
        InvalidError: no right was chosen, or a day is none.
    """
    code = next(
        (each for each in codes_offered(installation().catalogue, subject.organisation) if each.code == typed["recht"]),
        None,
    )
    wrong: dict[str, Text] = {} if code else {"recht": _NO_RIGHT}
    days: dict[str, date | None] = {}
    for name in ("vanaf", "tot"):
        try:
            days[name] = read_day(typed[name]) if typed[name].strip() else None
        except ValueError:
            wrong[name] = NO_DAY
    if code is None or wrong:
        raise InvalidError("direct_incomplete", next(iter(wrong.values())), wrong)
    return DirectGrant(
        organisation_id=subject.organisation.id,
        person_id=subject.who.person.id,
        application_code=code.application_code,
        right_code=code.right_code,
        context_code=code.context_code,
        first_day=days["vanaf"],
        last_day=days["tot"],
        change_of_role=typed["wissel"] == "1",
    )


def _check_page(subject: _Subject, direct: DirectGrant, status: int) -> Response:
    explanation = explain_direct_at(db.session(), installation(), actor(), direct, subject.organisation)
    if role_elsewhere(explanation.case):
        perform(count_role_elsewhere, installation(), actor(), direct.organisation_id, direct.person_id)
    last_day = check_days(direct, explanation.last_day)
    case = explanation.case
    taken = case.role_taken_by()
    may_change = taken is not None and not role_elsewhere(case) and _only_refusal(explanation) == "one_role"
    code = next(each for each in codes_offered(installation().catalogue, subject.organisation) if _same(each, direct))
    own = _only_refusal(explanation) == "not_for_yourself"
    page = render_template(
        "give/check.html",
        who=subject.who,
        organisation=subject.organisation,
        question=say(case.right.question).format(
            person=subject.who.name.full_name, organisation=subject.organisation.name
        )
        if case.right
        else _("Mag %(person)s dit recht krijgen?", person=subject.who.name.full_name),
        right=right_words(installation().catalogue, code),
        rules=[rule_line(finding) for finding in explanation.findings],
        may=explanation.may_approve,
        may_change=may_change,
        own_link=f"{code.link}&oc={subject.organisation.code}" if own else "",
        period=_period(direct.first_day, last_day),
        fingerprint=explanation.fingerprint,
        carried=_carried(code, direct),
    )
    return make_response(page, status)


def _conflict(
    subject: _Subject, direct: DirectGrant, typed: Mapping[str, str], error: ConflictError | ForbiddenError | BusyError
) -> Response:
    """The check page as it is now; what a rule says stands on it, and counts there where it tells of elsewhere (threats DG4)."""
    if error.code in ("explanation_changed", "busy", "mandate_ended"):
        tell("fail", say(error.text))
    try:
        return _check_page(subject, direct, status_of(error))
    except TooManyError as too_many:
        return _which_page(subject, typed, {"recht": too_many.text}, status_of(too_many))


def _only_refusal(explanation: Explanation) -> str:
    refused = [finding.rule for finding in explanation.findings if finding.refused]
    return refused[0] if len(refused) == 1 else ""


def _same(code: EntitlementCode, direct: DirectGrant) -> bool:
    return (code.application_code, code.right_code, code.context_code) == (
        direct.application_code,
        direct.right_code,
        direct.context_code,
    )


def _carried(code: EntitlementCode, direct: DirectGrant) -> dict[str, str]:
    """The choices, for the buttons of the check page."""
    return {
        "recht": code.code,
        "vanaf": direct.first_day.isoformat() if direct.first_day else "",
        "tot": direct.last_day.isoformat() if direct.last_day else "",
        "wissel": "1" if direct.change_of_role else "",
    }


def _period(first: date | None, last: date) -> str:
    if first is None or first <= clock.local_date(clock.now()):
        return _("vanaf vandaag tot en met %(day)s", day=short_date(last))
    return _("van %(first)s tot en met %(day)s", first=short_date(first), day=short_date(last))


def _said(subject: _Subject, outcome: str, begins: date) -> tuple[str, str]:
    """What the next page says on top."""
    name = subject.who.name.full_name
    given = _("%(name)s heeft het recht.", name=name)
    told = _("%(name)s krijgt een mail.", name=name)
    match outcome:
        case "waiting_for_label":
            return _("Het recht is gegeven en wacht op het label."), _(
                "Het begint vanzelf zodra %(name)s het label heeft. We vroegen het aan de doelgroepverantwoordelijke.",
                name=subject.organisation.name,
            )
        case "waiting_for_identity":
            return _("Het recht is gegeven."), _(
                "Het begint vanzelf als %(name)s aanmeldt met een digitale sleutel. De mail daarover is onderweg.",
                name=name,
            )
        case "planned":
            return _("Het recht is gegeven en begint op %(day)s.", day=short_date(begins)), told
    return given, told
