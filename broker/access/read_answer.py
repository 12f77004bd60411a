"""read_answer: whoever asked sees the answer, as long as their mandate lives; each time is in the audit (threats NR3, DG9).

Also erasing it before its time. The page that leads here asks for a fresh sign-in.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.asked_facts import ERASED, FACTS, AskedFacts
from broker.access.asker import still_asks
from broker.access.close_asked_facts import close_asked
from broker.database import to_change, to_depend_on
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.people.mandate import Mandate


def asked_by(session: Session, actor: uuid.UUID, asked_id: uuid.UUID) -> AskedFacts:
    """The question, for whoever asked it under a mandate that lives; unlocked, for a page.

    Raises:
        NotFoundError: absent, a colleague's, or of a mandate that ended: the same answer.
    """
    asked = session.get(AskedFacts, asked_id)
    if asked is None or asked.asked_by != actor or not still_asks(session, asked):
        raise NotFoundError("facts_unknown")
    return asked


def read_answer(session: Session, installation: Installation, actor: uuid.UUID, asked_id: uuid.UUID) -> dict[str, str]:
    """The answer, by fact.

    Raises:
        NotFoundError: as `asked_by`; or there is no answer, or it is gone.
    """
    asked = _locked(session, actor, asked_id)
    if not asked.readable_at(clock.now()) or asked.answer_sealed is None:
        raise NotFoundError("answer_gone")
    answer = installation.keys.unseal_json(asked.answer_sealed, asked.answer_place)
    assert isinstance(answer, dict)
    audit.record(session, "access:facts:show", subject_id=asked.id, organisation_id=asked.organisation_id)
    return {fact: str(answer[fact]) for fact in FACTS if answer.get(fact)}


def erase_answer(session: Session, actor: uuid.UUID, asked_id: uuid.UUID) -> None:
    """Whoever asked no longer needs it.

    Raises:
        NotFoundError: as `asked_by`.
    """
    asked = _locked(session, actor, asked_id)
    if asked.closed_at is None:
        close_asked(session, asked, ERASED)


def _locked(session: Session, actor: uuid.UUID, asked_id: uuid.UUID) -> AskedFacts:
    """Authority is read again under its lock (threats rule 4)."""
    unlocked = asked_by(session, actor, asked_id)
    session.execute(to_depend_on(select(Mandate).where(Mandate.id == unlocked.mandate_id)))
    asked_by(session, actor, asked_id)
    return session.scalars(to_change(select(AskedFacts).where(AskedFacts.id == asked_id))).one()
