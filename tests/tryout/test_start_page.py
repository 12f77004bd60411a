"""The start page and the local inbox of the try-out."""

import re
from email.message import EmailMessage
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient

from broker.notifications.inbox_post import InboxPost
from modules.tryout.house import House
from modules.tryout.start_page import create_app
from modules.tryout.start_page.story import kinds, people

NAME = "20261122T093000Z-5f0c6a52-9d6f-4a6b-8d83-0f4b6f1f8a11.eml"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(9000, tmp_path)


@pytest.fixture
def browser(house: House) -> FlaskClient:
    return create_app(house).test_client()


def a_mail(house: House, html: str = "<html><head></head><body>Dag</body></html>") -> None:
    mail = EmailMessage()
    mail["Message-ID"] = "<5f0c6a52-9d6f-4a6b-8d83-0f4b6f1f8a11@localhost>"
    mail["Date"] = "Sun, 22 Nov 2026 09:30:00 +0000"
    mail["From"] = "poortwachter@voorbeeld.test"
    mail["To"] = "nele.vercauteren@voorbeeld.test"
    mail["Subject"] = "Bevestig <b>dat</b> dit van u is"
    mail.set_content("Klik: http://localhost:9000/link/abc\n<script>kwaad()</script>\n")
    mail.add_alternative(html, subtype="html")
    InboxPost(house.inbox).send_mail(mail, "nele.vercauteren@voorbeeld.test")


def test_the_story_leads_to_every_program_and_to_the_eight_links(browser: FlaskClient) -> None:
    page = browser.get("/").text
    for address in ("http://localhost:9000/taken", "http://localhost:9001/cultuurmonitor", "http://localhost:9004/"):
        assert address in page
    links = set(re.findall(r"http://localhost:9000/user/aanvraag\?dg=(\w+)&amp;ec=(\w+)", page))
    assert len(links) == 8
    assert {(kind.enter, kind.read) for kind in kinds()} == {
        (f"dg={group}&ec=CJM_Cultuurmonitor_{group}_CompEnt_Invoerder{end}",
         f"dg={group}&ec=CJM_Cultuurmonitor_{group}_CompEnt_Raadpleger{end}")
        for group, end in (("LB", ""), ("LB", "_AGB"), ("EA", ""), ("EA", "_Gemeente"))
    }  # fmt: skip


def test_the_links_of_the_story_are_those_of_the_policies(repository: Path) -> None:
    policy = yaml.safe_load((repository / "policies" / "applications" / "cultuurmonitor.yaml").read_text())
    asked = {query.partition("ec=")[2] for kind in kinds() for query in (kind.enter, kind.read)}
    assert asked == set(policy["entitlement_codes"])


def test_everybody_in_the_story_has_a_digital_key(repository: Path) -> None:
    known = yaml.safe_load((repository / "modules" / "digital_keys" / "people.yaml").read_text())["people"]
    names = {person["user"]: f"{person['given_name']} {person['family_name']}" for person in known}
    assert {player.user: player.name for player in people()} == names


def test_an_empty_inbox_says_how_to_fill_it(browser: FlaskClient) -> None:
    assert "Nog geen post" in browser.get("/postvak").text


def test_a_mail_is_listed_found_and_read(browser: FlaskClient, house: House) -> None:
    a_mail(house)
    page = browser.get("/postvak").text
    assert "nele.vercauteren@voorbeeld.test" in page
    assert "Bevestig &lt;b&gt;dat&lt;/b&gt;" in page
    assert NAME in browser.get("/postvak?zoek=NELE").text
    assert "Niets gevonden" in browser.get("/postvak?zoek=karim").text

    letter = browser.get(f"/postvak/{NAME}").text
    assert '<a href="http://localhost:9000/link/abc">' in letter
    assert "<script>kwaad" not in letter
    assert "&lt;script&gt;kwaad" in letter


def test_the_html_of_a_mail_can_run_nothing_and_fetch_nothing(browser: FlaskClient, house: House) -> None:
    a_mail(
        house, "<html><head></head><body><script>kwaad()</script><a href='http://localhost:9000/x'>x</a></body></html>"
    )
    answer = browser.get(f"/postvak/{NAME}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    sandbox = policy.partition("sandbox ")[2]
    assert "allow-scripts" not in sandbox
    assert "allow-same-origin" not in sandbox
    assert '<base target="_top">' in answer.text


def test_an_sms_is_a_letter_too(browser: FlaskClient, house: House) -> None:
    from broker import clock

    InboxPost(house.inbox).send_sms("5f0c", "+32470000000", "Uw code is 123456.", clock.now())
    page = browser.get("/postvak").text
    assert "+32470000000" in page
    assert "Uw code is 123456." in page


@pytest.mark.parametrize("name", ["..%2Fdemo.env", "demo.env", "20261122T093000Z-..%2F..%2Fdemo.eml", "x.eml"])
def test_nothing_but_letters_can_be_read(browser: FlaskClient, house: House, name: str) -> None:
    (house.data / "demo.env").write_text("BROKER_SECRET_KEYS=geheim\n")
    assert browser.get(f"/postvak/{name}").status_code == 404


def test_a_file_that_is_no_mail_does_not_break_the_list(browser: FlaskClient, house: House) -> None:
    a_mail(house)
    (house.inbox / "20261122T093000Z-x.json").write_text("{")
    (house.inbox / ".unfinished.part").write_text("")
    assert browser.get("/postvak").status_code == 200


def test_the_inbox_answers_only_to_this_machine_by_its_own_name(browser: FlaskClient) -> None:
    """DNS rebinding: a page of a stranger must not read one-time links."""
    assert browser.get("/postvak", headers={"Host": "postvak.kwaad.test"}).status_code == 400
    assert browser.get("/postvak", headers={"Host": "127.0.0.1:9005"}).status_code == 200
