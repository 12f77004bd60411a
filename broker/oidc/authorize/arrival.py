"""When an authorization request first came to this door.

A request that demands a new sign-in would demand it for ever when the browser comes back with it; a pushed request would
be over long before anybody has signed in. So whatever brings the browser back carries the moment at which the request
came in, with a proof that we said so and of which request. A sign-in after that moment fulfils a demand for a new one,
an older one never does; and what was in time at that moment stays so.
"""

import hmac
from datetime import UTC, datetime, timedelta

from broker import clock
from broker.keys import Keys
from broker.oidc.authorize.parameters import Parameters

MARK = "na"
STAYED = "wie"
LONGEST_VISIT = timedelta(minutes=30)

_OURS = frozenset({MARK, STAYED, "zoek", "taal"})  # written by our own pages beside the request
_BY_REFERENCE = ("request_uri", "request")


def arrived_at(given: Parameters, keys: Keys) -> datetime | None:
    """When this request came in, where it comes back with our mark and not too late; None at its first arrival."""
    mark = given.get(MARK)
    if mark is None:
        return None
    moment, _, proof = mark.partition(".")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        return None
    if not hmac.compare_digest(proof.encode(), _proof(moment, given, keys).encode()):
        return None
    arrival = datetime.fromtimestamp(int(moment), UTC)
    return arrival if clock.now() <= arrival + LONGEST_VISIT else None


def marked(given: Parameters, keys: Keys) -> list[tuple[str, str]]:
    """What goes on to a page and comes back from it: the request as the browser brought it, and the mark."""
    carried = [(name, value) for name, value in given.items(multi=True) if name not in ("zoek", "taal")]
    if arrived_at(given, keys) is not None:
        return carried
    moment = str(int(clock.now().timestamp()))
    kept = [(name, value) for name, value in carried if name not in _OURS]
    return [*kept, (MARK, f"{moment}.{_proof(moment, given, keys)}")]


def _proof(moment: str, given: Parameters, keys: Keys) -> str:
    names = next(((name, "client_id") for name in _BY_REFERENCE if name in given), None)
    bound_to = sorted(
        (name, value) for name, value in given.items(multi=True) if (name in names if names else name not in _OURS)
    )
    return keys.private_hash(repr((moment, bound_to)), "request arrived")
