"""/aangemeld: how long somebody is still signed in, and that they are still there (issue 5: a warning two minutes before).

For the script of the page, which warns before the ninety minutes are over. Asking is no activity (threats PW11); pressing the
button is. Owns these two addresses and what a page needs to ask them; when a session ends is authentication/'s.
"""

from flask import Blueprint, request

from broker import clock
from broker.authentication.session import SignedIn, signed_in_at
from broker.authentication.touch_session import note_presence
from broker.catalogue import LOCAL_ACCOUNT
from broker.database import reading
from broker.installation import installation
from broker.web.who import signed_in
from look.language import gettext as _
from look.shell import Stay

blueprint = Blueprint("stay", __name__)

LEFT_PATH = "/aangemeld/nog"
STAY_PATH = "/aangemeld/blijven"


def stay_of(who: SignedIn) -> Stay | None:
    """What the page of somebody with a local account needs; None for others, whose digital key lets them in again at once."""
    if who.provider_code != LOCAL_ACCOUNT:
        return None
    return Stay(
        seconds_left=_left(who),
        left_url=LEFT_PATH,
        stay_url=STAY_PATH,
        sign_out_url="/afmelden",
        sign_out_label=_("Afmelden"),
        again_url=request.path,
    )


@blueprint.get(LEFT_PATH)
def left() -> tuple[dict[str, int], int]:
    """The seconds that are left; 401 for whoever is not signed in."""
    who = signed_in()
    return ({"left": _left(who)}, 200) if who is not None else ({"left": 0}, 401)


@blueprint.post(STAY_PATH)
def stay() -> tuple[dict[str, int], int]:
    """The person is still there; the seconds that are left now."""
    who = signed_in()
    if who is None:
        return {"left": 0}, 401
    note_presence(installation(), who.session_id, who.last_seen)
    with reading() as connection:
        there = signed_in_at(request.environ, installation(), connection)
    return ({"left": _left(there)}, 200) if there is not None else ({"left": 0}, 401)


def _left(who: SignedIn) -> int:
    return max(0, int((who.ends_at - clock.now()).total_seconds()))
