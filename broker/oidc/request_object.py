"""The request object: a whole authorization request in a JWT that its client signed (RFC 9101).

Owns: what such an object must say of itself, and reading its parameters. Only by value: nothing is fetched from an address
that a request names (threats BC1). Does not own the client's keys (`client_keys`), nor what the parameters must say
(`authorize.authorization_request`).
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from authlib.oidc.core.errors import InvalidRequestObjectError
from werkzeug.datastructures import MultiDict

from broker.catalogue import Client
from broker.keys.jose import VERIFIED_ALGORITHMS, JoseError

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

REQUEST_OBJECT_ALGORITHMS = VERIFIED_ALGORITHMS
REQUEST_OBJECT_TYPE = "oauth-authz-req+jwt"
LONGEST_LIFE = timedelta(minutes=10)
_LONGEST_JTI = 255
_SKEW = timedelta(minutes=1)
_LAST_INSTANT = 2**33  # what can still be written as a date
_OF_THE_TOKEN = frozenset({"iss", "sub", "aud", "exp", "iat", "nbf", "jti"})
_NESTED = ("request", "request_uri")


@dataclass(frozen=True, slots=True)
class RequestObject:
    """A request that its client signed; `jti` is good for one answer."""

    parameters: MultiDict[str, str]
    jti: str
    expires_at: datetime

    def check_time(self, arrival: datetime) -> None:
        """It had not run out when it came, and was not made to last.

        Raises:
            InvalidRequestObjectError: it had, or was.
        """
        if arrival >= self.expires_at:
            raise _refused("expired")
        if self.expires_at > arrival + LONGEST_LIFE + _SKEW:
            raise _refused("lives_too_long")


def read_request_object(provider: "Provider", client: Client, text: str) -> RequestObject:
    """The object in `text`, signed by `client` for us. Its parameters are of one client, of this one.

    Raises:
        InvalidRequestObjectError: it is not that.
    """
    try:
        claims = provider.client_keys.verify(
            client,
            text,
            audience=provider.issuer,
            typ=REQUEST_OBJECT_TYPE,
            required=("exp", "jti", "client_id"),
            even_expired=True,  # what counts is when it came: `check_time`
            timeless=True,
        )
    except JoseError as error:
        raise _refused(error.reason) from error
    if claims["client_id"] != client.client_id:
        raise _refused("client_id_wrong")
    if not 0 < len(claims["jti"]) <= _LONGEST_JTI:
        raise _refused("jti_wrong")
    if any(name in claims for name in _NESTED):
        raise _refused("nested")
    if not 0 < claims["exp"] < _LAST_INSTANT:
        raise _refused("lives_too_long")
    return RequestObject(
        MultiDict({name: _text(value) for name, value in claims.items() if name not in _OF_THE_TOKEN}),
        claims["jti"],
        datetime.fromtimestamp(claims["exp"], UTC),
    )


def _text(value: Any) -> str:
    """A parameter as it would stand in an address: numbers written out (max_age), objects as JSON (claims)."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) or type(value) is int:
        return json.dumps(value, separators=(",", ":"))
    raise _refused("parameter_wrong")


def _refused(reason: str) -> InvalidRequestObjectError:
    return InvalidRequestObjectError(description=f"Request object refused: {reason}.")
