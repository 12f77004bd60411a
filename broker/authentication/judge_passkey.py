"""judge_passkey: whether what came back is an answer of a passkey that we know, to the challenge that this browser was given.

Owns the order of the checks, what is written of each that fails, and the count of an authenticator's uses: one that went back may
be a copy, and the person hears of it (WebAuthn Level 2, 6.1.1). Does not own what somebody may do with a right answer.
"""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.passkey import Passkey
from broker.authentication.passkey_answer import Signed, credential_named, signed_by
from broker.authentication.passkey_challenge import take_challenge
from broker.authentication.tell_holder import tell_holder
from broker.database import to_change
from broker.installation import Installation
from broker.people.local_account import LocalAccount
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class RightPasskey:
    """A right answer, and whose; all three rows are locked."""

    passkey: Passkey = field(repr=False)
    account: LocalAccount = field(repr=False)
    person: Person = field(repr=False)
    signed: Signed


def judge_passkey(
    session: Session, installation: Installation, purpose: str, browser: str, answer: str, holder: Person | None = None
) -> RightPasskey | None:
    """The passkey that signed, where everything is right; None for every other answer. The challenge is used up either way.

    `holder`: the one person whose passkey it must be; anybody's where that is None.
    """
    subject_id = holder.id if holder is not None else None
    challenge = take_challenge(session, purpose, browser)
    if challenge is None:
        refuse_passkey(session, subject_id, "no_challenge")
        return None
    found = _locked(session, credential_named(answer))
    if found is None or (holder is not None and found[2].id != holder.id):
        refuse_passkey(session, subject_id, "unknown")
        return None
    passkey, account, person = found
    signed = signed_by(installation.settings, challenge, answer, passkey)
    if signed is None:
        refuse_passkey(session, person.id, "wrong")
        return None
    if (signed.sign_count or passkey.sign_count) and signed.sign_count <= passkey.sign_count:
        tell_holder(session, person, "passkey_copied", f"copied:{passkey.id}:{passkey.sign_count}")
        refuse_passkey(session, person.id, "count_went_back")
        return None
    passkey.sign_count = signed.sign_count
    return RightPasskey(passkey, account, person, signed)


def accept_passkey(session: Session, right: RightPasskey, *, alone: bool) -> None:
    """Write down that it let somebody in."""
    right.passkey.used_at = clock.now()
    audit.record(session, "authentication:passkey:accept", subject_id=right.person.id, details={"alone": alone})


def refuse_passkey(session: Session, subject_id: uuid.UUID | None, reason: str) -> None:
    """Write down that a try failed; `subject_id` is the person it is about, where that is known."""
    audit.record(session, "authentication:passkey:refuse", subject_id=subject_id, details={"reason": reason})


def _locked(session: Session, credential_id: str) -> tuple[Passkey, LocalAccount, Person] | None:
    """The passkey of a living account, with account and person, locked from the person down and read again."""
    unlocked = session.execute(
        select(Passkey.id, LocalAccount.id, LocalAccount.person_id)
        .join(LocalAccount, LocalAccount.id == Passkey.account_id)
        .where(Passkey.credential_id == credential_id)
    ).one_or_none()
    if unlocked is None:
        return None
    passkey_id, account_id, person_id = unlocked
    person, account = lock_person_and_account(session, person_id, account_id)
    passkey = session.scalar(to_change(select(Passkey).where(Passkey.id == passkey_id)))
    return (passkey, account, person) if passkey is not None and account.ended_at is None else None
