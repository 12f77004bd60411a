"""A browser without JavaScript at PlusMinMee.

Owns: following forms as a browser would. Does not own what is expected of the answers.
"""

import html
import re
import uuid
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.modules.fake_broker import FakeBroker

BASE = "http://localhost:8003"
GROUPS = "/plusminmee/jeugdgroepen"
GROUP = {
    "name": "Groep Stationsplein",
    "place": "Stationsplein",
    "purpose": "Overlast voorkomen en jongeren op weg helpen.",
    "retain_until": "2027-06-30",
}


class Visitor:
    """Follows to the broker and back, and fills in the CSRF token of the page that was looked at last."""

    def __init__(self, app: Flask, broker: FakeBroker) -> None:
        self.client: FlaskClient = app.test_client()
        self._broker = broker
        self._claims: dict[str, Any] = {}
        self._csrf = ""
        self._notes_over = ""

    @property
    def sees_notes(self) -> bool:
        """Whether the notes of a new version stand over the page that was looked at last."""
        return bool(self._notes_over)

    def sign_in(self, claims: dict[str, Any]) -> TestResponse:
        """Sign in as this person."""
        self._claims = claims
        return self.get("/plusminmee/aanmelden")

    def close_notes(self) -> TestResponse:
        """X on the notes of a new version, which stand over the page that was looked at last."""
        return self.post("/plusminmee/release-notes/gezien", {"terug": self._notes_over} if self._notes_over else {})

    def get(self, path: str, *, follow: bool = True) -> TestResponse:
        """Open a page."""
        return self._arrive(self.client.get(path, base_url=BASE), follow)

    def post(
        self, path: str, form: dict[str, Any] | None = None, *, csrf: bool = True, follow: bool = True
    ) -> TestResponse:
        """Send a form."""
        hidden = {"csrf_token": self._csrf} if csrf else {}
        return self._arrive(self.client.post(path, data={**hidden, **(form or {})}, base_url=BASE), follow)

    def make_group(self, name: str = GROUP["name"], **changes: str) -> uuid.UUID:
        """Make a group; returns its id."""
        self.get(f"{GROUPS}/nieuw")
        page = self.post(f"{GROUPS}/nieuw", {**GROUP, "name": name, **changes})
        assert page.status_code == 200, page.text
        return uuid.UUID(page.request.path.split("/")[3])

    def invite(self, group_id: uuid.UUID, email: str) -> TestResponse:
        """Invite this address into the group."""
        self.get(f"{GROUPS}/{group_id}/professionals")
        return self.post(f"{GROUPS}/{group_id}/professionals/uitnodigen", {"email": email})

    def accept(self) -> TestResponse:
        """Accept the first invitation there is."""
        return self._answer("aanvaarden")

    def decline(self) -> TestResponse:
        """Decline the first invitation there is."""
        return self._answer("afslaan")

    def add_youngster(self, group_id: uuid.UUID, name: str, **fields: Any) -> uuid.UUID:
        """Add a youngster to the group; returns their id."""
        self.get(f"{GROUPS}/{group_id}/jongeren/nieuw")
        page = self.post(f"{GROUPS}/{group_id}/jongeren/nieuw", {"name": name, **fields})
        assert page.status_code == 200, page.text
        found = re.search(rf'jongeren/([0-9a-f-]{{36}})">{re.escape(name)}</a>', page.text)
        assert found is not None
        return uuid.UUID(found[1])

    def place(self, group_id: uuid.UUID, youngster_id: uuid.UUID, place: str, why: str = "") -> TestResponse:
        """Place a youngster by the form."""
        self.get(f"{GROUPS}/{group_id}/methode")
        form = {"youngster": str(youngster_id), "place": place, "why": why}
        return self.post(f"{GROUPS}/{group_id}/methode/plaats", form)

    def _answer(self, answer: str) -> TestResponse:
        page = self.get("/plusminmee/uitnodigingen").text
        (path, *_others) = re.findall(r'action="(/plusminmee/uitnodigingen/[0-9a-f-]{36})"', page)
        return self.post(path, {"antwoord": answer})

    def _arrive(self, response: TestResponse, follow: bool) -> TestResponse:
        hops = 0
        while follow and response.status_code in (301, 302, 303) and hops < 10:
            hops += 1
            address = response.location
            if address.startswith(f"{self._broker.issuer}/v1/auth"):
                self._broker.person = self._claims
                address = self._broker.authorize(address)
            elif address.startswith(self._broker.origin):
                return response
            response = self.client.get(address.removeprefix(BASE), base_url=BASE)
        page = response.text if response.mimetype == "text/html" else ""
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        if found:
            self._csrf = found[1]
        over = re.search(r'name="terug" value="([^"]+)"', page)
        self._notes_over = html.unescape(over[1]) if over else ""
        return response
