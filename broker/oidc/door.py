"""The blueprint that every page of this door hangs on, and the way back from what Authlib answers to Flask."""

from flask import Blueprint, Response

from broker.oidc.machine_door import MachineAnswer

blueprint = Blueprint("oidc", __name__, static_folder="static", static_url_path="/op/static")


def flask_answer(answer: MachineAnswer) -> Response:
    """What an endpoint of Authlib's answered, for the browser."""
    return Response(answer.body, answer.status, list(answer.headers))
