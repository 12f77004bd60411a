"""Mandate: who may decide what. Owns the table and the meaning of its scope."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Ending, Identified, ending_checks

HEAD_LOCAL_ADMIN = "head_local_admin"
LOCAL_ADMIN = "local_admin"
TARGET_GROUP_OFFICER = "target_group_officer"
APPLICATION_OWNER = "application_owner"
HELPDESK = "helpdesk"

LOCAL_KINDS = (HEAD_LOCAL_ADMIN, LOCAL_ADMIN)
KINDS = (*LOCAL_KINDS, TARGET_GROUP_OFFICER, APPLICATION_OWNER, HELPDESK)
DECIDING_KINDS = (*LOCAL_KINDS, TARGET_GROUP_OFFICER)

HELPDESK_SCOPE = "helpdesk"  # of the installation: it looks up everywhere and decides nowhere


class Mandate(Identified, Ending, Base):
    """A person decides within a scope: one organisation, one target group and type, or one application; or looks up.

    `scope_key` names the scope in one string: `org:<id>`, `officer:<target group>:<type>`, `app:<code>` or `helpdesk`; it
    equals the `pool_key` of the tasks that the mandate may decide. `evidence` is what the appointer relied on (threats AP4),
    `end_note` why it was taken back, both in words: they stay here, the audit holds codes only.
    """

    __tablename__ = "mandates"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    scope_key: Mapped[str]
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    target_group: Mapped[str | None] = mapped_column(String(10))
    organisation_type: Mapped[str | None] = mapped_column(String(40))
    application_code: Mapped[str | None] = mapped_column(String(40))
    appointed_by: Mapped[uuid.UUID | None]
    evidence: Mapped[str | None]
    end_note: Mapped[str | None]

    __table_args__ = (
        Index(
            "uq_mandates_living",
            "person_id",
            "kind",
            "scope_key",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_mandates_scope", "scope_key"),
        Index("uq_mandates_holder", "id", "person_id", unique=True),  # what a deputyship refers to
        CheckConstraint(f"kind IN {KINDS!r}", name="kind"),
        CheckConstraint(
            "(kind IN ('head_local_admin', 'local_admin')) = (organisation_id IS NOT NULL)", name="local_scope"
        ),
        CheckConstraint(
            "(kind = 'target_group_officer') = (target_group IS NOT NULL AND organisation_type IS NOT NULL)",
            name="officer_scope",
        ),
        CheckConstraint("(kind = 'application_owner') = (application_code IS NOT NULL)", name="owner_scope"),
        CheckConstraint("appointed_by IS NULL OR appointed_by <> person_id", name="not_by_oneself"),
        *ending_checks(),
    )


def organisation_scope(organisation_id: uuid.UUID) -> str:
    """The scope of the local administrators of one organisation."""
    return f"org:{organisation_id}"


def officer_scope(target_group: str, organisation_type: str) -> str:
    """The scope of the officers (doelgroepverantwoordelijken) of one target group and organisation type."""
    return f"officer:{target_group}:{organisation_type}"


def application_scope(application_code: str) -> str:
    """The scope of the owners of one application."""
    return f"app:{application_code}"
