"""standing: why somebody who signed in cannot use an application yet (DESIGN §4, LOOK 6). Reads only.

Only about the person who asks: what they asked for, what waits for whom, what ended.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import OPEN, UNPROVED, AccessRequest
from broker.access.grant import Grant
from broker.access.live_rights import grant_state, label_join
from broker.access.pool import deciders_of
from broker.access.task import Task
from broker.access.who_is_up import officer_of, who_is_up
from broker.catalogue import Catalogue
from broker.people.organisation import Organisation
from broker.text import Text


@dataclass(frozen=True, slots=True)
class Standing:
    """One reason. `kind`: unproved, open_request, waiting_for_label, waiting_for_identity, planned, expired, ended, not_offered,
    organisation_ended or affiliation_ended."""

    kind: str
    organisation_name: str
    right_code: str
    since: datetime
    who_is_up: Text
    request_number: str | None = None


def standing(session: Session, catalogue: Catalogue, person_id: uuid.UUID, application_code: str) -> list[Standing]:
    """Every reason why `person_id` has no live right in the application, the nearest to one first; empty: never asked."""
    return _requests(session, catalogue, person_id, application_code) + _grants(
        session, catalogue, person_id, application_code
    )


def _requests(session: Session, catalogue: Catalogue, person_id: uuid.UUID, application_code: str) -> list[Standing]:
    rows = session.execute(
        select(AccessRequest, Organisation)
        .outerjoin(Organisation, Organisation.id == AccessRequest.organisation_id)
        .where(
            AccessRequest.person_id == person_id,
            AccessRequest.application_code == application_code,
            AccessRequest.status.in_((OPEN, UNPROVED)),
        )
        .order_by(AccessRequest.created_at)
    )
    found = []
    for request, organisation in rows:
        task = session.scalar(select(Task).where(Task.request_id == request.id, Task.closed_at.is_(None)))
        if request.status == UNPROVED:
            kind, up = "unproved", Text("u", "you")
        elif task is None:
            kind, up = "open_request", officer_of(catalogue, request.target_group, request.organisation_type)
        else:
            deciders = deciders_of(session, task)
            kind = "open_request"
            up = who_is_up(catalogue, task, organisation, in_place=deciders.in_place, nobody=deciders.nobody)
        found.append(
            Standing(
                kind,
                organisation.name if organisation else "",
                request.right_code,
                request.opened_at or request.created_at,
                up,
                request.number,
            )
        )
    return found


def _grants(session: Session, catalogue: Catalogue, person_id: uuid.UUID, application_code: str) -> list[Standing]:
    instant = clock.now()
    rows = session.execute(
        label_join(instant)
        .add_columns(AccessRequest.number)
        .outerjoin(AccessRequest, AccessRequest.id == Grant.request_id)
        .where(
            Grant.person_id == person_id,
            Grant.application_code == application_code,
            or_(Grant.ended_at.is_(None), Grant.end_reason != "change_of_role"),
        )
        .order_by(Grant.given_at.desc())
    ).all()
    found = []
    for grant, organisation, affiliation, person, label, number in rows:
        state = grant_state(grant, organisation, affiliation, person, label, catalogue, instant)
        if state == "active":
            continue
        since = grant.ended_at or (grant.valid_until if state == "expired" else None) or grant.given_at
        found.append(
            Standing(state, organisation.name, grant.right_code, since, _up(catalogue, state, organisation), number)
        )
    return sorted(found, key=lambda each: each.kind in ("ended", "expired"))


def _up(catalogue: Catalogue, state: str, organisation: Organisation) -> Text:
    if state == "waiting_for_label":
        return officer_of(catalogue, organisation.target_group, organisation.organisation_type)
    if state == "waiting_for_identity":
        return Text("u", "you")
    return Text(f"een lokale beheerder van {organisation.name}", f"a local administrator of {organisation.name}")
