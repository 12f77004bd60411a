"""end_person: somebody has no business here any more; whatever they have ends, in one transaction (lifecycles §7).

Rights, jobs, open requests, digital keys, sign-ins and what applications hold of them. What names them goes when its time
has come (retention/). Who comes back with the same digital key is the same person, without anything.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.end_person_rights import PERSON_ENDED, end_person_rights
from broker.authentication.end_person_sessions import end_all_sessions
from broker.authentication.passkey import forget_passkeys_of_ended
from broker.errors import InvalidError
from broker.installation import Installation
from broker.people.end_local_account import LEFT, end_local_account
from broker.people.identity_link import IdentityLink
from broker.text import Text

REASONS = ("left", "deceased", "misuse", "entered_by_mistake", "other")


def end_person(session: Session, installation: Installation, person_id: uuid.UUID, reason: str) -> int:
    """End everything of one person, for one of REASONS; how many rights ended.

    Raises:
        InvalidError: another reason.
        NotFoundError: no such person, or one that is merged or erased.
        ConflictError: the person holds a mandate, or is held for an investigation.
    """
    if reason not in REASONS:
        raise InvalidError("reason_unknown", REASON_UNKNOWN)
    person, rights = end_person_rights(session, installation, person_id)
    links = session.scalars(
        select(IdentityLink)
        .where(IdentityLink.person_id == person_id, IdentityLink.ended_at.is_(None))
        .order_by(IdentityLink.id)
        .with_for_update(key_share=True)
    ).all()
    for link in links:
        link.ended_at = clock.now()
    end_local_account(session, person_id, LEFT)
    forget_passkeys_of_ended(session, person_id)
    if person.state == "matched":
        person.state = "unlinked"  # until they sign in anew
    end_all_sessions(session, installation, person_id, PERSON_ENDED)
    audit.record(session, "people:person:end", subject_id=person_id, details={"reason": reason, "grants": rights})
    return rights


REASON_UNKNOWN = Text("Deze reden kennen we niet.", "This is no reason that we know.")
