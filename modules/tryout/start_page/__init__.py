"""The start page of the try-out, and its local inbox.

Owns: the story with a link for every role, and the pages that show what left the broker. Reads the folder of the inbox
and nothing else; answers only to this machine, because what lies in that folder opens doors.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from look.language import gettext as _
from look.shell import Brand, Frame, MenuItem, init_look
from modules.tryout.house import House
from modules.tryout.start_page import pages, postbox_pages

_TRANSLATIONS = Path(__file__).parents[2] / "translations" / "en.po"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def create_app(house: House) -> Flask:
    """The start page of `house`."""
    app = Flask(__name__)
    app.extensions["house"] = house
    init_look(
        app,
        brand=Brand(
            "Poortwachter", "alles om uit te proberen", footer="Alles draait op deze computer. Niemand hier is echt."
        ),
        translations=[_TRANSLATIONS] if _TRANSLATIONS.exists() else [],
        frame=_frame,
    )
    app.before_request(_only_this_machine)
    app.after_request(_set_headers)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(postbox_pages.blueprint)
    return app


def _frame() -> Frame:
    def item(label: str, path: str, here: Callable[[str], bool]) -> MenuItem:
        return MenuItem(label, path, current=here(request.path))

    return Frame(
        menu=[
            item(_("Het verhaal"), "/", lambda path: path == "/"),
            item(_("Postvak"), "/postvak", lambda path: path.startswith("/postvak")),
        ]
    )


def _only_this_machine() -> None:
    """Refuse other names for this machine: a page elsewhere must not read the inbox through a name it owns."""
    if urlsplit(f"//{request.host}").hostname not in _LOOPBACK:
        abort(400)


def _set_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
