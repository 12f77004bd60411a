"""The public page, and the address of the tool itself.

Owns: `/jeugdmonitor`, and the way there from `/`. Does not own what is behind the sign-in.
"""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from modules.jeugdmonitor.about import ASK_ACCOUNT
from modules.kit import broker_page, signed_in

blueprint = Blueprint("start", __name__)


@blueprint.get("/jeugdmonitor", strict_slashes=False)
def start() -> str:
    """What this is, for whom, the button to sign in, the way to an account, the manual and the charter."""
    return render_template("jeugdmonitor/start.html", person=signed_in(), ask_account=broker_page(ASK_ACCOUNT))


@blueprint.get("/")
def address() -> Response:
    """The address of the tool leads to its start page."""
    return redirect(url_for("start.start"), 301)
