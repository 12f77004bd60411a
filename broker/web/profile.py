"""/mijn-profiel: what somebody sees and settles of themselves (issue "the desk"): rights, requests, administrators, sessions,
language, and their data to take along.

A list of sections, each with what it shows and its template: a new one is a line in SECTIONS. Owns these pages and their words;
the operations are `end_own_grant`, `end_own_session`, `choose_language`; the data is that of `retention.take_own_data`.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker import clock
from broker.access.end_grant import end_own_grant
from broker.access.own_requests import own_requests
from broker.access.own_rights import OwnRight, own_rights
from broker.authentication.end_own_session import end_other_sessions, end_own_session
from broker.authentication.own_sessions import own_sessions
from broker.authentication.session import SignedIn
from broker.catalogue import LOCAL_ACCOUNT
from broker.catalogue.local_levels import WITH_PASSKEY
from broker.database import db, perform
from broker.errors import ConflictError, NotFoundError
from broker.installation import installation
from broker.people.choose_language import choose_language
from broker.people.own_jobs import own_jobs
from broker.people.person import Person
from broker.retention.take_own_data import take_own_data
from broker.web.actor import actor
from broker.web.own_account import account_sheet, devices_sheet
from broker.web.own_passkeys import passkeys_sheet
from broker.web.right_state import chip_of
from broker.web.task_view import context_name, right_name, say
from broker.web.tell import tell
from broker.web.who import require_recent_sign_in, require_sign_in, signed_in
from look.language import current_language
from look.language import gettext as _
from look.shell import LANGUAGE_COOKIE

blueprint = Blueprint("profile", __name__)

PATH = "/mijn-profiel"
_REQUESTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the page. `id` is its anchor; `template` gets what `gather` answers; None: not for this person."""

    id: str
    template: str
    gather: Callable[[SignedIn], dict[str, Any] | None]


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """Everything, on one page."""
    who = _who()
    return render_template(
        "profile/show.html",
        who=who,
        sections=[(each.id, each.template, shown) for each in SECTIONS if (shown := each.gather(who)) is not None],
        contacts=installation().catalogue.helpdesk,
    )


@blueprint.get(f"{PATH}/rechten/<uuid:grant_id>/teruggeven")
@require_sign_in
def ask_give_back(grant_id: uuid.UUID) -> str:
    """Are you sure: a page, not a pop-up."""
    found = _own_right(grant_id)
    return render_template("profile/give_back.html", right=found, name=_right(found), back=f"{PATH}#rechten")


@blueprint.post(f"{PATH}/rechten/<uuid:grant_id>/teruggeven")
@require_sign_in
def give_back(grant_id: uuid.UUID) -> Response:
    """Give a right back."""
    try:
        perform(end_own_grant, installation(), actor(), grant_id)
    except ConflictError as error:
        tell("fail", say(error.text))
    else:
        tell("ok", _("U gaf uw recht terug."), _("De mensen van de toepassing weten het."))
    return redirect(f"{PATH}#rechten", code=303)


@blueprint.post(f"{PATH}/sessies/<uuid:session_id>/beeindig")
@require_sign_in
def end_session_of_mine(session_id: uuid.UUID) -> Response:
    """End one session; this browser's own leads to the door."""
    perform(end_own_session, installation(), actor(), session_id)
    if session_id == _who().session_id:
        return redirect("/afgemeld", code=303)
    tell("ok", _("Die sessie is beëindigd."), _("Ook de toepassingen die ermee open stonden, sluiten."))
    return redirect(f"{PATH}#sessies", code=303)


@blueprint.post(f"{PATH}/sessies/beeindig-andere")
@require_sign_in
def end_all_others() -> Response:
    """End every session but this one."""
    ended = perform(end_other_sessions, installation(), actor(), _who().session_id)
    if ended:
        tell("ok", _("Uw andere sessies zijn beëindigd."), _("Alleen in deze browser bent u nog aangemeld."))
    else:
        tell("ok", _("U was nergens anders aangemeld."))
    return redirect(f"{PATH}#sessies", code=303)


@blueprint.post(f"{PATH}/taal")
@require_sign_in
def choose() -> Response:
    """The language of pages and mails."""
    language = request.form.get("taal", "")
    perform(choose_language, installation(), actor(), language)
    response = redirect(f"{PATH}#taal", code=303)
    response.delete_cookie(LANGUAGE_COOKIE)  # what was once clicked in the foot would go before the choice
    return response


@blueprint.get(f"{PATH}/gegevens")
@require_recent_sign_in
def ask_data() -> str:
    """What the file holds, and the button; who comes here has just proved again who they are (threats RE5)."""
    return render_template("profile/data.html", back=f"{PATH}#gegevens")


@blueprint.post(f"{PATH}/gegevens")
@require_recent_sign_in
def take_data() -> Response:
    """The file: made now, handed over once, kept nowhere."""
    data = perform(take_own_data, installation(), actor())
    response = make_response(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    day = clock.local_date(clock.now()).isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="mijn-gegevens-{day}.json"'
    return response


def _who() -> SignedIn:
    who = signed_in()
    assert who is not None
    return who


def _own_right(grant_id: uuid.UUID) -> OwnRight:
    rights = own_rights(db.session(), installation().catalogue, actor())
    found = next((each for each in rights if each.grant_id == grant_id and each.may_give_back), None)
    if found is None:
        raise NotFoundError("grant_unknown")
    return found


def _right(own: OwnRight) -> str:
    return right_name(installation().catalogue, own.application_code, own.right_code)


def _rights(who: SignedIn) -> dict[str, Any]:
    catalogue = installation().catalogue
    return {
        "rights": [
            (
                each,
                _right(each),
                context_name(catalogue, each.application_code, each.right_code, each.context_code),
                chip_of(each.state, each.valid_until),
                clock.last_day(each.valid_until) if each.valid_until else None,
            )
            for each in own_rights(db.session(), catalogue, who.person_id)
        ]
    }


def _requests(who: SignedIn) -> dict[str, Any]:
    found = own_requests(db.session(), who.person_id)
    catalogue = installation().catalogue
    shown = [(each, right_name(catalogue, each.application_code, each.right_code)) for each in found[:_REQUESTS_SHOWN]]
    return {"requests": shown, "more": len(found) > _REQUESTS_SHOWN}


def _jobs(who: SignedIn) -> dict[str, Any]:
    return {"jobs": own_jobs(db.session(), who.person_id)}


def _sessions(who: SignedIn) -> dict[str, Any]:
    catalogue = installation().catalogue
    names = {code: say(each.short_name) for code, each in catalogue.applications.items()}
    keys = {code: say(each.name) for code, each in catalogue.identity_providers.items()}
    keys[LOCAL_ACCOUNT] = _("gebruikersnaam en wachtwoord")
    return {
        "sessions": [
            (
                each,
                _("een toegangssleutel")
                if each.acr == WITH_PASSKEY[0]
                else keys.get(each.provider_code, each.provider_code),
                [names.get(code, code) for code in each.applications],
                each.session_id == who.session_id,
            )
            for each in own_sessions(db.session(), who.person_id)
        ]
    }


def _language(_who: SignedIn) -> dict[str, Any]:
    return {"chosen": current_language()}


def _data(who: SignedIn) -> dict[str, Any]:
    person = db.session().get_one(Person, who.person_id)
    return {"person": person}


SECTIONS: tuple[Sheet, ...] = (
    Sheet("rechten", "profile/_rights.html", _rights),
    Sheet("aanvragen", "profile/_requests.html", _requests),
    Sheet("beheerders", "profile/_jobs.html", _jobs),
    Sheet("sessies", "profile/_sessions.html", _sessions),
    Sheet("account", "profile/_account.html", account_sheet),
    Sheet("toegangssleutels", "profile/_passkeys.html", passkeys_sheet),
    Sheet("apparaten", "profile/_devices.html", devices_sheet),
    Sheet("taal", "profile/_language.html", _language),
    Sheet("gegevens", "profile/_data.html", _data),
)
