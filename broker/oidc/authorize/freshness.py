"""Whether somebody signed in again because this very request asked for it.

A request that demands a new sign-in would demand it for ever when the browser comes back with it. So the address
that it comes back to carries the moment of the demand, with a proof that it was ours and of this request; a sign-in
after that moment fulfils the demand, an older one never does.
"""

import hmac
from datetime import UTC, datetime, timedelta

from broker import clock
from broker.keys import Keys
from broker.oidc.authorize.authorization_request import AuthorizationRequest

PARAMETER = "na"
_LONGEST_WAY = timedelta(minutes=15)


def mark_of(asked: AuthorizationRequest, keys: Keys) -> str:
    """The mark for a sign-in demanded now."""
    moment = str(int(clock.now().timestamp()))
    return f"{moment}.{_proof(moment, asked, keys)}"


def signed_in_since(asked: AuthorizationRequest, keys: Keys, auth_time: datetime) -> bool:
    """Whether the request carries a mark of ours, not too old, and the sign-in came after it."""
    moment, _, proof = asked.parameters.get(PARAMETER, "").partition(".")
    if not moment.isdigit() or not hmac.compare_digest(proof.encode(), _proof(moment, asked, keys).encode()):
        return False
    demanded_at = datetime.fromtimestamp(int(moment), UTC)
    return auth_time >= demanded_at and clock.now() <= demanded_at + _LONGEST_WAY


def _proof(moment: str, asked: AuthorizationRequest, keys: Keys) -> str:
    bound_to = (moment, asked.client.client_id, asked.redirect_uri, asked.state or "", asked.nonce or "")
    return keys.private_hash("\n".join(bound_to), "sign-in-demanded")
