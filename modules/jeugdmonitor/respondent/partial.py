"""Operations: what is kept while somebody is answering: begun, page by page, until it is sent or the round closes.

Owns: that row, sealed with the value in the browser's cookie: a copy of the database opens none. Does not own the cookie
(cookie.py) nor sending (send_response.py).
"""

from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from modules.jeugdmonitor.errors import NotTakenError
from modules.jeugdmonitor.find_rounds import round_of_link
from modules.jeugdmonitor.model import EntryCode, PartialResponse
from modules.jeugdmonitor.respondent.read_answers import Given
from modules.jeugdmonitor.respondent.taking import require_taking
from modules.kit.sealing import fingerprint, seal, unseal

PURPOSE = "survey"


@dataclass
class Partial:
    """Answers so far, by field, and the hash of the code with which somebody came in."""

    given: Given = field(default_factory=dict)
    code_hash: str | None = None


def read_partial(session: Session, secret: str, link_key: str, value: str | None) -> Partial | None:
    """What this browser has filled in and not sent, or None."""
    if value is None:
        return None
    return _open(session.get(PartialResponse, _key(link_key, value)), secret, value)


def begin_partial(session: Session, secret: str, link_key: str, value: str, code_hash: str | None) -> None:
    """Begin. With codes: only with one that was not used, and anew for each code; without, a second click changes nothing.

    Raises:
        NotFoundError: no such link.
        NotTakenError: the round takes no answers now, or the code serves no (longer).
    """
    round_ = require_taking(round_of_link(session, link_key, hold=True))
    if round_.with_codes and (code_hash is None or session.get(EntryCode, (round_.id, code_hash)) is None):
        raise NotTakenError
    begun = Partial(code_hash=code_hash)
    row = _lock(session, link_key, value)
    before = _open(row, secret, value)
    if row is not None and before is not None and before.code_hash == code_hash:
        return
    sealed = seal(secret, value, PURPOSE, vars(begun))
    if row is not None:
        row.sealed = sealed
        return
    with suppress(IntegrityError), session.begin_nested():  # the other click was first
        session.add(PartialResponse(key_hash=_key(link_key, value), round_id=round_.id, sealed=sealed))


def save_page(session: Session, secret: str, link_key: str, value: str, fields: list[str], given: Given) -> None:
    """Keep the answers of one page, in place of what its fields held.

    Raises:
        NotFoundError: no such link.
        NotTakenError: the round takes no answers now, or nothing was begun, or it was sent meanwhile.
    """
    require_taking(round_of_link(session, link_key, hold=True))
    row, partial = _require(session, secret, link_key, value)
    kept = {name: answers for name, answers in partial.given.items() if name not in fields}
    row.sealed = seal(secret, value, PURPOSE, vars(Partial({**kept, **given}, partial.code_hash)))


def take_partial(session: Session, secret: str, link_key: str, value: str) -> Partial:
    """What this browser filled in; from now on it is not kept any more.

    Raises:
        NotTakenError: nothing was begun, or it was sent already.
    """
    row, partial = _require(session, secret, link_key, value)
    session.delete(row)
    session.flush()
    return partial


def _key(link_key: str, value: str) -> str:
    """Under what it is kept: the value of another survey opens nothing here."""
    return fingerprint(f"{link_key}:{value}")


def _lock(session: Session, link_key: str, value: str) -> PartialResponse | None:
    """The row of this browser, locked: two clicks at once take turns."""
    return session.scalars(
        select(PartialResponse).where(PartialResponse.key_hash == _key(link_key, value)).with_for_update()
    ).one_or_none()


def _require(session: Session, secret: str, link_key: str, value: str) -> tuple[PartialResponse, Partial]:
    row = _lock(session, link_key, value)
    partial = _open(row, secret, value)
    if row is None or partial is None:
        raise NotTakenError
    return row, partial


def _open(row: PartialResponse | None, secret: str, value: str) -> Partial | None:
    content = unseal(secret, value, PURPOSE, row.sealed) if row is not None else None
    return Partial(**content) if content is not None else None
