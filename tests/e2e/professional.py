"""A professional of PlusMinMee with a browser of their own: signing in with a password and an SMS, and what is done in the tool.

Owns the way through those pages, by their words, on a wide screen and on a phone. What must be true on a page is for the tests.
"""

import re
from datetime import date

from playwright.sync_api import FilePayload, expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import Identity
from tests.e2e.http_visitor import HttpVisitor
from tests.modules.plusminmee.pictures import telephone_photo

PASSWORD = "Zeven-Paarse-Walvissen-7"
ELZEVOORDE, USER_RIGHT = "NLELZEVOORDE", "PMM_NL_Gebruiker_Gemeente"


class Professional(BrowserVisitor):
    """A visitor who has or gets an account for PlusMinMee, or comes with a digital key."""

    user_name: str = ""
    codes: int = 0

    @property
    def tool(self) -> str:
        """The start page of PlusMinMee."""
        return f"{self.live.house.plusminmee}/plusminmee"

    # Coming in

    def choose_password(self) -> None:
        """Through the link in the first mail; then prove the mobile number."""
        self.page.goto(self.first_mail().link_to(self.live.broker, "/link/"))
        self.user_name = self.page.locator("input[name=username]").input_value()
        self.page.get_by_label("Nieuw wachtwoord").fill(PASSWORD)
        self.page.get_by_label("Nog een keer").fill(PASSWORD)
        self.page.get_by_role("button", name="Bewaar het wachtwoord").click()
        self.type_code()
        expect(self.page.get_by_role("heading", name="U kunt inloggen")).to_be_visible()

    def type_code(self) -> None:
        """The code of the SMS that comes now."""
        expect(self.page.get_by_role("heading", name="Vul de code uit uw sms in")).to_be_visible()
        self.codes += 1
        found = re.search(r"\d{6}", self.live.texts_to(self.who.mobile, self.codes)[-1])
        assert found
        self.page.get_by_label("Code van 6 cijfers").fill(found.group())
        self.page.get_by_role("button", name="Controleren").click()

    def log_in(self) -> None:
        """From the start page of the tool, with user name, password and SMS."""
        self.page.goto(self.tool)
        self.page.get_by_role("link", name="Inloggen").click()
        self.page.get_by_label("Gebruikersnaam").fill(self.user_name)
        self.page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
        self.page.get_by_label(re.compile("Ik ben op de hoogte van het doel")).check()
        self.page.get_by_role("button", name="Log In").click()
        self.type_code()

    def enter_with_key(self) -> None:
        """From the start page of the tool, with a digital key."""
        self.page.goto(self.tool)
        self.page.get_by_role("link", name="Inloggen").click()
        self.page.get_by_role("link", name="Liever met een digitale sleutel?").click()
        self.use_key()

    def close_changes(self) -> None:
        """The screen of changes, where it stands: close it with X."""
        close = self.page.get_by_role("button", name="Sluit de wijzigingen")
        expect(close.or_(self.page.get_by_role("heading", name="Jeugdgroepen", exact=True)).first).to_be_visible()
        if close.is_visible():
            close.click()

    # Getting about

    def open_menu(self) -> None:
        """On a phone: the drawer with the menu."""
        drawer = self.page.locator("details.pw-drawer > summary")
        menu = self.page.get_by_role("navigation", name="Hoofdmenu")
        expect(drawer.or_(menu).filter(visible=True).first).to_be_visible()
        if drawer.is_visible():
            drawer.click()

    def go_to(self, entry: str) -> None:
        """An entry of the menu, at the side or in the drawer."""
        self.open_menu()
        menu = self.page.get_by_role("navigation", name="Hoofdmenu").filter(visible=True)
        menu.get_by_role("link", name=re.compile(f"^{entry}")).click()

    def open_part(self, name: str) -> None:
        """A part of the group."""
        parts = self.page.get_by_role("navigation", name="Onderdelen van de groep")
        parts.get_by_role("link", name=name, exact=True).click()

    def sign_out(self) -> None:
        """Uitloggen."""
        self.open_menu()
        self.page.get_by_role("button", name="Uitloggen").filter(visible=True).click()

    # What is done in the tool

    def make_group(self, name: str, place: str, until: date) -> None:
        """From Jeugdgroepen: make a group."""
        self.page.get_by_role("link", name="Maak een groep").click()
        self.page.get_by_label("Naam van de groep").fill(name)
        self.page.get_by_label("Waar komt de groep samen?").fill(place)
        self.page.get_by_label("Waarvoor volgt u deze groep?").fill("Overlast voorkomen en jongeren op weg helpen.")
        self.page.get_by_label("Bewaren tot").fill(until.isoformat())
        self.save()

    def invite(self, address: str) -> None:
        """On Professionals: invite."""
        self.page.get_by_label("E-mailadres van de professional").fill(address)
        self.page.get_by_role("button", name="Nodig uit").click()

    def add_youngster(self, name: str, *, kopstuk: bool = False) -> None:
        """On Jongeren: add one, with a photo."""
        self.page.get_by_role("link", name="+ Jongere toevoegen").click()
        self.page.get_by_label("Volledige naam").fill(name)
        self.page.get_by_label("Geboortedatum").fill("2010-03-04")
        if kopstuk:
            self.page.get_by_label("Kopstuk").check()
        photo: FilePayload = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": telephone_photo()}
        self.page.get_by_label("Foto").set_input_files(photo)
        self.save()

    def propose(self, youngster: str, wanted: str, why: str) -> None:
        """On Methode voorstellen: propose it."""
        self.page.get_by_role("link", name="Methode voorstel doen").click()
        self.page.get_by_label("Jongere", exact=True).select_option(label=youngster)
        self.page.get_by_role("radio", name=wanted).check()
        self.page.get_by_label("Uw voorstel").fill(why)
        self.save()

    def take_over(self, youngster: str) -> None:
        """On Methode voorstellen: open the proposal about this youngster, and take it over."""
        self.page.get_by_role("link", name=re.compile(rf"^Openen\b.*{youngster}")).click()
        self.page.get_by_role("radio", name="Overnemen").check()
        self.page.get_by_role("button", name="Bewaar de beslissing").click()

    def add_intervention(self, youngster: str, words: str, remind_on: date) -> None:
        """On Interventies: add one for oneself, with a reminder."""
        self.page.get_by_role("link", name="Interventie toevoegen").click()
        self.page.get_by_role("radio", name="+ interventie").check()
        self.page.get_by_label("Groep / Deelnemer").select_option(label=youngster)
        self.page.get_by_label("Interventie", exact=True).fill(words)
        self.page.get_by_label("Actiepunt voor").select_option(label=self.who.full_name)
        self.page.get_by_label("Herinnering").fill(remind_on.isoformat())
        self.page.get_by_role("button", name="Opslaan").first.click()  # at the top right, where the screen is wide

    def post(self, words: str, attachment: FilePayload) -> None:
        """On Berichten: post a message with an attachment."""
        self.page.get_by_role("link", name="+ Bericht plaatsen").click()
        self.page.get_by_label("Uw bericht").fill(words)
        self.page.get_by_label("Bijlage bijvoegen").set_input_files(attachment)
        self.save()

    def save(self) -> None:
        """Opslaan, under the form."""
        self.page.get_by_role("button", name="Opslaan").last.click()


def add_with_account(administrator: HttpVisitor, who: Identity, organisation: str = ELZEVOORDE) -> str:
    """Nieuwe persoon toevoegen, with a user name and password; returns the address where a right can be given."""
    page = administrator.submit(
        administrator.get("/mensen/nieuw"),
        {
            "organisatie": organisation,
            "aanmelding": "account",
            "given_name": who.given_name,
            "family_name": who.family_name,
            "email": who.email,
            "phone": who.mobile,
        },
        form="/mensen/nieuw",
    )
    return page.url


def give_right_at(administrator: HttpVisitor, address: str, right: str = USER_RIGHT) -> None:
    """Nieuw recht toekennen, at the address of somebody who was added."""
    page = administrator.submit(
        administrator.get(address), {"recht": right}, form="/rechten/nieuw/", press=("doe", "kijk-na")
    )
    administrator.submit(page, form="/rechten/nieuw/", press=("doe", "geef"))
