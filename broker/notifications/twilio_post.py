"""TwilioPost: a message by SMS through Twilio, or whatever speaks its API at BROKER_TWILIO_URL.

Goes through the guarded client and no other way (threats BC1): Twilio's library makes the request, ours sends it. What
Twilio says is kept as its number alone; neither the telephone number nor the words stand in an error.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from broker.http_client import HttpClient, OutgoingError
from broker.notifications.post import NotNowError, RefusedError
from broker.settings import Settings

if TYPE_CHECKING:
    from twilio.rest import Client

SECONDS = 10.0
# What Twilio says when it was certainly not taken, and another time it may be: too many requests, a queue that is full.
_LATER = frozenset({429, 20429, 14107, 21611})
_NOT_ASKED = ("address_refused", "unknown_host")


class TwilioPost:
    """The account of BROKER_TWILIO_ACCOUNT_SID."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send_sms(self, number: str, words: str) -> None:
        """Hand one message over; returns only when Twilio has taken it.

        Raises:
            RefusedError: never to this number.
            NotNowError: not now.
        """
        from twilio.base.exceptions import TwilioException, TwilioRestException

        sender = self._settings.twilio_from or ""
        by = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
        try:
            self._client().messages.create(to=number, body=words, **by)
        except TwilioRestException as error:
            raise _said(error.status, error.code) from error
        except OutgoingError as error:
            reached = error.code not in (*_NOT_ASKED, "unreachable")
            raise NotNowError(f"sms {error.code}", unreachable=not reached, outcome_known=not reached) from error
        except TwilioException as error:
            raise NotNowError(f"sms {type(error).__name__}", outcome_known=False) from error

    def _client(self) -> "Client":
        from twilio.rest import Client

        settings = self._settings
        client = Client(
            settings.twilio_account_sid,
            settings.twilio_auth_token,
            region=settings.twilio_region,
            edge=settings.twilio_edge,
            http_client=_Guarded(HttpClient(development=settings.development, seconds=SECONDS)),
        )
        if settings.twilio_url is not None:
            client.api.base_url = settings.twilio_url
        return client


def _said(status: int, code: int | None) -> RefusedError | NotNowError:
    reason = f"sms {status} {code or ''}".strip()
    if status == 429 or code in _LATER:
        return NotNowError(reason)
    if status >= 500:
        return NotNowError(reason, outcome_known=False)
    if status in (401, 403) and code in (None, 20003, 20005):
        return NotNowError(reason, unreachable=True)  # our own account: put right by the operator
    return RefusedError(reason)


class _Guarded:
    """What Twilio's library asks of a client of HTTP."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_settings: Any,
    ) -> Any:
        """See `twilio.http.HttpClient.request`."""
        from twilio.http.response import Response

        address = f"{uri}?{urlencode(params)}" if params else uri
        given = {name: value for name, value in (headers or {}).items() if name.lower() != "accept-encoding"}
        if auth is not None:
            given["Authorization"] = _basic(*auth)
        answer = self._client.send(method, address, given, urlencode(data).encode() if data else None)
        return Response(answer.status, answer.body.decode("utf-8", "replace"), dict(answer.headers))


def _basic(user: str, secret: str) -> str:
    return "Basic " + b64encode(f"{user}:{secret}".encode()).decode()
