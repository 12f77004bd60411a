"""The broker as OpenID provider: one file an endpoint or grant, the clients, the claims, and signing out.

Owns: the protocol between an application and the broker (RFC 6749, 7636, 7523, 8414, 9068, 9207, OpenID Connect
Core and RP-Initiated Logout), and the pages on the way into an application: capacity, consent, no right. Does not
own signing in (web/, asked for by its address), sessions and codes (authentication/), nor what counts as a right
(access/).

Authlib brings the authorization server with its requests and errors, the frame of a grant, and the end of a session; where
it checks first and acts later, or is laxer than we are, the part is ours (docs/decisions/0013).
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy.orm import Session

from broker.authentication.tell_applications import EVENT, LOGOUT
from broker.database import db, reading_of
from broker.installation import Installation
from broker.notifications.channels import RECEIVER_PATIENCE, register_channel
from broker.oidc import logout
from broker.oidc.authorize import endpoint as authorize
from broker.oidc.authorize.straight_way import StraightWay
from broker.oidc.backchannel_logout import prepare_logout
from broker.oidc.door import blueprint
from broker.oidc.event_stream import prepare_event
from broker.oidc.machine_door import MachineDoor, Observe, Refusals
from broker.oidc.machine_endpoints import ENDPOINTS
from broker.oidc.machine_request import Headers
from broker.oidc.provider import Provider, provider
from serving.at_once import about_to_wait, take_part

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["authorize", "blueprint", "init_machine_door", "logout", "register_channels"]


def init_machine_door(
    app: Flask,
    installed: Installation,
    observe: Observe,
    refusals: Refusals | None,
    headers_at: Callable[[str], Headers],
) -> None:
    """Set the provider up and put the door for machines before `app`, and the straight way into an application; before
    whatever settles the name and the source address of a request, which then stand before them. `headers_at`: what every
    answer at a path carries."""
    with app.app_context():
        engine = db.engine
    made = Provider(installed, lambda: Session(bind=engine), reading_of(app), refusals)
    made.installed_in(app)
    straight = StraightWay(_by_a_thread(app.wsgi_app), app, made, headers_at, observe)
    app.wsgi_app = MachineDoor(straight, app, made, ENDPOINTS, observe)  # type: ignore[method-assign]
    take_part(app.extensions)


def _by_a_thread(pages: "WSGIApplication") -> "WSGIApplication":
    """`pages`, which are never answered at once: making one takes long, and may wait for anything."""

    def answered(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        about_to_wait()
        return pages(environ, start_response)

    return answered


def register_channels() -> None:
    """Tell the outbox how what applications are told leaves: signed by the provider of the running application."""
    register_channel(LOGOUT, lambda of, message: prepare_logout(provider(), of, message), RECEIVER_PATIENCE)
    register_channel(EVENT, lambda of, message: prepare_event(provider(), of, message), RECEIVER_PATIENCE)
