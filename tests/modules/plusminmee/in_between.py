"""Two operations of which the second begins in the middle of the first, on both databases. Owns who waits for whom."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any


class InBetween:
    """The first is held where it calls what `held` wraps, until the other is done; or for a second, where that one waits for it."""

    def __init__(self) -> None:
        self._begun, self._done = Event(), Event()

    def held(self, wrapped: Callable[..., Any]) -> Callable[..., Any]:
        """To put in the place of a function that the first calls."""

        def slow(*given: Any) -> Any:
            self._begun.set()
            self._done.wait(1)
            return wrapped(*given)

        return slow

    def run(self, first: Callable[[], None], second: Callable[[], None]) -> None:
        """Both, each in a thread of its own; what one raises is raised."""

        def then() -> None:
            assert self._begun.wait(60), "the first never came there"
            second()
            self._done.set()

        with ThreadPoolExecutor(2) as both:
            for each in [both.submit(first), both.submit(then)]:
                each.result()
