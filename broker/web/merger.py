"""/verantwoordelijke/fusie: organisations that merge into another, previewed and then carried out by their officer (lifecycles §6).

Owns the page and its words. What would happen is `access.plan_merge`; the one operation is `access.merge_organisation`, once for
each organisation that goes up in the other.
"""

import re
import uuid
from dataclasses import dataclass

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from broker.access.merge_authority import may_merge
from broker.access.merge_organisation import Merger, merge_organisation
from broker.access.plan_merge import MOVES, NOT_OFFERED, OWN, ROLE_CONFLICT, SAME, MergePlan, RightPlan, plan_merge
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError
from broker.installation import installation
from broker.people.find_organisations import find_organisations, organisation_by_code
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.actor import actor
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.officer_scope import officer_tabs, own_kinds
from broker.web.task_view import context_name, right_name, say
from broker.web.tell import tell
from broker.web.who import require_recent_sign_in
from look.language import gettext as _
from look.language import ngettext

blueprint = Blueprint("merger", __name__)

PATH = "/verantwoordelijke/fusie"
_AT_MOST = 10
_FOUND_AT_MOST = 50
_LONGEST = 500
_SEPARATORS = re.compile(r"[\n,;]+")
_NOBODY = Text("Vul minstens één organisatie in.", "Fill in at least one organisation.")
_TOO_MANY = Text("Hoogstens tien organisaties tegelijk.", "Ten organisations at most at a time.")
_UNKNOWN = Text(
    "We vinden niet precies één organisatie van uw soort voor ‘{words}’. Gebruik het nummer.",
    "We do not find exactly one organisation of your kinds for ‘{words}’. Use the number.",
)
_ITSELF = Text(
    "De organisatie die verder gaat, staat ook bij die welke opgaan.",
    "The organisation that goes on is also among those that merge into it.",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed, the organisations that it names, and what is wrong with it by field."""

    typed: dict[str, str]
    predecessors: tuple[Organisation, ...]
    successor: Organisation | None
    wrong: dict[str, Text]


@blueprint.get(PATH)
@require_recent_sign_in
def show() -> Response:
    """The form, and once it is filled in what would happen."""
    own_kinds()
    typed = {name: request.args.get(name, "")[:_LONGEST] for name in ("van", "naar")}
    if not any(typed.values()):
        return _page(_Asked(typed, (), None, {}), [], 200)
    asked = _asked(typed)
    return _page(asked, [] if asked.wrong else _plans(asked), 422 if asked.wrong else 200)


@blueprint.post(PATH)
@require_recent_sign_in
def carry_out() -> Response:
    """Carry it out, one organisation after another; where one cannot, the rest waits for the page to be looked at again."""
    own_kinds()
    typed = {name: request.form.get(name, "")[:_LONGEST] for name in ("van", "naar", "besluit")}
    asked = _asked(typed)
    if asked.wrong or asked.successor is None:
        return _page(asked, [], 422)
    successor_id = asked.successor.id
    ids = tuple(each.id for each in asked.predecessors)
    seen = dict(each.partition(":")[::2] for each in request.form.getlist("gezien"))
    done: list[MergePlan] = []
    for predecessor_id in ids:
        merger = Merger(
            predecessor_id, successor_id, typed["besluit"].strip(), also=ids, seen=seen.get(predecessor_id.hex, "")
        )
        try:
            plan = perform(merge_organisation, installation(), actor(), merger)
        except InvalidError as error:
            wrong = {"besluit": error.fields.get("decision", error.text)}
            return _page(_Asked(typed, asked.predecessors, asked.successor, wrong), _plans(asked), status_of(error))
        except (ConflictError, ForbiddenError, BusyError) as error:
            tell("fail", say(error.text), _told(done))
            again = _asked(typed)
            return _page(again, [] if again.wrong else _plans(again), status_of(error))
        done += [plan] if plan is not None else []
    page = render_template("officer/merged.html", successor=asked.successor.name, plans=[_shown(each) for each in done])
    return make_response(page)


def _asked(typed: dict[str, str]) -> _Asked:
    named = [each.strip() for each in _SEPARATORS.split(typed["van"]) if each.strip()]
    wrong: dict[str, Text] = {}
    if not named:
        wrong["van"] = _NOBODY
    elif len(named) > _AT_MOST:
        wrong["van"] = _TOO_MANY
    predecessors: dict[uuid.UUID, Organisation] = {}
    for words in named[:_AT_MOST]:
        found = _organisation(words)
        if found is None:
            wrong.setdefault("van", _UNKNOWN.with_facts(words=words))
        else:
            predecessors[found.id] = found
    successor = _organisation(typed["naar"].strip())
    if successor is None:
        wrong["naar"] = _UNKNOWN.with_facts(words=typed["naar"].strip())
    elif successor.id in predecessors:
        wrong["naar"] = _ITSELF
    return _Asked(typed, tuple(predecessors.values()), successor, wrong)


def _organisation(words: str) -> Organisation | None:
    """The living organisation of one's own kinds with this number, or else the only one of this name or that these words find; any
    other is absent (threats ID2)."""
    if not words:
        return None
    session = db.session()
    found = organisation_by_code(session, words.replace(".", ""))
    if found is not None:
        return found if may_merge(session, actor(), found) else None
    fitting = [each for kind in own_kinds() for each in find_organisations(session, *kind, words, _FOUND_AT_MOST)]
    fitting = [each for each in fitting if each.name.casefold() == words.casefold()] or fitting
    return fitting[0] if len(fitting) == 1 else None


def _plans(asked: _Asked) -> list[MergePlan]:
    assert asked.successor is not None
    ids = tuple(each.id for each in asked.predecessors)
    catalogue = installation().catalogue
    return [plan_merge(db.session(), catalogue, actor(), each, asked.successor, ids) for each in asked.predecessors]


def _page(asked: _Asked, plans: list[MergePlan], status: int) -> Response:
    page = render_template(
        "officer/merge.html",
        officer_tabs=officer_tabs(PATH),
        asked=asked,
        **field_errors(asked.wrong),
        plans=[_shown(each) for each in plans],
        seen=[f"{each.predecessor.id.hex}:{each.fingerprint}" for each in plans],
    )
    return make_response(page, status)


def _shown(plan: MergePlan) -> tuple[str, list[tuple[str, str]], list[dict[str, str]]]:
    """The name of what goes up, what happens in counted facts, and the rights that follow to nobody."""
    counted = plan.counted()
    facts = [
        (_("Rechten die meegaan"), _("%(n)s, hoogstens 90 dagen", n=counted[MOVES]) if counted[MOVES] else "0"),
        (_("Hadden ze daar al"), str(counted[SAME])),
        (_("Gaan naar niemand"), str(len(plan.listed))),
        (_("Vragen die daar verdergaan"), str(plan.moved_requests)),
        (_("Vragen die stoppen"), str(plan.stopped_requests)),
        (_("Aanstellingen die stoppen"), str(plan.mandates)),
        (_("Labels die stoppen"), str(plan.labels)),
    ]
    return plan.predecessor.name, [each for each in facts if each[1] != "0"], [_why(each) for each in plan.listed]


def _why(right: RightPlan) -> dict[str, str]:
    """One right that follows to nobody, and why."""
    catalogue = installation().catalogue
    name = right_name(catalogue, right.application_code, right.right_code)
    context = context_name(catalogue, right.application_code, right.right_code, right.context_code)
    why = {
        ROLE_CONFLICT: _("Zou daar twee rollen hebben. Niemand kiest: de persoon vraagt de juiste rol opnieuw."),
        NOT_OFFERED: _("De toepassing biedt dit recht daar niet aan."),
        OWN: _("Dit is uw eigen recht: uzelf geeft u niets."),
    }[right.outcome]
    return {
        "state": "attention",
        "title": f"{right.person_name}: {' – '.join(filter(None, (name, context)))}",
        "text": why,
    }


def _told(done: list[MergePlan]) -> str:
    return (
        ngettext("1 organisatie is wel al opgegaan.", "%(n)s organisaties zijn wel al opgegaan.", len(done))
        if done
        else ""
    )
