"""Pages: Jeugdgroepen, the groups that somebody is in (seed 004), making one, changing it, leaving it.

Owns: `/plusminmee/jeugdgroepen` and what is said of a group itself. Does not own what is within a group.
"""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from look.language import gettext as _
from look.language import ngettext, written_date
from modules.kit import drop_kept_form, kept_form, person_here, require_right
from modules.kit.database import database
from modules.kit.tell import tell
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.change_group import change_group
from modules.plusminmee.end_membership import leave_group
from modules.plusminmee.errors import LastBeheerderError, ReasonMissingError, TermError
from modules.plusminmee.find_confirmations import late_groups
from modules.plusminmee.find_membership import memberships_of
from modules.plusminmee.group_form import GroupFields, read_group
from modules.plusminmee.keeping import keeping
from modules.plusminmee.make_group import make_group
from modules.plusminmee.model import Group
from modules.plusminmee.retention import WARNED_DAYS, last_day_allowed, term_of, today
from modules.plusminmee.set_term import set_term
from modules.plusminmee.take_over_group import groups_to_take_over
from modules.plusminmee.who import member_here, professional_here
from modules.plusminmee.write_freely import point_out

blueprint = Blueprint("groups", __name__, url_prefix="/plusminmee/jeugdgroepen")

Errors = list[tuple[str, str]]
LONGEST_TERM = 60


@blueprint.get("")
@require_right(GEBRUIKER, BEHEERDER)
def overview() -> str:
    """The groups whose invitation was accepted, whether one is beheerder there, and what is late (M13)."""
    professional, may_make = professional_here(), BEHEERDER in person_here().rights
    session = database().reading()
    waiting = groups_to_take_over(session, professional.organisation_code) if may_make else []
    late = late_groups(session, professional, whole_organisation=may_make)
    return render_template(
        "plusminmee/groups.html",
        memberships=memberships_of(session, professional.id),
        waiting=len(waiting),
        to_confirm={each.group_id for each in late if each.own},
        late=[each for each in late if not each.own],
        today=today(),
        warned_days=WARNED_DAYS,
        may_make=may_make,
    )


@blueprint.route("/nieuw", methods=["GET", "POST"])
@require_right(BEHEERDER)
def add() -> Response | tuple[str, int]:
    """Make a group of one's organisation."""
    professional = professional_here()
    if request.method == "GET":
        proposed = last_day_allowed(database().reading(), professional.organisation_code)
        return _form(kept_form() or MultiDict({"retain_until": proposed.isoformat()}), [], None)
    fields, errors = read_group(request.form)
    if fields is not None:
        try:
            group_id = database().perform(make_group, professional, fields)
        except TermError:
            errors = [_outside_term(professional.organisation_code)]
        else:
            drop_kept_form()
            tell(
                "ok",
                _("De groep %(name)s is er.", name=fields.name),
                _("U bent de beheerder. Nodig nu uw collega’s uit."),
            )
            point_out(fields.purpose)
            return redirect(url_for("members.show", group_id=group_id), 303)
    return _form(request.form, errors, None)


@blueprint.get("/<uuid:group_id>")
@require_right(GEBRUIKER, BEHEERDER)
def enter(group_id: uuid.UUID) -> Response:
    """Openen: the first part of the group."""
    member_here(group_id)
    return redirect(url_for("circle.show", group_id=group_id), 303)


@blueprint.route("/<uuid:group_id>/gegevens", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def change(group_id: uuid.UUID) -> Response | tuple[str, int]:
    """Another name, place, purpose or retention date."""
    group = member_here(group_id, as_beheerder=True).group
    if request.method == "GET":
        now = GroupFields(group.name, group.place, group.purpose, group.retain_until)
        typed: MultiDict[str, str] = kept_form() or MultiDict(
            {
                "name": now.name,
                "place": now.place,
                "purpose": now.purpose,
                "retain_until": now.retain_until.isoformat(),
                "version": str(group.version),
            }
        )
        return _form(typed, [], group)
    fields, errors = read_group(request.form)
    if fields is not None:
        version, owner = request.form.get("version", 0, int), group.organisation_code
        try:
            database().perform(change_group, keeping(), professional_here().id, group_id, fields, version)
        except TermError:
            errors = [_outside_term(owner)]
        except ReasonMissingError:
            errors = [("why", _("Schrijf waarom u de groep langer bewaart. De reden staat dan in het logboek."))]
        else:
            drop_kept_form()
            tell("ok", _("De gegevens van de groep zijn bewaard."))
            point_out(fields.purpose, fields.why)
            return redirect(url_for("members.show", group_id=group_id), 303)
    return _form(request.form, errors, member_here(group_id, as_beheerder=True).group)


@blueprint.route("/<uuid:group_id>/verlaten", methods=["GET", "POST"])
@require_right(GEBRUIKER, BEHEERDER)
def leave(group_id: uuid.UUID) -> Response | str:
    """X: take the group out of one's overview; asked first, as the access ends with it."""
    group = member_here(group_id).group
    name = group.name
    if request.method == "GET":
        return render_template("plusminmee/leave.html", group=group)
    try:
        database().perform(leave_group, professional_here().id, group_id)
    except LastBeheerderError:
        tell(
            "fail",
            _("U bent de enige beheerder van %(name)s.", name=name),
            _("Maak eerst iemand anders beheerder, bij Professionals."),
        )
        return redirect(url_for("members.show", group_id=group_id), 303)
    tell("ok", _("%(name)s staat niet meer in uw overzicht.", name=name), _("De beheerder kan u opnieuw uitnodigen."))
    return redirect(url_for("groups.overview"), 303)


@blueprint.route("/bewaartermijn", methods=["GET", "POST"])
@require_right(BEHEERDER)
def term() -> Response | tuple[str, int]:
    """How long this organisation keeps a group at most."""
    professional = professional_here()
    errors: Errors = []
    typed = request.form.get("months", "").strip()
    if request.method == "POST":
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= LONGEST_TERM:
            sooner = database().perform(set_term, professional, int(typed))
            rest = ngettext("1 groep kreeg een vroegere datum.", "%(n)s groepen kregen een vroegere datum.", sooner)
            tell("ok", _("De bewaartermijn van uw organisatie is bewaard."), rest if sooner else "")
            return redirect(url_for("groups.overview"), 303)
        errors = [("months", _("Vul een aantal maanden in, van 1 tot %(most)s.", most=LONGEST_TERM))]
    else:
        typed = str(term_of(database().reading(), professional.organisation_code))
    page = render_template(
        "plusminmee/term.html",
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        organisation=professional.organisation_name,
    )
    return page, 422 if errors else 200


def _outside_term(organisation_code: str) -> tuple[str, str]:
    last = last_day_allowed(database().reading(), organisation_code)
    return "retain_until", _(
        "Kies een dag na vandaag en ten laatste %(day)s: dat is de termijn van de organisatie.", day=written_date(last)
    )


def _form(typed: MultiDict[str, str], errors: Errors, group: Group | None) -> tuple[str, int]:
    owner = group.organisation_code if group else professional_here().organisation_code
    page = render_template(
        "plusminmee/group_form.html",
        typed=typed,
        errors=errors,
        wrong=dict(errors),
        group=group,
        last_day=last_day_allowed(database().reading(), owner),
        kept=request.method == "GET" and kept_form() is not None,
    )
    return page, 422 if errors else 200
