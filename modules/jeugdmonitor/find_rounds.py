"""Finding rounds: for a coordinator always of the municipality in the token, for a respondent by the link.

Owns: those queries. A round of another municipality is not found, as if it were not there.
"""

import re
import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from modules.jeugdmonitor.errors import NotFoundError
from modules.jeugdmonitor.model import Round
from modules.kit.person import SignedIn

_LINK_KEY = re.compile(r"[a-z0-9]{10}", re.ASCII)


def list_rounds(session: Session, person: SignedIn) -> Sequence[Round]:
    """The rounds of the person's municipality, the latest period first."""
    return session.scalars(
        select(Round)
        .where(Round.organisation_code == person.organisation_code)
        .options(selectinload(Round.questions))
        .order_by(Round.first_day.desc(), Round.title, Round.id)
    ).all()


def find_round(session: Session, person: SignedIn, round_id: uuid.UUID) -> Round:
    """One round of the person's municipality with its questions, to read.

    Raises:
        NotFoundError: no such round there.
    """
    return _one(session, person, round_id, lock=False)


def lock_round(session: Session, person: SignedIn, round_id: uuid.UUID) -> Round:
    """The same, locked until the end of the transaction.

    Raises:
        NotFoundError: no such round there.
    """
    return _one(session, person, round_id, lock=True)


def round_of_link(session: Session, link_key: str, *, hold: bool = False) -> Round:
    """The round that a respondent's link leads to, with its questions; `hold` keeps it from closing meanwhile.

    Raises:
        NotFoundError: no such link, or a round that is not opened yet.
    """
    if _LINK_KEY.fullmatch(link_key) is None:  # what no link of ours ends in need not be asked of the database
        raise NotFoundError
    query = select(Round).where(Round.link_key == link_key, Round.state != "draft")
    if hold:
        query = query.with_for_update(read=True, of=Round)
    found = session.scalars(query.options(selectinload(Round.questions))).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def _one(session: Session, person: SignedIn, round_id: uuid.UUID, *, lock: bool) -> Round:
    query = select(Round).where(Round.id == round_id, Round.organisation_code == person.organisation_code)
    query = query.options(selectinload(Round.questions), selectinload(Round.events))
    if lock:
        query = query.with_for_update(of=Round).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError
    return found
