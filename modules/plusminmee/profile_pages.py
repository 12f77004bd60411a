"""Pages: Mijn profiel (seed 004). Name, address, telephone and password are the broker's, changed and proved there; function,
region, photo and the address of the leidinggevende are kept here.

Owns: `/plusminmee/profiel`. Does not own proving an address or a number: the broker does.
"""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as Answer
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.kit import broker_page, drop_kept_form, kept_form, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.email_key import read_email
from modules.plusminmee.functions import FUNCTIONS, function_word
from modules.plusminmee.keep_portrait import make_portrait, put_portrait
from modules.plusminmee.keeping import keeping
from modules.plusminmee.model import PORTRAIT, Professional
from modules.plusminmee.policy import OTHER
from modules.plusminmee.reading import Reading
from modules.plusminmee.refusals import RefusedError
from modules.plusminmee.show_photo import show_photo
from modules.plusminmee.typed import TypedError
from modules.plusminmee.who import professional_here
from modules.plusminmee.write_freely import read_free_line

blueprint = Blueprint("profile", __name__, url_prefix="/plusminmee/profiel")


@dataclass(frozen=True)
class ProfileFields:
    """What somebody says of themselves."""

    function: str
    function_words: str
    region: str
    leader_email: str


@blueprint.route("", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def show() -> Response | tuple[str, int]:
    """One's own data, to see and to change."""
    professional = professional_here()
    if request.method == "GET":
        now = {name: getattr(professional, name) for name in ProfileFields.__dataclass_fields__}
        return _form(professional, kept_form() or MultiDict(now), [])
    fields, errors = _read(request.form)
    if fields is None:
        return _form(professional, request.form, errors)
    sent, portrait = request.files.get("photo"), None
    if sent is not None and sent.filename:
        try:
            portrait = make_portrait(keeping(), professional.id, sent.read())
        except RefusedError as error:
            return _form(professional, request.form, [("photo", str(error.words))])
    _erase(database().perform(_keep, professional, fields, portrait))
    drop_kept_form()
    tell("ok", _("Uw profiel is bewaard."))
    return redirect(url_for("profile.show"), 303)


@blueprint.get("/foto")
@require_right(GEBRUIKER, BEHEERDER)
def photo() -> Answer:
    """One's own photo; others see it in the groups that they share with one (member_pages.py)."""
    professional = professional_here()
    return show_photo(professional.photo.square if professional.photo else None, PORTRAIT.of(professional.id))


@blueprint.get("/foto/verwijderen")
@require_right(GEBRUIKER, BEHEERDER)
def back() -> Response:
    """Where a sign-in leads back from the button: to look again, and press it."""
    return redirect(url_for("profile.show"), 303)


@blueprint.post("/foto/verwijderen")
@require_right(GEBRUIKER, BEHEERDER)
def drop_photo() -> Response:
    """Take one's own photo away."""
    _erase(database().perform(put_portrait, professional_here().id, None))
    tell("ok", _("De foto is weg."))
    return redirect(url_for("profile.show"), 303)


def _erase(name: str | None) -> None:
    if name is not None:
        keeping().files.erase(name)


def _read(form: MultiDict[str, str]) -> tuple[ProfileFields | None, list[tuple[str, str]]]:
    reading = Reading(form)
    function = reading.field("function", _function) or ""
    other = _("Schrijf welke functie u hebt.") if function == OTHER else ""
    words = reading.field("function_words", read_free_line, most=80, missing=other)
    region = reading.field("region", read_free_line, most=80)
    leader = reading.field("leader_email", lambda typed: read_email(typed) if typed.strip() else "")
    if reading.errors:
        return None, reading.errors
    kept_words = words or "" if function == OTHER else ""
    return ProfileFields(function, kept_words, region or "", leader or ""), []


def _function(typed: str) -> str:
    if typed and typed not in FUNCTIONS:
        raise TypedError(_("Kies een functie uit de lijst."))
    return typed


def _keep(session: Session, professional: Professional, fields: ProfileFields, portrait: str | None) -> str | None:
    """All of it at once, and the photo where one was sent; returns the file to erase when this is committed."""
    before = None if portrait is None else put_portrait(session, professional.id, portrait)
    kept = session.get_one(Professional, professional.id)
    for name in ProfileFields.__dataclass_fields__:
        setattr(kept, name, getattr(fields, name))
    return before


def _form(professional: Professional, typed: MultiDict[str, str], errors: list[tuple[str, str]]) -> tuple[str, int]:
    page = render_template(
        "plusminmee/profile.html",
        professional=professional,
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        functions=[("", _("nog niet gekozen")), *((code, function_word(code)) for code in FUNCTIONS)],
        broker_profile=broker_page("/mijn-profiel"),
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200
