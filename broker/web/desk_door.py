"""The door of the desk: whoever decides about an application must have proved who they are as strongly as its users must.

Owns asking for a stronger digital key before a page of the desk (threats AP4, PW6). Does not own what level that is
(`access.desk_level`) nor whether the person has a mandate at all, which every operation asks.
"""

from collections.abc import Collection

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from broker.access.desk_level import desk_level, strictest_level
from broker.access.own_pools import own_pools
from broker.database import db
from broker.installation import installation
from broker.web.who import sign_in_address, signed_in


def init_desk_door(app: Flask, desk: Collection[str]) -> None:
    """Guard the blueprints of these names in `app`; after `init_who`."""

    def ask_for_a_stronger_key() -> Response | None:
        person = signed_in() if request.blueprint in desk else None
        catalogue = installation().catalogue
        if person is None or person.satisfies(strictest_level(catalogue)):
            return None  # nobody, whom the page itself sends to sign in; or a sign-in that is enough for every desk
        least = desk_level(catalogue, own_pools(db.session(), person.person_id))
        if person.satisfies(least):
            return None
        return redirect(f"{sign_in_address()}&niveau={least}", code=303)

    app.before_request(ask_for_a_stronger_key)
