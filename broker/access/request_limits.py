"""How often one may ask (threats SR1, SR2, SR8). Counts in the database, so that limits survive a restart."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import OPEN, UNPROVED, AccessRequest
from broker.access.task import Task
from broker.errors import TooManyError
from broker.people.one_time_link import CONFIRM_EMAIL, OneTimeLink
from broker.text import Text

MAILS_APART = timedelta(minutes=15)
MAILS_A_DAY = 3
CONFIRMATIONS_AN_HOUR = 500  # of the whole house: above it somebody is using us to send mail
UNPROVED_AN_HOUR_PER_SOURCE = 10
OPEN_PER_APPLICATION = 3
REQUESTS_A_DAY = 5
TASKS_AN_HOUR_BEFORE_DIGEST = 10

_TOO_MANY = Text(
    "U stelde al veel vragen. Wacht tot er over een vraag beslist is, of probeer het morgen opnieuw.",
    "You asked many times already. Wait until a request is decided, or try again tomorrow.",
)
_TOO_FAST = Text(
    "Vanaf deze plaats kwamen net veel vragen. Probeer het over een uur opnieuw.",
    "Many requests came from here just now. Please try again in an hour.",
)


def check_source(session: Session, source_key: str | None) -> None:
    """At most ten unproved requests an hour from one source.

    Raises:
        TooManyError: the source has had its ten.
    """
    if source_key is None:
        return
    count = session.scalar(
        select(func.count())
        .select_from(AccessRequest)
        .where(
            AccessRequest.status == UNPROVED,
            AccessRequest.source_key == source_key,
            AccessRequest.created_at > clock.now() - timedelta(hours=1),
        )
    )
    if (count or 0) >= UNPROVED_AN_HOUR_PER_SOURCE:
        raise TooManyError("too_many_from_here", _TOO_FAST, retry_after=3600)


def check_applicant(session: Session, applicant_key: str, application_code: str, *, proved_who: bool) -> None:
    """At most three open requests per applicant and application, and five a day.

    Unproved ones count for somebody signed in, who could else have us mail to any number of addresses (threats SR1); not for a
    typed identity, as anybody could use up another's five.

    Raises:
        TooManyError: the applicant has had them.
    """
    mine = select(func.count()).select_from(AccessRequest).where(AccessRequest.applicant_key == applicant_key)
    still_open = session.scalar(
        mine.where(AccessRequest.status == OPEN, AccessRequest.application_code == application_code)
    )
    of_today = mine.where(AccessRequest.created_at > clock.now() - timedelta(days=1))
    today = session.scalar(of_today if proved_who else of_today.where(AccessRequest.status != UNPROVED))
    if (still_open or 0) >= OPEN_PER_APPLICATION or (today or 0) >= REQUESTS_A_DAY:
        raise TooManyError("too_many_requests", _TOO_MANY, retry_after=86400)


def next_confirmation(session: Session, email_limit_key: str) -> datetime | None:
    """When the next confirmation mail to this address may leave; None when it had its three of today, or the house its fill.

    One per quarter of an hour: the next one waits its turn. A mailbox is one address however it is spelled.
    """
    now = clock.now()
    of_this_hour = session.scalar(
        select(func.count())
        .select_from(OneTimeLink)
        .where(OneTimeLink.kind == CONFIRM_EMAIL, OneTimeLink.issued_at > now - timedelta(hours=1))
    )
    if (of_this_hour or 0) >= CONFIRMATIONS_AN_HOUR:
        return None
    moments = session.scalars(
        select(OneTimeLink.issued_at)
        .join(AccessRequest, AccessRequest.id == OneTimeLink.subject_id)
        .where(
            OneTimeLink.kind == CONFIRM_EMAIL,
            AccessRequest.email_limit_key == email_limit_key,
            OneTimeLink.issued_at > now - timedelta(days=1),
        )
    ).all()
    if len(moments) >= MAILS_A_DAY:
        return None
    return max([now, *(moment + MAILS_APART * (len(moments) - n) for n, moment in enumerate(sorted(moments)))])


def digest_instead(session: Session, pool_key: str) -> bool:
    """More than ten new tasks an hour in a pool become one digest mail."""
    count = session.scalar(
        select(func.count())
        .select_from(Task)
        .where(Task.pool_key == pool_key, Task.opened_at > clock.now() - timedelta(hours=1))
    )
    return (count or 0) > TASKS_AN_HOUR_BEFORE_DIGEST
