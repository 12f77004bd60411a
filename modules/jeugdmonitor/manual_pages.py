"""Pages: the manual with its chapter on respondents' privacy, and the charter. Public.

Owns: `/jeugdmonitor/handleiding` and `/jeugdmonitor/charter`. Does not own their words (manual.yaml).
"""

from flask import Blueprint, render_template

from modules.jeugdmonitor.manual import CHAPTERS, CHARTER, POINTS, PRIVACY

blueprint = Blueprint("manual", __name__, url_prefix="/jeugdmonitor")


@blueprint.get("/handleiding")
def show() -> str:
    """Every chapter on one page, each with its own address behind the #."""
    return render_template("jeugdmonitor/manual.html", chapters=CHAPTERS, points=POINTS, privacy=PRIVACY)


@blueprint.get("/charter")
def charter() -> str:
    """The charter, with its version."""
    return render_template("jeugdmonitor/charter.html", charter=CHARTER)
