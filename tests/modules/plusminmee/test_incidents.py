"""Beveiligingsincident melden (seed 004, last page; M15): sealed, without data on youngsters, told by a link that runs out."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, text

from modules.kit.database import database
from modules.plusminmee.clockwork import follow_days, tick
from modules.plusminmee.incident_form import names_a_youngster
from modules.plusminmee.keeping import keeping
from modules.plusminmee.open_report import MOST_OPENINGS
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.sealing_keys import new_entry
from tests.modules.fake_broker import FakeBroker
from tests.modules.plusminmee.conftest import ANTON, POLITIE, SANNE
from tests.modules.plusminmee.numbers import BSN
from tests.modules.plusminmee.visitors import BASE, Visitor
from tests.worlds.statements import Statements

AsAnton = Callable[[], Visitor]
TOOL = "http://localhost:8003/plusminmee"
REPORTS = "/plusminmee/incidenten"
REPORT = {
    "what": "Ik mailde het verslag van het overleg naar een verkeerd adres, rond 14 uur.",
    "happened_on": "2026-11-16",
    "group": "",
    "leader_email": "chef@voorbeeld.test",
}


def report(visitor: Visitor, **changes: str) -> str:
    """Send the form; the path of the report."""
    visitor.get(f"{REPORTS}/nieuw")
    page = visitor.post(f"{REPORTS}/nieuw", {**REPORT, **changes})
    assert page.status_code == 200, page.text
    return page.request.path


def letters(tool: Flask) -> dict[str, str]:
    """What leaves now about incidents: the plain text by the address it goes to."""
    sent: list[EmailMessage] = []
    with tool.app_context():
        tick(database(), sent.append, sender="tool@voorbeeld.test", address=TOOL)
    found = {}
    for mail in sent:
        if "beveiligingsincident" not in mail["Subject"]:
            continue
        words = mail.get_body(("plain",))
        assert words is not None
        found[str(mail["To"])] = f"{mail['Subject']}\n{words.get_content()}"
    return found


def rotate_keys(tool: Flask) -> None:
    """From now on another key seals."""
    with tool.app_context():
        keys = keeping().sealer._keys
        rotated = type(keys).read(new_entry("newer"))
        object.__setattr__(keys, "secrets", {**rotated.secrets, **keys.secrets})


@pytest.fixture
def again(new_visitor: Callable[..., Visitor]) -> AsAnton:
    """Anton, signed in anew: a month later he is not any more."""
    return lambda: new_visitor(ANTON, "PMMGebruiker", POLITIE)


def link_in(letter: str) -> str:
    found = re.search(r"http://localhost:8003(/plusminmee/melding/[A-Za-z0-9_-]{43})\b", letter)
    assert found is not None
    return found[1]


@pytest.fixture
def leader(tool: Flask, tool_broker: FakeBroker) -> Visitor:
    """A browser in which nobody is signed in: recipients may have no account."""
    return Visitor(tool, tool_broker)


def test_a_report_goes_to_the_leidinggevende_and_the_fg_as_a_link_without_a_word_of_it(
    tool: Flask, member: Visitor
) -> None:
    path = report(member)
    assert "verkeerd adres" in member.get(path).text
    sent = letters(tool)
    assert set(sent) == {"chef@voorbeeld.test", "fg@straatcontact.nl"}
    for letter in sent.values():
        assert "verkeerd adres" not in letter
        assert "verslag" not in letter
        assert "Anton Bos van Politie basisteam Elzevoorde" in letter
    assert link_in(sent["chef@voorbeeld.test"]) != link_in(sent["fg@straatcontact.nl"])


def test_the_link_shows_the_report_to_who_has_no_account_and_each_opening_is_noted(
    tool: Flask, member: Visitor, group: uuid.UUID, leader: Visitor
) -> None:
    path = report(member, group=str(group))
    assert "Nog niet gelezen" in member.get(REPORTS).text
    link = link_in(letters(tool)["chef@voorbeeld.test"])
    before = leader.get(link)
    assert before.status_code == 200
    assert "verkeerd adres" not in before.text, "mail scanners open links"
    assert "Gelezen" not in member.get(REPORTS).text.replace("Nog niet gelezen", "")
    shown = leader.post(link)
    assert shown.status_code == 200
    for told in ("verkeerd adres", "16 november 2026", "Groep Stationsplein", "Anton Bos", "anton@voorbeeld.test"):
        assert told in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    mine = member.get(path).text
    assert mine.count("Gelezen op dinsdag 17 november 2026") == 1
    assert mine.count("Nog niet gelezen") == 1, "the FG has yet to read it"
    assert ">Gelezen<" in member.get(REPORTS).text


def test_the_leidinggevende_of_ones_profile_is_filled_in_and_can_be_changed(member: Visitor) -> None:
    member.get("/plusminmee/profiel")
    member.post("/plusminmee/profiel", {"leader_email": "chef@voorbeeld.test"})
    form = member.get(f"{REPORTS}/nieuw").text
    assert 'value="chef@voorbeeld.test"' in form
    assert "Bij twijfel: melden." in form
    assert "waarnemer@voorbeeld.test" in member.get(report(member, leader_email="waarnemer@voorbeeld.test")).text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("what", ""),
        ("what", f"Het BSN {BSN} stond in de mail."),
        ("what", "x" * 4001),
        ("what", "verkeerd\u202eadres"),
        ("what", "Ik mailde over YASSIN  el-Amrani naar een verkeerd adres."),
        ("happened_on", ""),
        ("happened_on", "2030-01-01"),
        ("happened_on", "gisteren"),
        ("group", "00000000-0000-4000-8000-000000000000"),
        ("group", "' OR 1=1"),
        ("leader_email", ""),
        ("leader_email", "chef"),
        ("leader_email", "chef@voorbeeld.test\r\nBcc: x@y.nl"),
        ("leader_email", "a@voorbeeld.test, b@voorbeeld.test"),
    ],
    ids=[
        "nothing",
        "a BSN",
        "too long",
        "a sign that turns the text round",
        "the name of a youngster",
        "no day",
        "the future",
        "no day at all",
        "a group of others",
        "no group at all",
        "nobody to tell",
        "no address",
        "another header",
        "two addresses",
    ],
)
def test_what_cannot_be_sent_is_said_at_its_field_and_the_rest_stays(
    tool: Flask, member: Visitor, group: uuid.UUID, engine: Engine, field: str, typed: str
) -> None:
    member.add_youngster(group, "Yassin el Amrani")
    member.get(f"{REPORTS}/nieuw")
    page = member.post(f"{REPORTS}/nieuw", {**REPORT, field: typed})
    assert page.status_code == 422
    assert f'id="{field}-fout"' in page.text
    assert "verkeerd adres" in page.text or field == "what"
    assert letters(tool) == {}
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM incident_reports")) == 0


def test_a_name_of_one_word_is_anybodys() -> None:
    assert not names_a_youngster("Ik belde met Noor van de gemeente.", ["Noor"])
    assert not names_a_youngster("Noortje de Wit belde.", ["Noor de Wit"])
    assert names_a_youngster("(Noor de Wit), belde.", ["Sam Bos", "Noor  de Wit"])


def test_sensitive_words_are_pointed_out_and_never_a_block(member: Visitor) -> None:
    member.get(f"{REPORTS}/nieuw")
    page = member.post(f"{REPORTS}/nieuw", {**REPORT, "what": "Een lijst met schulden lag op de printer."}).text
    assert "Uw melding is bewaard." in page
    assert "Kijk nog eens na wat u schreef" in page


def test_a_report_of_somebody_else_does_not_exist(member: Visitor, fatima: Visitor) -> None:
    path = report(member)
    assert fatima.get(path).status_code == 404
    assert "verkeerd adres" not in fatima.get(REPORTS).text


def test_nothing_of_it_can_be_read_in_the_database_nor_the_secret_of_a_link(
    tool: Flask, member: Visitor, engine: Engine
) -> None:
    report(member)
    written = everything(engine)
    secrets = [link_in(letter).rpartition("/")[2] for letter in letters(tool).values()]
    written += everything(engine)
    for secret in (b"verkeerd", b"2026-11-16", *(each.encode() for each in secrets)):
        assert secret not in written


def everything(engine: Engine) -> bytes:
    tables = ("incident_reports", "incident_links", "incident_openings", "letters")
    with engine.connect() as connection:
        rows = [row for table in tables for row in connection.execute(text(f"SELECT * FROM {table}"))]
    return b" ".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for row in rows for value in row
    )


@pytest.mark.parametrize(
    "secret",
    ["x", "x" * 43, "x" * 5000, "..%2f..%2fetc", "%00" * 43, "%F0%9F%94%91"],
    ids=["short", "guessed", "endless", "a path", "zeros", "a picture"],
)
def test_a_link_that_nobody_sent_opens_nothing(tool: Flask, member: Visitor, secret: str, leader: Visitor) -> None:
    report(member)
    leader.get(link_in(letters(tool)["chef@voorbeeld.test"]))  # a page with a form, for its token
    assert leader.get(f"/plusminmee/melding/{secret}").status_code == 404
    assert leader.post(f"/plusminmee/melding/{secret}").status_code == 404


def test_opening_takes_the_token_of_the_form(tool: Flask, member: Visitor, leader: Visitor) -> None:
    report(member)
    link = link_in(letters(tool)["chef@voorbeeld.test"])
    leader.get(link)
    assert leader.post(link, csrf=False).status_code == 400


def test_a_link_runs_out_after_thirty_days_or_twenty_readings(
    tool: Flask, member: Visitor, clock: time_machine.Traveller, leader: Visitor
) -> None:
    report(member)
    sent = letters(tool)
    often, late = link_in(sent["chef@voorbeeld.test"]), link_in(sent["fg@straatcontact.nl"])
    leader.get(often)
    assert [leader.post(often).status_code for _ in range(21)] == [200] * 20 + [404]
    clock.shift(timedelta(days=29))
    assert leader.get(late).status_code == 200
    clock.shift(timedelta(days=2))
    assert leader.get(late).status_code == 404
    assert "ouder dan 30 dagen" in leader.get(late).text


def test_the_links_are_sent_again_once_a_day_and_work_again(
    tool: Flask, member: Visitor, clock: time_machine.Traveller, leader: Visitor, again: AsAnton
) -> None:
    path = report(member)
    link = link_in(letters(tool)["chef@voorbeeld.test"])
    clock.shift(timedelta(days=31))
    assert leader.get(link).status_code == 404
    member = again()
    member.get(path)
    for _ in range(3):
        assert "opnieuw onderweg" in member.post(f"{path}/opnieuw").text
    sent = letters(tool)
    assert set(sent) == {"chef@voorbeeld.test", "fg@straatcontact.nl"}
    assert letters(tool) == {}
    assert link_in(sent["chef@voorbeeld.test"]) == link
    assert leader.get(link).status_code == 200
    assert "verkeerd adres" in leader.post(link).text


def test_a_link_that_was_read_too_often_works_again_when_it_is_sent_again(
    tool: Flask, member: Visitor, clock: time_machine.Traveller, leader: Visitor, again: AsAnton
) -> None:
    path = report(member)
    link = link_in(letters(tool)["chef@voorbeeld.test"])
    leader.get(link)
    for _ in range(MOST_OPENINGS):
        assert leader.post(link).status_code == 200
    assert leader.get(link).status_code == 404
    clock.shift(timedelta(days=1))
    member = again()
    member.get(path)
    member.post(f"{path}/opnieuw")
    assert link_in(letters(tool)["chef@voorbeeld.test"]) == link
    assert leader.get(link).status_code == 200


def test_a_link_that_is_on_its_way_works_whatever_happens_to_the_keys(
    tool: Flask, member: Visitor, leader: Visitor, clock: time_machine.Traveller, again: AsAnton
) -> None:
    """Asked for twice in a day, before and after a rotation, one mail leaves: its link is the one that works."""
    path = report(member)
    letters(tool)
    clock.shift(timedelta(days=1))
    member = again()
    member.get(path)
    member.post(f"{path}/opnieuw")
    rotate_keys(tool)
    member.post(f"{path}/opnieuw")
    assert leader.get(link_in(letters(tool)["chef@voorbeeld.test"])).status_code == 200


def test_nobody_else_sends_the_links_of_a_report(member: Visitor, sanne: Visitor) -> None:
    path = report(member)
    sanne.get("/plusminmee/profiel")
    assert sanne.post(f"{path}/opnieuw").status_code == 404
    assert sanne.get(f"{path}/opnieuw").status_code == 404


def test_ten_reports_a_day_and_what_was_typed_stays(tool: Flask, member: Visitor) -> None:
    """The letters go to an address that somebody typed."""
    for _ in range(10):
        report(member)
    page = member.post(f"{REPORTS}/nieuw", REPORT)
    assert page.status_code == 422
    assert "U meldde vandaag al veel" in page.text
    assert "verkeerd adres" in page.text


def test_a_letter_whose_key_is_gone_holds_up_no_other(tool: Flask, member: Visitor) -> None:
    report(member)
    with tool.app_context():
        facts = {"name": "x", "organisation": "y", "until": "2027-01-01T00:00:00+00:00", "link_id": str(uuid.uuid4())}
        database().perform(put_letter, "incident:gone", "incident", "x@voorbeeld.test", key_id="gone", **facts)
    assert set(letters(tool)) == {"chef@voorbeeld.test", "fg@straatcontact.nl"}


def test_a_link_made_before_a_rotation_works_after_it(tool: Flask, member: Visitor, leader: Visitor) -> None:
    report(member)
    rotate_keys(tool)
    link = link_in(letters(tool)["chef@voorbeeld.test"])
    leader.get(link)
    assert "verkeerd adres" in leader.post(link).text


def test_a_report_is_erased_after_two_years(
    tool: Flask,
    member: Visitor,
    new_visitor: Callable[..., Visitor],
    engine: Engine,
    clock: time_machine.Traveller,
    leader: Visitor,
) -> None:
    report(member)
    link = link_in(letters(tool)["chef@voorbeeld.test"])
    leader.get(link)
    leader.post(link)
    report(new_visitor(SANNE))
    clock.shift(timedelta(days=725))
    with tool.app_context():
        follow_days(database())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM incident_reports")) == 2
    clock.shift(timedelta(days=10))
    with tool.app_context():
        follow_days(database())
    with engine.connect() as connection:
        for table in ("incident_reports", "incident_links", "incident_openings"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table


def test_many_reports_cost_the_statements_of_one(member: Visitor, statements: Statements) -> None:
    report(member)
    with statements() as one:
        member.get(REPORTS)
    for _ in range(4):
        report(member)
    with statements() as five:
        member.get(REPORTS)
    assert len(five) == len(one) <= 15


def test_help_leads_to_it(member: Visitor) -> None:
    page = member.get("/plusminmee/help").text
    assert f'href="{REPORTS}/nieuw"' in page
    assert "fg@straatcontact.nl" in page
    assert member.client.get(f"{REPORTS}/nieuw", base_url=BASE).status_code == 200
