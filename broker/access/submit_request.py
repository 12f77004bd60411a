"""submit_request: an applicant sends what was filled in and confirmed (lifecycles §1: start → unproved or open).

Who typed a name and number learns nothing about anybody (threats SR4): every refusal that depends on who it is, is for somebody
who came by digital key; for the others the finding stands on the task.
"""

import uuid
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.accept_charter import accept_charter
from broker.access.access_request import DIGITAL_KEY, TYPED, UNPROVED, AccessRequest, new_number
from broker.access.load_case import load_case, number_place
from broker.access.open_request import open_request
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.request_limits import check_applicant, check_source, next_confirmation
from broker.access.rules import FOR_ASKING, explain
from broker.access.rules.case import Case, Finding
from broker.access.same_open_request import same_open_request
from broker.access.suppressed_address import is_suppressed
from broker.catalogue import EntitlementCode
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.identifiers import email_for_limits, masked_national_number
from broker.people.one_time_link import CONFIRM_EMAIL, issue_link
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True)
class ProposedOrganisation:
    """What an applicant says of an organisation that is not in the list (seed-sentences M1)."""

    kbo: str
    name: str
    address: str
    representative: str


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything an applicant confirmed, already parsed and cleaned (`people.identifiers`).

    `person_id` is set for somebody signed in with a digital key: then the names are that key's and `number` is the one it asserted,
    if any. Else `number` is what was typed. Just one of `organisation_id` and `proposal` is set. `submission_id` comes with the
    form, so that sending twice gives the first one back. `charter_version` is the charter that was agreed to, where there is one.
    """

    submission_id: uuid.UUID
    entitlement_code: str
    given_name: str
    family_name: str
    email: str
    person_id: uuid.UUID | None = None
    number: str | None = None
    organisation_id: uuid.UUID | None = None
    proposal: ProposedOrganisation | None = None
    phone: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    language: str = "nl"
    change_of_role: bool = False
    source: str | None = None
    charter_version: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The request, new or the first one again; `to_prove` when the mailed link comes first."""

    request_id: uuid.UUID
    number: str
    to_prove: bool
    repeated: bool


def submit_request(session: Session, installation: Installation, submission: Submission) -> Submitted:
    """Store the request; mail a link that proves the address, or open it at once where the address is proved already.

    Raises:
        NotFoundError: the entitlement code or organisation does not exist (any more).
        InvalidError: the organisation is not of the kind this link is for.
        ConflictError: `charter_changed` meanwhile; `already` or `one_role`, only for somebody signed in (seed 002: one role per
            user).
        TooManyError: a limit was reached.
    """
    first = session.scalar(select(AccessRequest).where(AccessRequest.submission_id == submission.submission_id))
    if first is not None:
        if _same_content(installation, first, submission):
            return Submitted(first.id, first.number, first.status == UNPROVED, repeated=True)
        # Sent, back, put right (another address, say) and sent again; or not their form at all: a request of its own.
        submission = replace(submission, submission_id=uuid.uuid4())
    code = installation.catalogue.entitlement_codes.get(submission.entitlement_code)
    if code is None:
        raise NotFoundError("entitlement_unknown", ENTITLEMENT_UNKNOWN)
    organisation = _organisation(session, code, submission)
    request = _request(installation, code, submission, organisation)
    person = session.get(Person, submission.person_id) if submission.person_id else None
    if person is not None:
        again = same_open_request(session, request, submission.proposal.kbo if submission.proposal else None)
        if again is not None:
            return Submitted(again.id, again.number, to_prove=False, repeated=True)
    else:
        check_source(session, request.source_key)
    check_applicant(session, request.applicant_key, request.application_code, proved_who=person is not None)
    if person is not None and organisation is not None:
        _refuse_or_replace(session, installation, request, organisation, submission.change_of_role)
    if person is not None and submission.charter_version is not None:
        accept_charter(session, installation, person.id, request.application_code, submission.charter_version)
    session.add(request)
    session.flush()
    if submission.proposal is not None:
        session.add(
            OrganisationProposal(
                request_id=request.id,
                target_group=code.target_group,
                organisation_type=code.organisation_type,
                kbo=submission.proposal.kbo,
                name=submission.proposal.name,
                address=submission.proposal.address,
                representative=submission.proposal.representative,
            )
        )
    audit.record(
        session,
        "access:request:start",
        subject_id=request.id,
        organisation_id=request.organisation_id,
        details={"entitlement": request.entitlement_code, "identity": request.identity_source},
    )
    if person is not None and person.proved_email == submission.email:
        request.email_proved_at = request.created_at
        open_request(session, installation, request)
        return Submitted(request.id, request.number, to_prove=False, repeated=False)
    _ask_for_proof(session, request)
    return Submitted(request.id, request.number, to_prove=True, repeated=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody signed in may not send this. `change_of_role`: asking to change roles is the way on. `first`: the same request
    is under way; it is this one."""

    finding: Finding | None = None
    change_of_role: bool = False
    first: AccessRequest | None = None


def refusal_before_sending(session: Session, installation: Installation, submission: Submission) -> Refusal | None:
    """What stands in the way, before anything is sent; None where nothing does, and always for a typed identity (SR4).

    Raises:
        NotFoundError, InvalidError: as `submit_request`.
    """
    code = installation.catalogue.entitlement_codes.get(submission.entitlement_code)
    if code is None:
        raise NotFoundError("entitlement_unknown", ENTITLEMENT_UNKNOWN)
    organisation = _organisation(session, code, submission)
    if submission.person_id is None or organisation is None:
        return None
    request = _request(installation, code, submission, organisation)
    first = same_open_request(session, request)
    if first is not None:
        return Refusal(first=first)
    case = load_case(session, installation, request, organisation)
    taken = case.role_taken_by()
    if submission.change_of_role and taken is not None:
        request.replaces_grant_id = taken.id
        case = load_case(session, installation, request, organisation)
    finding = refusal_for_applicant(case)
    if finding is None:
        return None
    return Refusal(finding, change_of_role=finding.rule == "one_role")


def _organisation(session: Session, code: EntitlementCode, submission: Submission) -> Organisation | None:
    if submission.proposal is not None:
        known = session.scalar(
            select(Organisation).where(Organisation.kbo == submission.proposal.kbo, Organisation.ended_at.is_(None))
        )
        if known is not None:
            raise InvalidError(
                "organisation_known", CHECK_THE_FORM, {"proposal_kbo": ORGANISATION_KNOWN.with_facts(name=known.name)}
            )
        return None
    organisation = session.scalar(
        select(Organisation)
        .where(Organisation.id == submission.organisation_id, Organisation.ended_at.is_(None))
        .with_for_update(read=True)
    )
    if organisation is None or (organisation.target_group, organisation.organisation_type) != (
        code.target_group,
        code.organisation_type,
    ):
        raise InvalidError("organisation_does_not_fit", CHECK_THE_FORM, {"organisation": CHOOSE_FROM_LIST})
    return organisation


def _request(
    installation: Installation, code: EntitlementCode, submission: Submission, organisation: Organisation | None
) -> AccessRequest:
    keys = installation.keys
    now = clock.now()
    request = AccessRequest(
        id=uuid.uuid4(),
        number=new_number(clock.local_date(now).year),
        status=UNPROVED,
        person_id=submission.person_id,
        identity_source=DIGITAL_KEY if submission.person_id else TYPED,
        given_name=submission.given_name,
        family_name=submission.family_name,
        email=submission.email,
        email_limit_key=keys.private_hash(email_for_limits(submission.email), "limits"),
        phone=submission.phone,
        language=submission.language,
        entitlement_code=code.code,
        application_code=code.application_code,
        right_code=code.right_code,
        context_code=code.context_code,
        target_group=code.target_group,
        organisation_type=code.organisation_type,
        organisation_id=organisation.id if organisation else None,
        answers=submission.answers,
        charter_version=submission.charter_version,
        submission_id=submission.submission_id,
        source_key=keys.private_hash(submission.source, "limits") if submission.source else None,
        created_at=now,
    )
    if submission.number is not None:
        request.number_masked = masked_national_number(submission.number)
    request.applicant_key = _applicant_key(installation, submission)
    if submission.person_id is None and submission.number:
        request.number_sealed = keys.seal(submission.number, number_place(request.id))
        request.number_hash_version, request.number_hash = keys.lookup_hash(submission.number)
    return request


def _applicant_key(installation: Installation, submission: Submission) -> str:
    if submission.person_id is not None:
        return installation.keys.private_hash(f"person:{submission.person_id}", "applicants")
    typed = f"typed:{submission.number or ''}:{submission.email.casefold()}"
    return installation.keys.private_hash(typed, "applicants")


def _same_content(installation: Installation, first: AccessRequest, submission: Submission) -> bool:
    """Whether `first`, of the same form, asks the same for the same applicant and address (lifecycles §1: double submit)."""
    return (first.applicant_key, first.email, first.entitlement_code) == (
        _applicant_key(installation, submission),
        submission.email,
        submission.entitlement_code,
    ) and submission.organisation_id in (None, first.organisation_id)


def _refuse_or_replace(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation,
    change_of_role: bool,
) -> None:
    case = load_case(session, installation, request, organisation)
    if change_of_role and (taken := case.role_taken_by()) is not None:
        request.replaces_grant_id = taken.id
        case = load_case(session, installation, request, organisation)
    refusal = refusal_for_applicant(case)
    if refusal is not None:
        raise ConflictError(refusal.rule, refusal.why)


def refusal_for_applicant(case: Case) -> Finding | None:
    """The first rule that forbids this request, in words for the applicant; None where it may be sent."""
    for finding in explain(case, FOR_ASKING):
        if not finding.refused:
            continue
        right = case.right_name(case.right_code)
        if finding.rule == "already" and not case.affiliation_alone:
            return Finding(
                finding.rule,
                finding.weight,
                Text("U hebt dit recht al", "You have this right already"),
                Text(
                    f"U bent al {right.nl} voor {case.organisation.name}. U hoeft niets te vragen: u kunt meteen"
                    " aanmelden.",
                    f"You are already {right.en} for {case.organisation.name}. There is nothing to ask: you can sign"
                    " in right away.",
                ),
            )
        taken = case.role_taken_by()
        if finding.rule == "one_role" and taken is not None:
            old = case.right_name(taken.right_code)
            return Finding(
                finding.rule,
                finding.weight,
                Text(f"U bent al {old.nl}", f"You are already {old.en}"),
                Text(
                    f"U bent al {old.nl}. Iemand kan maar één rol hebben. Wilt u wisselen? Dan krijgt u de nieuwe rol"
                    " op het moment dat de oude stopt.",
                    f"You are already {old.en}. A person can have one role only. Would you like to change? You then"
                    " get the new role at the moment the old one ends.",
                ),
            )
        return finding
    return None


def _ask_for_proof(session: Session, request: AccessRequest) -> None:
    # Decided before the link is issued, which counts itself; the answer to the applicant is the same either way (SR1).
    leaves_at = next_confirmation(session, request.email_limit_key)
    if leaves_at is None or is_suppressed(session, request.email_limit_key):
        audit.record(session, "access:request:hold_mail", subject_id=request.id)
        return
    link = issue_link(session, CONFIRM_EMAIL, request.id)
    put_mail(
        session,
        "confirm_email",
        request.email,
        key=f"link:{link.id}",
        language=request.language,
        facts={"application_code": request.application_code},
        link=link.reference(),
        not_before=leaves_at,
        subject_id=request.id,
    )


ENTITLEMENT_UNKNOWN = Text("Deze link bestaat niet of niet meer.", "This link does not exist, or no longer.")
CHECK_THE_FORM = Text("Kijk het formulier na.", "Please check the form.")
CHOOSE_FROM_LIST = Text("Kies uw organisatie in de lijst", "Choose your organisation from the list")
ORGANISATION_KNOWN = Text(
    "{name} heeft dit KBO-nummer en staat al in onze lijst. Zoek op die naam of op het nummer.",
    "{name} has this KBO number and is in our list already. Search by that name or by the number.",
)
