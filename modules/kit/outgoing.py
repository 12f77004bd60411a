"""The only way out of an application: to its broker and the applications it calls, briefly, and with little back.

Owns: time, size and redirect limits of every call (threats BC1, UP8). Does not own what is asked, nor how it is proved
(client_proof.py, dpop.py).
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

LIMIT_SECONDS = 3.0
LIMIT_BYTES = 64 * 1024
REFUSALS = (400, 401)


class BrokerUnreachableError(Exception):
    """The broker did not answer in time, or not with what it should."""


class AnswerRefusedError(Exception):
    """The broker answered, with an error of RFC 6749 §5.2. The message is its code."""


@dataclass(frozen=True)
class Answer:
    """What came back. Header names are compared without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def object(self) -> dict[str, Any]:
        """The JSON object in the body.

        Raises:
            BrokerUnreachableError: there is none.
        """
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BrokerUnreachableError(type(error).__name__) from error
        if not isinstance(found, dict):
            raise BrokerUnreachableError("no JSON object")
        return found

    def granted(self) -> dict[str, Any]:
        """The JSON object of an answer that grants what was asked.

        Raises:
            AnswerRefusedError: the broker refuses.
            BrokerUnreachableError: anything else.
        """
        if self.status in REFUSALS:
            raise AnswerRefusedError(str(self.object().get("error", "unknown"))[:64])
        if self.status != 200:
            raise BrokerUnreachableError(f"status {self.status}")
        return self.object()


def get_json(url: str) -> dict[str, Any]:
    """The JSON object at `url`.

    Raises:
        BrokerUnreachableError: no answer within three seconds, a redirect, more than 64 kB, or no JSON object.
    """
    answer = call("GET", url, {"Accept": "application/json"})
    if answer.status != 200:
        raise BrokerUnreachableError(f"status {answer.status}")
    return answer.object()


def call(
    method: str,
    url: str,
    headers: Mapping[str, str],
    *,
    form: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """One call, with a form or a body or neither.

    Raises:
        BrokerUnreachableError: no answer within three seconds, or more than 64 kB.
    """
    until = time.monotonic() + LIMIT_SECONDS
    try:
        with requests.request(
            method,
            url,
            timeout=LIMIT_SECONDS,
            allow_redirects=False,
            stream=True,
            headers=dict(headers),
            auth=_nothing_from_netrc,
            data=body if form is None else dict(form),
        ) as response:
            received = b""
            for part in response.iter_content(8192):
                received += part
                if len(received) > LIMIT_BYTES or time.monotonic() > until:
                    raise BrokerUnreachableError("too much or too slow")
            return Answer(response.status_code, response.headers, received)
    except requests.RequestException as error:
        raise BrokerUnreachableError(type(error).__name__) from error


def _nothing_from_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """What proves us stands in the headers that we wrote; requests adds none of a file it finds."""
    return request
