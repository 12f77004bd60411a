"""Interventies and Berichten: added by every member, sealed, and reminded of on the day."""

import io
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, text, update

from modules.kit.database import database
from modules.plusminmee import keep_intervention
from modules.plusminmee.clockwork import follow_days, tick
from modules.plusminmee.find_membership import members_of
from modules.plusminmee.keep_intervention import InterventionFields
from modules.plusminmee.keeping import keeping
from modules.plusminmee.model import Membership, Professional
from modules.plusminmee.remove_youngster import remove_youngster
from modules.plusminmee.tips import tips_for
from tests.modules.plusminmee.conftest import FATIMA
from tests.modules.plusminmee.crowds import Crowd
from tests.modules.plusminmee.in_between import InBetween
from tests.modules.plusminmee.numbers import BSN
from tests.modules.plusminmee.visitors import GROUPS, Visitor


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


def test_an_intervention_is_for_somebody_in_this_group_only_and_nothing_typed_is_lost(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    other = fatima.make_group("Groep Park")
    hidden = fatima.add_youngster(other, "Dwayne")
    form = member.get(f"{interventions(group)}/nieuw").text
    good = {"sign": "min", "words": "Gesprek met de ouders", "professional": professional(form, "Anton Bos")}
    for field, chosen in (
        ("youngster", str(hidden)),
        ("youngster", "geen id"),
        ("professional", str(uuid.uuid4())),
        ("professional", "x" * 40),
    ):
        refused = member.post(f"{interventions(group)}/nieuw", {**good, field: chosen})
        assert refused.status_code == 422
        assert f'id="{field}-fout"' in refused.text
        assert "Gesprek met de ouders" in refused.text
    address = add_intervention(member, group)
    assert fatima.get(address.replace(str(group), str(other))).status_code == 404


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("remind_on", "31-02-2027"),
        ("remind_on", "2026-11-16"),
        ("remind_on", "2033-01-01"),
        ("remind_on", "99999999999-01-01"),
        ("settled_on", "2026-11-18"),
        ("settled_on", "0001-01-01"),
        ("settled_on", "2026-13-01"),
    ],
)
def test_a_day_that_cannot_be_is_said_at_its_field(member: Visitor, group: uuid.UUID, field: str, typed: str) -> None:
    """It is Tuesday 17 November 2026."""
    form = member.get(f"{interventions(group)}/nieuw").text
    good = {"sign": "min", "words": "Gesprek met de ouders", "professional": professional(form, "Anton Bos")}
    refused = member.post(f"{interventions(group)}/nieuw", {**good, field: typed})
    assert refused.status_code == 422
    assert f'id="{field}-fout"' in refused.text
    assert f'value="{typed}"' in refused.text
    assert "Gesprek met de ouders" in refused.text


def test_what_was_for_somebody_who_left_can_still_be_settled_and_a_past_reminder_stays(
    fatima: Visitor,
    member: Visitor,
    group: uuid.UUID,
    new_visitor: Callable[..., Visitor],
    clock: time_machine.Traveller,
) -> None:
    address = add_intervention(member, group, remind_on="2026-11-18")
    leave(member, group)
    clock.shift(timedelta(days=3))
    again = new_visitor(FATIMA, "PMMBeheerder")
    form = again.get(address).text
    settled = {
        "sign": "plus",
        "words": "Thuisgesprek",
        "professional": professional(form, r"Anton Bos \(niet meer in de groep\)"),
        "remind_on": "2026-11-18",
        "settled_on": "2026-11-19",
        "version": "1",
    }
    assert "Afgehandeld op 19 november 2026" in again.post(address, settled).text
    assert "Anton Bos" not in again.get(f"{interventions(group)}/nieuw").text


def test_interventions_go_on_where_the_page_ends_running_ones_first(
    tool: Flask, member: Visitor, group: uuid.UUID
) -> None:
    member.add_youngster(group, "Ella")
    Crowd(tool, group).fill(interventions=120)
    seen: list[int] = []
    path: str | None = interventions(group)
    while path is not None:
        page = member.get(path).text
        seen += [int(number) for number in re.findall(r">\+ Interventie (\d+)<", page)]
        path = next(iter(re.findall(r'href="([^"&]+interventies\?na=[^"&]+)"', page)), None)
    assert seen == [*range(0, 120, 2), *range(1, 120, 2)]


def test_the_professional_is_reminded_on_the_day_and_not_once_it_is_settled(
    tool: Flask, member: Visitor, group: uuid.UUID, clock: time_machine.Traveller
) -> None:
    address = add_intervention(member, group, remind_on="2026-11-20", words="Met de ouders van Ella praten")
    add_intervention(member, group, remind_on="2026-11-20", settled_on="2026-11-17")
    assert reminders(tool) == []
    clock.shift(timedelta(days=2))
    assert reminders(tool) == [], "the day before"
    clock.shift(timedelta(days=1))
    (mail,) = reminders(tool)
    words = mail.get_body(("plain",))
    assert words is not None
    assert mail["To"] == "anton@voorbeeld.test"
    assert f"http://localhost:8003{address}\n" in words.get_content(), "it leads to the intervention"
    assert "Ella" not in mail.as_string()
    assert "ouders" not in mail.as_string()
    assert reminders(tool) == [], "once"
    leave_by_id(tool, group)
    assert reminders(tool) == [], "told already"


def test_the_beheerder_is_reminded_of_what_was_for_somebody_who_left(
    tool: Flask, member: Visitor, group: uuid.UUID, clock: time_machine.Traveller
) -> None:
    add_intervention(member, group, remind_on="2026-11-20", words="Met de ouders van Ella praten")
    leave(member, group)
    assert reminders(tool) == []
    clock.shift(timedelta(days=3))
    (mail,) = reminders(tool)
    assert mail["To"] == "fatima@voorbeeld.test"
    words = mail.get_body(("plain",))
    assert words is not None
    assert "Anton Bos" in words.get_content()
    assert "Ella" not in mail.as_string()
    assert reminders(tool) == [], "once"


def leave(visitor: Visitor, group: uuid.UUID) -> None:
    """X in the overview."""
    visitor.get(f"{GROUPS}/{group}/verlaten")
    visitor.post(f"{GROUPS}/{group}/verlaten")


def leave_by_id(tool: Flask, group: uuid.UUID) -> None:
    """The right of everybody but the beheerder ended, whoever is signed in."""
    with tool.app_context():
        database().perform(
            lambda session: session.execute(
                update(Membership)
                .where(Membership.group_id == group, Membership.beheerder.is_(False))
                .values(ended_at=datetime.now(UTC), end_reason="right_ended")
            )
        )


def reminders(tool: Flask) -> list[EmailMessage]:
    sent: list[EmailMessage] = []
    with tool.app_context():
        follow_days(database())
        tick(database(), sent.append, sender="tool@voorbeeld.test", address="http://localhost:8003/plusminmee")
    return [mail for mail in sent if "nterventie" in mail["Subject"]]


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


def test_what_is_written_while_a_youngster_is_removed_goes_with_them(
    tool: Flask, fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C1: nothing about somebody who was removed is left, whoever was first."""
    youngster = member.add_youngster(group, "Ella")
    with tool.app_context():
        anton, beheerder = (
            database().reading().query(Professional).filter_by(full_name=name).one().id
            for name in ("Anton Bos", "Fatima Haddad")
        )
    in_between = InBetween()

    def write() -> None:
        fields = InterventionFields("plus", youngster, "Thuisgesprek", anton, False, None, None)
        with tool.app_context():
            database().perform(keep_intervention.add_intervention, keeping(), anton, group, fields)

    def remove() -> None:
        with tool.app_context():
            database().perform(remove_youngster, beheerder, group, youngster)

    monkeypatch.setattr(keep_intervention, "members_of", in_between.held(members_of))
    in_between.run(write, remove)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM youngsters WHERE erased_at IS NULL")) == 0
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
    assert "<h2>Alle berichten</h2>" in member.get(messages(group)).text
    filtered = member.get(f"{messages(group)}?niemand=1").text
    assert "<h2>Niemand aangetroffen</h2>" in filtered
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


def test_the_messages_go_on_where_the_page_ends(tool: Flask, member: Visitor, group: uuid.UUID) -> None:
    Crowd(tool, group).fill(messages=31)
    first = member.get(messages(group)).text
    (following,) = re.findall(r'href="([^"&]+berichten\?na=[^"&]+)"', first)
    second = member.get(following).text
    assert re.findall(r">Bericht (\d+)<", first + second) == [str(number) for number in range(31)]
    assert not re.findall(r'href="([^"&]+berichten\?na=[^"&]+)"', second)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("2026-11-16T21:30", "maandag 16 november 2026, 21.30 uur"),
        ("14-11-2026 08:05", "zaterdag 14 november 2026, 8.05 uur"),
        ("07:15", "dinsdag 17 november 2026, 7.15 uur"),
    ],
)
def test_nobody_was_there_at_a_moment_that_is_chosen(member: Visitor, group: uuid.UUID, typed: str, shown: str) -> None:
    """M17: "place, moment"."""
    member.get(f"{messages(group)}/nieuw")
    page = member.post(f"{messages(group)}/niemand", {"place": "Park", "seen_at": typed}).text
    assert f"Niemand aangetroffen: Park, {shown}." in page


@pytest.mark.parametrize(
    "typed", ["2026-11-17T23:00", "2026-10-01T10:00", "gisteren", "17-11-2026", "2026-11-17T25:00"]
)
def test_a_moment_that_cannot_be_is_said_at_its_field(member: Visitor, group: uuid.UUID, typed: str) -> None:
    member.get(f"{messages(group)}/nieuw")
    refused = member.post(f"{messages(group)}/niemand", {"place": "Achter het park", "seen_at": typed})
    assert refused.status_code == 422
    assert 'id="seen_at-fout"' in refused.text
    assert "Achter het park" in refused.text
