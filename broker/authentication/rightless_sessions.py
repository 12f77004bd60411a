"""rightless: which living ClientSessions no longer have what they stand on. A condition; reads only.

The same in one statement for many sessions as `session_facts` answers for one: the person matched, the job and the
organisation living, and where the policy asks a right, one that counts (`live_rights`). A session whose code was not
redeemed yet stands on the same.
"""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, literal, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from broker.access.catalogue_applied import is_applied
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import counting_label, grant_counts
from broker.authentication.client_session import ClientSession
from broker.catalogue import Catalogue
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person


def rightless(session: Session, catalogue: Catalogue, instant: datetime) -> ColumnElement[bool]:
    """The condition, for clients of `catalogue`; of others we cannot tell.

    While the database holds other policies than ours, a right that ours do not offer may well be offered: a worker that is
    not restarted yet ends nothing for that reason.
    """
    asks_a_right = [each.client_id for each in catalogue.clients.values() if each.access == "right"]
    lets_anybody_in = [each.client_id for each in catalogue.clients.values() if each.access != "right"]
    right = (
        counting_grants(session, catalogue, instant)
        .where(
            Grant.person_id == ClientSession.person_id,
            Grant.organisation_id == ClientSession.organisation_id,
            Grant.application_code == ClientSession.application_code,
        )
        .correlate(ClientSession)
        .exists()
    )
    job = (
        select(Affiliation.id)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(
            Affiliation.person_id == ClientSession.person_id,
            Affiliation.organisation_id == ClientSession.organisation_id,
            Organisation.ended_at.is_(None),
            Affiliation.counts(instant),
        )
        .correlate(ClientSession)
        .exists()
    )
    matched = exists().where(Person.id == ClientSession.person_id, Person.state == "matched")
    stands_on_person = and_(matched, or_(ClientSession.organisation_id.is_(None), job))
    return and_(
        ClientSession.revoked_at.is_(None),
        ClientSession.expires_at > instant,
        or_(
            and_(ClientSession.client_id.in_(asks_a_right), not_(right)),
            and_(ClientSession.client_id.in_(lets_anybody_in), not_(stands_on_person)),
        ),
    )


def counting_grants(session: Session, catalogue: Catalogue, instant: datetime) -> Select[uuid.UUID]:
    """The ids of the grants that count at `instant`; while the database holds other policies than ours, also those that ours do
    not offer."""
    return (
        select(Grant.id)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(Label, counting_label(instant))
        .where(grant_counts(instant), _among_offered(catalogue) if is_applied(session, catalogue) else literal(True))
    )


def _among_offered(catalogue: Catalogue) -> ColumnElement[bool]:
    """The policies have the right of a grant in its context (`live_rights.offered`)."""
    known = [
        (application.code, right.code, context)
        for application in catalogue.applications.values()
        for right in application.rights.values()
        for context in ("", *right.contexts)
    ]
    return tuple_(Grant.application_code, Grant.right_code, Grant.context_code).in_(known)
