"""A browser without JavaScript: Flask's test client, each request in a context of its own, forms filled in as a person would.

It asks as the server does: at once first, and then, where that cannot be, as a thread that may wait.
"""

import contextvars
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.database import db
from serving.at_once import MustWaitError, answering_at_once, takes_part


class ClientForTests(FlaskClient):
    """Requests do not share `g`, the database session or the audit's actor with the test; afterwards the test sees their changes.

    `submit` sends the form of a page with its hidden fields, as a browser would.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # type: ignore[override]
        response = contextvars.Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()
        return response

    def run_wsgi_app(self, environ: Any, buffered: bool = False) -> tuple[Iterable[bytes], str, Any]:
        """As `serving` puts a request to the application. The thread that answers at once is one."""
        if not takes_part(self.application) or threading.current_thread() is not threading.main_thread():
            return super().run_wsgi_app(environ, buffered)
        begin = environ["wsgi.input"].tell()
        try:
            with answering_at_once():
                return super().run_wsgi_app(dict(environ), buffered)
        except MustWaitError:
            environ["wsgi.input"].seek(begin)
            return super().run_wsgi_app(environ, buffered)

    def submit(
        self,
        page: TestResponse,
        data: dict[str, Any] | None = None,
        *,
        form: int | str = 0,
        press: str | tuple[str, str] | None = None,
        **kwargs: Any,
    ) -> TestResponse:
        """POST (or GET) a form of `page`: what stands in it, changed by `data`.

        `form` is its place among the forms with a POST, or a part of its action. `press` is the name (or name and value)
        of the button.
        """
        forms = [each for each in forms_of(page.text) if each.method == "post"]
        chosen = next(each for each in forms if form in each.action) if isinstance(form, str) else forms[form]
        fields: dict[str, Any] = {**chosen.fields, **(data or {})}
        if press is not None:
            name, value = press if isinstance(press, tuple) else (press, chosen.buttons.get(press, "1"))
            fields[name] = value
        action = chosen.action or page.request.path + (
            f"?{page.request.query_string.decode()}" if page.request.query_string else ""
        )
        return self.post(action, data={k: v for k, v in fields.items() if v is not None}, **kwargs)

    def csrf_token(self, path: str) -> str:
        """The form token in the page at `path`."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found, f"{path} holds no form"
        return found.group(1)


Client = ClientForTests


@dataclass
class FoundForm:
    """One form of a page: where it goes and what stands in it."""

    action: str
    method: str
    fields: dict[str, Any] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self._inside: FoundForm | None = None
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = FoundForm(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._inside)
        if self._inside is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "button" and name:
            self._inside.buttons.setdefault(name, given.get("value", ""))
        elif tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("submit", "image"):
                self._inside.buttons.setdefault(name, given.get("value", ""))
            elif kind not in ("checkbox", "radio") or "checked" in given:
                self._inside.fields[name] = given.get("value", "on" if kind in ("checkbox", "radio") else "")
        elif tag == "textarea" and name:
            self._textarea = name
            self._inside.fields[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._inside.fields):
            self._inside.fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea and self._inside is not None:
            self._inside.fields[self._textarea] += data.removeprefix("\n")


def forms_of(html: str) -> list[FoundForm]:
    """Every form of a page, in order."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms
