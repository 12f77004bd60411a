"""end_affiliation: somebody no longer works for an organisation; what they may do and decide there ends with it
(lifecycles §6).

One transaction: rights, mandates, the affiliation itself, the local account of who works nowhere else
(`end_account_of_leaver`), and the word to whatever hangs on them. By the operator, or by the clock. Does not own who is left
to decide there: an empty pool resolves to the officer by itself (`pool`).
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.decision import lock_organisation
from broker.access.end_account_of_leaver import end_account_of_leaver
from broker.access.end_grant import end_locked_grant
from broker.access.grant import Grant
from broker.access.tell_rights_changed import tell_rights_changed
from broker.database import WorldChangedError, to_change
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.end_affiliation import AFFILIATION_ENDED, EXPIRED, end_locked_affiliation
from broker.people.end_deputyships import end_deputyships, lock_deputyships
from broker.people.mandate import Mandate
from broker.people.person import Person
from broker.text import Text

AT_ONCE = 200


def expired_affiliations(session: Session) -> list[uuid.UUID]:
    """Affiliations that the clock has ended and nobody has ended in writing, at most AT_ONCE, by id."""
    return list(
        session.scalars(
            select(Affiliation.id)
            .where(Affiliation.ended_at.is_(None), Affiliation.valid_until <= clock.now())
            .order_by(Affiliation.id)
            .limit(AT_ONCE)
        )
    )


def end_affiliation(
    session: Session,
    installation: Installation,
    affiliation_id: uuid.UUID,
    *,
    ended_by: uuid.UUID | None,
    reason: str,
) -> int:
    """End one affiliation with all that stands on it, for `reason` (a code); how many rights ended.

    Raises:
        NotFoundError: no such affiliation.
        ConflictError: it has ended already.
        WorldChangedError: a right came in between; run again, it will be seen.
    """
    unlocked = session.get(Affiliation, affiliation_id)
    if unlocked is None:
        raise NotFoundError("affiliation_unknown", AFFILIATION_UNKNOWN)
    organisation = lock_organisation(session, unlocked.organisation_id)
    assert organisation is not None
    mandates = session.scalars(
        to_change(
            select(Mandate)
            .where(
                Mandate.person_id == unlocked.person_id,
                Mandate.organisation_id == unlocked.organisation_id,
                Mandate.ended_at.is_(None),
            )
            .order_by(Mandate.id)
        )
    ).all()
    deputies = lock_deputyships(
        session,
        mandate_ids=[mandate.id for mandate in mandates],
        deputy_person_id=unlocked.person_id,
        organisation_id=unlocked.organisation_id,
    )
    person = session.scalars(to_change(select(Person).where(Person.id == unlocked.person_id))).one()
    grants = session.scalars(
        to_change(
            select(Grant).where(Grant.affiliation_id == affiliation_id, Grant.ended_at.is_(None)).order_by(Grant.id)
        )
    ).all()
    affiliation = session.scalars(to_change(select(Affiliation).where(Affiliation.id == affiliation_id))).one()
    if affiliation.ended_at is not None:
        raise ConflictError("affiliation_ended", ALREADY_ENDED)
    if reason == EXPIRED and not affiliation.run_out(clock.now()):
        raise WorldChangedError  # it was extended meanwhile
    for grant in grants:
        end_locked_grant(
            session, installation, grant, person, ended_by=ended_by, reason=AFFILIATION_ENDED, cause=NO_LONGER_THERE
        )
    end_deputyships(session, deputies, ended_by=ended_by, reason=AFFILIATION_ENDED)
    end_locked_affiliation(session, affiliation, mandates, person, organisation, ended_by=ended_by, reason=reason)
    tell_rights_changed(session, affiliation, AFFILIATION_ENDED)
    end_account_of_leaver(session, person, organisation)
    return len(grants)


AFFILIATION_UNKNOWN = Text("Deze werkrelatie bestaat niet.", "There is no such affiliation.")
ALREADY_ENDED = Text("Deze werkrelatie is al beëindigd.", "This affiliation has ended already.")
NO_LONGER_THERE = Text("U werkt niet meer voor deze organisatie.", "You no longer work for this organisation.")
