"""Who is acting, from where, in which request: set once by a door, read by every event of that request."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acting:
    """The acting one. `kind`: person, applicant (nobody signed in), operator (command line), application or system."""

    kind: str = "system"
    person_id: uuid.UUID | None = None
    label: str | None = None
    source_address: str | None = None
    request_id: str | None = None


_SYSTEM = Acting()
_acting: ContextVar[Acting] = ContextVar("acting", default=_SYSTEM)


def current_acting() -> Acting:
    """Who is acting now; the system itself when no door said otherwise."""
    return _acting.get()


@contextmanager
def acting(who: Acting) -> Iterator[None]:
    """Everything inside happens on behalf of `who`."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)
