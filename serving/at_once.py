"""At once: an answer given on the thread that holds every connection of a worker, and that therefore waits for nobody.

Owns the state of that thread while it answers, and the way out of it. `serving` answers so what it can, without handing
the request to another thread; whatever would wait (for a lock, another program, the network) calls `about_to_wait` first, and the
same request is then answered from its beginning by a thread that may wait. That can be done only while nothing was changed:
after a change (`changed`) what must wait waits, as a request is never done twice.

Does not own what is worth trying so: an application says that it takes part (`take_part`), and everything in it that waits asks.
"""

import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

_EXTENSION = "poortwachter_at_once"


class MustWaitError(BaseException):
    """This request needs a thread that may wait; nothing was changed. No error: nothing that handles those may swallow it."""


class _State(threading.local):
    """Whether this thread is answering at once, and may still turn back."""

    fresh = False


_state = _State()


@contextmanager
def answering_at_once() -> Iterator[None]:
    """Answer one request without waiting.

    Raises:
        MustWaitError: out of the block, where that could not be done.
    """
    _state.fresh = True
    try:
        yield
    finally:
        _state.fresh = False


def may_wait() -> bool:
    """Whether this thread may wait: it is one of those that do, or what it began can no longer be begun again."""
    return not _state.fresh


def about_to_wait() -> None:
    """Call this before anything that may wait, or that a second try would do twice.

    Raises:
        MustWaitError: this thread may not.
    """
    if _state.fresh:
        raise MustWaitError


def changed() -> None:
    """Something was changed for the request in hand: from here on there is no way back."""
    _state.fresh = False


def take_part(extensions: MutableMapping[str, Any]) -> None:
    """Whatever waits in the application with these extensions asks `about_to_wait` first."""
    extensions[_EXTENSION] = True


def takes_part(application: object) -> bool:
    """Whether `application` may be asked to answer at once."""
    return _EXTENSION in getattr(application, "extensions", ())
