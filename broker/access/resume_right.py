"""resume_right: a suspended right works again (lifecycles §3). By an administrator, never the holder's own (threats DG1).

Whoever stood in for it meanwhile (`hand_over`) stops at the same moment: of two people with one role nobody asked.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.administered_grant import AdministeredGrant, lock_administered_grant
from broker.access.change_last_day import NO_LONGER_OFFERED, latest_last_day
from broker.access.decision import cleaned_reason
from broker.access.end_grant import end_locked_grant
from broker.access.grant import Grant
from broker.access.tell_rights_changed import tell_rights_changed
from broker.access.tell_suspension import RESUMED, tell_suspension
from broker.database import WorldChangedError, to_change
from broker.errors import ConflictError
from broker.installation import Installation
from broker.people.person import Person
from broker.text import Text

NOT_SUSPENDED = Text("Dit recht is niet geschorst.", "This right is not suspended.")
HANDED_BACK = "handed_back"
BACK_AGAIN = Text("U verving een collega, en die is er weer.", "You stood in for a colleague, who is back.")


def resume_right(
    session: Session, installation: Installation, actor: uuid.UUID, grant_id: uuid.UUID, reason: str = ""
) -> None:
    """Let it work again from now on, or call off a suspension that has not begun.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as `lock_administered_grant`; it is not suspended, or is no longer offered.
        InvalidError: a reason that cannot be kept.
    """
    reason = cleaned_reason(reason, required=False)
    stand_ins = stand_ins_of(session, grant_id)
    learned = [each.id for each in stand_ins]
    found = lock_administered_grant(session, actor, grant_id, *(each.person_id for each in stand_ins))
    grant, now = found.grant, clock.now()
    if not grant.suspension_open(now):
        raise ConflictError("grant_not_suspended", NOT_SUSPENDED)
    if latest_last_day(installation.catalogue, grant, found.organisation) is None:
        raise ConflictError("offered", NO_LONGER_OFFERED)
    _end_stand_ins(session, installation, actor, found, learned)
    clear_suspension(session, grant)
    tell_suspension(session, installation, grant, found.person, found.organisation, RESUMED, since=now, reason=reason)


def clear_suspension(session: Session, grant: Grant) -> None:
    """Take the window off a locked right, with what was written about it; and say so."""
    grant.suspended_from = grant.suspended_until = grant.suspended_by = grant.suspension_note = None
    grant.suspension_begun = False
    session.flush()
    audit.record(session, "access:grant:resume", subject_id=grant.id, organisation_id=grant.organisation_id)
    tell_rights_changed(session, grant, RESUMED, key=uuid.uuid4())


def stand_ins_of(session: Session, grant_id: uuid.UUID) -> list[Grant]:
    """The living rights that stand in for this one, by id."""
    now = clock.now()
    grants = session.scalars(
        select(Grant).where(Grant.handed_over_from == grant_id, Grant.ended_at.is_(None)).order_by(Grant.id)
    )
    return [grant for grant in grants if not grant.run_out(now)]


def _end_stand_ins(
    session: Session, installation: Installation, actor: uuid.UUID, found: AdministeredGrant, learned: list[uuid.UUID]
) -> None:
    living = stand_ins_of(session, found.grant.id)
    if [each.id for each in living] != learned:
        raise WorldChangedError
    session.scalars(to_change(select(Grant).where(Grant.id.in_(learned)).order_by(Grant.id))).all()
    for each in living:
        end_locked_grant(
            session,
            installation,
            each,
            session.get_one(Person, each.person_id),
            ended_by=actor,
            reason=HANDED_BACK,
            cause=BACK_AGAIN,
        )
