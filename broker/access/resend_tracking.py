"""resend_tracking: "send me a new one" for who lost the tracking link (threats TL4). To the proved address only.

Says nothing back: the answer is the same whether there is such a request or not (threats rule 2).
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import TYPED, UNPROVED, AccessRequest
from broker.access.open_request import tell_applicant_sent
from broker.access.pool import deciders_told
from broker.access.task import Task
from broker.access.who_is_up import who_is_up
from broker.installation import Installation
from broker.people.identifiers import email_for_limits
from broker.people.one_time_link import TRACKING, open_link
from broker.people.organisation import Organisation

MAILS_APART = timedelta(minutes=15)


def resend_tracking(session: Session, installation: Installation, number: str, email: str) -> None:
    """Mail a new tracking link for request `number`, if `email` is its proved address; the old link ends."""
    request = session.scalar(select(AccessRequest).where(AccessRequest.number == number.strip().upper()))
    if request is None or request.status == UNPROVED or request.email_proved_at is None:
        return
    if email_for_limits(request.email) != email_for_limits(email):
        return
    before = open_link(session, TRACKING, request.id)
    if before is not None and before.issued_at > clock.now() - MAILS_APART:
        return
    organisation = session.get(Organisation, request.organisation_id) if request.organisation_id else None
    task = session.scalar(select(Task).where(Task.request_id == request.id, Task.closed_at.is_(None)))
    up = {"nl": "niemand meer: er is beslist", "en": "nobody any more: it was decided"}
    if task is not None:
        deciders = deciders_told(session, task, typed=request.identity_source == TYPED)
        who = who_is_up(installation.catalogue, task, organisation, in_place=deciders.in_place, nobody=deciders.nobody)
        up = {"nl": who.nl, "en": who.en}
    tell_applicant_sent(session, request, organisation.name if organisation else "", up, again=True)
