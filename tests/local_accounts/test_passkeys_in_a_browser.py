"""A passkey in a real Chromium with an authenticator of its own (CDP, WebAuthn): added in Mijn profiel, then signed in with."""

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from broker.database import db
from broker.installation import installation
from tests.e2e.looked_at import look_at
from tests.local_accounts.conftest import PASSWORD, SIGN_IN, Member
from tests.worlds.databases import SqliteDatabases

pytestmark = pytest.mark.browser

EMAIL = "sanne.bakker@voorbeeld.test"
USE = "Gebruik uw toegangssleutel"


@pytest.fixture
def database_url(sqlite_databases: SqliteDatabases) -> str:
    """One kind will do: a browser knows neither."""
    return sqlite_databases.fresh()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The broker over real HTTP: a browser makes no passkey for an address that is not the page's own."""
    server = make_server("127.0.0.1", 0, Flask("not there yet"), threaded=True)
    server.app = app = make_app(BROKER_ISSUER=f"http://localhost:{server.server_port}/op")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    with app.app_context():
        yield app
        db.session.rollback()
    server.shutdown()
    server.server_close()


@pytest.fixture
def member(invited: Member) -> Member:
    """Sanne has set a password and proved her number, through a link to where this broker is."""
    (link, *_rest) = [each for each in invited.inbox.last_to(EMAIL).links if each.startswith(address("/link/"))]
    invited.client.get(link.removeprefix(address("")))
    page = invited.client.get("/link/wachtwoord")
    invited.client.submit(page, {"wachtwoord": PASSWORD, "herhaald": PASSWORD}, form="/link/")
    assert invited.type_code().status_code == 303
    return invited


def address(path: str) -> str:
    return installation().settings.origin + path


def give_authenticator(page: Page) -> None:
    """A telephone in the hand of its owner: it asks for a finger each time, and gets it."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def type_password(page: Page) -> None:
    page.goto(address(SIGN_IN))
    page.get_by_label("Gebruikersnaam").fill("sanne.bakker")
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    page.get_by_label("Ik ben op de hoogte").check()
    page.get_by_role("button", name="Log In").click()


def test_a_passkey_is_added_and_signs_in_alone_and_after_the_password(member: Member, page: Page) -> None:
    give_authenticator(page)
    type_password(page)
    page.get_by_label("Code van 6 cijfers").fill(member.phone.code)
    page.get_by_role("button", name="Controleren").click()
    page.get_by_role("link", name="Voeg een toegangssleutel toe").click()
    look_at(page)
    page.get_by_role("button", name="Maak de toegangssleutel").click()
    expect(page.get_by_role("alert")).to_contain_text("Geef de toegangssleutel een naam")
    look_at(page)
    page.get_by_label("Naam").fill("telefoon")
    page.get_by_label("Uw wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Maak de toegangssleutel").click()
    expect(page.get_by_role("status")).to_contain_text("Uw toegangssleutel is toegevoegd.")
    expect(page.locator("#toegangssleutels")).to_contain_text("telefoon")
    look_at(page)

    page.get_by_role("link", name="Voeg een toegangssleutel toe").click()
    page.get_by_label("Naam").fill("nog eens dezelfde")
    page.get_by_label("Uw wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Maak de toegangssleutel").click()
    expect(page.get_by_role("status")).to_contain_text("Misschien staat er op dit toestel al een van u.")

    page.context.clear_cookies()
    page.goto(address(SIGN_IN))
    page.get_by_role("link", name="Liever met een toegangssleutel?").click()
    look_at(page)
    page.get_by_role("button", name=USE).click()
    expect(page.get_by_role("alert")).to_contain_text("Vink dit aan")
    page.get_by_label("Ik ben op de hoogte").check()
    page.get_by_role("button", name=USE).click()
    expect(page.get_by_role("heading", name="Mijn profiel")).to_be_visible()

    page.context.clear_cookies()
    type_password(page)
    expect(page.get_by_role("heading", name=USE)).to_be_visible()
    look_at(page)
    page.get_by_role("button", name=USE).click()
    expect(page.get_by_role("heading", name="Mijn profiel")).to_be_visible()


def test_without_a_passkey_or_without_javascript_the_page_says_what_to_do(
    member: Member, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    give_authenticator(page)
    page.goto(address("/aanmelden/account/toegangssleutel"))
    page.get_by_label("Ik ben op de hoogte").check()
    page.get_by_role("button", name=USE).click()
    expect(page.get_by_role("status")).to_contain_text("Er kwam geen toegangssleutel.")
    look_at(page)
    page = new_context(java_script_enabled=False).new_page()
    page.goto(address("/aanmelden/account/toegangssleutel"))
    expect(page.get_by_role("status")).to_contain_text("Hiervoor is JavaScript nodig")
    expect(page.get_by_role("button", name=USE)).to_be_hidden()
    page.get_by_role("link", name="Inloggen met een wachtwoord").click()
    expect(page.get_by_role("button", name="Log In")).to_be_visible()
