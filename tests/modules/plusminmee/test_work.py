"""Interventies and Berichten: added by every member, sealed, reminded of on the day, and as quick with 20,000 as with ten."""

import io
import re
import uuid
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, insert, select, text

from modules.kit.database import database
from modules.plusminmee.clockwork import follow_days, tick
from modules.plusminmee.keeping import keeping
from modules.plusminmee.model import Professional
from modules.plusminmee.tips import tips_for
from modules.plusminmee.work_model import MESSAGE_TEXT, Message
from tests.modules.plusminmee.numbers import BSN
from tests.modules.plusminmee.visitors import GROUPS, Visitor
from tests.worlds.statements import Statements


def interventions(group: uuid.UUID) -> str:
    return f"{GROUPS}/{group}/interventies"


def messages(group: uuid.UUID) -> str:
    return f"{GROUPS}/{group}/berichten"


def professional(page: str, name: str) -> str:
    found = re.search(rf'value="([0-9a-f-]{{36}})"[^>]*>{name}<', page)
    assert found is not None
    return found[1]


def add_intervention(visitor: Visitor, group: uuid.UUID, **changes: str) -> str:
    """Add one for Anton; returns its address."""
    form = visitor.get(f"{interventions(group)}/nieuw").text
    fields = {"sign": "plus", "words": "Thuisgesprek", "professional": professional(form, "Anton Bos"), **changes}
    page = visitor.post(f"{interventions(group)}/nieuw", fields)
    assert page.status_code == 200, page.text
    return re.findall(r'data-open="([^"]+)"', page.text)[0]


def test_an_intervention_is_added_changed_and_settled(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    youngster = member.add_youngster(group, "Ella")
    address = add_intervention(member, group, youngster=str(youngster), street_value="1", remind_on="2026-12-01")
    overview = fatima.get(interventions(group)).text
    assert "+ Thuisgesprek" in overview
    assert "Ella" in overview
    assert "1 december 2026" in overview
    form = fatima.get(address).text
    settled = {
        "sign": "plus",
        "youngster": str(youngster),
        "words": "Thuisgesprek",
        "professional": professional(form, "Anton Bos"),
        "settled_on": "2026-11-17",
        "version": "1",
    }
    assert "Afgehandeld op 17 november 2026" in fatima.post(address, settled).text
    fatima.get(address)
    assert fatima.post(address, settled).status_code == 409
    log = member.get(f"{GROUPS}/{group}/logboek").text
    assert "Anton Bos voegde een interventie toe" in log
    assert "Fatima Haddad handelde een interventie af" in log


@pytest.mark.parametrize(
    ("field", "typed"),
    [("sign", "x"), ("words", ""), ("words", f"BSN {BSN}"), ("professional", ""), ("remind_on", "morgen")],
)
def test_what_is_wrong_with_an_intervention_is_said_at_its_field(
    member: Visitor, group: uuid.UUID, field: str, typed: str
) -> None:
    form = member.get(f"{interventions(group)}/nieuw").text
    good = {"sign": "plus", "words": "Gesprek", "professional": professional(form, "Anton Bos"), "remind_on": ""}
    page = member.post(f"{interventions(group)}/nieuw", {**good, field: typed})
    assert page.status_code == 422
    assert f'id="{field}-fout"' in page.text


def test_an_intervention_is_for_somebody_in_this_group_only(
    fatima: Visitor, member: Visitor, sanne: Visitor, group: uuid.UUID
) -> None:
    other = fatima.make_group("Groep Park")
    hidden = fatima.add_youngster(other, "Dwayne")
    form = member.get(f"{interventions(group)}/nieuw").text
    good = {"sign": "min", "words": "Gesprek", "professional": professional(form, "Anton Bos")}
    assert member.post(f"{interventions(group)}/nieuw", {**good, "youngster": str(hidden)}).status_code == 404
    member.get(f"{interventions(group)}/nieuw")
    stranger = {**good, "professional": str(uuid.uuid4())}
    assert member.post(f"{interventions(group)}/nieuw", stranger).status_code == 404
    address = add_intervention(member, group)
    assert fatima.get(address.replace(str(group), str(other))).status_code == 404


def test_the_professional_is_reminded_on_the_day_and_not_once_it_is_settled_or_they_left(
    tool: Flask, member: Visitor, group: uuid.UUID, clock: time_machine.Traveller
) -> None:
    add_intervention(member, group, remind_on="2026-11-20", words="Met de ouders van Ella praten")
    add_intervention(member, group, remind_on="2026-11-20", settled_on="2026-11-18")
    assert reminders(tool) == []
    clock.shift(timedelta(days=3))
    (mail,) = reminders(tool)
    assert mail["To"] == "anton@voorbeeld.test"
    assert "Ella" not in mail.as_string()
    assert reminders(tool) == [], "once"


def reminders(tool: Flask) -> list[EmailMessage]:
    sent: list[EmailMessage] = []
    with tool.app_context():
        follow_days(database())
        tick(database(), sent.append, sender="tool@voorbeeld.test", address="http://localhost:8003/plusminmee")
    return [mail for mail in sent if "Herinnering" in mail["Subject"]]


def test_removing_a_youngster_takes_the_interventions_for_them_along(
    fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    """C1."""
    youngster = member.add_youngster(group, "Ella")
    add_intervention(member, group, youngster=str(youngster))
    path = f"{GROUPS}/{group}/methode/{youngster}/verwijderen"
    fatima.get(path)
    fatima.post(path, {"recorded": "1"})
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM interventions")) == 0


def test_a_message_is_posted_read_and_counted_as_news(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    member.get(f"{messages(group)}/nieuw")
    page = member.post(f"{messages(group)}/nieuw", {"words": "Rustige avond.\nAcht jongeren <b>."}).text
    assert "Rustige avond.\nAcht jongeren &lt;b&gt;." in page
    assert "Anton Bos plaatste een bericht" in fatima.get("/plusminmee/logboek").text
    member.get(f"{messages(group)}/nieuw")
    refused = member.post(f"{messages(group)}/nieuw", {"words": f"Zijn BSN is {BSN}"})
    assert refused.status_code == 422
    assert 'id="words-fout"' in refused.text


def test_nobody_there_is_one_tap_and_can_be_filtered(member: Visitor, group: uuid.UUID) -> None:
    """M17."""
    form = member.get(f"{messages(group)}/nieuw").text
    assert "Ook als er geen jongeren op de hangplek staan" in form
    assert "Niemand aangetroffen: Stationsplein" in member.post(f"{messages(group)}/niemand").text
    member.get(f"{messages(group)}/nieuw")
    member.post(f"{messages(group)}/nieuw", {"words": "Twee jongeren."})
    filtered = member.get(f"{messages(group)}?niemand=1").text
    assert "Niemand aangetroffen: Stationsplein" in filtered
    assert "Twee jongeren." not in filtered


def test_an_attachment_is_downloaded_by_members_and_never_shown(
    member: Visitor, sanne: Visitor, group: uuid.UUID
) -> None:
    member.get(f"{messages(group)}/nieuw")
    sent = {"words": "Zie bijlage.", "attachment": (io.BytesIO(b"Verslag"), "../../verslag.txt")}
    page = member.post(f"{messages(group)}/nieuw", sent).text
    (address,) = re.findall(r'href="([^"]+/bijlage)"', page)
    answer = member.get(address)
    assert answer.data == b"Verslag"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="verslag.txt"')
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert sanne.get(address).status_code == 404
    member.get(f"{messages(group)}/nieuw")
    bad = {"words": "Zie bijlage.", "attachment": (io.BytesIO(b"<html><script>"), "verslag.txt")}
    refused = member.post(f"{messages(group)}/nieuw", bad)
    assert refused.status_code == 422
    assert "Zie bijlage." in refused.text


@pytest.mark.parametrize(("page", "path"), [("interventions", "interventies/nieuw"), ("messages", "berichten/nieuw")])
def test_each_tip_stands_on_its_page(member: Visitor, group: uuid.UUID, page: str, path: str) -> None:
    """W17."""
    shown = member.get(f"{GROUPS}/{group}/{path}").text
    for tip in tips_for("interventions" if page == "interventions" else "messages"):
        assert f'data-tip="{tip.code}"' in shown


def test_the_messages_ask_no_more_of_the_database_with_20_000_than_with_10(
    tool: Flask, member: Visitor, group: uuid.UUID, engine: Engine, statements: Statements
) -> None:
    counts = []
    for more in (10, 19_990):
        post_many(tool, group, more)
        for path in (messages(group), f"{interventions(group)}", GROUPS):
            member.get(path)
            with statements() as seen:
                assert member.get(path).status_code == 200
            counts.append(len(seen))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 15
    first = member.get(messages(group)).text
    (following,) = re.findall(r'href="([^"]+berichten\?na=[^"]+)"', first)
    assert "Bericht" in member.get(following).text


def post_many(tool: Flask, group: uuid.UUID, how_many: int) -> None:
    with tool.app_context():
        author = database().reading().scalar(select(Professional.id))
        now = datetime.now(UTC)
        sealer = keeping().sealer
        rows = []
        for number in range(how_many):
            row_id = uuid.uuid4()
            rows.append(
                {
                    "id": row_id,
                    "group_id": group,
                    "words": sealer.seal_text(f"Bericht {number}", MESSAGE_TEXT.of(row_id)),
                    "nobody_there": False,
                    "posted_at": now - timedelta(minutes=number),
                    "posted_by": author,
                }
            )
        database().perform(lambda session: session.execute(insert(Message), rows))
