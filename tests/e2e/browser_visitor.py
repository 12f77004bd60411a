"""One person with a browser of their own, who does in it what the story asks: only what can be seen and clicked.

Owns the way through the pages, by their words. What must be true on a page is for the tests to say.
"""

import re
import uuid
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.e2e.cast import Identity
from tests.e2e.left_behind import TAKEN
from tests.worlds.browser import Live
from tests.worlds.inbox import Mail


@dataclass
class BrowserVisitor:
    """`who` at `page`, in the house `live`."""

    live: Live
    page: Page
    who: Identity

    # Signing in

    def sign_in(self, path: str = "/taken") -> None:
        """Go to a page of the broker that asks for a sign-in, and sign in."""
        self.page.goto(self.live.broker + path)
        self.use_key()

    def use_key(self, key: str = "itsme") -> None:
        """On the page that asks which digital key: choose one, and be oneself."""
        self.page.get_by_role("button", name=re.compile(rf"met {key}")).click()
        self.be_myself()

    def be_myself(self) -> None:
        """On the page of a digital key: say who one is."""
        if self.who.user:
            self.page.get_by_role("radio", name=self.who.full_name).check()
        else:
            self.page.get_by_role("radio", name="Iemand anders").check()
            self.page.get_by_label("Voornaam").fill(self.who.given_name)
            self.page.get_by_label("Familienaam").fill(self.who.family_name)
            self.page.get_by_label("Rijksregisternummer").fill(self.who.number)
        self.page.get_by_role("button", name="Meld aan", exact=True).click()

    # Taking along

    def take_along(self, button: Locator) -> bytes:
        """The file that a button or link brings. It stays in the house, where at the end everything is searched."""
        with self.page.expect_download() as coming:
            button.click()
        folder = self.live.house.data / TAKEN
        folder.mkdir(exist_ok=True)
        file = folder / f"{uuid.uuid4()}-{coming.value.suggested_filename}"
        coming.value.save_as(file)
        return file.read_bytes()

    # Asking

    def open_link(self, path: str) -> None:
        """Open a self-registration link and sign in with a digital key."""
        self.page.goto(self.live.broker + path)
        self.page.get_by_role("link", name="Aanmelden met een digitale sleutel").click()
        self.use_key()
        expect(self.page.get_by_role("heading", name="Toegang vragen")).to_be_visible()

    def fill_in(self, organisation: str, centre: str = "De Werf", search: str = "") -> None:
        """On the form: everything that is asked, with a press on "Zoek" as somebody without JavaScript does."""
        self.page.get_by_label("E-mailadres op het werk").fill(self.who.email)
        self.choose_organisation(organisation, search or organisation)
        name_it = self.page.get_by_label("Naam van het andere centrum")
        (name_it if name_it.count() else self.page.get_by_label("Voor welk cultuur- of gemeenschapscentrum?")).fill(
            centre
        )

    def choose_organisation(self, organisation: str, search: str) -> None:
        """Search with the button, and choose."""
        self.page.get_by_label("Voor welke organisatie werkt u?").fill(search)
        self.page.get_by_role("button", name="Zoek", exact=True).click()
        self.page.get_by_role("radio", name=organisation, exact=True).check()

    def send(self) -> None:
        """From the form over "Controleer en bevestig" to sent."""
        self.page.get_by_role("button", name="Verder naar nakijken").click()
        expect(self.page.get_by_role("heading", name="Controleer en bevestig")).to_be_visible()
        self.page.get_by_role("button", name="Bevestig en verstuur").click()

    def ask(self, path: str, organisation: str, centre: str = "De Werf") -> None:
        """The link, the form and the mailed button: until the request can be followed."""
        self.open_link(path)
        self.fill_in(organisation, centre)
        self.send()
        expect(self.page.get_by_role("heading", name="Kijk in uw mailbox")).to_be_visible()
        self.confirm_address()

    def confirm_address(self) -> None:
        """Open the link in the first mail, and press its button."""
        self.page.goto(self.first_mail().link_to(self.live.broker, "/link/"))
        self.page.get_by_role("button", name="Ja, dit adres is van mij").click()
        expect(self.page.get_by_role("heading", name="Waar staat uw aanvraag?")).to_be_visible()

    # Mail

    def first_mail(self) -> "MailToMe":
        """The first mail that came."""
        return MailToMe(self.live.mails_to(self.who.email)[0])

    def mail_about(self, words: str) -> "MailToMe":
        """The newest mail that holds these words; waits for it."""
        at_least = 1
        while True:
            mails = self.live.mails_to(self.who.email, at_least)
            found = [mail for mail in mails if words in f"{mail.subject}\n{mail.text}"]
            if found:
                return MailToMe(found[-1])
            at_least = len(mails) + 1

    # Deciding

    def open_task(self, applicant: str) -> None:
        """In Mijn taken: take the question of `applicant` on, which opens it."""
        self.page.goto(self.live.broker + "/taken")
        row = self.page.get_by_role("row").filter(has_text=applicant)
        row.get_by_role("button", name="Neem op").click()
        expect(self.page.get_by_role("heading", name="Uw beslissing")).to_be_visible()

    def approve(self) -> None:
        """On a task: approve."""
        self.page.get_by_role("radio", name="Goedkeuren").check()
        self.page.get_by_role("button", name="Bevestig uw beslissing").click()

    def reject(self, reason: str) -> None:
        """On a task: reject, and say why."""
        self.page.get_by_role("radio", name="Afkeuren").check()
        self.page.get_by_label("Waarom keurt u af?").fill(reason)
        self.page.get_by_role("button", name="Bevestig uw beslissing").click()

    # The Cultuurmonitor

    def enter_module(self, address: str = "") -> None:
        """From the start page of the Cultuurmonitor, as a mail links to it, with a sign-in where one is asked."""
        self.page.goto(address or f"{self.live.cultuurmonitor}/cultuurmonitor")
        self.page.get_by_role("link", name="Meld u aan").click()
        self.page.wait_for_url(re.compile(r"/aanmelden\?|/centra|/op/v1/auth"))
        if "/aanmelden?" in self.page.url:
            self.use_key()

    def add_centre(self, name: str) -> None:
        """From "Uw centra": add one."""
        self.page.get_by_role("link", name="Voeg een centrum toe").click()
        self.page.get_by_label("Naam van het centrum").fill(name)
        self.page.get_by_role("radio", name="Cultuurcentrum").check()
        self.page.get_by_role("button", name="Voeg toe").click()
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()

    def fill_in_figures(self, year: int, figures: dict[str, str]) -> None:
        """From the page of a centre: fill in figures of `year` by the code of their field, and save."""
        begin_or_go_on = self.page.get_by_role("link", name=re.compile(rf"(Vul in|Ga verder)\s*: {year}"))
        begun = begin_or_go_on.inner_text().startswith("Ga verder")
        begin_or_go_on.click()
        if begun:
            self.page.get_by_role("link", name=re.compile("Vul verder in|Wijzig nog iets")).click()
        for code, number in figures.items():
            self.page.locator(f"[name={code}]").fill(number)
        self.page.get_by_role("button", name="Bewaar en kijk na").click()
        expect(self.page.get_by_role("heading", name="Waar staat het?")).to_be_visible()


@dataclass(frozen=True)
class MailToMe:
    """A mail, read by a person: its words and its links."""

    mail: Mail

    @property
    def text(self) -> str:
        """The plain text."""
        return self.mail.text

    def link_to(self, origin: str, path: str = "") -> str:
        """The first address in it that begins with `origin` and `path`."""
        found = [link for link in self.mail.links if link.startswith(origin + path)]
        assert found, f"{self.mail.subject}: no link to {origin}{path} among {self.mail.links}"
        return found[0]


# The figures of one year that are in order, as somebody types them.
FIGURES = {
    "activities_own": "40",
    "activities_partners": "25",
    "activities_receptive": "15",
    "activities_total": "80",
    "visitors_total": "12.500",
    "tickets_paid": "9.000",
    "tickets_free": "1.250",
    "tickets_total": "10.250",
    "hirings_associations": "60",
    "hirings_others": "12",
    "hirings_total": "72",
    "staff_programme": "4,5",
    "staff_support": "6",
    "staff_total": "10,5",
    "income_own": "310.000",
    "income_subsidies": "640.000",
    "income_other": "12.500,50",
    "income_total": "962.500,50",
    "expense_staff": "520.000",
    "expense_programme": "260.000",
    "expense_running": "175.000",
    "expense_total": "955.000",
}
