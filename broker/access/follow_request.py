"""follow_request: where a request stands, truthfully (issue: "following it"). Reads only.

Says who must act next by function and organisation, never by name; what was done when; what will happen by itself. Readable after
it was decided.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access import access_request
from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import grant_state, label_join
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.pool import deciders_told
from broker.access.task import FOR_ADMISSION, FOR_LABEL, FOR_REQUEST, Task
from broker.access.who_is_up import officer_of, who_is_up
from broker.catalogue import AFFILIATION
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.people.organisation import Organisation
from broker.text import Text

DONE, HERE, AHEAD, FAILED = "done", "here", "ahead", "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the timeline. `state`: done, here, ahead or failed; `up` and `since` belong to the step where it stands."""

    state: str
    title: Text
    at: datetime | None = None
    note: Text | None = None
    up: Text | None = None
    since: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the page of a request says. `stands` is a code, `title` and `lead` its words."""

    request: AccessRequest
    organisation: Organisation | None
    organisation_name: str
    proposed: OrganisationProposal | None
    stands: str
    title: Text
    lead: Text
    steps: tuple[Step, ...]
    up: Text | None
    since: datetime
    reason: str | None
    grant: Grant | None

    @property
    def may_withdraw(self) -> bool:
        """Only while it is open (threats TL3)."""
        return self.request.status == access_request.OPEN


def follow_request(session: Session, installation: Installation, number: str) -> Story:
    """The story of the request with this number; the door has checked who may read it.

    Raises:
        NotFoundError: there is no such request.
    """
    request = session.scalar(select(AccessRequest).where(AccessRequest.number == number))
    if request is None:
        raise NotFoundError("request_unknown")
    organisation = session.get(Organisation, request.organisation_id) if request.organisation_id else None
    proposal = session.scalar(select(OrganisationProposal).where(OrganisationProposal.request_id == request.id))
    name = organisation.name if organisation else (proposal.name if proposal else "")
    steps = [Step(DONE, Text("U verstuurde de aanvraag", "You sent the request"), request.created_at)]
    if request.status == access_request.UNPROVED:
        return _unproved(request, organisation, name, proposal, steps)
    if request.email_proved_at is not None and request.email_proved_at != request.created_at:
        steps.append(
            Step(DONE, Text("U bevestigde uw e-mailadres", "You confirmed your email address"), request.email_proved_at)
        )
    tasks = _tasks(session, request, proposal)
    if proposal is not None and proposal.organisation_id is not None:
        steps.append(
            Step(
                DONE,
                Text("Uw organisatie werd toegelaten", "Your organisation was admitted"),
                proposal.decided_at,
                officer_of(installation.catalogue, request.target_group, request.organisation_type),
            )
        )
    if request.status == access_request.OPEN:
        return _open(session, installation, request, organisation, name, proposal, steps, tasks)
    if request.status == access_request.APPROVED:
        return _approved(session, installation, request, organisation, name, proposal, steps, tasks)
    return _over(request, organisation, name, proposal, steps, tasks)


def _tasks(session: Session, request: AccessRequest, proposal: OrganisationProposal | None) -> list[Task]:
    about = Task.request_id == request.id
    if proposal is not None:
        about = about | (Task.proposal_id == proposal.id)
    return list(session.scalars(select(Task).where(about).order_by(Task.opened_at)))


def _unproved(
    request: AccessRequest,
    organisation: Organisation | None,
    name: str,
    proposal: OrganisationProposal | None,
    steps: list[Step],
) -> Story:
    up = Text("u", "you")
    lead = Text(
        "Wij stuurden u een mail. Bevestig daarin dat dit adres van u is. Pas dan gaat uw vraag verder.",
        "We sent you an email. Confirm in it that this address is yours. Only then does your request go on.",
    )
    steps.append(
        Step(
            HERE,
            Text("U bevestigt uw e-mailadres", "You confirm your email address"),
            note=lead,
            up=up,
            since=request.created_at,
        )
    )
    steps.append(Step(AHEAD, _DECISION))
    title = Text("Wacht op uw bevestiging", "Waits for your confirmation")
    return Story(
        request, organisation, name, proposal, "unproved", title, lead, tuple(steps), up, request.created_at, None, None
    )


def _open(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation | None,
    name: str,
    proposal: OrganisationProposal | None,
    steps: list[Step],
    tasks: list[Task],
) -> Story:
    task = next(task for task in reversed(tasks) if task.closed_at is None)
    deciders = deciders_told(session, task, typed=request.identity_source == access_request.TYPED)
    up = who_is_up(installation.catalogue, task, organisation, in_place=deciders.in_place, nobody=deciders.nobody)
    since = task.opened_at
    if task.kind == FOR_ADMISSION:
        title = Text("Wacht op toelating van uw organisatie", "Waits for your organisation to be admitted")
        note = Text(
            "Uw organisatie staat nog niet in onze lijst. Wij vroegen om ze toe te laten. Daarna gaat uw vraag vanzelf"
            " verder.",
            "Your organisation is not in our list yet. We asked for it to be admitted. After that your request goes on"
            " by itself.",
        )
        step = Step(HERE, Text("Uw organisatie toelaten", "Admit your organisation"), None, note, up, since)
        ahead = [Step(AHEAD, _DECISION)]
    elif deciders.in_place or deciders.nobody:
        title = Text("Wacht op een beheerder", "Waits for an administrator")
        note = Text(
            f"{name} heeft nog geen lokale beheerder die kan beslissen. We bewaren uw vraag en vroegen de"
            " doelgroepverantwoordelijke om er een aan te stellen of zelf te beslissen.",
            f"{name} has no local administrator who can decide yet. We keep your request and asked the target group"
            " officer to appoint one or to decide in their place.",
        )
        step, ahead = Step(HERE, _DECISION, None, note, up, since), []
    else:
        title = Text("Wacht op uw beheerder", "Waits for your administrator")
        note = Text(
            "De lokale beheerders kregen een mail. Eén van hen beslist. U krijgt dan bericht.",
            "The local administrators were sent an email. One of them decides. You will then hear from us.",
        )
        step, ahead = Step(HERE, _DECISION, None, note, up, since), []
    kind = installation.catalogue.applications.get(request.application_code)
    if kind is not None and kind.label_needed(request.target_group, request.organisation_type) is not None:
        ahead.append(
            Step(
                AHEAD, Text("Label, als uw organisatie het nog niet heeft", "Label, if your organisation has none yet")
            )
        )
    ahead.append(Step(AHEAD, _BEGINS, note=_BY_ITSELF))
    lead = Text("U hoeft zelf niets te doen.", "There is nothing you need to do.")
    return Story(
        request,
        organisation,
        name,
        proposal,
        "open",
        title,
        lead,
        (*steps, step, *ahead),
        up,
        since,
        None,
        None,
    )


def _approved(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation | None,
    name: str,
    proposal: OrganisationProposal | None,
    steps: list[Step],
    tasks: list[Task],
) -> Story:
    decided = next(task for task in reversed(tasks) if task.kind == FOR_REQUEST and task.decision is not None)
    by = (
        Text("Goedgekeurd door de doelgroepverantwoordelijke", "Approved by the target group officer")
        if decided.in_place_of_administrator
        else Text("Goedgekeurd door een lokale beheerder", "Approved by a local administrator")
    )
    steps.append(Step(DONE, by, request.closed_at, Text(name, name)))
    application = installation.catalogue.applications.get(request.application_code)
    if application is not None and application.gives == AFFILIATION:
        return _affiliated(request, organisation, name, proposal, steps)
    instant = clock.now()
    row = session.execute(label_join(instant).where(Grant.request_id == request.id)).one()
    grant: Grant = row[0]
    state = grant_state(*row, catalogue=installation.catalogue, instant=instant)
    label_name = _label_name(installation, grant)
    approved_at = request.closed_at or request.created_at
    if grant.label_code is not None and label_name is not None:
        label = session.scalar(
            select(Label)
            .where(Label.organisation_id == grant.organisation_id, Label.label_code == grant.label_code)
            .order_by(Label.asked_at.desc())
        )
        title = Text(f"Label ‘{label_name.nl}’", f"Label ‘{label_name.en}’")
        if state == "waiting_for_label":
            return _waits_for_label(installation, request, organisation, name, proposal, steps, grant, label, title)
        if grant.end_reason == "label_rejected":
            reason = label.reason if label else None
            steps.append(Step(FAILED, title, grant.ended_at, reason=reason))
            stands = Text("Label afgekeurd", "Label turned down")
            lead = Text(
                "Uw organisatie kreeg het label niet. Daarom kon uw recht niet beginnen.",
                "Your organisation was not given the label. That is why your right could not begin.",
            )
            since = grant.ended_at or approved_at
            return Story(
                request, organisation, name, proposal, "ended", stands, lead, tuple(steps), None, since, reason, grant
            )
        if label is not None and label.approved_at is not None:
            steps.append(Step(DONE, title, max(label.approved_at, approved_at)))
    return _granted(request, organisation, name, proposal, steps, grant, state, approved_at)


def _label_name(installation: Installation, grant: Grant) -> Text | None:
    application = installation.catalogue.applications.get(grant.application_code)
    if application is None or grant.label_code is None:
        return None
    policy = application.labels.get(grant.label_code)
    return policy.name if policy else Text(grant.label_code, grant.label_code)


def _waits_for_label(
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation | None,
    name: str,
    proposal: OrganisationProposal | None,
    steps: list[Step],
    grant: Grant,
    label: Label | None,
    label_title: Text,
) -> Story:
    assert organisation is not None
    up = officer_of(installation.catalogue, organisation.target_group, organisation.organisation_type)
    since = label.asked_at if label is not None and label.ended_at is None else grant.given_at
    since = max(since, grant.given_at)
    note = Text(
        f"{name} heeft dit label nodig voor de toepassing gebruikt mag worden. Wij vroegen het meteen aan.",
        f"{name} needs this label before the application may be used. We asked for it right away.",
    )
    steps.append(Step(HERE, label_title, None, note, up, since))
    steps.append(Step(AHEAD, _BEGINS, note=_BY_ITSELF))
    return Story(
        request,
        organisation,
        name,
        proposal,
        "waiting_for_label",
        Text("Wacht op een label", "Waits for a label"),
        Text(
            "Uw beheerder keurde uw aanvraag goed. Uw organisatie heeft nog één label nodig. U hoeft zelf niets te doen.",
            "Your administrator approved your request. Your organisation needs one more label. There is nothing you"
            " need to do.",
        ),
        tuple(steps),
        up,
        since,
        None,
        grant,
    )


def _affiliated(
    request: AccessRequest,
    organisation: Organisation | None,
    name: str,
    proposal: OrganisationProposal | None,
    steps: list[Step],
) -> Story:
    """An affiliation alone was asked for: the way ends with the approval."""
    title = Text(f"U staat bij {name}", f"You are with {name}")
    lead = Text(
        "U staat als medewerker bij ons. Een recht vraagt u apart.",
        "You are with us as an employee. A right is asked for by itself.",
    )
    at = request.closed_at or request.created_at
    return Story(request, organisation, name, proposal, "affiliated", title, lead, tuple(steps), None, at, None, None)


def _granted(
    request: AccessRequest,
    organisation: Organisation | None,
    name: str,
    proposal: OrganisationProposal | None,
    steps: list[Step],
    grant: Grant,
    state: str,
    approved_at: datetime,
) -> Story:
    you = Text("u", "you")
    if state == "active":
        steps.append(Step(DONE, Text("Uw recht begon", "Your right began"), grant.valid_from))
        title = Text("U hebt toegang", "You have access")
        lead = Text("U kunt meteen aanmelden.", "You can sign in right away.")
        return Story(
            request, organisation, name, proposal, "active", title, lead, tuple(steps), None, approved_at, None, grant
        )
    if state == "waiting_for_identity":
        title = Text("Meld u aan met een digitale sleutel", "Sign in with a digital key")
        lead = Text(
            "Uw aanvraag is goedgekeurd. Uw recht begint als u de eerste keer aanmeldt met uw digitale sleutel.",
            "Your request is approved. Your right begins when you sign in with your digital key for the first time.",
        )
        steps.append(Step(HERE, title, None, lead, you, approved_at))
        return Story(
            request,
            organisation,
            name,
            proposal,
            "waiting_for_identity",
            title,
            lead,
            tuple(steps),
            you,
            approved_at,
            None,
            grant,
        )
    words = {
        "planned": (Text("Uw recht begint later", "Your right begins later"), AHEAD, grant.valid_from),
        "expired": (Text("Uw recht is afgelopen", "Your right has run out"), FAILED, grant.valid_until),
        "ended": (_ended_because(grant), FAILED, grant.ended_at),
        "not_offered": (
            Text("Dit recht wordt niet meer aangeboden", "This right is no longer offered"),
            FAILED,
            approved_at,
        ),
        "organisation_ended": (
            Text("Uw organisatie bestaat niet meer", "Your organisation no longer exists"),
            FAILED,
            organisation.ended_at if organisation else approved_at,
        ),
        "affiliation_ended": (
            Text(f"U werkt niet meer voor {name}", f"You no longer work for {name}"),
            FAILED,
            approved_at,
        ),
    }
    title, step_state, at = words[state]
    steps.append(Step(step_state, title, at))
    lead = Text("Hebt u het nog nodig? Vraag het dan opnieuw.", "Do you still need it? Then ask again.")
    return Story(
        request, organisation, name, proposal, state, title, lead, tuple(steps), None, at or approved_at, None, grant
    )


def _ended_because(grant: Grant) -> Text:
    return {
        "change_of_role": Text("U kreeg een andere rol", "You were given another role"),
        "given_back": Text("U gaf uw recht zelf terug", "You gave your right back"),
        "expired": Text("Uw recht is afgelopen", "Your right has run out"),
    }.get(grant.end_reason or "", Text("Uw recht is gestopt", "Your right has ended"))


def _over(
    request: AccessRequest,
    organisation: Organisation | None,
    name: str,
    proposal: OrganisationProposal | None,
    steps: list[Step],
    tasks: list[Task],
) -> Story:
    decided = next((task for task in reversed(tasks) if task.decision is not None), None)
    by_officer = decided is not None and (
        decided.in_place_of_administrator or decided.kind in (FOR_ADMISSION, FOR_LABEL)
    )
    who = (
        Text("de doelgroepverantwoordelijke", "the target group officer")
        if by_officer
        else Text("een lokale beheerder", "a local administrator")
    )
    words = {
        access_request.REJECTED: (
            Text("Afgekeurd", "Turned down"),
            Text(f"Afgekeurd door {who.nl}", f"Turned down by {who.en}"),
            Text("Lees hieronder waarom.", "Read below why."),
        ),
        access_request.WITHDRAWN: (
            Text("Ingetrokken", "Withdrawn"),
            Text("U trok de aanvraag in", "You withdrew the request"),
            Text(
                "Er gebeurt niets meer mee. U kunt altijd opnieuw vragen.",
                "Nothing more happens. You can always ask again.",
            ),
        ),
        access_request.EXPIRED: (
            Text("Vervallen", "Expired"),
            Text("Niemand besliste op tijd", "Nobody decided in time"),
            Text("U kunt dezelfde vraag opnieuw versturen.", "You can send the same request again."),
        ),
        access_request.CANCELLED: (
            Text("Gestopt", "Stopped"),
            Text("De aanvraag werd gestopt", "The request was stopped"),
            Text("Hebt u de toegang nog nodig? Vraag ze dan opnieuw.", "Do you still need access? Then ask again."),
        ),
    }
    title, step_title, lead = words[request.status]
    steps.append(Step(FAILED, step_title, request.closed_at, reason=request.reason))
    return Story(
        request,
        organisation,
        name,
        proposal,
        request.status,
        title,
        lead,
        tuple(steps),
        None,
        request.closed_at or request.created_at,
        request.reason,
        None,
    )


def may_follow(story_request: AccessRequest, person_id: uuid.UUID | None) -> bool:
    """A signed-in applicant may read their own request; the tracking link opens it for everybody who holds it."""
    return person_id is not None and story_request.person_id == person_id


_DECISION = Text("Een lokale beheerder beslist", "A local administrator decides")
_BEGINS = Text("Uw recht begint", "Your right begins")
_BY_ITSELF = Text(
    "Vanzelf. U krijgt dan een mail met de link om aan te melden.",
    "By itself. You will then get an email with the link to sign in.",
)
