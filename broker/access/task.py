"""Task (taak): one decision waiting for one pool of people. Owns the table (lifecycles §2).

One row per decision and pool, not one per administrator. `claimed`, `overdue` and who may decide are derived.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

FOR_REQUEST, FOR_LABEL, FOR_ADMISSION = "request", "label", "admission"
FOR_REPORT, FOR_DOUBT, FOR_VACANCY, FOR_NOMINATION = "report", "doubt", "vacancy", "nomination"
BY_ADMINISTRATORS = (
    FOR_REQUEST,
    FOR_REPORT,
    FOR_DOUBT,
    FOR_NOMINATION,
)  # the officers step in where no administrator can
APPROVED, REJECTED = "approved", "rejected"


class Task(Identified, Base):
    """`pool_key` is the scope of the mandates that decide it: `org:<id>` or `officer:<target group>:<type>`.

    `organisation_id` is empty only while an organisation is not admitted yet. `target_group` and `organisation_type` are those
    at the moment of asking (threats LA1); they also name the officers who step in where nobody else can, or from
    `escalated_at` on beside the others. `reminders` is how often the deciders were reminded. `on_behalf_of` is the administrator
    whose deputy decided.
    """

    __tablename__ = "tasks"

    kind: Mapped[str] = mapped_column(String(10))
    request_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("access_requests.id"))
    label_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("labels.id"))
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation_proposals.id"))
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    doubted_person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    nomination_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("nominations.id"))
    pool_key: Mapped[str]
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    target_group: Mapped[str] = mapped_column(String(10))
    organisation_type: Mapped[str] = mapped_column(String(40))
    application_code: Mapped[str] = mapped_column(String(40))
    applicant_person_id: Mapped[uuid.UUID | None]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(String(10))
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    on_behalf_of: Mapped[uuid.UUID | None]
    in_place_of_administrator: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    close_reason: Mapped[str | None] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=1)
    reminders: Mapped[int] = mapped_column(default=0)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "ix_tasks_inbox",
            "pool_key",
            "opened_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_tasks_kind",
            "target_group",
            "organisation_type",
            "opened_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_tasks_decided", "pool_key", "closed_at", "id"),
        Index(
            "uq_tasks_request",
            "request_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND request_id IS NOT NULL"),
            postgresql_where=text("closed_at IS NULL AND request_id IS NOT NULL"),
        ),
        Index(
            "uq_tasks_label",
            "label_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND label_id IS NOT NULL"),
            postgresql_where=text("closed_at IS NULL AND label_id IS NOT NULL"),
        ),
        Index(
            "uq_tasks_report",
            "report_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND report_id IS NOT NULL"),
            postgresql_where=text("closed_at IS NULL AND report_id IS NOT NULL"),
        ),
        Index(
            "uq_tasks_nomination",
            "nomination_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND nomination_id IS NOT NULL"),
            postgresql_where=text("closed_at IS NULL AND nomination_id IS NOT NULL"),
        ),
        Index(
            "uq_tasks_doubt",
            "doubted_person_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND doubted_person_id IS NOT NULL"),
            postgresql_where=text("closed_at IS NULL AND doubted_person_id IS NOT NULL"),
        ),
        Index(
            "uq_tasks_vacancy",
            "organisation_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND kind = 'vacancy'"),
            postgresql_where=text("closed_at IS NULL AND kind = 'vacancy'"),
        ),
        CheckConstraint(
            "(request_id IS NOT NULL) = (kind = 'request') AND (label_id IS NOT NULL) = (kind = 'label')"
            " AND (proposal_id IS NOT NULL) = (kind = 'admission') AND (report_id IS NOT NULL) = (kind = 'report')"
            " AND (doubted_person_id IS NOT NULL) = (kind = 'doubt')"
            " AND (nomination_id IS NOT NULL) = (kind = 'nomination')"
            " AND (kind <> 'vacancy' OR organisation_id IS NOT NULL)"
            " AND kind IN ('request', 'label', 'admission', 'report', 'doubt', 'vacancy', 'nomination')",
            name="about_one_thing",
        ),
        CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decision IS NULL OR closed_at IS NOT NULL", name="decided_is_closed"),
        CheckConstraint("(closed_at IS NULL) = (close_reason IS NULL)", name="close_has_reason"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim_ends"),
    )

    def claimed_at(self, instant: datetime) -> bool:
        """Somebody has taken it on, and that claim has not lapsed (a courtesy only)."""
        return self.closed_at is None and self.claimed_until is not None and self.claimed_until > instant
