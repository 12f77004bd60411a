"""resend_tracking: "send me a new one" for who lost the tracking link (threats TL4). To the proved address only.

By the applicant, who hears nothing back: the answer is the same whether there is such a request or not (threats rule 2). Or by the
helpdesk for somebody who calls (seed-sentences M6), who sees neither the link nor the whole address.
"""

import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import TYPED, UNPROVED, AccessRequest
from broker.access.look_up_authority import look_up_authority
from broker.access.look_up_request import find_by_number
from broker.access.open_request import tell_applicant_sent
from broker.access.pool import deciders_told
from broker.access.task import Task
from broker.access.who_is_up import who_is_up
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.notifications import both
from broker.people.identifiers import email_for_limits
from broker.people.one_time_link import TRACKING, open_link
from broker.people.organisation import Organisation

MAILS_APART = timedelta(minutes=15)


def resend_tracking(session: Session, installation: Installation, number: str, email: str) -> None:
    """Mail a new tracking link for request `number`, if `email` is its proved address; the old link ends."""
    request = session.scalar(select(AccessRequest).where(AccessRequest.number == number.strip().upper()))
    if request is None or email_for_limits(request.email) != email_for_limits(email):
        return
    _send(session, installation, request)


def resend_tracking_for_caller(session: Session, installation: Installation, actor: uuid.UUID, number: str) -> bool:
    """Mail the applicant of request `number` their own link again; whether it went, as not more than one goes in MAILS_APART.

    Raises:
        NotFoundError: no such request within the mandate of `actor`.
    """
    authority = look_up_authority(session, actor)
    request = find_by_number(session, number)
    if request is None or not authority.covers_application(request.application_code):
        raise NotFoundError("request_unknown")
    sent = _send(session, installation, request)
    audit.record(
        session,
        "access:request:resend_tracking",
        subject_id=request.id,
        organisation_id=request.organisation_id,
        details={"sent": sent},
    )
    return sent


def _send(session: Session, installation: Installation, request: AccessRequest) -> bool:
    if request.status == UNPROVED or request.email_proved_at is None:
        return False
    before = open_link(session, TRACKING, request.id)
    if before is not None and before.issued_at > clock.now() - MAILS_APART:
        return False
    organisation = session.get(Organisation, request.organisation_id) if request.organisation_id else None
    task = session.scalar(select(Task).where(Task.request_id == request.id, Task.closed_at.is_(None)))
    up = {"nl": "niemand meer: er is beslist", "en": "nobody any more: it was decided"}
    if task is not None:
        deciders = deciders_told(session, task, typed=request.identity_source == TYPED)
        who = who_is_up(installation.catalogue, task, organisation, in_place=deciders.in_place, nobody=deciders.nobody)
        up = both(who)
    tell_applicant_sent(session, request, organisation.name if organisation else "", up, again=True)
    return True
