"""TermsAcceptance: which version of a document somebody with a local account agreed to, and when. Owns the table and both
questions.

The box stands at every sign-in (seed 004); a version is written down the first time it is agreed to.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import audit, clock
from broker.catalogue import Application, Terms
from broker.database import Base, Identified, UtcDateTime
from broker.people.local_account import LocalAccount


class TermsAcceptance(Identified, Base):
    """One version of one document, agreed to once."""

    __tablename__ = "terms_acceptances"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"))
    application_code: Mapped[str] = mapped_column(String(40))
    document: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("account_id", "application_code", "document", "version", name="uq_terms_acceptances_version"),
    )


def accept_terms(
    session: Session, account_id: uuid.UUID, person_id: uuid.UUID, applications: Iterable[Application]
) -> tuple[Terms, ...]:
    """Write down what the box says yes to; which documents had another version the last time. The caller holds the account."""
    known = _versions(session, account_id)
    read_before = {(application, document) for application, document, _ in known}
    renewed: list[Terms] = []
    for application in applications:
        for terms in application.local_account.terms if application.local_account else ():
            if (application.code, terms.code, terms.version) in known:
                continue
            session.add(
                TermsAcceptance(
                    account_id=account_id,
                    application_code=application.code,
                    document=terms.code,
                    version=terms.version,
                    accepted_at=clock.now(),
                )
            )
            audit.record(
                session,
                "authentication:terms:accept",
                subject_id=person_id,
                details={"application": application.code, "document": terms.code},
            )
            if (application.code, terms.code) in read_before:
                renewed.append(terms)
    return tuple(renewed)


def terms_are_accepted(session: Session | Connection, person_id: uuid.UUID, application: Application) -> bool:
    """Whether the person's account agreed to every document in the version of now: who signed in for another application may
    not have."""
    rows = session.execute(
        select(TermsAcceptance.document, TermsAcceptance.version)
        .join(LocalAccount, LocalAccount.id == TermsAcceptance.account_id)
        .where(
            LocalAccount.person_id == person_id,
            LocalAccount.ended_at.is_(None),
            TermsAcceptance.application_code == application.code,
        )
    )
    known = {(document, version) for document, version in rows}
    terms = application.local_account.terms if application.local_account else ()
    return all((each.code, each.version) in known for each in terms)


def _versions(session: Session, account_id: uuid.UUID) -> set[tuple[str, str, str]]:
    rows = session.execute(
        select(TermsAcceptance.application_code, TermsAcceptance.document, TermsAcceptance.version).where(
            TermsAcceptance.account_id == account_id
        )
    )
    return {(application, document, version) for application, document, version in rows}
