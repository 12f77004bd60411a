"""Grant (toegekend recht): a person has a right in a context at an organisation. Owns the table (lifecycles §3).

Every state but `ended` is derived when read: see `grant_state`.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Ending, Identified, UtcDateTime, ending_checks


class Grant(Identified, Ending, Base):
    """`role_key` holds the slot of the one-role rule (`<app>:<person>` or `<app>:<person>:<organisation>`), NULL without it.

    `label_code` is the label this grant needs, NULL where none. Both are copied from the policy when given. `end_notices` is
    how often its coming end was announced.
    """

    __tablename__ = "grants"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    affiliation_id: Mapped[uuid.UUID]
    application_code: Mapped[str] = mapped_column(String(40))
    right_code: Mapped[str] = mapped_column(String(60))
    context_code: Mapped[str] = mapped_column(String(60))
    role_key: Mapped[str | None]
    label_code: Mapped[str | None] = mapped_column(String(60))
    request_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("access_requests.id"), unique=True)
    given_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_notices: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        ForeignKeyConstraint(
            ["affiliation_id", "person_id", "organisation_id"],
            ["affiliations.id", "affiliations.person_id", "affiliations.organisation_id"],
            name="fk_grants_affiliation",
        ),
        Index(
            "uq_grants_same",
            "person_id",
            "organisation_id",
            "right_code",
            "context_code",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_grants_role",
            "role_key",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND role_key IS NOT NULL"),
            postgresql_where=text("ended_at IS NULL AND role_key IS NOT NULL"),
        ),
        CheckConstraint("given_by IS NULL OR given_by <> person_id", name="not_for_yourself"),
        *ending_checks(),
    )
