"""GuardedAdapter: how a library that speaks `requests` goes through the guarded client (`http_client`) and no other way.

A file of its own, as `requests` is large: only what hands it to such a library loads it.
"""

from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from broker.http_client import HttpClient


class GuardedAdapter(BaseAdapter):
    """Lets a library that speaks `requests` (Authlib) go through the guarded client and no other way."""

    def __init__(self, client: HttpClient) -> None:
        super().__init__()
        self._client = client

    def send(self, request: requests.PreparedRequest, *_args: Any, **_settings: Any) -> requests.Response:
        """Send `request`; time-outs, proxies and certificates of the caller are not listened to.

        Raises:
            OutgoingError: as `HttpClient.send`.
        """
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {name: _text(value) for name, value in request.headers.items()}
        answer = self._client.send(request.method or "GET", request.url or "", headers, body)
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response.encoding = "utf-8"
        response.url = request.url or ""
        response.request = request
        response._content = answer.body
        return response

    def close(self) -> None:
        """Nothing is kept open between requests."""


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
