"""Reading a form field by field, so that all that is wrong is told at once.

Owns: gathering. Does not own what a field may hold (typed.py and the forms).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict

from modules.plusminmee.refusals import RefusedError

T = TypeVar("T")


class Reading:
    """One form; `errors` are (field, sentence) in the order of reading."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        self._form = form
        self.errors: list[tuple[str, str]] = []

    def field(self, name: str, read: Callable[..., T], **how: Any) -> T | None:
        """What `read(typed, **how)` makes of it; None, and noted, where that refuses with a ValueError."""
        try:
            return read(self._form.get(name, ""), **how)
        except RefusedError as error:
            self.errors.append((name, str(error.words)))
            return None
        except ValueError as error:
            self.errors.append((name, str(error)))
            return None
