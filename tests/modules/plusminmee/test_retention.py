"""Retention (W22): warned thirty days before, erased by itself on the day; what stays are counts, not people."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from modules.kit.database import database
from modules.plusminmee.clockwork import follow_days, sweep, tick
from tests.modules.plusminmee.conftest import ELZEVOORDE, FATIMA
from tests.modules.plusminmee.numbers import BSN
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
        for table in ("youngsters", "placements", "memberships", "invitations", "log_entries", "youth_groups"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
        (row,) = connection.execute(text("SELECT * FROM erased_groups")).mappings()
    assert set(row) == {"id", "organisation_code", "erased_at", "counts"}, "counts, not people"
    assert row["organisation_code"] == ELZEVOORDE[0]
    assert '"youngsters": 1' in str(row["counts"]).replace("'", '"')


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
    form = {**GROUP, "retain_until": "2028-01-31", "version": "1", "why": "De aanpak loopt tot de winter."}
    assert later.post(f"{GROUPS}/{group}/gegevens", form).status_code == 200
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


def extend(
    beheerder: Visitor, group: uuid.UUID, why: str, until: str = "2027-09-30", version: str = "1"
) -> TestResponse:
    beheerder.get(f"{GROUPS}/{group}/gegevens")
    form = {**GROUP, "retain_until": until, "version": version, "why": why}
    return beheerder.post(f"{GROUPS}/{group}/gegevens", form)


@pytest.mark.parametrize(
    "why",
    ["", "  ", f"Wegens {BSN}.", "x" * 501, "tot\u202eherfst"],
    ids=["none", "blank", "a BSN", "too long", "a sign that turns the text round"],
)
def test_keeping_a_group_longer_takes_a_reason_that_can_be_kept(
    fatima: Visitor, group: uuid.UUID, engine: Engine, why: str
) -> None:
    """W22: "can extend within the term with a reason"."""
    page = extend(fatima, group, why)
    assert page.status_code == 422
    assert 'id="why-fout"' in page.text
    assert 'value="2027-09-30"' in page.text
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM retention_reasons")) == 0
        assert str(connection.scalar(text("SELECT retain_until FROM youth_groups"))) == "2027-06-30"


def test_every_member_reads_the_reason_in_the_logbook_and_the_database_does_not(
    fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    assert extend(fatima, group, "De aanpak loopt <b>nog</b> een zomer.").status_code == 200
    log = member.get(f"{GROUPS}/{group}/logboek").text
    assert "Fatima Haddad verlengde de bewaardatum tot" in log
    assert "Reden: De aanpak loopt &lt;b&gt;nog&lt;/b&gt; een zomer." in log
    with engine.connect() as connection:
        rows = [*connection.execute(text("SELECT why FROM retention_reasons"))]
        rows += [*connection.execute(text("SELECT facts FROM log_entries"))]
    assert "zomer" not in "".join(str(bytes(row[0]) if not isinstance(row[0], str | dict) else row[0]) for row in rows)


def test_sensitive_words_in_a_reason_are_pointed_out(fatima: Visitor, group: uuid.UUID) -> None:
    assert "Kijk nog eens na wat u schreef" in extend(fatima, group, "Zijn schulden lopen nog.").text


def test_keeping_it_shorter_takes_none(fatima: Visitor, group: uuid.UUID) -> None:
    assert extend(fatima, group, "", until="2027-03-31").status_code == 200
    assert "zette de bewaardatum op" in fatima.get(f"{GROUPS}/{group}/logboek").text


def test_a_reason_goes_with_the_group(
    tool: Flask, fatima: Visitor, group: uuid.UUID, engine: Engine, clock: time_machine.Traveller
) -> None:
    extend(fatima, group, "De aanpak loopt nog een zomer.")
    clock.move_to("2027-10-02T09:00+02:00")
    pass_time(tool)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM retention_reasons")) == 0
