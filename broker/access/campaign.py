"""RecertificationCampaign and CampaignItem: the rights of one organisation in one application, to be confirmed before a day
(lifecycles §12). Owns the tables.

`open` and `closed` are stored; an item whose right has ended meanwhile is done by derivation (`still_open`).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, and_, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker.access.grant import Grant
from broker.database import Base, Identified, UtcDateTime

END, KEEP = "end", "keep"
KEPT, ENDED, BY_POLICY = "kept", "ended", "by_policy"
OUTCOMES = (KEPT, ENDED, BY_POLICY)
_AT_ONCE = 500  # ids in one statement


class RecertificationCampaign(Identified, Base):
    """`period` is a year, or `merge-<code>` for the rights that came from an organisation that merged into this one.

    `unconfirmed` says what happens on `due_at` to what nobody confirmed: end or keep, as the policy said at the opening.
    `reminders` is how often its deciders were reminded.
    """

    __tablename__ = "recertification_campaigns"

    application_code: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    period: Mapped[str] = mapped_column(String(40))
    unconfirmed: Mapped[str] = mapped_column(String(4))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reminders: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "uq_recertification_campaigns_period",
            "application_code",
            "organisation_id",
            "period",
            unique=True,
        ),
        Index(
            "ix_recertification_campaigns_due",
            "due_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint(f"unconfirmed IN {(END, KEEP)!r}", name="unconfirmed"),
        CheckConstraint("due_at > opened_at", name="due_after_opening"),
    )


class CampaignItem(Identified, Base):
    """One right to be confirmed. `person_id` is its holder, who never confirms it (threats rule 6).

    `keep_until` is the last instant that a right from a merged organisation had there: confirmed, it lasts as long again.
    """

    __tablename__ = "campaign_items"

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recertification_campaigns.id"))
    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grants.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    keep_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(10))
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("uq_campaign_items_grant", "campaign_id", "grant_id", unique=True),
        Index("ix_campaign_items_person", "campaign_id", "person_id"),
        CheckConstraint(f"outcome IN {OUTCOMES!r}", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("outcome IS NOT NULL OR decided_by IS NULL", name="open_by_nobody"),
        CheckConstraint("(outcome = 'by_policy') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decided_by IS NULL OR decided_by <> person_id", name="not_for_yourself"),
    )


def still_open(instant: datetime) -> ColumnElement[bool]:
    """A condition over items joined with their grants: nobody decided, and the right has not ended meanwhile."""
    return and_(
        CampaignItem.outcome.is_(None),
        Grant.not_over(instant),
    )


def write_outcome(
    session: Session, items: Sequence[uuid.UUID], outcome: str, decided_by: uuid.UUID | None, instant: datetime
) -> None:
    """What was decided of these locked, open items."""
    for begin in range(0, len(items), _AT_ONCE):
        session.execute(
            update(CampaignItem)
            .where(CampaignItem.id.in_(items[begin : begin + _AT_ONCE]))
            .values(outcome=outcome, decided_by=decided_by, decided_at=instant)
            .execution_options(synchronize_session=False)
        )
