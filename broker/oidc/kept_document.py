"""KeptDocument: a public JSON document that is written once a change and served from memory (RFC 9110, 8.8 and 13).

Owns the entity tag, the answer to who has it already, and how long it may be kept. Does not own what it says.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Hashable
from dataclasses import replace
from hashlib import sha256

from broker.oidc.machine_door import MachineAnswer, MachineRequest, json_answer


class KeptDocument:
    """One document. `max_age` is how many seconds a reader may keep it."""

    def __init__(self, max_age: int) -> None:
        self._cache_control = ("Cache-Control", f"public, max-age={max_age}")
        self._kept: tuple[Hashable, str, MachineAnswer] | None = None

    def answer(self, request: MachineRequest, version: Hashable, make: Callable[[], object]) -> MachineAnswer:
        """The document of this `version`, made by `make` where it is another one than last time; 304 to who has it."""
        kept = self._kept
        if kept is None or kept[0] != version:
            kept = self._kept = self._written(version, make())
        _, tag, whole = kept
        asked = request.headers.get("If-None-Match")
        if asked is not None and (
            asked == "*" or tag in (each.strip().removeprefix("W/") for each in asked.split(","))
        ):
            return MachineAnswer(304, b"", whole.headers)
        return whole

    def _written(self, version: Hashable, document: object) -> tuple[Hashable, str, MachineAnswer]:
        answer = json_answer(document)
        tag = f'"{urlsafe_b64encode(sha256(answer.body).digest()[:12]).decode()}"'
        return version, tag, replace(answer, headers=(*answer.headers, self._cache_control, ("ETag", tag)))
