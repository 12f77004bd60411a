"""/mensen/nieuw: "Nieuwe persoon toevoegen" (seed 002 step 2). Owns this address; the page is `colleague_form`, the operation
`access.add_colleague`. The answer is the same for somebody we know and somebody new (threats DG2)."""

import uuid

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from broker.access.add_colleague import NewColleague, account_applications, add_colleague
from broker.access.decide_nomination import named_colleague
from broker.access.invite_colleague import invite_colleague
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError, TooManyError
from broker.installation import installation
from broker.text import Text
from broker.web.actor import actor
from broker.web.colleague_form import colleague_page
from broker.web.errors import status_of
from broker.web.own_organisation import chosen_organisation, desk_organisations
from broker.web.read_id import read_id
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import current_language
from look.language import gettext as _

blueprint = Blueprint("add_colleague", __name__)

PATH = "/mensen/nieuw"
_FIELDS = ("given_name", "family_name", "number", "email", "phone")


@blueprint.get(PATH)
@require_sign_in
def show() -> Response:
    """The form; with `voordracht`, the task about somebody who was named, filled in with what was typed of them."""
    organisations = desk_organisations()
    if not request.args.get("voordracht"):
        return colleague_page(organisations, {}, {}, 200)
    named = named_colleague(db.session(), actor(), read_id(request.args["voordracht"]))
    if named is None:
        tell("fail", _("Deze vraag is al beantwoord."))
        return redirect("/taken", code=303)
    typed = {
        "given_name": named.given_name,
        "family_name": named.family_name,
        "email": named.email,
        "organisatie": chosen_organisation(organisations, named.organisation_code).code,
        "aanmelding": "account",
        "voordracht": str(named.task_id),
    }
    return colleague_page(organisations, typed, {}, 200)


@blueprint.get("/mensen/<uuid:affiliation_id>/uitnodiging")
@require_sign_in
def back_to_right(affiliation_id: uuid.UUID) -> Response:
    """Where a reload, or the other language, leads."""
    return redirect(f"/rechten/nieuw/{affiliation_id}", code=303)


@blueprint.post("/mensen/<uuid:affiliation_id>/uitnodiging")
@require_sign_in
def invite(affiliation_id: uuid.UUID) -> Response:
    """Send the invitation of somebody without a number again."""
    try:
        perform(invite_colleague, installation(), actor(), affiliation_id)
    except (ConflictError, ForbiddenError, TooManyError, BusyError) as error:
        tell("fail", say(error.text))
    else:
        tell("ok", _("De uitnodiging is onderweg."), _("De vorige link werkt niet meer."))
    back = f"/mensen/{affiliation_id}" if request.form.get("van") == "mensen" else f"/rechten/nieuw/{affiliation_id}"
    return redirect(back, code=303)


@blueprint.post(PATH)
@require_sign_in
def add() -> Response:
    """Add the person; then on to the right."""
    organisations = desk_organisations()
    typed = {name: request.form.get(name, "")[:300] for name in (*_FIELDS, "organisatie", "aanmelding", "voordracht")}
    organisation = chosen_organisation(organisations, typed["organisatie"])
    typed["organisatie"] = organisation.code
    account_for = None
    if typed["aanmelding"] == "account":
        account_for = next(iter(account_applications(installation().catalogue, organisation)), None)
        if account_for is None:
            return colleague_page(organisations, typed, {"aanmelding": NO_ACCOUNTS_HERE}, 422)
    new = NewColleague(
        **{name: typed[name] for name in _FIELDS},
        language=current_language(),
        account_for=account_for,
        answers_task=read_id(typed["voordracht"]) if typed["voordracht"] else None,
    )
    try:
        job = perform(add_colleague, installation(), actor(), organisation.id, new)
    except InvalidError as error:
        return colleague_page(organisations, typed, error.fields, status_of(error))
    except (TooManyError, ForbiddenError) as error:
        return colleague_page(organisations, typed, {"number": error.text}, status_of(error))
    except (ConflictError, BusyError) as error:
        tell("fail", say(error.text))
        return colleague_page(organisations, typed, {}, status_of(error))
    name = f"{new.given_name} {new.family_name}".strip()
    if account_for is not None:
        tell(
            "ok",
            _("%(name)s is toegevoegd en krijgt een mail met gebruikersnaam en link.", name=name),
            _("Een recht geven kan zodra e-mailadres en mobiel nummer bewezen zijn. U krijgt dan een mail."),
        )
    else:
        tell("ok", _("%(name)s is toegevoegd en krijgt bericht.", name=name), _("Kies nu het recht, of doe dat later."))
    return redirect(f"/rechten/nieuw/{job.id}", code=303)


NO_ACCOUNTS_HERE = Text(
    "Deze organisatie heeft geen toepassing met een gebruikersnaam en wachtwoord.",
    "This organisation has no application with a user name and password.",
)
