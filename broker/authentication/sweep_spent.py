"""sweep_spent: throw away what was for once or for a while, and can do no more harm or good."""

from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.local_sign_in import KEPT_AFTER, LocalSignIn
from broker.authentication.passkey import Passkey
from broker.authentication.passkey_challenge import PasskeyChallenge
from broker.authentication.pushed_request import PushedRequest
from broker.authentication.remembered_device import RememberedDevice
from broker.authentication.revoked_token import RevokedToken
from broker.authentication.single_use import SingleUseValue
from broker.authentication.sms_code import SmsCode
from broker.authentication.totp import BEGUN_FOR, TotpKey
from broker.people.local_account import LocalAccount

_CODES_KEPT_FOR = timedelta(days=1)  # as long as a second use of one should still revoke what came of it
_PUSHED_KEPT_FOR = timedelta(hours=1)  # whoever came in time with one may still be signing in

_CODES_BY_SMS_KEPT_FOR = timedelta(days=2)  # longer than anything is counted over
_DEVICES_KEPT_FOR = timedelta(days=30)  # as long as a copy of one should still be known for what it is


def sweep_spent(session: Session) -> int:
    """Delete codes that ran out a day ago, and single-use values, pushed requests, revocations, challenges, codes by
    SMS and devices that ran out, apps that got no first code, and passkeys of accounts that ended; how many."""
    now = clock.now()
    gone = 0
    for statement in (
        delete(AuthorizationCode).where(AuthorizationCode.expires_at < now - _CODES_KEPT_FOR),
        delete(SingleUseValue).where(SingleUseValue.expires_at < now),
        delete(PushedRequest).where(PushedRequest.expires_at < now - _PUSHED_KEPT_FOR),
        delete(RevokedToken).where(RevokedToken.expires_at < now),
        delete(LocalSignIn).where(LocalSignIn.expires_at < now - KEPT_AFTER),
        delete(Passkey).where(
            Passkey.account_id.in_(select(LocalAccount.id).where(LocalAccount.ended_at.is_not(None)))
        ),
        delete(TotpKey).where(TotpKey.confirmed_at.is_(None), TotpKey.created_at < now - BEGUN_FOR),
        delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < now),
        delete(SmsCode).where(SmsCode.created_at < now - _CODES_BY_SMS_KEPT_FOR),
        delete(RememberedDevice).where(RememberedDevice.expires_at < now - _DEVICES_KEPT_FOR),
    ):
        result: Any = session.execute(statement)
        assert isinstance(result, CursorResult)
        gone += result.rowcount
    return gone
