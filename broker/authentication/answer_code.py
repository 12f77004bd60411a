"""answer_code: somebody types the code that came by SMS, or that an app shows, or asks for another.

The code is used once, by one of any number at once: the account is locked first. Wrong answers count on the code (five) and,
across codes, on the account (ten a day); then the person hears of it by mail (threats PW4). A code counts for the number that it
went to. The outcome is returned, never raised: what was counted stays counted.
"""

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.end_self_decided import end_self_decided
from broker.access.tell_rights_changed import tell_rights_changed
from broker.authentication.finish_local_sign_in import (
    OVER,
    WRONG,
    Answered,
    finish_local_sign_in,
    locked_pending,
    wish_of,
)
from broker.authentication.local_sign_in import CHANGE_PHONE, PROVE_PHONE, SIGN_IN, PendingSignIn
from broker.authentication.send_sms_code import NOT_HERE, Sending, newest_code, number_key_of, send_sms_code
from broker.authentication.sms_code import TRIES, SmsCode
from broker.authentication.tell_holder import tell_holder
from broker.authentication.totp import has_totp, take_recovery_code, take_totp
from broker.authentication.try_password import least_level
from broker.authentication.wrong_codes import WRONG_A_DAY, codes_again_at, count_wrong
from broker.catalogue.local_levels import WITH_SMS
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.confirm_entered_names import confirm_entered_names
from broker.people.local_account import LocalAccount
from broker.people.one_time_link import STOP_NUMBER, revoke_links
from broker.people.person import Person
from broker.people.phone_change import REPLACED, lock_waiting_change

USED_UP, TOO_MANY = "used_up", "too_many"
PHONE_PROVED, PHONE_CHANGED = "phone_proved", "phone_changed"


def answer_code(
    session: Session, installation: Installation, token: str, typed: str, *, remember: bool, cookie: str | None
) -> Answered:
    """Judge `typed`. `remember`: the person asked to remember this device; `cookie` is the session's, if there is one.

    Raises:
        ForbiddenError: as `begin_session`; or what was asked is stronger than a code by SMS.
    """
    pending = locked_pending(session, installation, token)
    if pending is None:
        return Answered(OVER)
    account, person = pending.account, pending.person
    if codes_again_at(account) is not None:
        return Answered(TOO_MANY)
    method = _by_app(session, installation, pending, typed)
    if method is None:
        code = newest_code(session, account.id)
        went_here = number_key_of(installation, number_of(installation, pending))
        if code is None or not code.usable(clock.now()) or code.number_key != went_here:
            by_app = takes_app(session, pending)
            return _wrong(session, account, person, None) if by_app else Answered(USED_UP)
        code.tries += 1
        digits = "".join(sign for sign in typed if not sign.isspace())
        if not digits.isascii() or not installation.keys.sms_code_matches(digits, str(code.id), code.nonce):
            return _wrong(session, account, person, code)
        code.used_at, method = clock.now(), "sms"
    pending.row.used_at = clock.now()
    audit.record(session, "authentication:code:accept", subject_id=person.id, details={"by": method})
    if pending.row.purpose == PROVE_PHONE:
        _prove_phone(session, installation, account, person)
        return Answered(PHONE_PROVED, wish=wish_of(pending))
    if pending.row.purpose == CHANGE_PHONE:
        _change_phone(session, number_of(installation, pending), account, person)
        return Answered(PHONE_CHANGED)
    if person.phone_source != "proved":
        _prove_phone(session, installation, account, person)
    return finish_local_sign_in(session, installation, pending, method, remember=remember, cookie=cookie)


def send_another(session: Session, installation: Installation, token: str) -> Sending | None:
    """Another code for this pending sign-in; None where it is over."""
    pending = locked_pending(session, installation, token)
    if pending is None:
        return None
    number = number_of(installation, pending)
    if pending.row.purpose == SIGN_IN and least_level(installation, wish_of(pending)) > WITH_SMS[1]:
        return Sending(NOT_HERE, None)
    return send_sms_code(
        session,
        installation,
        pending.account,
        number,
        language=pending.person.language,
        application_code=pending.row.application_code,
    )


def takes_app(session: Session, pending: PendingSignIn) -> bool:
    """Whether a code of the person's app will do."""
    return pending.takes_stronger and has_totp(session, pending.account.id)


def number_of(installation: Installation, pending: PendingSignIn) -> str:
    """Where the codes of this pending sign-in go: the person's number, or the one that is to become it."""
    if pending.row.new_phone_sealed is not None:
        return installation.keys.unseal(pending.row.new_phone_sealed, pending.row.new_phone_place)
    return pending.person.phone or ""


def _change_phone(session: Session, number: str, account: LocalAccount, person: Person) -> None:
    """The number is theirs; what an administrator asked for is over. Told at the address that was proved, as whoever lost the old
    one must hear of it."""
    person.phone, person.phone_source = number, "proved"
    waiting = lock_waiting_change(session, account.id)
    if waiting is not None:
        waiting.close(REPLACED)
        revoke_links(session, STOP_NUMBER, waiting.id)
    event = audit.record(session, "authentication:phone:change", subject_id=person.id)
    tell_holder(session, person, "phone_changed", str(event.id))


def _by_app(session: Session, installation: Installation, pending: PendingSignIn, typed: str) -> str | None:
    """By which of the app and its recovery codes `typed` is right, where somebody signs in and has an app."""
    account_id = pending.account.id
    if not takes_app(session, pending):
        return None
    if take_totp(session, installation, account_id, "".join(typed.split())):
        return "totp"
    return "recovery" if take_recovery_code(session, installation, account_id, typed) else None


def _wrong(session: Session, account: LocalAccount, person: Person, code: SmsCode | None) -> Answered:
    wrong = count_wrong(account)
    event = audit.record(session, "authentication:code:refuse", subject_id=person.id, details={"wrong": wrong})
    if wrong < WRONG_A_DAY:
        left = WRONG_A_DAY - wrong if code is None else min(TRIES - code.tries, WRONG_A_DAY - wrong)
        return Answered(WRONG if left else USED_UP, left)
    tell_holder(session, person, "wrong_codes", str(event.id))
    return Answered(TOO_MANY)


def _prove_phone(session: Session, installation: Installation, account: LocalAccount, person: Person) -> None:
    """The number is theirs, the e-mail was: from now on the account can be used, and rights may stand on it."""
    person.phone_source = "proved"
    audit.record(session, "people:local_account:prove", subject_id=person.id)
    if person.state != "unlinked":
        return
    person.state = "matched"
    session.flush()
    confirm_entered_names(session, person)
    end_self_decided(session, installation, person.id)
    tell_rights_changed(session, person, "linked", key=account.id)
    _tell_administrator(session, account, person)


def _tell_administrator(session: Session, account: LocalAccount, person: Person) -> None:
    """Whoever invited them may now give rights."""
    administrator = session.get(Person, account.created_by) if account.created_by is not None else None
    if administrator is None or not administrator.proved_email:
        return
    put_mail(
        session,
        "account_ready",
        administrator.proved_email,
        key=str(account.id),
        language=administrator.language,
        facts={
            "given_name": administrator.given_name,
            "person_name": person.full_name,
            "application_code": account.invited_for,
        },
        subject_id=administrator.id,
    )
