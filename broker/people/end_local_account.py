"""end_local_account: nobody signs in with this account any more. What hung on it (devices, codes) is refused with it."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import to_change
from broker.people.email_change import ACCOUNT_ENDED as EMAIL_ENDED
from broker.people.email_change import close_waiting_email_change
from broker.people.local_account import LocalAccount
from broker.people.one_time_link import SET_PASSWORD, revoke_links
from broker.people.phone_change import ACCOUNT_ENDED, lock_waiting_change

LINKED, LEFT = "linked", "left"


def end_local_account(session: Session, person_id: uuid.UUID, reason: str) -> bool:
    """End the living account of a person for `reason` (a code); whether there was one. The caller holds the person."""
    account = session.scalar(
        to_change(select(LocalAccount).where(LocalAccount.person_id == person_id, LocalAccount.ended_at.is_(None)))
    )
    if account is None:
        return False
    waiting = lock_waiting_change(session, account.id)
    if waiting is not None:
        waiting.close(ACCOUNT_ENDED)
    close_waiting_email_change(session, account.id, EMAIL_ENDED)
    account.end(clock.now(), reason)
    revoke_links(session, SET_PASSWORD, account.id)
    session.flush()
    audit.record(session, "people:local_account:end", subject_id=person_id, details={"reason": reason})
    return True
