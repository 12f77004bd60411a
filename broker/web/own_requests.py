"""/mijn-aanvragen: what the signed-in person asked, with a way to each page. Reads only."""

from flask import Blueprint, render_template

from broker.access.own_requests import own_requests
from broker.database import db
from broker.installation import installation
from broker.web.actor import actor
from broker.web.task_view import right_name
from broker.web.who import require_sign_in

blueprint = Blueprint("own_requests", __name__)

PATH = "/mijn-aanvragen"


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """The list, newest first."""
    catalogue = installation().catalogue
    return render_template(
        "tasks/own_requests.html",
        requests=[
            (each, right_name(catalogue, each.application_code, each.right_code))
            for each in own_requests(db.session(), actor())
        ],
    )
