"""end_self_decided: looked at again when somebody links (threats ID1): a right given by oneself ends.

The decider of a typed request can turn out to be its applicant only when a digital key says who that is. Runs in the transaction
that links.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.end_grant import end_grant
from broker.access.grant import Grant
from broker.access.load_case import somebody
from broker.access.rules.case import Somebody
from broker.access.rules.not_for_yourself import same_human
from broker.access.task import Task
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.identifiers import email_for_limits
from broker.people.living_mandates import pool_members
from broker.people.mandate import officer_scope
from broker.people.organisation import Organisation
from broker.text import Text

SELF_DECIDED = Text(
    "Wie dit recht goedkeurde, blijkt dezelfde persoon te zijn als wie het vroeg.",
    "Whoever approved this right turns out to be the person who asked for it.",
)


def end_self_decided(session: Session, installation: Installation, person_id: uuid.UUID) -> int:
    """End every living grant of `person_id` whose giver is the same human; how many."""
    ended = 0
    grants = session.scalars(
        select(Grant)
        .where(Grant.person_id == person_id, Grant.ended_at.is_(None), Grant.given_by.is_not(None))
        .order_by(Grant.id)
    ).all()
    for grant in grants:
        request = session.get(AccessRequest, grant.request_id) if grant.request_id else None
        holder = _with_request(somebody(session, person_id), request)
        if not any(same_human(holder, somebody(session, each)) for each in _givers(session, grant)):
            continue
        end_grant(session, installation, grant.id, ended_by=None, reason="self_decided", cause=SELF_DECIDED)
        _tell_officers(session, grant)
        ended += 1
    return ended


def _givers(session: Session, grant: Grant) -> list[uuid.UUID]:
    """Who gave it, and for whom where a deputy did (threats AP2)."""
    acted_for = session.scalar(
        select(Task.on_behalf_of).where(Task.request_id == grant.request_id, Task.on_behalf_of.is_not(None))
    )
    return [each for each in (grant.given_by, acted_for) if each is not None]


def _with_request(person: Somebody, request: AccessRequest | None) -> Somebody:
    if request is None:
        return person
    return Somebody(
        person.person_ids,
        person.number_hashes,
        person.emails | {email_for_limits(request.email)},
        person.phones | ({request.phone} if request.phone else set()),
    )


def _tell_officers(session: Session, grant: Grant) -> None:
    organisation = session.get_one(Organisation, grant.organisation_id)
    for officer in pool_members(session, officer_scope(organisation.target_group, organisation.organisation_type)):
        if officer.email is None:
            continue
        put_mail(
            session,
            "operator_told",
            officer.email,
            key=f"self_decided:{grant.id}",
            language=officer.language,
            facts={
                "sentence": {
                    "nl": f"Bij {organisation.name} stopte een recht: wie het goedkeurde, was zelf de aanvrager.",
                    "en": f"A right ended at {organisation.name}: whoever approved it was the applicant.",
                }
            },
            subject_id=grant.id,
        )
