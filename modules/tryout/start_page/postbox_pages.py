"""/postvak: the letters, one letter, and its HTML in a sandbox of its own."""

import re

from flask import Blueprint, Response, abort, render_template, request
from markupsafe import Markup

from modules.tryout.start_page.pages import this_house
from modules.tryout.start_page.postbox import Letter, letter, letters

blueprint = Blueprint("postbox", __name__, url_prefix="/postvak")

_PAGE = 50
# What a mail may do here: show itself in its own styles, and follow a link in the whole window when somebody clicks it.
_SANDBOX = "allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
_HTML_POLICY = (
    f"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'; sandbox {_SANDBOX}"
)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@blueprint.get("")
def inbox() -> str:
    """Newest first, searched by address or subject."""
    words = request.args.get("zoek", "")[:100]
    found = letters(this_house().inbox, words)
    try:
        start = max(0, int(request.args.get("vanaf", "0")))
    except ValueError:
        start = 0
    return render_template(
        "start_page/postbox.html",
        letters=found[start : start + _PAGE],
        words=words,
        start=start,
        total=len(found),
        page=_PAGE,
    )


@blueprint.get("/<name>")
def one(name: str) -> str:
    """One letter: its headers, its HTML and its text."""
    found = _found(name)
    return render_template(
        "start_page/letter.html", letter=found, sandbox=_SANDBOX, text=_with_links(found.text), house=this_house()
    )


@blueprint.get("/<name>/html")
def html(name: str) -> Response:
    """The HTML of a mail, for the frame in its page. It can run nothing and fetch nothing."""
    found = _found(name)
    if not found.html:
        abort(404)
    in_whole_window = found.html.replace("<head>", '<head><base target="_top">', 1)
    response = Response(in_whole_window, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _HTML_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _found(name: str) -> Letter:
    found = letter(this_house().inbox, name)
    if found is None:
        abort(404)
    return found


def _with_links(text: str) -> Markup:
    """The text with its addresses to click on; everything else is text."""
    parts: list[Markup] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        parts.append(Markup.escape(text[end : match.start()]))
        parts.append(Markup('<a href="{0}">{0}</a>').format(match.group()))
        end = match.end()
    parts.append(Markup.escape(text[end:]))
    return Markup("").join(parts)
