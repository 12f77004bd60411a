"""Pages: Mijn profiel (seed 004). Name, address and password are the broker's; function, region, telephone and the address of the
leidinggevende are kept here.

Owns: `/plusminmee/profiel`. Does not own proving an address or a number: the broker does.
"""

from dataclasses import dataclass

import phonenumbers
from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.kit import broker_page, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.email_key import read_email
from modules.plusminmee.functions import FUNCTIONS, OTHER, function_word
from modules.plusminmee.model import Professional
from modules.plusminmee.reading import Reading
from modules.plusminmee.typed import TypedError, read_line
from modules.plusminmee.who import professional_here

blueprint = Blueprint("profile", __name__, url_prefix="/plusminmee/profiel")


@dataclass(frozen=True)
class ProfileFields:
    """What somebody says of themselves."""

    function: str
    function_words: str
    region: str
    phone: str
    leader_email: str


@blueprint.route("", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def show() -> Response | tuple[str, int]:
    """One's own data, to see and to change."""
    professional = professional_here()
    if request.method == "GET":
        now = {name: getattr(professional, name) for name in ProfileFields.__dataclass_fields__}
        return _form(professional, MultiDict(now), [])
    fields, errors = _read(request.form)
    if fields is None:
        return _form(professional, request.form, errors)
    database().perform(_keep, professional, fields)
    tell("ok", _("Uw profiel is bewaard."))
    return redirect(url_for("profile.show"), 303)


def _read(form: MultiDict[str, str]) -> tuple[ProfileFields | None, list[tuple[str, str]]]:
    reading = Reading(form)
    function = reading.field("function", _function) or ""
    other = _("Schrijf welke functie u hebt.") if function == OTHER else ""
    words = reading.field("function_words", read_line, most=80, missing=other)
    region = reading.field("region", read_line, most=80)
    phone = reading.field("phone", _telephone)
    leader = reading.field("leader_email", lambda typed: read_email(typed) if typed.strip() else "")
    if reading.errors:
        return None, reading.errors
    kept_words = words or "" if function == OTHER else ""
    return ProfileFields(function, kept_words, region or "", phone or "", leader or ""), []


def _function(typed: str) -> str:
    if typed and typed not in FUNCTIONS:
        raise TypedError(_("Kies een functie uit de lijst."))
    return typed


def _telephone(typed: str) -> str:
    if not typed.strip():
        return ""
    try:
        number = phonenumbers.parse(typed, "NL")
    except phonenumbers.NumberParseException:
        raise TypedError(_("Vul een telefoonnummer in, zoals 06 12345678.")) from None
    if not phonenumbers.is_valid_number(number):
        raise TypedError(_("Vul een telefoonnummer in, zoals 06 12345678."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _keep(session: Session, professional: Professional, fields: ProfileFields) -> None:
    kept = session.get_one(Professional, professional.id)
    for name in ProfileFields.__dataclass_fields__:
        setattr(kept, name, getattr(fields, name))


def _form(professional: Professional, typed: MultiDict[str, str], errors: list[tuple[str, str]]) -> tuple[str, int]:
    page = render_template(
        "plusminmee/profile.html",
        professional=professional,
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        functions=[("", _("nog niet gekozen")), *((code, function_word(code)) for code in FUNCTIONS)],
        broker_profile=broker_page("/mijn-profiel"),
    )
    return page, 422 if errors else 200
