"""Retention (W22): warned thirty days before, erased by itself on the day; what stays are counts, not people."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import time_machine
from flask import Flask
from sqlalchemy import Engine, text

from modules.kit.database import database
from modules.plusminmee.clockwork import follow_days, sweep, tick
from tests.modules.plusminmee.conftest import FATIMA
from tests.modules.plusminmee.pictures import telephone_photo
from tests.modules.plusminmee.visitors import GROUP, GROUPS, Visitor


def pass_time(tool: Flask) -> list[str]:
    """What the clock does now; returns the subjects of what it mails about dates."""
    sent: list[EmailMessage] = []
    with tool.app_context():
        follow_days(database())
        tick(database(), sent.append, sender="tool@voorbeeld.test", address="http://localhost:8003/plusminmee")
    return [mail["Subject"] for mail in sent if "gewist" in mail["Subject"]]


def files(tmp_path: Path) -> list[Path]:
    return [each for each in (tmp_path / "files").rglob("*") if each.is_file()]


def test_a_group_is_announced_and_then_erased_by_itself(
    tool: Flask,
    fatima: Visitor,
    member: Visitor,
    new_visitor: Callable[..., Visitor],
    group: uuid.UUID,
    engine: Engine,
    clock: time_machine.Traveller,
    tmp_path: Path,
) -> None:
    youngster = member.add_youngster(group, "Ella")
    path = f"{GROUPS}/{group}/jongeren/{youngster}/wijzigen"
    member.get(path)
    member.post(path, {"name": "Ella", "version": "1", "photo": (io.BytesIO(telephone_photo()), "ella.jpg")})
    assert len(files(tmp_path)) == 2
    assert pass_time(tool) == []
    clock.move_to("2027-06-02T09:00+02:00")
    assert pass_time(tool) == ["Een jeugdgroep wordt binnenkort gewist"]
    assert pass_time(tool) == [], "told once"
    clock.move_to("2027-06-30T09:00+02:00")
    pass_time(tool)
    later = new_visitor(FATIMA, "PMMBeheerder")
    assert later.get(f"{GROUPS}/{group}/jongeren").status_code == 404
    assert "Stationsplein" not in later.get(GROUPS).text
    assert files(tmp_path) == []
    with engine.connect() as connection:
        for table in ("youngsters", "placements", "memberships", "invitations", "log_entries"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
        row = connection.execute(text("SELECT name, purpose, erased_counts FROM youth_groups")).one()
    assert tuple(row[:2]) == ("", "")
    assert '"youngsters": 1' in str(row[2]).replace("'", '"')


def test_a_beheerder_puts_it_off_within_the_term(
    tool: Flask,
    fatima: Visitor,
    new_visitor: Callable[..., Visitor],
    group: uuid.UUID,
    clock: time_machine.Traveller,
) -> None:
    clock.move_to("2027-06-10T09:00+02:00")
    assert pass_time(tool) == ["Een jeugdgroep wordt binnenkort gewist"]
    later = new_visitor(FATIMA, "PMMBeheerder")
    assert "Nog 20 dagen" in later.get(GROUPS).text
    later.get(f"{GROUPS}/{group}/gegevens")
    later.post(f"{GROUPS}/{group}/gegevens", {**GROUP, "retain_until": "2028-01-31", "version": "1"})
    clock.move_to("2027-07-10T09:00+02:00")
    assert pass_time(tool) == []
    assert new_visitor(FATIMA, "PMMBeheerder").get(f"{GROUPS}/{group}/jongeren").status_code == 200


def test_a_photo_of_a_form_that_was_refused_is_swept_away(
    tool: Flask, member: Visitor, group: uuid.UUID, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    youngster = member.add_youngster(group, "Ella")
    path = f"{GROUPS}/{group}/jongeren/{youngster}/wijzigen"
    member.get(path)
    stale = {"name": "Ella", "version": "7", "photo": (io.BytesIO(telephone_photo()), "ella.jpg")}
    assert member.post(path, stale).status_code == 409
    assert len(files(tmp_path)) == 2
    clock.shift(timedelta(hours=3))
    with tool.app_context():
        sweep(database())
    assert files(tmp_path) == []
