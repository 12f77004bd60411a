"""The logout token (OpenID Back-Channel Logout 1.0): made at delivery, sent to the application whose session is over.

Owns the channel "logout" of the outbox. Every delivery of one message carries the same `jti`; the rest is of the moment. Does
not own when a session ends (`authentication.revoke_client_sessions`) nor the retries (notifications/).
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from broker import clock
from broker.installation import Installation
from broker.keys.jose import JoseError, sign
from broker.notifications.channels import HandOver
from broker.notifications.outbox_message import OutboxMessage
from broker.notifications.post import NotNowError, RefusedError
from broker.oidc.call_receiver import call_receiver

if TYPE_CHECKING:
    from broker.catalogue import Client
    from broker.oidc.provider import Provider

LOGOUT_TOKEN_TYPE = "logout+jwt"  # noqa: S105  a media type
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME = 120
_TAKEN = (200, 204)


def prepare_logout(provider: "Provider", installation: Installation, message: OutboxMessage) -> HandOver | None:
    """The logout token of one message, ready to leave; None where the policy no longer says where to."""
    client = installation.catalogue.clients.get(message.recipient or "")
    if client is None or not client.backchannel_logout_uri:
        return None
    facts = message.facts or {}
    now = int(clock.now().timestamp())
    claims = {
        "iss": provider.issuer,
        "aud": client.client_id,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": str(message.id),
        "events": {LOGOUT_EVENT: {}},
        "sub": facts["sub"],
        "sid": facts["sid"],
    }
    body = urlencode({"logout_token": signed_for(provider, client, claims, LOGOUT_TOKEN_TYPE)})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}

    def send() -> None:
        answer = call_receiver(installation, client, client.backchannel_logout_uri, headers, body, _TAKEN)
        if answer.status == 400:
            raise RefusedError("status_400")

    return send


def signed_for(provider: "Provider", client: "Client", claims: dict[str, Any], typ: str) -> str:
    """`claims` signed as the client's own tokens are.

    Raises:
        NotNowError: no key signs at this moment.
    """
    try:
        return sign(claims, provider.ring.signing(client.signing_algorithm), typ)
    except JoseError as error:
        raise NotNowError(error.reason, unreachable=True) from error


def metadata(_provider: "Provider") -> dict[str, Any]:
    """What discovery says of it."""
    return {"backchannel_logout_supported": True, "backchannel_logout_session_supported": True}
