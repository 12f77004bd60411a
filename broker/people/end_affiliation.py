"""end_locked_affiliation: somebody no longer works for an organisation, and decides nothing there any more (lifecycles §6).

A part of `access.end_affiliation`, which ends the rights as well; no operation of its own.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.people.affiliation import Affiliation
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.tell_of_mandate import tell_ended

AFFILIATION_ENDED = "affiliation_ended"
EXPIRED = "expired"


def end_locked_affiliation(
    session: Session,
    affiliation: Affiliation,
    mandates: Sequence[Mandate],
    person: Person,
    organisation: Organisation,
    *,
    ended_by: uuid.UUID | None,
    reason: str,
) -> None:
    """End a living affiliation and the mandates that stand on it; the caller has locked all of them.

    One that the clock ended (`reason` expired) ends at that instant. Who decides there still is told of each mandate.
    """
    now = clock.now()
    for mandate in mandates:
        mandate.ended_at, mandate.ended_by, mandate.end_reason = now, ended_by, AFFILIATION_ENDED
        session.flush()
        audit.record(
            session,
            "people:mandate:dismiss",
            subject_id=mandate.person_id,
            organisation_id=mandate.organisation_id,
            details={
                "mandate": mandate.id,
                "kind": mandate.kind,
                "scope": mandate.scope_key,
                "reason": AFFILIATION_ENDED,
            },
        )
        tell_ended(session, mandate, person, organisation, resigned=False)
    affiliation.ended_at = affiliation.valid_until if reason == EXPIRED else now
    affiliation.ended_by, affiliation.end_reason = ended_by, reason
    session.flush()
    audit.record(
        session,
        "people:affiliation:expire" if reason == EXPIRED else "people:affiliation:end",
        subject_id=affiliation.person_id,
        organisation_id=affiliation.organisation_id,
        details={"affiliation": affiliation.id, "reason": reason},
    )
