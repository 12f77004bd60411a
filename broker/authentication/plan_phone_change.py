"""plan_phone_change: an administrator asks for another mobile number at somebody's account (threats PW6).

It takes effect a day later (`take_phone_change`). The person hears of it at once, at the address that they proved and on the number
that they proved, and can stop it (`stop_phone_change`): neither a stolen telephone nor an administrator alone gets into an account.
The number stands in no event of the audit.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.decision import cleaned_reason
from broker.authentication.account_at_work import AccountAtWork, lock_account_at_work, never_proved
from broker.authentication.sms_budget import budget_is_spent
from broker.authentication.take_phone_change import take_if_due
from broker.errors import ConflictError, InvalidError, TooManyError
from broker.installation import Installation
from broker.notifications import put_mail, put_sms_notice
from broker.people.identifiers import IdentifierError
from broker.people.local_account import made_for
from broker.people.mobile_number import mobile_number, prefix_of
from broker.people.one_time_link import STOP_NUMBER, issue_link
from broker.people.phone_change import WAITS, PhoneChange, lock_waiting_change
from broker.text import Text

A_DAY = 3


@dataclass(frozen=True, slots=True)
class NumberAsked:
    """What the administrator typed."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """When the number changes; None where nothing was planned, as the person could not be told by SMS."""

    takes_effect_at: datetime | None


def plan_phone_change(
    session: Session, installation: Installation, actor: uuid.UUID, affiliation_id: uuid.UUID, asked: NumberAsked
) -> Planned:
    """Let it wait, and tell the person.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as `lock_account_at_work`; one waits already, or nothing was proved yet.
        InvalidError: no number that codes are sent to, the one it is already, the administrator's own, or no reason.
        TooManyError: this was asked for this account often enough today.
    """
    number, reason = _checked(asked)
    at = lock_account_at_work(session, actor, affiliation_id)
    take_if_due(session, installation, at.account, at.person)
    if never_proved(at.person) or at.account.password_hash is None or at.person.state != "matched":
        raise ConflictError("nothing_proved", NOTHING_PROVED)
    if lock_waiting_change(session, at.account.id) is not None:
        raise ConflictError("change_waits", WAITS_ALREADY)
    if number == at.person.phone:
        raise InvalidError("same_number", SAME_NUMBER, {"number": SAME_NUMBER})
    at.refuse_own_number(number)
    if _asked_today(session, at.account.id) >= A_DAY:
        raise TooManyError("asked_often", ASKED_OFTEN, retry_after=86400)
    old = at.person.phone if at.person.phone_source == "proved" else None
    if old is not None and budget_is_spent(session, installation, prefix_of(old)):
        return Planned(None)
    change = _written(session, installation, actor, at, number, reason, old)
    _tell(session, at, change, reason, old)
    return Planned(change.takes_effect_at)


def _checked(asked: NumberAsked) -> tuple[str, str]:
    wrong: dict[str, Text] = {}
    number = reason = ""
    try:
        number = mobile_number(asked.number)
    except IdentifierError as error:
        wrong["number"] = error.text
    try:
        reason = cleaned_reason(asked.reason, required=False)
    except InvalidError as error:
        wrong |= error.fields
    if not reason:
        wrong.setdefault("reason", REASON_MISSING)
    if wrong:
        raise InvalidError("number_wrong", next(iter(wrong.values())), wrong)
    return number, reason


def _asked_today(session: Session, account_id: uuid.UUID) -> int:
    since = clock.now() - timedelta(days=1)
    query = select(func.count()).where(PhoneChange.account_id == account_id, PhoneChange.asked_at > since)
    return session.scalar(query) or 0


def _written(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    at: AccountAtWork,
    number: str,
    reason: str,
    old: str | None,
) -> PhoneChange:
    now = clock.now()
    change = PhoneChange(
        id=uuid.uuid4(),
        account_id=at.account.id,
        person_id=at.person.id,
        organisation_id=at.organisation.id,
        reason=reason,
        old_prefix=prefix_of(old) if old is not None else None,
        asked_by=actor,
        asked_at=now,
        takes_effect_at=now + WAITS,
    )
    change.number_sealed = installation.keys.seal(number, change.number_place)
    session.add(change)
    session.flush()
    audit.record(
        session,
        "authentication:phone:plan",
        subject_id=at.person.id,
        organisation_id=at.organisation.id,
        details={"change": change.id},
    )
    return change


def _tell(session: Session, at: AccountAtWork, change: PhoneChange, reason: str, old: str | None) -> None:
    person = at.person
    if person.proved_email is not None:
        put_mail(
            session,
            "phone_change_asked",
            person.proved_email,
            key=str(change.id),
            language=person.language,
            facts={
                "given_name": person.given_name,
                "organisation_name": at.organisation.name,
                "reason": reason,
                "takes_effect_at": change.takes_effect_at.isoformat(),
                **made_for(at.account),
            },
            link=issue_link(session, STOP_NUMBER, change.id).reference(),
            subject_id=person.id,
        )
    if old is not None:
        put_sms_notice(
            session,
            old,
            key=str(change.id),
            language=person.language,
            application_code=at.account.invited_for,
        )


REASON_MISSING = Text("Schrijf waarom het nummer wijzigt.", "Write why the number changes.")
NOTHING_PROVED = Text(
    "Deze persoon heeft nog niets bewezen. Verbeter het nummer; dat geldt meteen.",
    "This person has proved nothing yet. Correct the number; that counts at once.",
)
WAITS_ALREADY = Text(
    "Er wacht al een ander nummer. Trek dat eerst in.", "Another number is waiting already. Withdraw that first."
)
SAME_NUMBER = Text("Dit is het nummer dat er al staat.", "This is the number that stands there already.")
ASKED_OFTEN = Text(
    "Voor dit account werd vandaag al vaak een ander nummer gevraagd. Probeer het morgen opnieuw.",
    "Another number was asked for this account often today. Try again tomorrow.",
)
