"""/verantwoordelijke: the officer (doelgroepverantwoordelijke) appoints a head local administrator (decisions 9, threats AP4).

Owns these pages. Who may appoint whom is in people/; the one operation is `access.appoint_head_administrator`.
"""

from flask import Blueprint, make_response, redirect, render_template, request
from flask import session as browser_session
from werkzeug.wrappers import Response

from broker.access.appoint_head_administrator import NewHead, appoint_head_administrator
from broker.access.waiting_organisations import waiting_organisations
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.appoint_mandate import EVIDENCE_LENGTH
from broker.people.find_organisations import find_organisations, organisation_by_code
from broker.people.identifiers import email_address
from broker.people.list_administrators import administrators_of
from broker.people.mandate import HEAD_LOCAL_ADMIN
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.actor import actor
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.fields import Answer, line_answer, number_answer, parse, text_answer
from broker.web.officer_scope import officer_tabs, own_kinds
from broker.web.task_view import organisation_detail, say
from broker.web.who import require_recent_sign_in, require_sign_in

blueprint = Blueprint("officer", __name__)

PATH = "/verantwoordelijke"
FOUND_AT_MOST = 20
_FIELDS = ("given_name", "family_name", "number", "email", "evidence")


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """Where people wait without an administrator, and a search for every other organisation of one's kinds."""
    kinds = own_kinds()
    words = request.args.get("zoek", "")[:200]
    session = db.session()
    found = [
        each
        for group, kind in kinds
        if words.strip()
        for each in find_organisations(session, group, kind, words, FOUND_AT_MOST)
    ]
    catalogue = installation().catalogue
    types = [catalogue.organisation_type(group, kind) for group, kind in kinds]
    return render_template(
        "officer/organisations.html",
        waiting=waiting_organisations(session, kinds),
        kinds=[say(each.plural) for each in types if each is not None],
        words=words,
        found=found[:FOUND_AT_MOST],
        detail=_detail,
        officer_tabs=officer_tabs(PATH),
    )


@blueprint.get(f"{PATH}/organisaties/<code>/beheerder")
@require_recent_sign_in
def ask(code: str) -> Response:
    """The form to appoint somebody."""
    return _form(_organisation(code), {}, {}, 200)


@blueprint.post(f"{PATH}/organisaties/<code>/beheerder")
@require_recent_sign_in
def appoint(code: str) -> Response:
    """Appoint. The answer is the same whether we know the person or not (threats DG2)."""
    organisation = _organisation(code)
    organisation_id = organisation.id
    typed = {name: request.form.get(name, "")[:2000] for name in _FIELDS}
    values, wrong = parse(_answers(), typed)
    if wrong:
        return _form(organisation, typed, wrong, 422)
    head = NewHead(**{name: values[name] for name in _FIELDS})
    try:
        perform(appoint_head_administrator, installation(), actor(), organisation_id, head)
    except InvalidError as error:
        return _form(_organisation(code), typed, error.fields or {"": error.text}, status_of(error))
    except ForbiddenError as error:
        if error.code != "not_for_yourself":
            raise
        return _form(_organisation(code), typed, {"number": error.text}, status_of(error))
    except (ConflictError, BusyError) as error:
        return _form(_organisation(code), typed, {"": error.text}, status_of(error))
    browser_session["appointed"] = {"name": f"{head.given_name} {head.family_name}", "code": code}
    return redirect(f"{PATH}/organisaties/{code}/aangesteld", code=303)


@blueprint.get(f"{PATH}/organisaties/<code>/aangesteld")
@require_sign_in
def appointed(code: str) -> str:
    """What happens now; with the name as it was typed, never one that we had."""
    organisation = _organisation(code)
    told = browser_session.get("appointed")
    if not isinstance(told, dict) or told.get("code") != code:
        raise NotFoundError
    return render_template("officer/appointed.html", organisation=organisation, name=told["name"])


def _form(organisation: Organisation, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    page = render_template(
        "officer/appoint.html",
        organisation=organisation,
        detail=_detail(organisation),
        members=[
            (each.name, each.mandate.kind == HEAD_LOCAL_ADMIN)
            for each in administrators_of(db.session(), [organisation.id])
            if each.counts
        ],
        typed=typed,
        **field_errors(wrong),
    )
    return make_response(page, status)


def _answers() -> dict[str, Answer]:
    return {
        "given_name": line_answer(100, Text("Vul de voornaam in.", "Fill in the first name.")),
        "family_name": line_answer(100, Text("Vul de familienaam in.", "Fill in the surname.")),
        "number": number_answer(Text("Vul het rijksregisternummer in.", "Fill in the national register number.")),
        "email": Answer(
            lambda typed: email_address(typed, test_domains=installation().settings.development),
            Text("Vul het e-mailadres op het werk in.", "Fill in the email address at work."),
        ),
        "evidence": text_answer(
            EVIDENCE_LENGTH, Text("Schrijf waarop u zich baseert.", "Write on what grounds you appoint this person.")
        ),
    }


def _detail(organisation: Organisation) -> str:
    kind = installation().catalogue.organisation_type(organisation.target_group, organisation.organisation_type)
    return organisation_detail(organisation, say(kind.name) if kind else "")


def _organisation(code: str) -> Organisation:
    """A living organisation of one's own kinds; any other is absent (threats ID2)."""
    kinds = own_kinds()
    organisation = organisation_by_code(db.session(), code)
    if organisation is None or (organisation.target_group, organisation.organisation_type) not in kinds:
        raise NotFoundError
    return organisation
