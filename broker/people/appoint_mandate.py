"""appoint_mandate: give somebody the power to decide (lifecycles §5).

An appointee who is not matched to a digital key yet may be appointed; the mandate lives from the first sign-in on
(`living_mandates`), so no power rests on a name that somebody entered. Who works nowhere yet is made to work for the
organisation. Everybody who decides there is told, and its general address (threats AP4).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import to_change, to_depend_on
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.add_affiliation import JobContact, add_affiliation
from broker.people.identifiers import IdentifierError, clean_text, email_address
from broker.people.mandate import (
    APPLICATION_OWNER,
    HEAD_LOCAL_ADMIN,
    HELPDESK,
    HELPDESK_SCOPE,
    KINDS,
    LOCAL_KINDS,
    TARGET_GROUP_OFFICER,
    Mandate,
    application_scope,
    officer_scope,
    organisation_scope,
)
from broker.people.mandate_authority import lock_organisation, require_authority_to_appoint, same_human
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.tell_of_mandate import tell_appointed
from broker.text import Text

EVIDENCE_LENGTH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """Whom, to what, and on what grounds.

    The scope is `organisation_id` for the local kinds, `target_group` and `organisation_type` for an officer,
    `application_code` for an owner. `evidence` says in words what the appointer relied on. `email` is the address at
    work.
    """

    person_id: uuid.UUID
    kind: str
    organisation_id: uuid.UUID | None = None
    target_group: str | None = None
    organisation_type: str | None = None
    application_code: str | None = None
    evidence: str = ""
    email: str | None = None
    valid_until: datetime | None = None


def appoint_mandate(
    session: Session, installation: Installation, actor: uuid.UUID | None, appointment: Appointment
) -> Mandate:
    """Appoint, and tell everybody concerned. `actor` None is the operator at the command line.

    Raises:
        InvalidError: no such kind or scope, or evidence lacks where it is required (a head, or by the operator).
        NotFoundError: no such person or organisation.
        ForbiddenError: no authority, or for oneself.
        ConflictError: the organisation has ended, the person is gone, or has this mandate already.
    """
    evidence = _checked(installation, actor, appointment)
    organisation = _organisation(session, appointment)
    require_authority_to_appoint(session, actor, appointment.kind, organisation)
    return appoint_authorised(session, installation, actor, appointment, organisation, evidence)


def appoint_authorised(
    session: Session,
    installation: Installation,
    actor: uuid.UUID | None,
    appointment: Appointment,
    organisation: Organisation | None,
    evidence: str,
) -> Mandate:
    """The rows and mails of one appointment; the caller has locked the organisation and read the authority of `actor` under it.
    Also part of `resign_mandate`, where a head names a successor.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as `appoint_mandate`.
    """
    scope = _scope(appointment)
    _settle(session, appointment, scope)
    person = _appointee(session, appointment.person_id)
    _refuse_oneself(session, actor, person)
    if organisation is not None:
        contact = JobContact(email=_address(installation, appointment.email))
        add_affiliation(session, installation, actor, person.id, organisation.id, contact)
    mandate = Mandate(
        id=uuid.uuid4(),
        person_id=person.id,
        kind=appointment.kind,
        scope_key=scope,
        organisation_id=organisation.id if organisation else None,
        target_group=appointment.target_group,
        organisation_type=appointment.organisation_type,
        application_code=appointment.application_code,
        appointed_by=actor,
        evidence=evidence or None,
        valid_from=clock.now(),
        valid_until=appointment.valid_until,
    )
    session.add(mandate)
    session.flush()
    audit.record(
        session,
        "people:mandate:appoint",
        subject_id=person.id,
        organisation_id=mandate.organisation_id,
        details={"mandate": mandate.id, "kind": mandate.kind, "scope": scope, "appointed_by": actor},
    )
    tell_appointed(session, installation, mandate, person, organisation)
    return mandate


def _checked(installation: Installation, actor: uuid.UUID | None, appointment: Appointment) -> str:
    """The evidence, cleaned, of an appointment whose kind and scope go together."""
    wrong: dict[str, Text] = {}
    kind, catalogue = appointment.kind, installation.catalogue
    if kind not in KINDS:
        wrong["kind"] = Text("Dit soort mandaat bestaat niet.", "There is no such kind of mandate.")
    elif kind in LOCAL_KINDS:
        if appointment.organisation_id is None:
            wrong["organisation"] = Text("Kies een organisatie.", "Choose an organisation.")
    elif kind == TARGET_GROUP_OFFICER:
        if not catalogue.organisation_type(appointment.target_group or "", appointment.organisation_type or ""):
            wrong["organisation_type"] = Text(
                "Deze doelgroep of dit type organisatie bestaat niet.",
                "There is no such target group or organisation type.",
            )
    elif kind == APPLICATION_OWNER and appointment.application_code not in catalogue.applications:
        wrong["application"] = Text("Deze toepassing bestaat niet.", "There is no such application.")
    if appointment.valid_until is not None and appointment.valid_until <= clock.now():
        wrong["valid_until"] = Text("De einddatum ligt in het verleden.", "The end date is in the past.")
    evidence = ""
    try:
        evidence = clean_text(appointment.evidence, EVIDENCE_LENGTH)
    except IdentifierError as error:
        wrong["evidence"] = error.text
    if not evidence and (actor is None or kind == HEAD_LOCAL_ADMIN):
        wrong.setdefault(
            "evidence", Text("Zeg waarop u zich baseert.", "Say on what grounds: a letter, a decision, a call.")
        )
    if wrong:
        raise InvalidError(
            "appointment_invalid", Text("Dit mandaat kan zo niet.", "This mandate cannot be given like this."), wrong
        )
    return evidence


def _organisation(session: Session, appointment: Appointment) -> Organisation | None:
    if appointment.kind not in LOCAL_KINDS or appointment.organisation_id is None:
        return None
    organisation = lock_organisation(session, appointment.organisation_id)
    if organisation is None:
        raise NotFoundError(
            "organisation_unknown", Text("Deze organisatie bestaat niet.", "There is no such organisation.")
        )
    if not organisation.living:
        raise ConflictError(
            "organisation_ended",
            Text(f"{organisation.name} bestaat niet meer.", f"{organisation.name} no longer exists."),
        )
    return organisation


def _scope(appointment: Appointment) -> str:
    if appointment.kind == APPLICATION_OWNER:
        return application_scope(appointment.application_code or "")
    if appointment.kind == TARGET_GROUP_OFFICER:
        return officer_scope(appointment.target_group or "", appointment.organisation_type or "")
    if appointment.kind == HELPDESK:
        return HELPDESK_SCOPE
    assert appointment.organisation_id is not None
    return organisation_scope(appointment.organisation_id)


def _settle(session: Session, appointment: Appointment, scope: str) -> None:
    """End in writing what the clock has ended, as it holds the slot; refuse when the person has it already."""
    held = session.scalar(
        to_change(
            select(Mandate).where(
                Mandate.person_id == appointment.person_id,
                Mandate.kind == appointment.kind,
                Mandate.scope_key == scope,
                Mandate.ended_at.is_(None),
            )
        )
    )
    if held is None:
        return
    if not held.run_out(clock.now()):
        raise ConflictError(
            "already_has_mandate", Text("Deze persoon heeft dit mandaat al.", "This person has this mandate already.")
        )
    held.ended_at, held.end_reason = held.valid_until, "expired"
    audit.record(
        session,
        "people:mandate:expire",
        subject_id=held.person_id,
        organisation_id=held.organisation_id,
        details={"mandate": held.id, "kind": held.kind},
    )
    session.flush()


def _appointee(session: Session, person_id: uuid.UUID) -> Person:
    person = session.scalar(to_depend_on(select(Person).where(Person.id == person_id)))
    if person is None:
        raise NotFoundError("person_unknown", Text("Deze persoon bestaat niet.", "There is no such person."))
    if person.state not in ("unlinked", "matched"):
        raise ConflictError(
            "person_gone",
            Text("Deze persoon kan nu geen mandaat krijgen.", "This person cannot be given a mandate now."),
        )
    return person


def _refuse_oneself(session: Session, actor: uuid.UUID | None, appointee: Person) -> None:
    appointer = session.get(Person, actor) if actor is not None else None
    if appointer is not None and same_human(appointer, appointee):
        raise ForbiddenError(
            "not_for_yourself",
            Text("U kunt uzelf geen mandaat geven.", "You cannot give yourself a mandate."),
        )


def _address(installation: Installation, typed: str | None) -> str | None:
    if not typed:
        return None
    try:
        return email_address(typed, test_domains=installation.settings.development)
    except IdentifierError as error:
        raise InvalidError("email_invalid", error.text, {"email": error.text}) from error
