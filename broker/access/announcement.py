"""Announcement: what the owner of an application tells everybody who uses it (seed 000: "op de hoogte bij belangrijke wijzigingen";
seed-sentences M8). Owns the table and whom it is for.

draft does not exist: it is written and sent in one go; then it is spread, a batch at a time, until `spread_at` is set.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.access.grant import Grant
from broker.access.live_rights import grant_counts
from broker.database import Base, Identified, UtcDateTime
from broker.people.organisation import Organisation

SUBJECT_LENGTH = 120
BODY_LENGTH = 1_900  # what one fact of a mail may hold (`notifications.mail_facts`)


class Announcement(Identified, Base):
    """One message for everybody with a right that counts in `application_code`; in one right or target group where those are set.

    `after_person_id` is how far the spreading came: persons go by id, so that a run that was cut off goes on where it was.
    `recipients` counts the messages put so far.
    """

    __tablename__ = "announcements"

    application_code: Mapped[str] = mapped_column(String(40))
    right_code: Mapped[str] = mapped_column(String(60))
    target_group: Mapped[str] = mapped_column(String(10))
    subject_nl: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    body_nl: Mapped[str]
    subject_en: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    body_en: Mapped[str]
    sent_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    after_person_id: Mapped[uuid.UUID | None]
    recipients: Mapped[int] = mapped_column(default=0)
    spread_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_announcements_application", "application_code", "sent_at"),
        Index(
            "ix_announcements_to_spread",
            "sent_at",
            sqlite_where=text("spread_at IS NULL"),
            postgresql_where=text("spread_at IS NULL"),
        ),
        CheckConstraint("(subject_en = '') = (body_en = '')", name="english_whole"),
    )


def addressed(
    application_code: str, right_code: str, target_group: str, instant: datetime
) -> tuple[ColumnElement[bool], ...]:
    """The rights whose holders are meant, over the joins of `live_rights.label_join`: those that count now."""
    conditions: list[ColumnElement[bool]] = [Grant.application_code == application_code, grant_counts(instant)]
    if right_code:
        conditions.append(Grant.right_code == right_code)
    if target_group:
        conditions.append(Organisation.target_group == target_group)
    return tuple(conditions)
