"""The letters that are due leave: tried again with growing patience, under the same Message-ID, and given up after a day.

Owns: claiming, handing over, and erasing address and facts once a letter has left or was given up. Does not own its words.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from look.language import use_language
from modules.kit.database import Database
from modules.plusminmee.letter_words import words_of
from modules.plusminmee.model import Letter
from modules.plusminmee.post import HandOver
from modules.plusminmee.sealing import SealError

log = structlog.get_logger("modules.plusminmee")

LEASE = timedelta(minutes=2)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=2)
MOST_ATTEMPTS = 20
AT_ONCE = 20


def send_letters(database: Database, hand_over: HandOver, *, sender: str, address: str) -> int:
    """Send what is due; returns how many left. `address` is where PlusMinMee lives."""
    sent = 0
    while claimed := database.perform(_claim):
        for letter in claimed:
            try:
                hand_over(_written(letter, sender, address))
            except (OSError, SealError) as error:
                database.perform(_not_now, letter.id)
                log.warning("letter_postponed", kind=letter.kind, error=type(error).__name__)
            else:
                database.perform(_gone, letter.id, left=True)
                sent += 1
    return sent


def _claim(session: Session) -> Sequence[Letter]:
    """Those that are due, leased: whoever dies meanwhile leaves them to the next."""
    now = datetime.now(UTC)
    due = session.scalars(
        select(Letter)
        .where(Letter.next_attempt_at <= now, Letter.left_at.is_(None))
        .order_by(Letter.next_attempt_at, Letter.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for letter in due:
        letter.attempts += 1
        letter.next_attempt_at = now + LEASE
    session.flush()
    return due


def _not_now(session: Session, letter_id: uuid.UUID) -> None:
    letter = session.get_one(Letter, letter_id, with_for_update=True)
    if letter.attempts >= MOST_ATTEMPTS:
        log.error("letter_given_up", kind=letter.kind)
        _gone(session, letter_id, left=False)
        return
    wait = min(FIRST_WAIT * 2 ** (letter.attempts - 1), LONGEST_WAIT)
    letter.next_attempt_at = datetime.now(UTC) + wait


def _gone(session: Session, letter_id: uuid.UUID, *, left: bool) -> None:
    letter = session.get_one(Letter, letter_id, with_for_update=True)
    letter.address = letter.facts = letter.next_attempt_at = None
    letter.left_at = datetime.now(UTC) if left else None


def _written(letter: Letter, sender: str, address: str) -> EmailMessage:
    with use_language("nl"):
        words = words_of(letter.kind, letter.facts or {}, address)
        message = EmailMessage()
        message["Subject"] = " ".join(words.subject.split())
        message["From"] = f"PlusMinMee <{sender}>"
        message["To"] = letter.address or ""
        if words.answer_to:
            message["Reply-To"] = words.answer_to
        message["Date"] = format_datetime(letter.created_at)
        message["Message-ID"] = f"<{letter.id}@{sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(words.mail.text())
        message.add_alternative(words.mail.html(), subtype="html")
    return message
