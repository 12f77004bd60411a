"""Operation: a coordinator has codes made, each for one respondent (SV6)."""

import hmac
import secrets
import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.errors import ChangedMeanwhileError
from modules.jeugdmonitor.find_rounds import lock_round
from modules.jeugdmonitor.model import EntryCode
from modules.jeugdmonitor.plan_round import CLEAR_SIGNS
from modules.jeugdmonitor.write_event import write_event
from modules.kit.person import SignedIn

CODE_LENGTH = 8
MOST_AT_ONCE = 1_000
MOST_OPEN = 20_000


def make_codes(session: Session, person: SignedIn, round_id: uuid.UUID, how_many: int, *, key: bytes) -> list[str]:
    """Make so many codes (at most MOST_AT_ONCE) for an open round; they are told once and kept as keyed hashes.

    Raises:
        NotFoundError: no such round of the person's municipality.
        ChangedMeanwhileError: the round is not open, asks no codes, or has more than MOST_OPEN that wait.
    """
    round_ = lock_round(session, person, round_id)
    waiting = session.scalar(select(func.count()).select_from(EntryCode).where(EntryCode.round_id == round_id)) or 0
    how_many = min(how_many, MOST_AT_ONCE)
    if round_.state != "open" or not round_.with_codes or waiting + how_many > MOST_OPEN:
        raise ChangedMeanwhileError
    codes: set[str] = set()
    while len(codes) < how_many:
        codes.add("".join(secrets.choice(CLEAR_SIGNS) for _sign in range(CODE_LENGTH)))
    session.add_all(EntryCode(round_id=round_id, code_hash=hash_of_code(code, key)) for code in codes)
    write_event(session, round_, person, "codes_made")
    return list(codes)


def hash_of_code(typed: str, key: bytes) -> str:
    """What is kept of a code; capitals, spaces and dashes in what was typed do not count."""
    plain = "".join(sign for sign in typed.lower() if sign.isalnum())[:40]
    return hmac.digest(key, plain.encode(), "sha256").hex()
