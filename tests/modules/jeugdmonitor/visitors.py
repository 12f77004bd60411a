"""Browsers without JavaScript at the Jeugdmonitor: a coordinator's, and a respondent's.

Owns: following forms as a browser would. Does not own what is expected of the answers.
"""

import re
import uuid
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.modules.fake_broker import FakeBroker

BASE = "http://localhost:8002"
ROUNDS = "/jeugdmonitor/bevragingen"
PLAN = {
    "title": "Wat vind jij van Genk?",
    "introduction": "Met jouw antwoorden maken we Genk beter.",
    "lowest_age": "8",
    "highest_age": "14",
    "first_day": "2026-11-10",
    "last_day": "2026-12-18",
}
_BOXES = re.compile(r'<input type="checkbox"[^>]*name="question" value="([^"]+)" checked')


class Coordinator:
    """Follows to the broker and back, and fills in CSRF tokens and versions of the page that was looked at last."""

    def __init__(self, app: Flask, broker: FakeBroker) -> None:
        self.client: FlaskClient = app.test_client()
        self._broker = broker
        self._hidden: dict[str, str] = {}

    def sign_in(self, claims: dict[str, Any]) -> TestResponse:
        """Sign in as this person."""
        self._broker.person = claims
        return self.get("/jeugdmonitor/aanmelden")

    def get(self, path: str, *, follow: bool = True) -> TestResponse:
        """Open a page."""
        return self._arrive(self.client.get(path, base_url=BASE), follow)

    def post(
        self, path: str, form: dict[str, Any] | None = None, *, csrf: bool = True, follow: bool = True
    ) -> TestResponse:
        """Send a form."""
        hidden = self._hidden if csrf else {}
        return self._arrive(self.client.post(path, data={**hidden, **(form or {})}, base_url=BASE), follow)

    def begin_round(self, **changes: str) -> uuid.UUID:
        """Begin a round, and keep the questions that are proposed; returns its id."""
        self.get(f"{ROUNDS}/nieuw")
        page = self.post(f"{ROUNDS}/nieuw", {**PLAN, **changes})
        round_id = uuid.UUID(page.request.path.split("/")[3])
        self.choose(round_id, _BOXES.findall(page.text))
        return round_id

    def choose(self, round_id: uuid.UUID, codes: list[str]) -> TestResponse:
        """Choose these questions of the bank."""
        self.get(f"{ROUNDS}/{round_id}/vragen")
        return self.post(f"{ROUNDS}/{round_id}/vragen", {"question": codes})

    def open_round(self, round_id: uuid.UUID) -> TestResponse:
        """Read the points and the charter, tick both, open."""
        self.get(f"{ROUNDS}/{round_id}/openen")
        return self.post(f"{ROUNDS}/{round_id}/openen", {"points": "1", "charter": "1"})

    def close_round(self, round_id: uuid.UUID) -> TestResponse:
        """Close it for good."""
        self.get(f"{ROUNDS}/{round_id}/sluiten")
        return self.post(f"{ROUNDS}/{round_id}/sluiten")

    def _arrive(self, response: TestResponse, follow: bool) -> TestResponse:
        hops = 0
        while follow and response.status_code in (301, 302, 303) and hops < 10:
            hops += 1
            address = response.location
            if address.startswith(f"{self._broker.issuer}/v1/auth"):
                address = self._broker.authorize(address)
            elif address.startswith(self._broker.origin):
                return response
            response = self.client.get(address.removeprefix(BASE), base_url=BASE)
        names = ("csrf_token", "version")
        shown = {name: re.search(rf'name="{name}" value="([^"]+)"', response.text) for name in names}
        self._hidden |= {name: match[1] for name, match in shown.items() if match}
        return response


class Respondent:
    """Somebody who opens the link: keeps the cookie of the survey and sends what the pages ask."""

    def __init__(self, app: Flask, link_key: str, address: str = "203.0.113.7") -> None:
        self.client: FlaskClient = app.test_client()
        self.link = f"/v/{link_key}"
        self._from = {"REMOTE_ADDR": address}
        self.seen: list[TestResponse] = []
        self.page = self.get()

    def get(self, path: str = "") -> TestResponse:
        """Open a page of the survey, without following."""
        return self._arrive(self.client.get(self.link + path, base_url=BASE, environ_base=self._from))

    def post(self, path: str = "", form: dict[str, Any] | None = None, *, token: bool = True) -> TestResponse:
        """Send the form of the page that was looked at last."""
        hidden = {"teken": self._token} if token else {}
        return self._arrive(
            self.client.post(self.link + path, data={**hidden, **(form or {})}, base_url=BASE, environ_base=self._from)
        )

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where the answer leads."""
        assert response.status_code == 303, response.text
        return self.get(response.location.removeprefix(self.link))

    def begin(self, code: str = "") -> TestResponse:
        """Press the first button."""
        return self.follow(self.post("", {"code": code}))

    def answer(self, choose: int | None = 0, texts: str = "", **about: str) -> None:
        """Answer every question of every page with its option number `choose` (None skips), up to the last page."""
        page = self.get("/1")
        number = 1
        while "/klaar" not in page.request.path:
            form: dict[str, Any] = {}
            for field, block in _questions(page.text):
                values = re.findall(rf'name="{field}" value="([^"]+)"', block)
                if values and choose is not None:
                    form[field] = values[choose % len(values)]
                elif "<textarea" in block and texts:
                    form[field] = texts
            form |= {name: value for name, value in about.items() if f'name="{name}"' in page.text}
            page = self.follow(self.post(f"/{number}", {**form, "to": "on"}))
            number += 1

    def send(self) -> TestResponse:
        """Press the last button."""
        self.get("/klaar")
        return self.post("/klaar")

    def take_part(self, choose: int | None = 0, code: str = "", **about: str) -> TestResponse:
        """The whole way."""
        self.begin(code)
        self.answer(choose, **about)
        return self.follow(self.send())

    def _arrive(self, response: TestResponse) -> TestResponse:
        self.seen.append(response)
        found = re.search(r'name="teken" value="([^"]+)"', response.text)
        if found:
            self._token = found[1]
        return response


def _questions(text: str) -> list[tuple[str, str]]:
    """(field, HTML) of each question on a page."""
    blocks = re.split(r'(?=<fieldset class="pw-field jm-question)|(?=<div class="pw-field jm-question)', text)[1:]
    found = []
    for block in blocks:
        field = re.search(r'(?:name)="((?:q_\w+|age_group|gender))"', block)
        if field:
            found.append((unescape(field[1]), block))
    return found
