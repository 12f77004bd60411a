"""The public page, and the addresses that people know (M16).

Owns: `/cultuurmonitor`, and the way there from `/` and `/ccinc`. Does not own what is behind the sign-in.
"""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from modules.kit import signed_in

blueprint = Blueprint("start", __name__)


@blueprint.get("/cultuurmonitor", strict_slashes=False)
def start() -> str:
    """What this is, for whom, and the button to sign in."""
    return render_template("cultuurmonitor/start.html", person=signed_in())


@blueprint.get("/")
@blueprint.get("/ccinc", strict_slashes=False)
def old_address() -> Response:
    """The address of before leads here for good."""
    return redirect(url_for("start.start"), 301)
