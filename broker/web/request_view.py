"""The page of a task about a request: everything the seed says the administrator gets (seed-sentences W2). Owns its words."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from broker.access.access_request import APPROVED, REJECTED, TYPED, AccessRequest
from broker.access.administered_grant import left_to_the_officer
from broker.access.explain_request import Explanation, explanation_of
from broker.access.forget_typed import has_typed
from broker.access.pool import Authority
from broker.access.rules import Case, Finding
from broker.access.rules.case import IN_ORDER, REFUSED
from broker.access.task import Task
from broker.access.tell_owner_of_request import GENERAL_EMAIL
from broker.authentication.last_used import holders_and_use
from broker.installation import Installation
from broker.people.organisation import Organisation
from broker.web.asked_line import asked_line
from broker.web.decision_form import APPROVE, REJECT
from broker.web.not_used import not_used
from broker.web.pools_at_hand import pools_at_hand
from broker.web.task_view import HolderLine, Row, RuleLine, TaskView, organisation_detail, outcome_of, say
from look.language import gettext as _
from look.language import short_date

_STATES = {IN_ORDER: "ok", REFUSED: "missing"}


def request_view(
    session: Session, installation: Installation, actor: uuid.UUID, task: Task, authority: Authority
) -> TaskView:
    """The view of `task`, which is about a request, for `actor`."""
    request = session.get_one(AccessRequest, task.request_id)
    organisation = session.get_one(Organisation, task.organisation_id)
    explanation = explanation_of(session, installation, request, organisation, actor, pools_at_hand())
    case = explanation.case
    open_now = task.closed_at is None
    common: dict[str, Any] = {
        "task": task,
        "authority": authority,
        "title": question(case, request, organisation),
        "number": request.number,
        "asked_heading": _("Wat wordt gevraagd") if open_now else _("Wat werd gevraagd"),
        "asked": _asked(installation, request, organisation, explanation, open_now=open_now),
        "outcome": outcome_of(session, task, request.reason),
    }
    if not open_now:
        forget_at = f"/taken/{task.id}/wis" if request.status in (APPROVED, REJECTED) and has_typed(request) else ""
        return TaskView(**common, forget_at=forget_at)
    common["rules"] = [rule_line(finding) for finding in explanation.findings]
    if explanation.own_request:
        own = request.person_id == actor
        return TaskView(
            **common,
            refused=_("Een collega-beheerder doet dat. U ziet wel waar uw vraag staat."),
            follow_at=f"/aanvraag/{request.number}" if own else "",
        )
    return TaskView(
        **common,
        holders=_holders(session, actor, request, organisation, authority),
        asks_right=say(case.right_name(request.right_code)),
        asked_facts=asked_line(session, actor, request.id, f"/taken/{task.id}/vraag-gegevens"),
        choices=_choices(explanation, request, organisation),
        reason_help=_("%(name)s leest deze tekst in een mail. Zeg ook wat wel kan.", name=request.given_name),
        afterwards=_(
            "%(name)s krijgt meteen een mail. Uw collega’s vinden de vraag terug bij ‘Beslist’.",
            name=request.given_name,
        ),
        fingerprint=explanation.fingerprint,
        last_day=None if case.affiliation_alone else explanation.last_day,
        in_place=_in_place(task, organisation) if authority.in_place else "",
        appoint_at=f"/verantwoordelijke/organisaties/{organisation.code}/beheerder" if authority.in_place else "",
    )


def _holders(
    session: Session, actor: uuid.UUID, request: AccessRequest, organisation: Organisation, authority: Authority
) -> list[HolderLine]:
    """Who has this right there already, with the way to what the reader may do about it (`access.administered_grant`).

    A deputy decides the task only, nobody acts on a right of their own, and an officer in place of administrators only where none
    of them is left: they end it, but hand nothing over.
    """
    found = holders_and_use(session, organisation.id, request.application_code, request.right_code)
    lines = []
    for each, at in found:
        acts = authority.deputy_id is None and each.person_id != actor
        if authority.in_place:
            acts = acts and left_to_the_officer(authority.administrators, each.person_id)
        path = f"/rechten/{each.grant_id}" if acts else ""
        lines.append(
            HolderLine(
                name=each.full_name,
                since=short_date(each.since),
                used=short_date(at) if at else not_used(),
                end_at=path,
                hand_over_at=f"{path}/overdragen" if path and not each.suspended and not authority.in_place else "",
            )
        )
    return lines


def question(case: Case, request: AccessRequest, organisation: Organisation) -> str:
    """The question to the decider, in the words of the policy."""
    if case.right is None:
        return _("Mag %(person)s dit recht krijgen?", person=request.full_name)
    return say(case.right.question).format(person=request.full_name, organisation=organisation.name)


def _asked(
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation,
    explanation: Explanation,
    *,
    open_now: bool,
) -> list[Row]:
    case = explanation.case
    typed = request.identity_source == TYPED
    number_by = _("getypt door de aanvrager") if typed else _("komt van de digitale sleutel")
    rows = [
        (
            _("Persoon"),
            request.full_name,
            _name_by(request, case),
        ),
        (
            _("Rijksregisternummer"),
            request.number_masked
            or (_("met een beveiligde link gegeven") if request.number_hash else _("niet meegegeven")),
            number_by if request.number_masked else "",
        ),
        (_("Recht"), say(case.right_name(request.right_code)), _right_detail(case, request)),
        (_("Inrichtende macht"), organisation.name, organisation_detail(organisation, say(case.organisation_kind))),
        *_answers(installation, request, quoted=False),
        (
            _("E-mailadres"),
            request.email,
            _("bevestigd door de aanvrager") if request.email_proved_at else _("nog niet bevestigd"),
        ),
        (_("Telefoon"), _written_phone(request.phone) if request.phone else _("niet ingevuld"), ""),
    ]
    if open_now and not case.affiliation_alone:
        rows += [
            (_("Andere rechten"), *_other_rights(case, organisation)),
            (_("Label"), *_label(case)),
            (_("Periode"), _("vanaf vandaag tot en met %(day)s", day=short_date(explanation.last_day)), ""),
        ]
    return [*rows, *_answers(installation, request, quoted=True)]


def _name_by(request: AccessRequest, case: Case) -> str:
    if not case.typed:
        return _("identiteit gecontroleerd met een digitale sleutel")
    return (
        _("naam en nummer getypt, niet gecontroleerd") if request.number_hash else _("naam getypt, niet gecontroleerd")
    )


def _right_detail(case: Case, request: AccessRequest) -> str:
    if case.right is None:
        return ""
    context = case.right.contexts.get(request.context_code)
    action = say(case.right.action)
    return _("onderdeel %(name)s", name=say(context.name)) + f" · {action}" if context else action


def _other_rights(case: Case, organisation: Organisation) -> tuple[str, str]:
    """What else the person has in this application; not where, if it is elsewhere (threats DG4)."""
    application = case.application
    name = say(application.called) if application else ""
    here = [
        say(case.right_name(grant.right_code)) for grant in case.open_grants if grant.organisation_id == organisation.id
    ]
    elsewhere = len(here) < len(case.open_grants)
    if not case.open_grants:
        return _("geen andere rechten in %(name)s", name=name), ""
    return ", ".join(here) or _("een recht in %(name)s", name=name), _(
        "voor een andere organisatie"
    ) if elsewhere else ""


def _label(case: Case) -> tuple[str, str]:
    if not case.label_needed or case.label_name is None:
        return _("niet nodig"), ""
    state = {
        "counts": _("de organisatie heeft het"),
        "asked": _("gevraagd, nog niet goedgekeurd"),
        "none": _("nog niet gevraagd"),
    }[case.label_state]
    return say(case.label_name), state


def _answers(installation: Installation, request: AccessRequest, *, quoted: bool) -> list[Row]:
    """The answers to the form's own questions: short ones as they are (the centre), or the long ones `quoted` (the message)."""
    application = installation.catalogue.applications.get(request.application_code)
    form = installation.catalogue.forms.get(application.form) if application else None
    labels = {each.code: each for each in form.fields} if form else {}
    rows = []
    for code, answer in request.answers.items():
        asked = labels.get(code)
        if not answer or quoted != (asked is not None and asked.kind == "text"):
            continue
        if quoted:
            rows.append((_("Bericht van %(name)s", name=request.given_name), f"‘{answer}’", ""))
        elif asked is not None and asked.kind == "centre":
            rows.append((_("Centrum"), str(answer), ""))
        else:
            label = _("Algemeen e-mailadres van de dienst") if code == GENERAL_EMAIL else code
            rows.append((say(asked.label) if asked else label, str(answer), ""))
    return rows


def rule_line(finding: Finding) -> RuleLine:
    """One finding of the rules, in the language of this page."""
    return RuleLine(_STATES.get(finding.weight, "attention"), say(finding.statement), say(finding.why))


def _choices(explanation: Explanation, request: AccessRequest, organisation: Organisation) -> list[Row]:
    case, name = explanation.case, request.given_name
    if case.affiliation_alone:
        then = _(
            "%(name)s staat dan als medewerker van %(organisation)s bij ons, zonder recht.",
            name=name,
            organisation=organisation.name,
        )
    elif case.label_needed and case.label_state != "counts":
        then = _("Het recht begint zodra %(name)s het label heeft.", name=organisation.name)
    elif case.typed:
        then = _("Het recht begint als %(name)s aanmeldt met een digitale sleutel.", name=name)
    else:
        then = _("%(name)s kan meteen aan de slag.", name=name)
    reject = (REJECT, _("Afkeuren"), _("U geeft een reden. %(name)s krijgt die per mail.", name=name))
    return [(APPROVE, _("Goedkeuren"), then), reject] if explanation.may_approve else [reject]


def _in_place(task: Task, organisation: Organisation) -> str:
    if task.escalated_at is not None:
        return _(
            "De lokale beheerders van %(name)s beslisten niet op tijd. Beslist u, dan staat in het logboek dat u dat in de"
            " plaats van een beheerder deed.",
            name=organisation.name,
        )
    return _(
        "%(name)s heeft geen lokale beheerder die over deze vraag kan beslissen. Beslist u zelf, dan staat in het logboek dat u"
        " dat in de plaats van een beheerder deed.",
        name=organisation.name,
    )


def _written_phone(number: str) -> str:
    """A telephone number as people write it: +32 470 12 34 56."""
    import phonenumbers  # large, and seldom needed

    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
