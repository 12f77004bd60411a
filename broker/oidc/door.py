"""The blueprint that every endpoint and page of this door hangs on."""

from flask import Blueprint

blueprint = Blueprint("oidc", __name__, static_folder="static", static_url_path="/op/static")
