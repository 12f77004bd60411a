"""The tables of PlusMinMee about groups and the professionals in them.

Owns: professionals and their photos, the term of an organisation, groups, memberships, invitations, the logbook, and the letters
that wait to leave. Does not own what is kept on youngsters (youngster_model.py). No row here holds a fact about a youngster; the
logbook names one by id only, so that erasing a youngster leaves no name behind (C1).
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from modules.kit.database import NAMING, Instant
from modules.plusminmee.sealing import Sealed, SealedField

END_REASONS = ("left", "removed", "right_ended")
KEPT_LONGER = SealedField("retention_reasons", "why")
PORTRAIT = SealedField("professional_photos", "square")
ANSWERS = ("accepted", "declined", "withdrawn")
LONGEST_NAME = 120
LONGEST_PURPOSE = 1000
_OPEN = text("ended_at IS NULL")
_UNANSWERED = text("answered_at IS NULL")


class Base(DeclarativeBase):
    """Every table of PlusMinMee."""

    metadata = MetaData(naming_convention=NAMING)


class Professional(Base):
    """Somebody who works here for one organisation; the same person at another organisation is another row, as every right is of
    one organisation. Name, address and telephone are the broker's, proved there, and follow the token; function, region and the
    address of the leidinggevende are their own to change. `log_seen_at` and `notes_seen` are what they have read.
    """

    __tablename__ = "professionals"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    sub: Mapped[str] = mapped_column(String(40))
    organisation_code: Mapped[str] = mapped_column(String(40))
    organisation_name: Mapped[str] = mapped_column(String(200))
    full_name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), index=True)
    function: Mapped[str] = mapped_column(String(20), default="")
    function_words: Mapped[str] = mapped_column(String(80), default="")
    region: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    leader_email: Mapped[str] = mapped_column(String(254), default="")
    notes_seen: Mapped[str] = mapped_column(String(20), default="")
    log_seen_at: Mapped[datetime] = mapped_column(Instant)
    first_seen_at: Mapped[datetime] = mapped_column(Instant)

    photo: Mapped["ProfessionalPhoto | None"] = relationship()

    __table_args__ = (UniqueConstraint("sub", "organisation_code"),)


class ProfessionalPhoto(Base):
    """The photo that somebody put of themselves: the name of a sealed file with a small square. It goes with their right."""

    __tablename__ = "professional_photos"

    professional_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"), primary_key=True)
    square: Mapped[str] = mapped_column(String(32))


class OrganisationTerm(Base):
    """How long an organisation keeps a group at most (W22), in months; without a row the term is retention.DEFAULT_MONTHS."""

    __tablename__ = "organisation_terms"

    organisation_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    months: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"))

    __table_args__ = (CheckConstraint("months BETWEEN 1 AND 60", name="months"),)


class Group(Base):
    """A group of youngsters, of one organisation (M11). On `retain_until` it is erased: in that transaction alone `erased_at` and
    `erased_counts` are filled in, as the logbook goes with a group that says so only (the trigger of the migration); what stays is
    an ErasedGroup.
    """

    __tablename__ = "youth_groups"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_code: Mapped[str] = mapped_column(String(40), index=True)
    organisation_name: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    place: Mapped[str] = mapped_column(String(LONGEST_NAME))
    purpose: Mapped[str] = mapped_column(Text)
    retain_until: Mapped[date] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"))
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    erased_counts: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (CheckConstraint("(erased_at IS NULL) = (erased_counts IS NULL)", name="erased"),)


class ErasedGroup(Base):
    """That there was a group, of which organisation, and how much was in it: counts, not people."""

    __tablename__ = "erased_groups"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_code: Mapped[str] = mapped_column(String(40), index=True)
    erased_at: Mapped[datetime] = mapped_column(Instant)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class RetentionReason(Base):
    """Why a group is kept longer than was said before (W22). The logbook names it by id; it goes with the group."""

    __tablename__ = "retention_reasons"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youth_groups.id"), index=True)
    why: Mapped[Sealed] = mapped_column(LargeBinary)


class Membership(Base):
    """One professional in one group, from an accepted invitation (or from making the group) until they leave, are removed, or
    their right ends. `beheerder` is a role in this group, not in the tool.
    """

    __tablename__ = "memberships"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youth_groups.id"))
    professional_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"), index=True)
    beheerder: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime] = mapped_column(Instant)
    """When a beheerder last said that this member still belongs here (M13)."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_reason: Mapped[str | None] = mapped_column(String(20))
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("professionals.id"))

    group: Mapped[Group] = relationship()
    professional: Mapped[Professional] = relationship(foreign_keys=[professional_id])

    __table_args__ = (
        Index(
            "uq_memberships_open",
            "group_id",
            "professional_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        CheckConstraint(f"end_reason IS NULL OR end_reason IN {END_REASONS!r}", name="end_reason"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
    )


class Invitation(Base):
    """A beheerder asks the professional with this address into a group. Only who signs in with that address, proved at the
    broker, sees it; the mail holds no secret. Expired is derived from `expires_at`.
    """

    __tablename__ = "invitations"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youth_groups.id"))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), index=True)
    invited_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"))
    invited_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(String(20))

    group: Mapped[Group] = relationship()
    inviter: Mapped[Professional] = relationship(foreign_keys=[invited_by])

    __table_args__ = (
        Index(
            "uq_invitations_open",
            "group_id",
            "email_key",
            unique=True,
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
        CheckConstraint(f"answer IS NULL OR answer IN {ANSWERS!r}", name="answer"),
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
    )


class LogEntry(Base):
    """One line of a group's logbook: written by the tool alone, never changed, gone only when the whole group is erased (the
    triggers of the migration hold that). `facts` are codes; who it is about stands in ids.
    """

    __tablename__ = "log_entries"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youth_groups.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("professionals.id"))
    about_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("professionals.id"))
    youngster_id: Mapped[uuid.UUID | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    group: Mapped[Group] = relationship()
    actor: Mapped[Professional | None] = relationship(foreign_keys=[actor_id])
    about: Mapped[Professional | None] = relationship(foreign_keys=[about_id])

    __table_args__ = (Index("ix_log_entries_group_id_at", "group_id", "at", "id"),)


class Letter(Base):
    """A mail that waits to leave: its words are written when it leaves, from `kind` and `facts`. Once it has left, or cannot, both
    address and facts are gone. `key` makes that something is told once.
    """

    __tablename__ = "letters"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(254))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Instant)
    next_attempt_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    left_at: Mapped[datetime | None] = mapped_column(Instant)
