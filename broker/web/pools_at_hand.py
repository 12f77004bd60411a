"""What the signed-in person decides, read once for a page and the menu around it. Never what an operation decides by: that reads
again, under its locks."""

from flask import request

from broker.access.own_pools import OwnPools, own_pools
from broker.database import db
from broker.web.actor import actor

_KEPT = "poortwachter.pools"


def pools_at_hand() -> OwnPools:
    """For a page that is being written; after whatever this request changes."""
    found = request.environ.get(_KEPT)
    if not isinstance(found, OwnPools):
        found = request.environ[_KEPT] = own_pools(db.session(), actor())
    return found
