"""The page of a task about an organisation that is not in the list yet (seed-sentences M1). Owns its words."""

import uuid
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.admit_organisation import ORGANISATION_KNOWN, OWN_REQUEST
from broker.access.load_case import applicant_person
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.pool import Authority
from broker.access.task import Task
from broker.installation import Installation
from broker.people.identifiers import written_kbo
from broker.people.organisation import Organisation
from broker.web.decision_form import APPROVE, REJECT
from broker.web.task_view import Row, RuleLine, TaskView, outcome_of, say
from look.language import gettext as _

_PUBLIC_REGISTER = "https://kbopub.economie.fgov.be/kbopub/toonondernemingps.html?ondernemingsnummer="


def admission_view(
    session: Session, installation: Installation, actor: uuid.UUID, task: Task, authority: Authority
) -> TaskView:
    """The view of `task`, which is about a proposed organisation, for `actor`."""
    proposal = session.get_one(OrganisationProposal, task.proposal_id)
    request = session.get_one(AccessRequest, proposal.request_id)
    applicant = applicant_person(session, installation.keys, request)
    own = applicant is not None and applicant.id == actor
    common: dict[str, Any] = {
        "task": task,
        "authority": authority,
        "title": _("Mag %(name)s in de lijst van organisaties?", name=proposal.name),
        "number": request.number,
        "asked_heading": _("Wat de aanvrager opgaf"),
        "asked": _asked(installation, proposal, request),
        "outcome": outcome_of(session, task, proposal.refused_reason),
        "look_up_at": f"{_PUBLIC_REGISTER}{proposal.kbo}",
    }
    if task.closed_at is not None:
        return TaskView(**common)
    known = _known(session, proposal)
    common["rules"] = _rules(proposal, own=own, known=known)
    if own:
        return TaskView(
            **common, refused=_("Een andere verantwoordelijke doet dat."), follow_at=f"/aanvraag/{request.number}"
        )
    admit = (APPROVE, _("Toelaten"), _("De organisatie komt in de lijst. De vraag gaat daarna vanzelf verder."))
    refuse = (REJECT, _("Weigeren"), _("U geeft een reden. %(name)s krijgt die per mail.", name=request.given_name))
    return TaskView(
        **common,
        choices=[refuse] if known else [admit, refuse],
        reason_help=_("%(name)s leest deze tekst in een mail. Zeg ook wat wel kan.", name=request.given_name),
        afterwards=_(
            "Laat u toe, dan komt u op de vraag van %(name)s zelf. Daar kunt u een hoofd lokale beheerder aanstellen.",
            name=request.given_name,
        ),
    )


def _asked(installation: Installation, proposal: OrganisationProposal, request: AccessRequest) -> list[Row]:
    kind = installation.catalogue.organisation_type(proposal.target_group, proposal.organisation_type)
    application = installation.catalogue.applications.get(request.application_code)
    right = application.rights.get(request.right_code) if application else None
    return [
        (_("Naam"), proposal.name, say(kind.name) if kind else ""),
        (_("KBO-nummer"), written_kbo(proposal.kbo), ""),
        (_("Adres"), proposal.address, ""),
        (_("Wie mag vertegenwoordigen"), proposal.representative, ""),
        (
            _("Gevraagd door"),
            request.full_name,
            _("identiteit gecontroleerd met een digitale sleutel")
            if request.person_id
            else _("naam en nummer getypt, niet gecontroleerd"),
        ),
        (
            _("E-mailadres"),
            request.email,
            _("bevestigd door de aanvrager") if request.email_proved_at else _("nog niet bevestigd"),
        ),
        (_("Vraagt"), say(right.name) if right else request.right_code, ""),
    ]


def _known(session: Session, proposal: OrganisationProposal) -> bool:
    """An organisation with this number has come into the list since it was asked."""
    same = or_(Organisation.kbo == proposal.kbo, Organisation.code == proposal.kbo)
    return session.scalar(select(Organisation.id).where(Organisation.ended_at.is_(None), same).limit(1)) is not None


def _rules(proposal: OrganisationProposal, *, own: bool, known: bool) -> list[RuleLine]:
    if own:
        who = RuleLine("missing", say(OWN_REQUEST), _("Een andere verantwoordelijke doet dat."))
    else:
        who = RuleLine("ok", _("U mag hierover beslissen"), _("U bent verantwoordelijk voor dit soort organisatie."))
    if known:
        listed = RuleLine("missing", _("De organisatie staat al in de lijst"), say(ORGANISATION_KNOWN))
    else:
        listed = RuleLine(
            "ok", _("De organisatie staat nog niet in de lijst"), _("Geen andere organisatie heeft dit KBO-nummer.")
        )
    number = RuleLine(
        "attention",
        _("Het KBO-nummer is goed gevormd"),
        _("Of het van deze organisatie is, weten wij niet. Kijk dat na in de Kruispuntbank van Ondernemingen."),
    )
    return [who, listed, number]
