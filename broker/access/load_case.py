"""load_case: gather what the rules look at. Reads only; a constant number of statements, whatever the size of the database."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import TYPED, AccessRequest
from broker.access.grant import Grant
from broker.access.label import Label, label_counts
from broker.access.rules import Case
from broker.access.rules.case import Somebody
from broker.catalogue import Catalogue
from broker.installation import Installation
from broker.keys import Keys
from broker.people.affiliation import Affiliation
from broker.people.find_person import find_person_by_hashes
from broker.people.identifiers import email_for_limits, same_name
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


def number_place(request_id: uuid.UUID) -> str:
    """Where a request's sealed number belongs (`Keys.seal`)."""
    return f"access_requests.number:{request_id}"


def number_hashes(keys: Keys, request: AccessRequest) -> dict[str, str]:
    """The look-up hashes of a typed number, by version; empty for somebody who came by digital key."""
    if request.number_sealed is not None:
        return keys.lookup_hashes(keys.unseal(request.number_sealed, number_place(request.id)))
    if request.number_hash is not None and request.number_hash_version is not None:
        return {request.number_hash_version: request.number_hash}
    return {}


def applicant_person(session: Session, keys: Keys, request: AccessRequest) -> Person | None:
    """Who the applicant is, as far as we know: signed in, or the owner of the typed number."""
    if request.person_id is not None:
        person = session.get(Person, request.person_id)
        if person is not None and person.merged_into_id is not None:
            return session.get(Person, person.merged_into_id)
        return person
    hashes = number_hashes(keys, request)
    return find_person_by_hashes(session, hashes) if hashes else None


def somebody(session: Session, person_id: uuid.UUID) -> Somebody:
    """What tells a known person apart, the proved addresses and numbers of the jobs included."""
    person = session.get_one(Person, person_id)
    jobs = session.execute(
        select(Affiliation.email, Affiliation.phone, Affiliation.email_source).where(
            Affiliation.person_id == person_id, Affiliation.ended_at.is_(None)
        )
    ).all()
    emails = {person.proved_email, *(email for email, _, source in jobs if source == "proved")}
    phones = {person.phone, *(phone for _, phone, _ in jobs)}
    return Somebody(
        person_ids=frozenset(each for each in (person.id, person.merged_into_id) if each is not None),
        number_hashes=frozenset([person.number_hash] if person.number_hash is not None else []),
        emails=frozenset(email_for_limits(email) for email in emails if email),
        phones=frozenset(phone for phone in phones if phone),
    )


def applicant_somebody(session: Session, keys: Keys, request: AccessRequest, person: Person | None) -> Somebody:
    """What tells the applicant apart: what we know of `person`, and what the request itself says."""
    known = somebody(session, person.id) if person else Somebody()
    asked_emails = {email_for_limits(request.email)} if request.email_proved_at else set()
    asked_phones = {request.phone} if request.phone else set()
    return Somebody(
        person_ids=known.person_ids,
        number_hashes=known.number_hashes | frozenset(number_hashes(keys, request).values()),
        emails=known.emails | asked_emails,
        phones=known.phones | asked_phones,
    )


def label_of(session: Session, organisation: Organisation, label_code: str) -> Label | None:
    """The living label row of this organisation as what it is now, whether asked or approved."""
    return session.scalar(
        select(Label).where(
            Label.organisation_id == organisation.id,
            Label.label_code == label_code,
            Label.target_group == organisation.target_group,
            Label.organisation_type == organisation.organisation_type,
            Label.ended_at.is_(None),
        )
    )


def open_grants_of(session: Session, person_id: uuid.UUID, application_code: str) -> tuple[Grant, ...]:
    """The grants that nobody ended and that have not run out, at whatever organisation, by id."""
    now = clock.now()
    grants = session.scalars(
        select(Grant)
        .where(
            Grant.person_id == person_id,
            Grant.application_code == application_code,
            Grant.ended_at.is_(None),
        )
        .order_by(Grant.id)
    )
    return tuple(grant for grant in grants if not grant.run_out(now))


def offered(catalogue: Catalogue, request: AccessRequest) -> bool:
    """The entitlement code still stands for just this right, context and kind of organisation."""
    code = catalogue.entitlement_codes.get(request.entitlement_code)
    return code is not None and (
        (code.application_code, code.right_code, code.context_code, code.target_group, code.organisation_type)
        == (
            request.application_code,
            request.right_code,
            request.context_code,
            request.target_group,
            request.organisation_type,
        )
    )


def _name_fits(request: AccessRequest, person: Person | None) -> bool:
    """A typed name is that of the person of the number, where a digital key has vouched for one."""
    typed = request.identity_source == TYPED and person is not None and person.name_source == "verified"
    return not typed or person is None or same_name(request.full_name, person.full_name)


def load_case(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation,
    decider_id: uuid.UUID | None = None,
) -> Case:
    """The case of `request` at `organisation` as it stands now; with a decider, for deciding."""
    catalogue = installation.catalogue
    application = catalogue.applications.get(request.application_code)
    person = applicant_person(session, installation.keys, request)
    applicant = applicant_somebody(session, installation.keys, request, person)
    policy = (
        application.label_needed(organisation.target_group, organisation.organisation_type) if application else None
    )
    label = label_of(session, organisation, policy.code) if policy else None
    label_state = "none"
    if label is not None:
        label_state = "counts" if label_counts(label, organisation, clock.now()) else "asked"
    kind = catalogue.organisation_type(organisation.target_group, organisation.organisation_type)
    works_here = person is not None and (
        session.scalar(
            select(Affiliation.id).where(
                Affiliation.person_id == person.id,
                Affiliation.organisation_id == organisation.id,
                Affiliation.ended_at.is_(None),
            )
        )
        is not None
    )
    unknown = Text(organisation.organisation_type, organisation.organisation_type)
    return Case(
        applicant=applicant,
        applicant_name=request.full_name,
        given_name=request.given_name,
        typed=request.identity_source == TYPED,
        application=application,
        right=application.rights.get(request.right_code) if application else None,
        right_code=request.right_code,
        context_code=request.context_code,
        offered_now=offered(catalogue, request),
        asked_target_group=request.target_group,
        asked_organisation_type=request.organisation_type,
        organisation=organisation,
        organisation_kind=kind.name if kind else unknown,
        organisation_kind_plural=kind.plural if kind else unknown,
        open_grants=open_grants_of(session, person.id, request.application_code) if person else (),
        replaces_grant_id=request.replaces_grant_id,
        label_needed=policy is not None,
        label_name=policy.name if policy else None,
        label_state=label_state,
        works_here=works_here,
        name_fits=_name_fits(request, person),
        decider=somebody(session, decider_id) if decider_id else None,
        free_texts=tuple(str(answer) for answer in request.answers.values() if "\n" not in str(answer)),
        right_names={code: right.name for code, right in application.rights.items()} if application else {},
    )
