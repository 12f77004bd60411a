"""The public page: what PlusMinMee is for, Inloggen at the top right, whom to ask (W26).

Owns: `/plusminmee` and the way there from `/`. Does not own what is behind the sign-in.
"""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from modules.kit import signed_in

blueprint = Blueprint("start", __name__)


@blueprint.get("/plusminmee", strict_slashes=False)
def start() -> str:
    """Purpose, for whom, and the button to sign in."""
    return render_template("plusminmee/start.html", person=signed_in())


@blueprint.get("/")
def origin() -> Response:
    """The bare address leads here."""
    return redirect(url_for("start.start"), 301)
