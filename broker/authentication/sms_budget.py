"""sms_budget: how many messages by SMS may leave in all, codes and notices together (threats PW5).

Owns the budgets of the policy by prefix and by day, and that the operator hears when one is used up.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.sms_code import SmsCode
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.phone_change import PhoneChange
from broker.text import Text


def budget_is_spent(session: Session, installation: Installation, prefix: str) -> bool:
    """Whether no message may leave now for a number that begins with `prefix`."""
    policy, now = installation.catalogue.passwords, clock.now()
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    codes = (
        _count(session, SmsCode.created_at > day),
        _count(session, SmsCode.prefix == prefix, SmsCode.created_at > hour),
    )
    notices = (
        _count(session, PhoneChange.old_prefix.is_not(None), PhoneChange.asked_at > day),
        _count(session, PhoneChange.old_prefix == prefix, PhoneChange.asked_at > hour),
    )
    allowed = (policy.sms_a_day, policy.sms_a_prefix_an_hour)
    if all(code + notice < most for code, notice, most in zip(codes, notices, allowed, strict=True)):
        return False
    _alarm(session, installation, now)
    return True


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*where)) or 0


def _alarm(session: Session, installation: Installation, now: datetime) -> None:
    put_mail(
        session,
        "operator_told",
        installation.settings.operator_email,
        key=f"sms_budget:{clock.local_date(now)}",
        facts={"sentence": both(BUDGET_SPENT)},
    )


BUDGET_SPENT = Text(
    "Er vertrekken voorlopig geen codes per sms meer: het aantal van policies/passwords.yaml is op."
    " Kijk na of iemand er misbruik van maakt.",
    "No codes leave by SMS for now: the number in policies/passwords.yaml is used up. See whether somebody abuses it.",
)
