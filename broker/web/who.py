"""Who is at the gate, for the pages: the signed-in person, and the page that asks for a sign-in.

Owns `require_sign_in` and `require_recent_sign_in`, whether the proof is recent, and telling the audit who acts. Does not own the
session (authentication/) nor what the person may do.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from flask import Flask, g, redirect, request
from werkzeug.wrappers import Response

from broker import audit
from broker.authentication.session import SignedIn, cookie_token, current_session
from broker.authentication.touch_session import note_presence
from broker.installation import installation
from broker.web.requests import request_id, source_address

P = ParamSpec("P")
R = TypeVar("R")

RECENT = 15 * 60  # seconds

_NOBODY_ASKS = ("look", "health", "metrics")
_PROGRAMS = "/op/"
_ASKS_BY_ITSELF = "stay"  # how long somebody is still signed in; whoever presses the button there says so itself


def init_who(app: Flask) -> None:
    """Know who acts in every request of `app`; after `init_requests`."""
    app.before_request(_note_who_acts)


def signed_in() -> SignedIn | None:
    """The signed-in person, or None."""
    return current_session()


def require_sign_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Only somebody signed in sees `view`; others go to the sign-in page, which brings them back.

    A form sent after the session ended cannot be sent again by us: it comes back to the page that the form stood on.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if signed_in() is None:
            return redirect(sign_in_address(), code=303)
        return view(*args, **kwargs)

    return guarded


def require_recent_sign_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """The same, of somebody who proved within RECENT that it is them (lifecycles §9); others prove it anew and come back.

    For what a cookie alone should not do: showing a number, taking data along, appointing, applying many lines at once.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if signed_in() is None:
            return redirect(sign_in_address(), code=303)
        if not proved_recently():
            return redirect(sign_in_anew_address(), code=303)
        return view(*args, **kwargs)

    return guarded


def proved_recently() -> bool:
    """Whether somebody is signed in who proved within RECENT that it is them."""
    person = signed_in()
    return person is not None and person.satisfies(0, RECENT)


def sign_in_anew_address() -> str:
    """The sign-in page for who is signed in already: it asks for the proof again and leads back to this request's page."""
    return f"{sign_in_address()}&vers=1"


def sign_in_address(application_code: str | None = None) -> str:
    """The sign-in page that leads back to this request's page."""
    here = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else request.path
    address = f"/aanmelden?verder={quote(here, safe='')}"
    return f"{address}&toepassing={quote(application_code, safe='')}" if application_code else address


def _is_page_request() -> bool:
    """Whether the person asks for a page. What a program asks for, of theirs or of ours, keeps no session alive (threats PW11):
    a browser says so of itself; one that says nothing is believed."""
    if request.path.startswith(_PROGRAMS) or request.blueprint == _ASKS_BY_ITSELF:
        return False
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _note_who_acts() -> None:
    if request.blueprint in _NOBODY_ASKS or cookie_token() is None:
        return
    person = signed_in()
    if person is None:
        return
    g.acting.enter_context(
        audit.acting(
            audit.Acting(
                kind="person",
                person_id=person.person_id,
                source_address=source_address(),
                request_id=request_id(),
            )
        )
    )
    if _is_page_request():
        note_presence(installation(), person.session_id, person.last_seen)
