"""The tables of the Jeugdmonitor.

Owns: survey rounds with their questions, who read the privacy points, the answers, and what is kept while somebody is still
answering. Does not own what a question means (bank.py, own_question.py), when a round changes state (open_round.py,
close_round.py), nor what may be shown of the answers (results).

Whoever reads these tables must find nothing that leads from an answer to a child (threats SV4): keys are random, there is no
counter and no moment, SQLite keeps no row number of its own (`WITHOUT ROWID`), and closing a round writes its answers anew in
the order of their random keys. The triggers of the migration hold what must never happen: a closed round changes in nothing,
and an answer comes in only while its round is open.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from modules.kit.database import NAMING, Instant

STATES = ("draft", "open", "closed")
EVENTS = ("created", "changed", "opened", "prolonged", "codes_made", "closed")
KINDS = ("one", "several", "text")
YOUNGEST, OLDEST = 6, 25
LONGEST_TITLE = 120
_NO_ROW_NUMBER = {"sqlite_with_rowid": False}


class Base(DeclarativeBase):
    """Every table of the Jeugdmonitor."""

    metadata = MetaData(naming_convention=NAMING)


class Round(Base):
    """One survey round of one municipality: draft, then open, then closed for good.

    `link_key` is what the address of the respondents ends in; it is no secret (it hangs on walls). Answers are taken from
    `first_day` to `last_day` inclusive, in state open only. `with_codes`: each respondent needs a code, which serves once.
    `version` grows with every change and tells two editors apart.
    """

    __tablename__ = "rounds"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_code: Mapped[str] = mapped_column(String(40), index=True)
    organisation_name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    introduction: Mapped[str] = mapped_column(Text, default="")
    lowest_age: Mapped[int]
    highest_age: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date]
    with_codes: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    link_key: Mapped[str] = mapped_column(String(10), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    questions: Mapped[list["RoundQuestion"]] = relationship(order_by="RoundQuestion.position", back_populates="round")
    events: Mapped[list["RoundEvent"]] = relationship(order_by="RoundEvent.version")

    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint(
            f"{YOUNGEST} <= lowest_age AND lowest_age <= highest_age AND highest_age <= {OLDEST}", name="ages"
        ),
        CheckConstraint("first_day <= last_day", name="period"),
        CheckConstraint("(state = 'draft') = (opened_at IS NULL)", name="opened"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    )


class RoundQuestion(Base):
    """One question of a round: of the bank (`bank_code`), or the municipality's own (`theme`, `kind`, `prompt`, `options`).

    `position` orders the own questions after those of the bank; read them with `asked.asked_questions`, which gives both the
    same shape. The questions of a round change while it is a draft, and never after.
    """

    __tablename__ = "round_questions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rounds.id"))
    position: Mapped[int]
    bank_code: Mapped[str | None] = mapped_column(String(40), index=True)
    theme: Mapped[str | None] = mapped_column(String(20))
    kind: Mapped[str | None] = mapped_column(String(10))
    prompt: Mapped[str | None] = mapped_column(Text)
    options: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """[[code, words], …] of an own question; codes are o1, o2, …"""

    round: Mapped[Round] = relationship(back_populates="questions")

    __table_args__ = (
        UniqueConstraint("round_id", "position"),
        UniqueConstraint("round_id", "bank_code"),
        CheckConstraint(
            "(bank_code IS NULL) = (prompt IS NOT NULL) AND (prompt IS NULL) = (kind IS NULL)"
            " AND (prompt IS NULL) = (theme IS NULL) AND (prompt IS NULL) = (options IS NULL)",
            name="bank_or_own",
        ),
        CheckConstraint(f"kind IS NULL OR kind IN {KINDS!r}", name="kind"),
    )


class PrivacyReading(Base):
    """Who read the privacy points and the charter before this round was opened, and which version of each (M10): once a round."""

    __tablename__ = "privacy_readings"

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    points_version: Mapped[str] = mapped_column(String(20))
    charter_version: Mapped[str] = mapped_column(String(20))
    read_at: Mapped[datetime] = mapped_column(Instant)
    person_sub: Mapped[str] = mapped_column(String(40))
    person_name: Mapped[str] = mapped_column(String(200))


class RoundEvent(Base):
    """One thing a coordinator did with a round. `person_sub` is empty where the end of the period closed it by itself."""

    __tablename__ = "round_events"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rounds.id"))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)
    person_sub: Mapped[str | None] = mapped_column(String(40))
    person_name: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        UniqueConstraint("round_id", "version"),
        CheckConstraint(f"kind IN {EVENTS!r}", name="kind"),
    )


class Response(Base):
    """What one respondent sent, as a whole: the two things answers are broken down by (about_you in bank.yaml).

    NULL where the respondent skipped it. No moment, no address, nothing of the browser.
    """

    __tablename__ = "responses"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rounds.id"))
    age_group: Mapped[str | None] = mapped_column(String(10))
    gender: Mapped[str | None] = mapped_column(String(10))

    __table_args__ = (Index("ix_responses_round_id", "round_id"), _NO_ROW_NUMBER)


class Answer(Base):
    """One chosen option; a question of kind `several` may have more than one. A skipped question has none."""

    __tablename__ = "answers"

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("responses.id"), primary_key=True)
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round_questions.id"), primary_key=True)
    option_code: Mapped[str] = mapped_column(String(40), primary_key=True)

    __table_args__ = (Index("ix_answers_question_id", "question_id"), _NO_ROW_NUMBER)


class TextAnswer(Base):
    """What somebody wrote. It stands alone: not even we can tell which other answers came with it (SV5)."""

    __tablename__ = "text_answers"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round_questions.id"))
    words: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_text_answers_question_id", "question_id"), _NO_ROW_NUMBER)


class PartialResponse(Base):
    """The pages that somebody filled in and has not sent yet, sealed with what only their browser holds.

    Gone when sent, and for everybody when the round closes.
    """

    __tablename__ = "partial_responses"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rounds.id"))
    sealed: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_partial_responses_round_id", "round_id"), _NO_ROW_NUMBER)


class EntryCode(Base):
    """A code that was handed out and not used yet; its keyed hash only. The row goes with the response that used it."""

    __tablename__ = "entry_codes"

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)

    __table_args__ = (_NO_ROW_NUMBER,)


class RateNote(Base):
    """A day on which strikingly many answers came from one place (SV6): which day, and nothing of the place."""

    __tablename__ = "rate_notes"

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)

    __table_args__ = (_NO_ROW_NUMBER,)
