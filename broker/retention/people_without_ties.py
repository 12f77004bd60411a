"""people_without_ties: somebody without job, right, mandate, request or sign-in for a long time.

Their name, addresses, numbers and digital keys go; the row stays, empty, under its random id, so that the audit still tells one
person from another and a `sub` is never given out twice. Somebody with a mandate, or whom an investigation holds, is never
erased (threat RE3).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from broker import audit
from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.authentication.browser_session import BrowserSession
from broker.authentication.consent import Consent
from broker.authentication.earlier_password import EarlierPassword
from broker.authentication.local_sign_in import LocalSignIn
from broker.authentication.passkey import Passkey
from broker.authentication.remembered_device import RememberedDevice
from broker.authentication.sms_code import SmsCode
from broker.authentication.terms_acceptance import TermsAcceptance
from broker.authentication.totp import RecoveryCode, TotpKey
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.email_change import EmailChange
from broker.people.identity_link import IdentityLink
from broker.people.local_account import LocalAccount
from broker.people.mandate import Mandate
from broker.people.person import Person
from broker.people.person_number import PersonNumber
from broker.people.phone_change import PhoneChange
from broker.retention.closed_requests import erase_requests
from broker.retention.ended_jobs import erase_jobs
from broker.retention.rule import RetentionRule


def _due(before: datetime) -> Select[Any]:
    ties = [
        exists().where(
            each.person_id == Person.id,
            or_(each.ended_at.is_(None), each.ended_at >= before),
            or_(each.valid_until.is_(None), each.valid_until >= before),
        )
        for each in (Affiliation, Grant)
    ]
    ties.append(
        exists().where(Mandate.person_id == Person.id, or_(Mandate.ended_at.is_(None), Mandate.ended_at >= before))
    )
    ties.append(
        exists().where(
            AccessRequest.person_id == Person.id,
            or_(AccessRequest.closed_at.is_(None), AccessRequest.closed_at >= before),
        )
    )
    ties.append(
        exists().where(
            BrowserSession.person_id == Person.id,
            or_(BrowserSession.ended_at.is_(None), BrowserSession.last_seen >= before),
        )
    )
    return select(Person.id).where(
        Person.state.in_(("unlinked", "matched", "doubted")),
        Person.held_at.is_(None),
        Person.created_at < before,
        ~or_(*ties),
    )


def _whole() -> Select[int]:
    return select(func.count()).select_from(Person)


def _erase(session: Session, installation: Installation, ids: Sequence[Any]) -> None:
    """The caller has locked them: who signs in at this moment waits, and is then somebody new."""
    erase_requests(
        session,
        installation,
        session.scalars(select(AccessRequest.id).where(AccessRequest.person_id.in_(ids))).all(),
    )
    for table in (IdentityLink, PersonNumber, Consent):
        session.execute(delete(table).where(table.person_id.in_(ids)).execution_options(synchronize_session=False))
    _erase_local_accounts(session, ids)
    erase_jobs(session, Affiliation.person_id.in_(ids))
    session.execute(
        update(Person)
        .where(Person.id.in_(ids))
        .values(
            state="erased",
            given_name="",
            family_name="",
            email=None,
            email_source=None,
            phone=None,
            phone_source=None,
            number_sealed=None,
            number_hash=None,
            number_hash_version=None,
        )
        .execution_options(synchronize_session=False)
    )
    for person_id in ids:
        audit.record(session, "people:person:erase", subject_id=person_id)


def _erase_local_accounts(session: Session, person_ids: Sequence[Any]) -> None:
    theirs = select(LocalAccount.id).where(LocalAccount.person_id.in_(person_ids))
    for table in (
        EarlierPassword,
        SmsCode,
        LocalSignIn,
        TermsAcceptance,
        RememberedDevice,
        RecoveryCode,
        TotpKey,
        Passkey,
    ):
        session.execute(delete(table).where(table.account_id.in_(theirs)).execution_options(synchronize_session=False))
    for change in (PhoneChange, EmailChange):
        session.execute(
            delete(change).where(change.person_id.in_(person_ids)).execution_options(synchronize_session=False)
        )
    session.execute(
        delete(LocalAccount).where(LocalAccount.person_id.in_(person_ids)).execution_options(synchronize_session=False)
    )


PEOPLE_WITHOUT_TIES = RetentionRule("people_without_ties", _due, _whole, _erase, of_people=True)
