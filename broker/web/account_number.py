"""/mensen/<id>/mobiel-nummer: an administrator asks for another mobile number at the account of a colleague (threats PW6).

With a day's delay, or at once where nobody proved anything yet. Owns this page, and what the page of the person shows of the
account; the operations are authentication/'s. Who asks has proved a moment ago who they are.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.access.list_people import PersonAtWork, person_at_work
from broker.authentication.account_at_work import never_proved
from broker.authentication.correct_invited import CorrectedContact, address_is_unproved, correct_invited
from broker.authentication.plan_phone_change import NumberAsked, plan_phone_change
from broker.authentication.stop_phone_change import waiting_number, withdraw_phone_change
from broker.database import db, perform
from broker.errors import (
    BusyError,
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooManyError,
)
from broker.installation import installation
from broker.people.find_local_account import account_of_person
from broker.people.local_account import LocalAccount
from broker.people.mobile_number import masked_mobile
from broker.text import Text
from broker.web.actor import actor
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_recent_sign_in, require_sign_in
from look.language import gettext as _
from look.language import written_moment

blueprint = Blueprint("account_number", __name__)

PATH = "/mensen/<uuid:affiliation_id>/mobiel-nummer"
_FIELDS = {"number": "nummer", "reason": "reden", "email": "email"}


@dataclass(frozen=True, slots=True)
class WaitingNumber:
    """What waits: the number as its owner recognises it, and when it counts."""

    number: str
    at: str


@dataclass(frozen=True, slots=True)
class AccountSheet:
    """What an administrator sees of an account. `correctable`: nothing was proved yet; `email`: nor was the address."""

    user_name: str
    number: str
    proved: bool
    correctable: bool
    email: bool
    waiting: WaitingNumber | None


def account_sheet(found: PersonAtWork) -> AccountSheet | None:
    """The account of this person; None for whoever has none."""
    account = account_of_person(db.session(), found.person.id)
    return _sheet(found, account) if account is not None else None


def waiting_words(account: LocalAccount) -> WaitingNumber | None:
    """What waits for an account, for the one it is of and for an administrator."""
    waiting = waiting_number(db.session(), installation(), account)
    if waiting is None:
        return None
    change, number = waiting
    return WaitingNumber(masked_mobile(number), written_moment(change.takes_effect_at))


@blueprint.get(PATH)
@require_recent_sign_in
def ask(affiliation_id: uuid.UUID) -> Response:
    """The form."""
    return _page(affiliation_id, {}, {}, 200)


@blueprint.post(PATH)
@require_recent_sign_in
def save(affiliation_id: uuid.UUID) -> Response:
    """Correct it at once, or let it wait."""
    typed = {name: request.form.get(name, "")[:2000] for name in ("nummer", "reden", "email")}
    found = _found(affiliation_id)
    try:
        if _account(found).correctable:
            _correct(affiliation_id, typed)
        elif not _plan(affiliation_id, typed):
            tell("fail", say(NO_MESSAGE))
            return _page(affiliation_id, typed, {}, 503)
    except InvalidError as error:
        wrong = {_FIELDS.get(name, name): sentence for name, sentence in error.fields.items()}
        return _page(affiliation_id, typed, wrong, status_of(error))
    except (ConflictError, ForbiddenError, TooManyError, BusyError) as error:
        return _refused(affiliation_id, typed, error)
    return redirect(f"/mensen/{affiliation_id}", code=303)


@blueprint.get(f"{PATH}/intrekken")
@require_sign_in
def back_to_person(affiliation_id: uuid.UUID) -> Response:
    """Where a reload, or the other language, leads."""
    return redirect(f"/mensen/{affiliation_id}", code=303)


@blueprint.post(f"{PATH}/intrekken")
@require_sign_in
def withdraw(affiliation_id: uuid.UUID) -> Response:
    """Take it back."""
    try:
        perform(withdraw_phone_change, actor(), affiliation_id)
    except (ConflictError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
    else:
        tell("ok", _("Het nummer blijft zoals het was."), _("Daarover vertrekt een mail."))
    return redirect(f"/mensen/{affiliation_id}", code=303)


def _plan(affiliation_id: uuid.UUID, typed: Mapping[str, str]) -> bool:
    asked = NumberAsked(typed["nummer"][:40], typed["reden"])
    planned = perform(plan_phone_change, installation(), actor(), affiliation_id, asked)
    if planned.takes_effect_at is None:
        return False
    tell(
        "ok",
        _("Het nummer wijzigt %(moment)s.", moment=written_moment(planned.takes_effect_at)),
        _("De persoon weet het nu al, per mail en sms, en kan het tegenhouden."),
    )
    return True


def _correct(affiliation_id: uuid.UUID, typed: Mapping[str, str]) -> None:
    email = typed["email"] if "email" in request.form else None
    invited = perform(
        correct_invited, installation(), actor(), affiliation_id, CorrectedContact(typed["nummer"][:40], email)
    )
    rest = _("Een nieuwe uitnodiging is onderweg. De vorige link werkt niet meer.") if invited else ""
    tell("ok", _("Dit is verbeterd."), rest)


def _refused(affiliation_id: uuid.UUID, typed: Mapping[str, str], error: DomainError) -> Response:
    tell("fail", say(error.text))
    return _page(affiliation_id, typed, {}, status_of(error))


def _page(affiliation_id: uuid.UUID, typed: Mapping[str, str], wrong: Mapping[str, Text], status: int) -> Response:
    found = _found(affiliation_id)
    page = render_template(
        "people/account_number.html",
        found=found,
        name=found.name,
        account=_account(found),
        typed=_filled(found, typed),
        **field_errors(wrong),
    )
    return make_response(page, status)


def _filled(found: PersonAtWork, typed: Mapping[str, str]) -> Mapping[str, str]:
    """What was typed; to correct a number one sees what stands there."""
    known = {"nummer": found.person.phone or "", "email": found.person.email or ""}
    return typed or (known if never_proved(found.person) else {})


def _found(affiliation_id: uuid.UUID) -> PersonAtWork:
    return person_at_work(db.session(), installation().catalogue, actor(), affiliation_id)


def _account(found: PersonAtWork) -> AccountSheet:
    sheet = account_sheet(found)
    if sheet is None:
        raise NotFoundError("account_unknown")
    return sheet


def _sheet(found: PersonAtWork, account: LocalAccount) -> AccountSheet:
    person = found.person
    return AccountSheet(
        user_name=account.user_name,
        number=masked_mobile(person.phone or ""),
        proved=person.phone_source == "proved",
        correctable=never_proved(person),
        email=address_is_unproved(account, person),
        waiting=waiting_words(account),
    )


NO_MESSAGE = Text(
    "Er kan nu geen sms vertrekken naar het oude nummer. Er is niets veranderd. Probeer het later opnieuw, of bel de helpdesk.",
    "No text message can leave now for the old number. Nothing was changed. Try again later, or call the helpdesk.",
)
