"""Pages about the broker itself: privacy and accessibility, linked in every foot. Texts only; they say what is so."""

from flask import Blueprint, render_template

from broker.installation import installation

blueprint = Blueprint("about", __name__)


@blueprint.get("/privacy")
def privacy() -> str:
    """What is kept of whom, for how long, and whom to ask."""
    return render_template("about/privacy.html", helpdesk=installation().catalogue.helpdesk, application=None)


@blueprint.get("/toegankelijkheid")
def accessibility() -> str:
    """How the pages can be used, and whom to tell when they cannot."""
    return render_template("about/accessibility.html", helpdesk=installation().catalogue.helpdesk, application=None)
