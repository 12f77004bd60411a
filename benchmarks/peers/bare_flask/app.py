"""The floor under every figure: a Flask view that reads nothing and answers a kilobyte of JSON."""

import json

from flask import Flask, Response

_BODY = json.dumps({"filler": "x" * 1000})

app = Flask(__name__)


@app.route("/bare", methods=["GET", "POST"])
def bare() -> Response:
    """The one view."""
    return Response(_BODY, mimetype="application/json")
