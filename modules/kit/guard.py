"""Who may see or do this: asked at each request, of the token of that moment.

Owns: `require_right`. Does not own what is refused with (error_pages.py) nor the way to the broker (sign_in.py).
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, request
from werkzeug.wrappers import Response

from modules.kit.kept_form import keep_form
from modules.kit.outgoing import BrokerUnreachableError
from modules.kit.refresh import can_renew, renew
from modules.kit.session import Found, Presence, is_page_request, look_up
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

    Whose tokens have run out goes on with new ones. Somebody who is not signed in goes to the broker and comes back to this
    page; what was posted is kept meanwhile. What is not a page that a person asked renews nothing and gets 401.

    Raises (in the view):
        RightMissingError: signed in without such a right.
        BrokerUnreachableError: the token cannot be verified or renewed now.
    """

    def decorate(view: Callable[P, T]) -> Callable[P, T | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T | Response:
            before = look_up()
            found = _renewed(before)
            if found.person is not None:
                if not found.person.rights.intersection(rights):
                    raise RightMissingError(rights)
                return view(*args, **kwargs)
            if not is_page_request():
                abort(401)
            _keep_what_was_posted(before)
            if found.presence is Presence.UNSURE:
                raise BrokerUnreachableError("no keys")
            posted = request.method != "GET"
            back_to = request.path if posted or not request.query_string else request.full_path
            return begin_sign_in(back_to, before if before.presence is Presence.RUN_OUT else None)

        return guarded

    return decorate


def _renewed(found: Found) -> Found:
    """With new tokens where it needs them; once more when the broker told of a change while we asked."""
    for _attempt in range(2):
        if not can_renew(found) or not is_page_request():
            break
        try:
            found = renew(found)
        except BrokerUnreachableError:
            _keep_what_was_posted(found)
            raise
    return found


def _keep_what_was_posted(before: Found) -> None:
    if request.method != "GET" and before.presence is not Presence.ABSENT:
        keep_form(before)
