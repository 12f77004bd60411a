"""The only way out of an application: to its broker, briefly, and with little back.

Owns: time, size and redirect limits of every call (threats BC1, UP8). Does not own what is asked.
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests
from requests.auth import HTTPBasicAuth

LIMIT_SECONDS = 3.0
LIMIT_BYTES = 64 * 1024


class BrokerUnreachableError(Exception):
    """The broker did not answer in time, or not with what it should."""


class AnswerRefusedError(Exception):
    """The broker answered, with an error of RFC 6749 §5.2. The message is its code."""


def get_json(url: str) -> dict[str, Any]:
    """The JSON object at `url`.

    Raises:
        BrokerUnreachableError: no answer within three seconds, a redirect, more than 64 kB, or no JSON object.
    """
    status, answer = _call("GET", url)
    if status != 200:
        raise BrokerUnreachableError(f"status {status}")
    return answer


def post_form(url: str, form: Mapping[str, str], *, client_id: str, client_secret: str) -> dict[str, Any]:
    """Post a form as this client (client_secret_basic, RFC 6749 §2.3.1) and read the JSON answer.

    Raises:
        BrokerUnreachableError: as `get_json`, or a fault of the broker.
        AnswerRefusedError: the broker refuses.
    """
    auth = HTTPBasicAuth(quote(client_id, safe=""), quote(client_secret, safe=""))
    status, answer = _call("POST", url, data=form, auth=auth)
    if status in (400, 401):
        raise AnswerRefusedError(str(answer.get("error", "unknown"))[:64])
    if status != 200:
        raise BrokerUnreachableError(f"status {status}")
    return answer


def _call(method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
    until = time.monotonic() + LIMIT_SECONDS
    try:
        with requests.request(
            method,
            url,
            timeout=LIMIT_SECONDS,
            allow_redirects=False,
            stream=True,
            headers={"Accept": "application/json"},
            **more,
        ) as response:
            body = b""
            for part in response.iter_content(8192):
                body += part
                if len(body) > LIMIT_BYTES or time.monotonic() > until:
                    raise BrokerUnreachableError("too much or too slow")
            answer = json.loads(body)
    except (requests.RequestException, ValueError) as error:
        raise BrokerUnreachableError(type(error).__name__) from error
    if not isinstance(answer, dict):
        raise BrokerUnreachableError("no JSON object")
    return response.status_code, answer
