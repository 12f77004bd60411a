"""The answer to the client: a code or an error, with `state` and `iss` (RFC 9207), as query or form_post."""

from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

from authlib.oauth2 import OAuth2Error
from flask import Response, g, make_response, render_template
from werkzeug.urls import iri_to_uri

from broker.catalogue import Client
from broker.installation import installation
from broker.oidc.authorize.authorization_request import WayBack
from look.language import current_language


def answer_code(way_back: WayBack, client: Client, code: str) -> Response:
    """Tell the client the code."""
    return _answer(way_back, client, {"code": code})


def address_of_code(way_back: WayBack, issuer: str, code: str) -> str:
    """Where the browser goes with the code, where the answer is a query."""
    return _address(way_back, _told(way_back, issuer, {"code": code}))


def answer_error(way_back: WayBack, client: Client, error: OAuth2Error) -> Response:
    """Tell the client what was wrong."""
    answer = {"error": error.error}
    if description := error.get_error_description():
        answer["error_description"] = description
    return _answer(way_back, client, answer)


def only_leads_to(redirect_uri: str, *, and_here: bool = True) -> None:
    """The forms of this page end at this client's own origin and nowhere else, whatever stands in them.

    Chromium holds form-action over redirects too, so a form of ours that ends at the client needs its origin as well.
    """
    parts = urlsplit(redirect_uri)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
    g.form_targets = f"'self' {origin}" if and_here else origin


def _answer(way_back: WayBack, client: Client, answer: dict[str, str]) -> Response:
    told = _told(way_back, installation().settings.issuer, answer)
    if way_back.response_mode == "form_post":
        only_leads_to(way_back.redirect_uri, and_here=False)
        return make_response(
            render_template(
                "oidc/form_post.html",
                action=way_back.redirect_uri,
                fields=told,
                application=client.name.in_language(current_language()),
            )
        )
    return Response(status=303, headers={"Location": _address(way_back, told)})


def _told(way_back: WayBack, issuer: str, answer: dict[str, str]) -> dict[str, str]:
    told = {**answer, "iss": issuer}
    if way_back.state is not None:
        told["state"] = way_back.state
    return told


def _address(way_back: WayBack, told: dict[str, str]) -> str:
    sign = "&" if "?" in way_back.redirect_uri else "?"
    return f"{_written(way_back.redirect_uri)}{sign}{urlencode(told, quote_via=quote)}"


@lru_cache(maxsize=256)
def _written(redirect_uri: str) -> str:
    """As a Location header has it; this client's own, so that there are few."""
    return iri_to_uri(redirect_uri)
