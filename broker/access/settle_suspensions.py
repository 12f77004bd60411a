"""settle_suspensions: what the clock does to suspended rights, written and told (lifecycles §3).

A suspension that was planned begins, one whose last day is over ends. Nothing that reads a right waits for this: tokens stop
and work again by themselves. What it brings is the event in the audit, and that people and applications hear of it.
"""

import uuid

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.grant import Grant
from broker.access.resume_right import clear_suspension
from broker.access.tell_rights_changed import tell_rights_changed
from broker.access.tell_suspension import RESUMED, SUSPENDED, tell_suspension
from broker.installation import Installation
from broker.people.organisation import Organisation
from broker.people.person import Person

AT_ONCE = 200


def settle_suspensions(session: Session, installation: Installation) -> int:
    """Settle up to AT_ONCE rights; how many. What somebody holds at this moment comes next time."""
    now = clock.now()
    grants = session.scalars(
        select(Grant)
        .where(
            Grant.not_over(now),  # one that has run out does not work again
            Grant.suspended_from.is_not(None),
            or_(
                Grant.suspended_until <= now,
                and_(Grant.suspension_begun.is_(False), Grant.suspended_from <= now),
            ),
        )
        .order_by(Grant.id)
        .limit(AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True)
    ).all()
    for grant in grants:
        if grant.suspended_until is not None and grant.suspended_until <= now:
            _over(session, installation, grant)
        else:
            grant.suspension_begun = True
            audit.record(
                session, "access:grant:begin_suspension", subject_id=grant.id, organisation_id=grant.organisation_id
            )
            tell_rights_changed(session, grant, SUSPENDED, key=uuid.uuid4())
    return len(grants)


def _over(session: Session, installation: Installation, grant: Grant) -> None:
    since = grant.suspended_until
    assert since is not None
    clear_suspension(session, grant)
    person = session.get_one(Person, grant.person_id)
    organisation = session.get_one(Organisation, grant.organisation_id)
    tell_suspension(session, installation, grant, person, organisation, RESUMED, since=since)
