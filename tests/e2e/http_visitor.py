"""One person without a browser: the same forms, sent as a browser without JavaScript sends them, to the running house.

Owns the way through the forms. Used where pictures and clicks add nothing, and to bring a house quickly into the state that a
browser test looks at.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import requests

from tests.e2e.cast import Identity, known
from tests.e2e.links import LIES, Link
from tests.worlds.browser import Live
from tests.worlds.client import FoundForm, forms_of

_PATIENCE_SECONDS = 30
_ACR = "http://itsme.services/v2/claim/acr_advanced"


@dataclass
class HttpVisitor:
    """`who`, in the house `live`. Every page that is got must be one; a status of 400 or more fails, unless it is asked for."""

    live: Live
    who: Identity
    browser: requests.Session = field(default_factory=requests.Session)
    waited_for_label: bool = False
    number: str = ""

    def get(self, address: str, status: int = 200) -> requests.Response:
        """A page, by its whole address or its path at the broker."""
        page = self.browser.get(urljoin(self.live.broker, address), timeout=_PATIENCE_SECONDS)
        assert page.status_code == status, f"{page.url}: {page.status_code}\n{plain(page)}"
        return page

    def submit(
        self,
        page: requests.Response,
        data: dict[str, Any] | None = None,
        *,
        form: str = "",
        press: tuple[str, str] | None = None,
        status: int = 200,
    ) -> requests.Response:
        """Send the form of `page` whose action holds `form`, with what stands in it, `data` and the pressed button."""
        chosen = form_of(page, form)
        fields = {**chosen.fields, **(data or {}), **(dict([press]) if press else {})}
        address = urljoin(page.url, chosen.action) if chosen.action else page.url
        answer = self.browser.post(address, data=fields, timeout=_PATIENCE_SECONDS)
        assert answer.status_code == status, f"{answer.url}: {answer.status_code}\n{plain(answer)}"
        return answer

    def sign_in(self, page: requests.Response | None = None) -> requests.Response:
        """At the choice of digital keys (or first go there): choose itsme, and be oneself; the page that comes then."""
        page = page or self.get("/aanmelden?verder=/taken")
        page = self.submit(page, form="/aanmelden/itsme")
        return self.submit(page, self._me(), press=("answer", "sign_in"))

    def way_back_from_key(self) -> str:
        """Sign in at itsme, but stay there: the address that it sends the browser back to."""
        page = self.submit(self.get("/aanmelden?verder=/taken"), form="/aanmelden/itsme")
        fields = {**form_of(page, "").fields, **self._me(), "answer": "sign_in"}
        answer = self.browser.post(page.url, data=fields, allow_redirects=False, timeout=_PATIENCE_SECONDS)
        assert answer.status_code == 303, plain(answer)
        return answer.headers["Location"]

    def _me(self) -> dict[str, str]:
        if self.who.user:
            return {"person": self.who.user, "acr": _ACR}
        return {
            "person": "other",
            "acr": _ACR,
            "given_name": self.who.given_name,
            "family_name": self.who.family_name,
            "national_number": self.who.number,
        }

    # Asking

    def ask(self, link: Link, centre: str = "De Werf", message: str = "") -> str:
        """Ask by `link` for its organisation, and confirm the address where it is new: the number of the request, open then."""
        self.sign_in(
            self.get(f"/aanmelden?verder={requests.utils.quote(link.path, safe='')}&toepassing=cultuurmonitor")
        )
        page = self.submit(self.get(link.path), self.answers(link.organisation, centre, message), press=SEARCH)
        page = self.submit(page, {"organisation": found_organisation(page, link.organisation)}, press=GO_ON)
        page = self.submit(page, press=SEND)
        if "/aanvraag/PW-" in page.url:
            return page.url.rpartition("/")[2]
        assert "Kijk in uw mailbox" in page.text, plain(page)
        return self.confirm_address()

    def ask_without_key(self, link: Link, centre: str = "De Werf") -> None:
        """Ask with a typed identity, up to the page that says to look in one's mailbox."""
        me = {"given_name": self.who.given_name, "family_name": self.who.family_name, "number": self.who.number}
        page = self.get(f"{link.path}&wie=getypt")
        page = self.submit(page, {**me, **self.answers(link.organisation, centre)}, press=SEARCH)
        page = self.submit(page, {"organisation": found_organisation(page, link.organisation)}, press=GO_ON)
        page = self.submit(page, press=SEND)
        assert "Kijk in uw mailbox" in page.text, plain(page)

    def answers(self, organisation: str, centre: str = "De Werf", message: str = "") -> dict[str, str]:
        """What is typed in the form, without the choice of an organisation."""
        typed = {"email": self.who.email, "zoek": organisation, "centre": centre}
        return typed | ({"message": message} if message else {})

    def confirm_address(self) -> str:
        """Press the button behind the first mail: the number of the request."""
        (mail, *_others) = self.live.mails_to(self.who.email)
        (address,) = [link for link in mail.links if "/link/" in link]
        page = self.submit(self.get(address), press=("doe", "bevestig"))
        assert "/aanvraag/PW-" in page.url, page.url
        return page.url.rpartition("/")[2]

    # Deciding

    def task_about(self, name: str) -> str:
        """The address of the open task about `name` (a person, or an organisation for a label)."""
        page = self.get("/taken")
        row = next(row for row in re.findall(r"<tr.*?</tr>", page.text, re.DOTALL) if name in row)
        found = re.search(r"/taken/[0-9a-f-]{36}", row)
        assert found, row
        return found.group()

    def decide(self, task: str, reason: str = "") -> requests.Response:
        """Approve, or reject with `reason`: the page that comes then."""
        answer = {"beslissing": "afkeuren", "reden": reason} if reason else {"beslissing": "goedkeuren"}
        return self.submit(self.get(task), answer, form="/beslis")


SEARCH = ("doe", "zoek")
GO_ON = ("doe", "verder")
SEND = ("doe", "verstuur")


def give_right(live: Live, who: Identity, link: Link) -> HttpVisitor:
    """The whole way to a right that holds: asked, approved, and the label with it where there is none. Who asked, signed in."""
    applicant = HttpVisitor(live, who)
    applicant.number = applicant.ask(link)
    administrator = HttpVisitor(live, known(link.administrator))
    administrator.sign_in()
    said = plain(administrator.decide(administrator.task_about(who.full_name)))
    if "label" in said:
        applicant.waited_for_label = True
        officer = HttpVisitor(live, known(LIES))
        officer.sign_in()
        officer.decide(officer.task_about(link.organisation))
    return applicant


def form_of(page: requests.Response, action: str) -> FoundForm:
    """The POST form of `page` whose action holds `action`; the one for signing out is no candidate for ""."""
    forms = [each for each in forms_of(page.text) if each.method == "post" and action in each.action]
    found = [each for each in forms if action or not each.action.endswith("/afmelden")]
    assert found, f"{page.url} holds no such form ({action})\n{plain(page)}"
    return found[0]


def found_organisation(page: requests.Response, name: str) -> str:
    """The code of the organisation that the search found under `name`."""
    for choice in re.findall(r'<div class="pw-choice.*?</label>', page.text, re.DOTALL):
        if f">{name}</label>" in choice:
            found = re.search(r'name="organisation" value="([^"]+)"', choice)
            assert found
            return found.group(1)
    raise AssertionError(f"{name} was not found\n{plain(page)}")


def plain(page: requests.Response) -> str:
    """The words of a page."""
    body = page.text.partition("<main")[2] or page.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()[:3000]
