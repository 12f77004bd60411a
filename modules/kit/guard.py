"""Who may see or do this: asked at each request, of the token of that moment.

Owns: `require_right`. Does not own what is refused with (error_pages.py) nor the way to the broker (sign_in.py).
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import request
from werkzeug.wrappers import Response

from modules.kit.kept_form import keep_form
from modules.kit.session import Presence, look_up
from modules.kit.sign_in import begin_sign_in

P = ParamSpec("P")
T = TypeVar("T")


class RightMissingError(Exception):
    """Somebody is signed in, but without a right that this needs. `rights` are the codes of those that would do."""

    def __init__(self, rights: tuple[str, ...]) -> None:
        super().__init__("right missing")
        self.rights = rights


def require_right(*rights: str) -> Callable[[Callable[P, T]], Callable[P, T | Response]]:
    """Let only somebody through whose token holds one of `rights` (codes, in the application's context) now.

    Somebody who is not signed in goes to the broker and comes back to this page; what was posted is kept meanwhile.

    Raises (in the view):
        RightMissingError: signed in without such a right.
        BrokerUnreachableError: the token cannot be verified now.
    """

    def decorate(view: Callable[P, T]) -> Callable[P, T | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T | Response:
            found = look_up()
            if found.person is not None:
                if not found.person.rights.intersection(rights):
                    raise RightMissingError(rights)
                return view(*args, **kwargs)
            posted = request.method not in ("GET", "HEAD")
            if posted and found.presence is not Presence.ABSENT:
                keep_form(found)
            back_to = request.path if posted or not request.query_string else request.full_path
            return begin_sign_in(back_to, found if found.presence is Presence.RUN_OUT else None)

        return guarded

    return decorate
