"""When it does not go as it should, seen by who sits before it: a clear page, and nothing lost or done twice."""

import json
import re
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from playwright.sync_api import BrowserContext, expect

from modules.tryout.programs import broker_environment, poortwachter
from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import newcomer
from tests.e2e.http_visitor import GO_ON, SEARCH, SEND, HttpVisitor, form_of, found_organisation, plain
from tests.e2e.links import LB_INVOERDER, LB_RAADPLEGER
from tests.e2e.own_house import BROKER, DIGITAL_KEYS, OUTBOX, OwnHouse
from tests.notifications.conftest import MailServer, mail_server
from tests.worlds.browser import Live
from tests.worlds.inbox import read_mails

__all__ = ["mail_server"]

Visitor = Callable[..., BrowserVisitor]
ByHttp = Callable[..., HttpVisitor]


# Links in mails


@contextmanager
def another_site() -> Iterator[tuple[str, list[str | None]]]:
    """A site of somebody else, and the Referer of every request that it got."""
    referers: list[str | None] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/":  # not the icon, which the site asks of itself
                referers.append(self.headers.get("Referer"))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>elsewhere</title>")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", referers
    server.shutdown()
    server.server_close()


def test_no_other_site_learns_the_token_of_a_mailed_link(live: Live, visitor: Visitor, by_http: ByHttp) -> None:
    """TL1: not by its Referer, and the address of the page does not hold it either."""
    asker = by_http(newcomer("Rik"))
    asker.ask_without_key(LB_RAADPLEGER)
    guest = visitor(asker.who)
    page = guest.page
    with another_site() as (site, referers):
        for press in (None, "Ja, dit adres is van mij"):
            if press is None:
                page.goto(guest.first_mail().link_to(live.broker, "/link/"))
            else:
                page.goto(f"{live.broker}/link/bevestigen")
                page.get_by_role("button", name=press).click()
                expect(page.get_by_role("heading", name="Waar staat uw aanvraag?")).to_be_visible()
            assert not re.search(r"/link/[A-Za-z0-9_-]{20}", page.url), page.url
            # As an outside link on this very page would be followed.
            page.evaluate(
                "(address) => { const link = document.createElement('a'); link.href = address; link.id = 'out';"
                " link.textContent = 'out'; document.body.append(link); }",
                site,
            )
            page.locator("#out").click()
            page.wait_for_url(site)
    assert referers == [None, None]


def test_no_log_holds_a_token_a_number_or_an_address(live: Live, by_http: ByHttp) -> None:
    """TL1: after a request from the link to the decision, in whatever any program of the broker wrote."""
    asker, karim = by_http(newcomer("Mona")), by_http("karim.benali")
    asker.ask(LB_INVOERDER, message="Mijn moeder woont in de Kerkstraat.")
    karim.sign_in()
    karim.decide(karim.task_about(asker.who.full_name))
    live.mails_to(asker.who.email, at_least=3)
    tokens = {
        token
        for mail in read_mails(live.house.inbox)
        for link in mail.links
        for token in re.findall(r"/link/([A-Za-z0-9_-]{20,})", link)
    }
    assert len(tokens) >= 2
    private = {*tokens, asker.who.number, karim.who.number, asker.who.email, karim.who.email, "Kerkstraat"}
    for log in ("broker.log", "outbox.log", "cultuurmonitor.log"):
        written = (live.house.logs / log).read_text()
        assert written
        assert {each for each in private if each in written} == set(), log


def test_a_mailed_link_that_ran_out_says_so_and_shows_the_way_on(live: Live, visitor: Visitor, by_http: ByHttp) -> None:
    asker = by_http(newcomer("Stef"))
    asker.ask_without_key(LB_RAADPLEGER)
    guest = visitor(asker.who)
    address = guest.first_mail().link_to(live.broker, "/link/")
    page = guest.page
    page.goto(address)
    # A day goes by while the page is open.
    with changing(live.house.data / "broker.db") as database:
        database.execute(
            "UPDATE one_time_links SET expires_at = '2020-01-01 00:00:00.000000' WHERE kind = 'confirm_email'"
            " AND used_at IS NULL"
        )
    page.get_by_role("button", name="Ja, dit adres is van mij").click()
    expect(page.locator("main")).to_contain_text("werkt niet meer")
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 410
    expect(page.get_by_role("heading", name="Deze link werkt niet meer")).to_be_visible()
    page.get_by_role("link", name="Opnieuw naar het formulier").click()
    expect(page.get_by_role("heading", name="Toegang vragen")).to_be_visible()
    assert LB_RAADPLEGER.code in page.url


# The form


def test_back_after_sending_and_sending_again_is_the_same_request(live: Live, visitor: Visitor) -> None:
    asker = visitor(newcomer("Ada"))
    page = asker.page
    asker.open_link(LB_RAADPLEGER.path)
    asker.fill_in("Gemeente Genk")
    asker.send()
    expect(page.get_by_role("heading", name="Kijk in uw mailbox")).to_be_visible()
    number = page.locator("aside .pw-mono").inner_text()
    page.go_back()
    expect(page.get_by_role("heading", name="Controleer en bevestig")).to_be_visible()
    page.get_by_role("button", name="Bevestig en verstuur").click()
    expect(page.get_by_role("heading", name="Kijk in uw mailbox")).to_be_visible()
    assert page.locator("aside .pw-mono").inner_text() == number
    page.go_back()
    page.get_by_role("button", name="Iets wijzigen").click()
    expect(page.get_by_label("E-mailadres op het werk")).to_have_value(asker.who.email)
    asker.confirm_address()
    assert page.url.endswith(number)
    live.mails_to(asker.who.email, at_least=2)
    assert len([mail for mail in live.mails_to(asker.who.email) if "Bevestig dat" in mail.subject]) == 1


def test_two_clicks_on_send_are_one_request(live: Live, visitor: Visitor, by_http: ByHttp) -> None:
    asker = visitor(newcomer("Nils"))
    page = asker.page
    asker.open_link(LB_RAADPLEGER.path)
    asker.fill_in("Gemeente Genk")
    page.get_by_role("button", name="Verder naar nakijken").click()
    page.get_by_role("button", name="Bevestig en verstuur").dblclick()
    expect(page.get_by_role("heading", name="Kijk in uw mailbox")).to_be_visible()
    with reading(live.house.data / "broker.db") as database:
        rows = database.execute("SELECT count(*) FROM access_requests WHERE email = ?", (asker.who.email,)).fetchone()
    assert rows == (1,)

    # And without the script that stops the second click: the same form, twice at the same moment.
    twice = by_http(newcomer("Tine"))
    twice.sign_in()
    checked = filled_in(twice)
    answers: list[requests.Response] = []
    form = form_of(checked, "/user/aanvraag").fields | dict([SEND])

    def send() -> None:
        answers.append(requests.post(checked.url, data=form, cookies=twice.browser.cookies.copy(), timeout=60))

    senders = [threading.Thread(target=send) for _ in range(2)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert {answer.status_code for answer in answers} == {200}
    numbers = [re.findall(r"PW-\d{4}-[0-9A-Z]{6}", answer.text)[0] for answer in answers]
    assert numbers[0] == numbers[1]


def filled_in(visitor: HttpVisitor) -> requests.Response:
    """The page "Controleer en bevestig" of somebody who is signed in."""
    page = visitor.submit(visitor.get(LB_RAADPLEGER.path), visitor.answers(LB_RAADPLEGER.organisation), press=SEARCH)
    return visitor.submit(page, {"organisation": found_organisation(page, LB_RAADPLEGER.organisation)}, press=GO_ON)


def test_everything_works_without_javascript(live: Live, visitor: Visitor) -> None:
    asker = visitor(newcomer("Luc"), java_script_enabled=False)
    asker.ask(LB_RAADPLEGER.path, "Gemeente Genk")
    expect(asker.page.locator("aside")).to_contain_text("een lokale beheerder van Gemeente Genk")
    karim = visitor("karim.benali", java_script_enabled=False)
    karim.sign_in()
    karim.open_task(asker.who.full_name)
    karim.approve()
    expect(karim.page.get_by_role("status")).to_contain_text(asker.who.full_name)
    asker.enter_module()
    expect(asker.page.get_by_role("heading", name="Uw centra")).to_be_visible()


def test_the_form_can_be_sent_with_the_keyboard_alone(live: Live, visitor: Visitor) -> None:
    """Tab, space, arrows and Enter; and when something is missing, the focus is where the help is."""
    asker = visitor(newcomer("Kim"))
    page = asker.page
    page.goto(live.broker + LB_RAADPLEGER.path)

    def tab_to(name: str) -> None:
        """Tab until the element with this name has the focus, which must be visible."""
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "() => { const at = document.activeElement; return [(at.labels && at.labels.length"
                " ? at.labels[0].textContent : at.textContent).trim(), getComputedStyle(at).outlineStyle] }"
            )
            if focused[0].startswith(name):
                assert focused[1] != "none", f"{name}: nobody sees where the focus is"
                return
        raise AssertionError(f"{name} cannot be reached with Tab")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=re.compile("inhoud"))).to_be_focused()
    tab_to("Verder zonder digitale sleutel")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Voornaam")).to_be_visible()
    tab_to("Voornaam")
    page.keyboard.type(asker.who.given_name)
    page.keyboard.press("Tab")
    page.keyboard.type(asker.who.family_name)
    page.keyboard.press("Tab")
    page.keyboard.type(asker.who.number[:-1])
    tab_to("E-mailadres op het werk")
    page.keyboard.type(asker.who.email)
    tab_to("Voor welke organisatie werkt u?")
    page.keyboard.type("Genk")
    expect(page.get_by_role("radio", name="Gemeente Genk")).to_be_visible()
    tab_to("Gemeente Genk")
    page.keyboard.press("Space")
    tab_to("Voor welk cultuur- of gemeenschapscentrum?")
    page.keyboard.type("De Werf")
    tab_to("Verder naar nakijken")
    page.keyboard.press("Enter")

    # The number lacks a figure: the summary has the focus, its link leads to the field, and what was typed is there.
    expect(page.locator("#fouten")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Rijksregisternummer")).to_be_focused()
    expect(page.get_by_label("Rijksregisternummer")).to_have_value(asker.who.number[:-1])
    page.keyboard.press("End")
    page.keyboard.type(asker.who.number[-1])
    expect(page.get_by_role("radio", name="Gemeente Genk")).to_be_checked()
    tab_to("Verder naar nakijken")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Controleer en bevestig")).to_be_visible()
    tab_to("Bevestig en verstuur")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kijk in uw mailbox")).to_be_visible()


# What the broker leans on


def test_a_digital_key_that_is_down_keeps_only_itself_from_working(
    own_house: OwnHouse, new_context: Callable[..., BrowserContext]
) -> None:
    own_house.stop(BROKER)  # a broker that knows the addresses of the key would still send people there
    own_house.stop(DIGITAL_KEYS)
    own_house.start(BROKER)
    live = own_house.live
    asker = BrowserVisitor(live, new_context().new_page(), newcomer("Zoë"))
    page = asker.page
    page.goto(f"{live.broker}/aanmelden?verder=/taken")
    page.get_by_role("button", name=re.compile("met itsme")).click()
    expect(page.get_by_role("heading", name="itsme antwoordt niet")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("met eID"))).to_be_visible()
    assert page.get_by_role("button", name=re.compile("met itsme")).count() == 0
    for path in ("/", "/toepassingen/cultuurmonitor", f"{LB_RAADPLEGER.path}&wie=getypt", "/health/live"):
        answer = page.goto(live.broker + path)
        assert answer is not None
        assert answer.status == 200, path

    # It goes down between the sign-in there and the way back: the answer cannot be redeemed, and that is said.
    # A new broker, as one that found the key silent does not offer it for half a minute.
    own_house.start(DIGITAL_KEYS)
    own_house.stop(BROKER)
    own_house.start(BROKER)
    without_browser = HttpVisitor(live, asker.who)
    way_back = without_browser.way_back_from_key()
    own_house.kill(DIGITAL_KEYS)
    assert "antwoordt niet" in plain(without_browser.get(way_back, status=503))

    # And when it is there again, all is well.
    own_house.start(DIGITAL_KEYS)
    own_house.stop(BROKER)
    own_house.start(BROKER)
    asker.sign_in("/mijn-aanvragen")
    expect(page.get_by_role("heading", name="Mijn aanvragen")).to_be_visible()


def test_mail_waits_for_a_mail_server_that_is_down(own_house: OwnHouse, mail_server: MailServer) -> None:
    asker = HttpVisitor(own_house.live, newcomer("Ria"))
    own_house.start(BROKER)
    own_house.start(OUTBOX, **by_smtp(mail_server))
    asker.ask_without_key(LB_RAADPLEGER)  # the page is the same as ever
    wait_until(own_house, lambda: "message_postponed" in own_house.log(OUTBOX))
    (waiting,) = pending_by_the_command_line(own_house)
    assert "connect" in waiting["last_error"].lower()
    assert asker.who.email not in str(waiting)
    mail_server.start()
    minutes_go_by(own_house)
    wait_until(own_house, lambda: len(mail_server.received) > 0)
    wait_until(own_house, lambda: still_to_leave(own_house) == 0)
    assert len(mail_server.received) == 1
    assert asker.who.email in str(mail_server.received[0]["To"])


@pytest.mark.parametrize("taken", [False, True], ids=["before the server took it", "after the server took it"])
def test_a_killed_worker_mails_nothing_twice(own_house: OwnHouse, mail_server: MailServer, taken: bool) -> None:
    """kill -9 in the middle of the dialogue: not taken is mailed once; taken comes again with the same Message-ID."""
    own_house.start(BROKER)
    HttpVisitor(own_house.live, newcomer("Ugo")).ask_without_key(LB_RAADPLEGER)
    killed = threading.Event()

    def kill() -> None:
        if not killed.is_set():
            own_house.kill(OUTBOX)
            killed.set()

    server = mail_server if taken else KillingServer(mail_server.port, before=kill)
    if taken:
        server.on_data = kill
    server.start()
    try:
        own_house.start(OUTBOX, **by_smtp(mail_server))
        assert killed.wait(60)
        before = len(server.received)
        assert before == (1 if taken else 0)
        own_house.start(OUTBOX, **by_smtp(mail_server))
        minutes_go_by(own_house)
        wait_until(own_house, lambda: len(server.received) > before)
        wait_until(own_house, lambda: still_to_leave(own_house) == 0)
    finally:
        server.stop()
    assert len(server.received) == before + 1
    assert len(set(server.message_ids)) == 1


class KillingServer(MailServer):
    """Kills before it takes anything: at the first recipient of the first mail."""

    def __init__(self, port: int, before: Callable[[], None]) -> None:
        super().__init__(port)
        self._before = before

    async def handle_RCPT(self, *args: object) -> str:  # noqa: N802 - the name that aiosmtpd calls
        self._before()
        return await super().handle_RCPT(*args)  # type: ignore[arg-type]


def test_a_locked_database_is_a_page_that_says_try_again_and_nothing_is_lost(own_house: OwnHouse) -> None:
    own_house.start(BROKER)
    own_house.start(DIGITAL_KEYS)
    asker = HttpVisitor(own_house.live, newcomer("Piet"))
    asker.sign_in()
    checked = filled_in(asker)
    with holding(own_house.database):
        assert asker.get(LB_RAADPLEGER.path)  # reading goes on
        refused = asker.submit(checked, press=SEND, status=503)
        assert "Het is even te druk" in refused.text
        assert "Er is niets veranderd" in plain(refused)
        assert int(refused.headers["Retry-After"]) > 0
    sent = asker.submit(checked, press=SEND)
    assert "Kijk in uw mailbox" in sent.text
    with reading(own_house.database) as database:
        rows = database.execute("SELECT count(*) FROM access_requests WHERE email = ?", (asker.who.email,)).fetchone()
    assert rows == (1,)


def test_a_database_locked_for_a_moment_is_waited_for(own_house: OwnHouse) -> None:
    own_house.start(BROKER)
    own_house.start(DIGITAL_KEYS)
    asker = HttpVisitor(own_house.live, newcomer("Mia"))
    asker.sign_in()
    checked = filled_in(asker)
    with holding(own_house.database) as let_go:
        threading.Timer(1.5, let_go).start()
        assert "Kijk in uw mailbox" in asker.submit(checked, press=SEND).text


# The database, from outside


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """What stands in the database now."""
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def changing(file: Path) -> Iterator[sqlite3.Connection]:
    """Make something so that only time could make so."""
    database = sqlite3.connect(file, timeout=20)
    try:
        with database:
            yield database
    finally:
        database.close()


@contextmanager
def holding(file: Path) -> Iterator[Callable[[], None]]:
    """Nobody else can write meanwhile; what is yielded lets go before the end."""
    database = sqlite3.connect(file, timeout=20, isolation_level=None, check_same_thread=False)
    database.execute("BEGIN IMMEDIATE")
    lock = threading.Lock()

    def let_go() -> None:
        with lock:
            if database.in_transaction:
                database.execute("ROLLBACK")

    try:
        yield let_go
    finally:
        let_go()
        database.close()


def minutes_go_by(own_house: OwnHouse) -> None:
    """Leases run out and waiting mails are due."""
    with changing(own_house.database) as database:
        database.execute(
            "UPDATE outbox_messages SET next_attempt_at = '2020-01-01 00:00:00.000000',"
            " leased_until = CASE WHEN leased_until IS NULL THEN NULL ELSE '2020-01-01 00:00:00.000000' END"
            " WHERE status IN ('pending', 'leased')"
        )


def still_to_leave(own_house: OwnHouse) -> int:
    """How many mails have not left yet."""
    with reading(own_house.database) as database:
        query = "SELECT count(*) FROM outbox_messages WHERE status IN ('pending', 'leased')"
        return int(database.execute(query).fetchone()[0])


def by_smtp(server: MailServer) -> dict[str, str]:
    """The settings of a worker that sends by SMTP; without the inbox codes by SMS need an account, which no test here uses."""
    twilio = {
        "ACCOUNT_SID": "AC0123456789abcdef",
        "AUTH_TOKEN": "a-token-of-the-tests-only",
        "FROM": "MG0123456789abcdef",
    }
    return {
        "BROKER_INBOX_DIR": "",
        "BROKER_SMTP_URL": server.url,
        **{f"BROKER_TWILIO_{name}": value for name, value in twilio.items()},
    }


def pending_by_the_command_line(own_house: OwnHouse) -> list[dict[str, str]]:
    """What the operator sees."""
    done = subprocess.run(
        poortwachter("outbox", "list", "--status", "pending", "--json"),
        env=broker_environment(own_house.live.house, own_house.secrets),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def wait_until(own_house: OwnHouse, holds: Callable[[], bool]) -> None:
    """Look until it is so; a minute at most."""
    waited = threading.Event()
    for _ in range(600):
        if holds():
            return
        waited.wait(0.1)
    raise AssertionError(f"it does not come; the worker says:\n{own_house.log(OUTBOX)[-2000:]}")
