"""announce_ends: rights that end soon are announced 30 and 7 days before (lifecycles §3), each time once.

The person hears of their right; the administrators of an organisation get one mail a day for all of theirs, with the way to
extend. Of a right that none of them can extend, as they are its holder or there is nobody, the officers hear instead (decisions 9).
A right that is too new for a notice gets none: who was given a right for two weeks knows.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.end_grant import address_of
from broker.access.grant import Grant
from broker.access.live_rights import grant_state, label_join
from broker.access.pool import reachable
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.living_mandates import PoolMember, pool_members
from broker.people.mandate import officer_scope, organisation_scope
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation

NOTICES = (30, 7)  # days before the last day, in this order
AT_ONCE = 200


def organisations_with_ends(session: Session) -> list[uuid.UUID]:
    """The organisations with a right whose end is to be announced, at most two hundred."""
    return list(session.scalars(select(Grant.organisation_id).where(_due(clock.now())).distinct().limit(AT_ONCE)))


def announce_ends(session: Session, installation: Installation, organisation_id: uuid.UUID) -> int:
    """Announce what is due at one organisation; how many rights."""
    now = clock.now()
    ids = session.scalars(
        select(Grant.id)
        .where(Grant.organisation_id == organisation_id, _due(now))
        .order_by(Grant.id)
        .limit(AT_ONCE)
        .with_for_update(key_share=True)
    ).all()
    told: Counter[int] = Counter()
    administrators = pool_members(session, organisation_scope(organisation_id))
    for grant, organisation, affiliation, person, label in session.execute(
        label_join(now).where(Grant.id.in_(ids)).order_by(Grant.id)
    ):
        assert grant.valid_until is not None
        days = (clock.last_day(grant.valid_until) - clock.local_date(now)).days
        reached = sum(days <= each for each in NOTICES)
        too_new = grant.valid_until - grant.valid_from <= timedelta(days=NOTICES[reached - 1])
        grant.end_notices = reached
        state = grant_state(grant, organisation, affiliation, person, label, installation.catalogue, now)
        if too_new or state not in ("active", "waiting_for_label", "waiting_for_identity"):
            continue
        notice = NOTICES[reached - 1]
        in_place = not reachable([each for each in administrators if each.person_id != person.id])
        if in_place:
            officers = pool_members(session, officer_scope(organisation.target_group, organisation.organisation_type))
            _tell(session, officers, organisation, notice, 1, now, grant.id)
        else:
            told[notice] += 1
        audit.record(
            session,
            "access:grant:announce_end",
            subject_id=grant.id,
            organisation_id=organisation_id,
            details={"days": days},
        )
        email, language = address_of(session, grant, person)
        if email is not None:
            put_mail(
                session,
                "right_ending",
                email,
                key=f"ending:{grant.id}:{clock.last_day(grant.valid_until)}:{notice}",
                language=language,
                facts={
                    "application_code": grant.application_code,
                    "right_code": grant.right_code,
                    "context_code": grant.context_code,
                    "organisation_name": organisation.name,
                    "given_name": name_at_work(person, affiliation).given_name,
                    "valid_until": clock.last_day(grant.valid_until).isoformat(),
                    "days": days,
                    "in_place": in_place,
                },
                subject_id=grant.id,
                only_if=f"grant_active:{grant.id}",
            )
    for notice, count in told.items():
        _tell(session, administrators, session.get_one(Organisation, organisation_id), notice, count, now)
    return len(ids)


def _tell(
    session: Session,
    members: Sequence[PoolMember],
    organisation: Organisation,
    days: int,
    count: int,
    now: datetime,
    grant_id: uuid.UUID | None = None,
) -> None:
    """One mail about `count` rights; to officers one about `grant_id` alone, as they have no list of those of that organisation."""
    for member in members:
        if member.email is not None:
            put_mail(
                session,
                "rights_ending",
                member.email,
                key=f"rights_ending:{grant_id or organisation.id}:{days}:{clock.local_date(now)}",
                language=member.language,
                facts={
                    "organisation_name": organisation.name,
                    "task_count": count,
                    "days": days,
                    "given_name": member.given_name,
                    "grant_id": str(grant_id) if grant_id else None,
                },
                subject_id=grant_id,
            )


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(
        Grant.ended_at.is_(None),
        Grant.valid_until > now,
        or_(
            *(
                and_(
                    Grant.end_notices < number,
                    Grant.valid_until <= clock.end_of_day(clock.local_date(now) + timedelta(days=days)),
                )
                for number, days in enumerate(NOTICES, start=1)
            )
        ),
    )
