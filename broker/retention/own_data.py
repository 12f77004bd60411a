"""own_data: what is held on one person, for that person to take along (GDPR art. 15). Reads only.

Beside the register of where personal data stands: a table that stands there is either in SECTIONS, or in LEFT_OUT with the reason;
a test holds that. Whoever decided something is named by function only, as the rights of others go before (threat RE5). The
rijksregisternummer itself leaves in no file: whether we still hold it, does.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.asked_facts import AskedFacts
from broker.access.charter_acceptance import CharterAcceptance
from broker.access.grant import Grant
from broker.access.nomination import Nomination
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.report import Report
from broker.audit import AuditEvent
from broker.audit.audit_event import AuditSource
from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession
from broker.authentication.consent import Consent
from broker.authentication.passkey import passkeys_of
from broker.authentication.remembered_device import RememberedDevice
from broker.authentication.terms_acceptance import TermsAcceptance
from broker.notifications import OutboxMessage
from broker.people.affiliation import Affiliation
from broker.people.deputy import Deputy
from broker.people.email_change import EmailChange
from broker.people.identity_link import IdentityLink
from broker.people.local_account import LocalAccount
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.person_number import PersonNumber
from broker.people.phone_change import PhoneChange

Section = Callable[[Session, Person], Any]

LEFT_OUT = {
    "labels": "a mark on an organisation, and why it was refused or ended; about no person",
    "earlier_passwords": "hashes of passwords; they say nothing of a person",
    "local_sign_ins": "a sign-in that is going on, for ten minutes",
    "recovery_codes": "keyed hashes; they open nothing",
    "totp_keys": "the sealed key of an app that shows codes; whoever has it could sign in, so it leaves in no file",
    "sign_in_delays": "keyed hashes of user names and addresses, for a day; they open nothing",
    "sms_codes": "keyed hashes of mobile numbers, for two days; when codes were sent stands in the history",
    "look_ups": "keyed hashes of whom an administrator looked for, for a day; they open nothing",
    "passkey_challenges": "random values for five minutes, by a digest of who asked",
    "pushed_requests": "random names for what an application asks for a minute; tied to nobody",
    "sign_in_attempts": "a sign-in that is going on; tied to nobody yet",
    "suppressed_addresses": "keyed hashes; tied to no person",
    "upload_lines": "a file that an administrator brought, sealed until it is carried out; what came of it stands with the rights",
}


def own_data(session: Session, person_id: uuid.UUID) -> dict[str, Any]:
    """Everything, by section; instants in ISO 8601, UTC."""
    person = session.get_one(Person, person_id)
    return {
        "made_at": clock.now().isoformat(),
        **{name: section(session, person) for name, (section, _) in SECTIONS.items()},
    }


def _person(session: Session, person: Person) -> dict[str, Any]:
    earlier = select(PersonNumber.id).where(PersonNumber.person_id == person.id)
    return {
        "id": str(person.id),
        "subject_identifier": person.sub,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "name_vouched_for_by": person.name_source,
        "email": person.email,
        "email_vouched_for_by": person.email_source,
        "phone": person.phone,
        "phone_vouched_for_by": person.phone_source,
        "language": person.language,
        "known_since": _instant(person.created_at),
        "national_number": {
            "kept_sealed_until_you_sign_in": person.number_sealed is not None,
            "kept_as_a_digest_to_recognise_you": person.number_hash is not None,
            "earlier_ones_kept_as_digests": len(session.scalars(earlier).all()),
        },
    }


def _keys(session: Session, person: Person) -> list[dict[str, Any]]:
    rows = session.scalars(_by(select(IdentityLink), IdentityLink.person_id, person, IdentityLink.id))
    return [{"provider": each.provider_code, "issuer": each.issuer, "subject": each.subject} for each in rows]


def _local_account(session: Session, person: Person) -> list[dict[str, Any]]:
    """The account and what hangs on it; never a hash."""
    rows = session.scalars(_by(select(LocalAccount), LocalAccount.person_id, person, LocalAccount.created_at)).all()
    return [
        {
            "user_name": each.user_name,
            "since": _instant(each.created_at),
            "password_set_at": _instant(each.password_set_at),
            "ended_at": _instant(each.ended_at),
            "agreed_to": [
                {
                    "application": terms.application_code,
                    "document": terms.document,
                    "version": terms.version,
                    "at": _instant(terms.accepted_at),
                }
                for terms in session.scalars(select(TermsAcceptance).where(TermsAcceptance.account_id == each.id))
            ],
            "remembered_devices": [
                {"since": _instant(device.created_at), "until": _instant(device.ended_at or device.expires_at)}
                for device in session.scalars(select(RememberedDevice).where(RememberedDevice.account_id == each.id))
            ],
            "other_numbers_asked_by_an_administrator": [
                {
                    "asked_at": _instant(change.asked_at),
                    "takes_effect_at": _instant(change.takes_effect_at),
                    "became": change.outcome,
                }
                for change in session.scalars(select(PhoneChange).where(PhoneChange.account_id == each.id))
            ],
            "other_email_addresses_asked": [
                {"asked_at": _instant(change.asked_at), "became": change.outcome}
                for change in session.scalars(select(EmailChange).where(EmailChange.account_id == each.id))
            ],
            "passkeys": [
                {"name": key.name, "since": _instant(key.created_at), "last_used": _instant(key.used_at)}
                for key in passkeys_of(session, each.id)
            ],
        }
        for each in rows
    ]


def _jobs(session: Session, person: Person) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Affiliation, Organisation.name)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Affiliation.person_id == person.id)
        .order_by(Affiliation.valid_from, Affiliation.id)
    )
    return [
        {
            "organisation": name,
            "email": job.email,
            "email_vouched_for_by": job.email_source,
            "phone": job.phone,
            **_dates(job),
        }
        for job, name in rows
    ]


def _mandates(session: Session, person: Person) -> list[dict[str, Any]]:
    """Without the words on which they were given or taken back: those speak of others too."""
    rows = session.scalars(_by(select(Mandate), Mandate.person_id, person, Mandate.valid_from))
    return [{"kind": each.kind, "scope": each.scope_key, **_dates(each)} for each in rows]


def _deputyships(session: Session, person: Person) -> list[dict[str, Any]]:
    """For whom somebody decided tasks, by mandate, and who did so for them; never the name of the other."""
    theirs = or_(Deputy.deputy_person_id == person.id, Deputy.holder_person_id == person.id)
    rows = session.execute(
        select(Deputy, Mandate.scope_key)
        .join(Mandate, Mandate.id == Deputy.mandate_id)
        .where(theirs)
        .order_by(Deputy.valid_from, Deputy.id)
    )
    return [
        {
            "you_were": "the deputy" if each.deputy_person_id == person.id else "the one who was away",
            "scope": scope,
            **_dates(each),
        }
        for each, scope in rows
    ]


def _rights(session: Session, person: Person) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Grant, Organisation.name)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(Grant.person_id == person.id)
        .order_by(Grant.given_at, Grant.id)
    )
    return [
        {
            "application": grant.application_code,
            "right": grant.right_code,
            "context": grant.context_code,
            "organisation": name,
            "given_at": _instant(grant.given_at),
            "given_by": "an administrator or officer" if grant.given_by else "the system",
            **_dates(grant),
        }
        for grant, name in rows
    ]


def _requests(session: Session, person: Person) -> list[dict[str, Any]]:
    granted = select(Grant.request_id).where(Grant.person_id == person.id, Grant.request_id.is_not(None))
    rows = session.execute(
        select(AccessRequest, OrganisationProposal)
        .outerjoin(OrganisationProposal, OrganisationProposal.request_id == AccessRequest.id)
        .where(or_(AccessRequest.person_id == person.id, AccessRequest.id.in_(granted)))
        .order_by(AccessRequest.created_at, AccessRequest.id)
    )
    return [
        {
            "number": request.number,
            "status": request.status,
            "name": request.full_name,
            "email": request.email,
            "phone": request.phone,
            "application": request.application_code,
            "right": request.right_code,
            "answers": request.answers,
            "asked_at": _instant(request.created_at),
            "closed_at": _instant(request.closed_at),
            "reason": request.reason,
            "proposed_organisation": None
            if proposal is None
            else {
                "name": proposal.name,
                "address": proposal.address,
                "representative": proposal.representative,
                "refused_reason": proposal.refused_reason,
            },
        }
        for request, proposal in rows
    ]


def _asked(session: Session, person: Person) -> list[dict[str, Any]]:
    """What an administrator asked them by a secure link, and why; never the answer, which that administrator alone may read."""
    jobs = select(Affiliation.id).where(Affiliation.person_id == person.id)
    requests = select(AccessRequest.id).where(AccessRequest.person_id == person.id)
    rows = session.scalars(
        select(AskedFacts)
        .where(or_(AskedFacts.affiliation_id.in_(jobs), AskedFacts.request_id.in_(requests)))
        .order_by(AskedFacts.asked_at, AskedFacts.id)
    )
    return [
        {
            "asked": each.reasons,
            "asked_at": _instant(each.asked_at),
            "answered_at": _instant(each.answered_at),
            "closed_at": _instant(each.closed_at),
        }
        for each in rows
    ]


def _reports(session: Session, person: Person) -> list[dict[str, Any]]:
    """What they reported of a colleague, in their words; of what others reported, that it was and when."""
    rows = session.execute(
        select(Report, Grant.person_id)
        .join(Grant, Grant.id == Report.grant_id)
        .where(or_(Report.reporter_id == person.id, Grant.person_id == person.id))
        .order_by(Report.created_at, Report.id)
    )
    return [
        {
            "you_were": "the one who reported" if report.reporter_id == person.id else "the holder of the right",
            "at": _instant(report.created_at),
            "words": report.note if report.reporter_id == person.id else None,
        }
        for report, _holder in rows
    ]


def _nominations(session: Session, person: Person) -> list[dict[str, Any]]:
    """For whom they asked an account, in their words, until that was answered."""
    rows = session.scalars(_by(select(Nomination), Nomination.nominated_by, person, Nomination.created_at))
    return [
        {
            "application": each.application_code,
            "at": _instant(each.created_at),
            "answered_at": _instant(each.settled_at),
            "for": each.full_name,
            "email": each.email,
            "words": each.note,
        }
        for each in rows
    ]


def _sessions(session: Session, person: Person) -> list[dict[str, Any]]:
    rows = session.scalars(_by(select(BrowserSession), BrowserSession.person_id, person, BrowserSession.created_at))
    return [
        {
            "digital_key": each.provider_code,
            "level": each.level,
            "since": _instant(each.auth_time),
            "last_seen": _instant(each.last_seen),
            "ended_at": _instant(each.ended_at),
            "end_reason": each.end_reason,
        }
        for each in rows
    ]


def _application_sessions(session: Session, person: Person) -> list[dict[str, Any]]:
    rows = session.scalars(_by(select(ClientSession), ClientSession.person_id, person, ClientSession.created_at))
    return [
        {
            "application": each.application_code,
            "asked_for": each.scopes.split(),
            "since": _instant(each.created_at),
            "until": _instant(each.revoked_at or each.expires_at),
        }
        for each in rows
    ]


def _consents(session: Session, person: Person) -> list[dict[str, Any]]:
    rows = session.scalars(_by(select(Consent), Consent.person_id, person, Consent.given_at))
    return [{"client": each.client_id, "to": each.scopes.split(), "given_at": _instant(each.given_at)} for each in rows]


def _charters(session: Session, person: Person) -> list[dict[str, Any]]:
    rows = session.scalars(
        _by(select(CharterAcceptance), CharterAcceptance.person_id, person, CharterAcceptance.accepted_at)
    )
    return [
        {"application": each.application_code, "version": each.version, "accepted_at": _instant(each.accepted_at)}
        for each in rows
    ]


def _messages(session: Session, person: Person) -> list[dict[str, Any]]:
    """Those that still name an address of theirs; the words are gone once a message was sent."""
    # One that an administrator typed may be somebody else's (threats rule 1).
    proved = select(Affiliation.email).where(Affiliation.person_id == person.id, Affiliation.email_source == "proved")
    jobs = session.scalars(proved)
    addresses = {each for each in (person.proved_email, *jobs) if each}
    if not addresses:
        return []
    rows = session.scalars(
        select(OutboxMessage).where(OutboxMessage.recipient.in_(addresses)).order_by(OutboxMessage.created_at)
    )
    return [{"kind": each.template, "at": _instant(each.created_at), "status": each.status} for each in rows]


def _history(session: Session, person: Person) -> list[dict[str, Any]]:
    """What the audit has about the person; what they did to others stands with those."""
    rows = session.execute(
        select(AuditEvent, AuditSource.address)
        .outerjoin(AuditSource, AuditSource.event_id == AuditEvent.id)
        .where(AuditEvent.subject_id == person.id)
        .order_by(AuditEvent.happened_at, AuditEvent.id)
    )
    return [
        {
            "what": event.name,
            "at": _instant(event.happened_at),
            "by": "yourself" if event.actor_id == person.id else event.actor_kind,
            "from_address": address if event.actor_id == person.id else None,
        }
        for event, address in rows
    ]


def _by(query: Select[Any], owner: Any, person: Person, order: Any) -> Select[Any]:
    return query.where(owner == person.id).order_by(order)


def _dates(row: Affiliation | Deputy | Mandate | Grant) -> dict[str, Any]:
    return {
        "from": _instant(row.valid_from),
        "until": _instant(row.valid_until),
        "ended_at": _instant(row.ended_at),
        "end_reason": row.end_reason,
    }


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value is not None else None


SECTIONS: dict[str, tuple[Section, frozenset[str]]] = {
    "person": (_person, frozenset({"persons", "person_numbers"})),
    "digital_keys": (_keys, frozenset({"identity_links"})),
    "local_accounts": (
        _local_account,
        frozenset(
            {"local_accounts", "terms_acceptances", "remembered_devices", "phone_changes", "email_changes", "passkeys"}
        ),
    ),
    "jobs": (_jobs, frozenset({"affiliations"})),
    "mandates": (_mandates, frozenset({"mandates"})),
    "deputyships": (_deputyships, frozenset({"deputies"})),
    "rights": (_rights, frozenset({"grants"})),
    "requests": (_requests, frozenset({"access_requests", "organisation_proposals"})),
    "asked_of_you": (_asked, frozenset({"asked_facts"})),
    "reports": (_reports, frozenset({"reports"})),
    "nominations": (_nominations, frozenset({"nominations"})),
    "sign_ins": (_sessions, frozenset({"browser_sessions"})),
    "application_sessions": (_application_sessions, frozenset({"client_sessions"})),
    "consents": (_consents, frozenset({"consents"})),
    "charters": (_charters, frozenset({"charter_acceptances"})),
    "messages": (_messages, frozenset({"outbox_messages"})),
    "history": (_history, frozenset({"audit_events", "audit_sources"})),
}
"""By name: what gathers it, and the tables that it covers."""
