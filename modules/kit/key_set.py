"""The broker's public keys, kept in memory.

Owns: when they are asked again: when an unknown key id turns up, at most once a minute, and every five minutes; the last good
set serves for a day (UP8, OA11). A known key never waits for the broker. Does not own what a key is (tokens.py) nor where it
comes from (broker.py).
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from modules.kit.outgoing import BrokerUnreachableError

Key = TypeVar("Key")

ASK_AGAIN_SECONDS = 60
REFRESH_SECONDS = 300
STALE_SECONDS = 24 * 3600


class KeySet(Generic[Key]):
    """Keys by id. `fetch` gives the published keys, `read` makes (id, key) of one or None when it is not for us."""

    def __init__(
        self,
        fetch: Callable[[], Iterable[dict[str, Any]]],
        read: Callable[[dict[str, Any]], tuple[str, Key] | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._fetch = fetch
        self._read = read
        self._clock = clock
        self._asking = threading.Lock()
        self._keys: dict[str, Key] = {}
        self._asked_at = float("-inf")
        self._good_at = float("-inf")

    def find(self, kid: str) -> Key | None:
        """The key of this id, or None when the broker does not publish it.

        Raises:
            BrokerUnreachableError: the keys cannot be had, and this one is not kept.
        """
        age = self._clock() - self._good_at
        key = self._keys.get(kid) if age < STALE_SECONDS else None
        if key is not None and age < REFRESH_SECONDS:
            return key
        if self._asking.acquire(blocking=key is None):  # who knows the key goes on with it while another one asks
            try:
                key = self._ask_in_turn(kid)
            finally:
                self._asking.release()
        return key

    def _ask_in_turn(self, kid: str) -> Key | None:
        now = self._clock()
        known = kid in self._keys and now - self._good_at < REFRESH_SECONDS
        if not known and now - self._asked_at >= ASK_AGAIN_SECONDS:
            self._ask(now)
        if now - self._good_at >= STALE_SECONDS or (kid not in self._keys and self._asked_at > self._good_at):
            raise BrokerUnreachableError("no keys")  # it may well be published: we could not see
        return self._keys.get(kid)

    def _ask(self, now: float) -> None:
        self._asked_at = now
        try:
            published = list(self._fetch())
        except BrokerUnreachableError:
            return
        self._keys = dict(found for key in published if (found := self._read(key)) is not None)
        self._good_at = now
