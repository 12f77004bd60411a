"""CharterAcceptance: somebody agreed to the charter of an application, in one version. Owns the table and the question whether.

Only what a person did who had proved who they are stands here. Who typed a name agreed on the request itself
(`access_requests.charter_version`), which speaks for nobody who signs in later (threats rule 1, SR5).
"""

import uuid
from datetime import datetime

from sqlalchemy import Connection, ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker.catalogue import Application
from broker.database import Base, Identified, UtcDateTime
from broker.precompiled import Precompiled
from broker.text import Text

VERSION_LENGTH = 40


class CharterAcceptance(Identified, Base):
    """One yes, to one version. A new version asks a new one."""

    __tablename__ = "charter_acceptances"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    application_code: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(VERSION_LENGTH))
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("person_id", "application_code", "version", name="uq_charter_acceptances_version"),
    )


def charter_accepted(where: Session | Connection, person_id: uuid.UUID, application: Application) -> bool:
    """Whether nothing is left to agree to: there is no charter, or the person agreed to this very version. One statement, none
    where there is no charter."""
    if application.charter is None:
        return True
    found = _ACCEPTED.one_or_none(
        where, person_id=person_id, application_code=application.code, version=application.charter.version
    )
    return found is not None


_ACCEPTED = Precompiled(
    select(CharterAcceptance.id).where(
        CharterAcceptance.person_id == bindparam("person_id"),
        CharterAcceptance.application_code == bindparam("application_code"),
        CharterAcceptance.version == bindparam("version"),
    )
)

CHARTER_CHANGED = Text(
    "Het charter is intussen gewijzigd. Lees het opnieuw.", "The charter has changed meanwhile. Please read it again."
)
