"""The start page itself: the story in steps, the eight links, who is who."""

from flask import Blueprint, Response, current_app, render_template

from modules.tryout.house import House
from modules.tryout.start_page.story import kinds, people

blueprint = Blueprint("pages", __name__)


def this_house() -> House:
    """The house that this start page belongs to."""
    house = current_app.extensions["house"]
    assert isinstance(house, House)
    return house


@blueprint.get("/")
def story() -> str:
    """The whole story on one page."""
    return render_template("start_page/story.html", house=this_house(), kinds=kinds(), people=people())


@blueprint.get("/health/live")
def live() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")
