"""How long somebody is still signed in, and that they are still there: for the script that warns two minutes before.

Owns: the addresses `/aangemeld/nog` and `/aangemeld/blijven`, and what a page needs to ask them. Asking is no activity (threats
PW11); pressing the button is, and renews the session at the broker, which counts its own minutes. Does not own when a session ends
(session.py).
"""

from datetime import UTC, datetime

from flask import Blueprint, url_for

from look.language import gettext as _
from look.shell import Stay
from modules.kit.outgoing import BrokerUnreachableError
from modules.kit.refresh import can_renew, renew
from modules.kit.session import ASKS_BY_ITSELF, Found, Presence, look_again, look_up, note_presence
from modules.kit.state import kit

blueprint = Blueprint(ASKS_BY_ITSELF, __name__)

_THERE = (Presence.PRESENT, Presence.RUN_OUT, Presence.UNSURE)


def stay_here() -> Stay | None:
    """What the page needs; None for an application that does not warn."""
    application = kit().application
    if not application.warns_of_end:
        return None
    return Stay(
        seconds_left=_left(look_up()),
        left_url=url_for(f"{ASKS_BY_ITSELF}.left"),
        stay_url=url_for(f"{ASKS_BY_ITSELF}.stay"),
        sign_out_url=url_for("kit.sign_out"),
        sign_out_label=_("Uitloggen"),
        again_url=f"{application.path}/",
        covers=True,
    )


@blueprint.get("/aangemeld/nog")
def left() -> tuple[dict[str, int], int]:
    """The seconds that are left; 401 for whoever is not signed in."""
    return _answer(look_up())


@blueprint.post("/aangemeld/blijven")
def stay() -> tuple[dict[str, int], int]:
    """The person is still there; the seconds that are left now. 503 where the broker cannot be told: nothing has changed."""
    found = look_up()
    try:
        if can_renew(found):
            found = renew(found)
    except BrokerUnreachableError:
        return {"left": _left(found)}, 503
    if found.presence not in _THERE:
        return {"left": 0}, 401
    note_presence()
    return _answer(look_again())


def _answer(found: Found) -> tuple[dict[str, int], int]:
    if found.presence not in _THERE:
        return {"left": 0}, 401
    return {"left": _left(found)}, 200


def _left(found: Found) -> int:
    if found.ends_at is None:
        return 0
    return max(0, int((found.ends_at - datetime.now(UTC)).total_seconds()))
