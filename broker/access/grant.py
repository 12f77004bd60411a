"""Grant (toegekend recht): a person has a right in a context at an organisation. Owns the table (lifecycles §3).

Every state but `ended` is derived when read: see `grant_state`.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from broker.database import Base, Ending, Identified, UtcDateTime, ending_checks


class Grant(Identified, Ending, Base):
    """`role_key` holds the slot of the one-role rule (`<app>:<person>` or `<app>:<person>:<organisation>`), NULL without it.

    `label_code` is the label this grant needs, NULL where none. Both are copied from the policy when given. `end_notices` is
    how often its coming end was announced. From `suspended_from` until `suspended_until` (None: until resumed) it does not count;
    `suspension_begun`: the applications were told of it. `handed_over_from` is the right that this one stands in for.
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
    suspended_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_by: Mapped[uuid.UUID | None]
    suspension_note: Mapped[str | None]
    suspension_begun: Mapped[bool] = mapped_column(default=False)
    handed_over_from: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("grants.id"))

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
        Index(
            "ix_grants_suspended",
            "suspended_until",
            sqlite_where=text("ended_at IS NULL AND suspended_from IS NOT NULL"),
            postgresql_where=text("ended_at IS NULL AND suspended_from IS NOT NULL"),
        ),
        CheckConstraint("given_by IS NULL OR given_by <> person_id", name="not_for_yourself"),
        CheckConstraint("(suspended_from IS NULL) = (suspended_by IS NULL)", name="suspended_by_somebody"),
        CheckConstraint(
            "suspended_until IS NULL OR (suspended_from IS NOT NULL AND suspended_until > suspended_from)",
            name="suspension_window",
        ),
        *ending_checks(),
    )

    @validates("end_reason")
    def _forget_note(self, _column: str, reason: str | None) -> str | None:
        """Why a right was suspended is not kept once it ended, by whatever road."""
        if reason is not None:
            self.suspension_note = None
        return reason

    def suspension_open(self, instant: datetime) -> bool:
        """It is suspended at `instant`, or will be later."""
        return self.suspended_from is not None and (self.suspended_until is None or instant < self.suspended_until)

    def suspended_at(self, instant: datetime) -> bool:
        """It does not count at `instant`, as an administrator stopped it for a while."""
        return self.suspension_open(instant) and self.suspended_from is not None and self.suspended_from <= instant
