"""Mijn profiel (seed 004): what the broker proved, one's own photo for those in one's groups (W24), and never more."""

import io
import re
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from modules.kit.database import database
from modules.kit.person import SignedIn, proved_phone
from modules.plusminmee import who
from modules.plusminmee.clockwork import sweep
from modules.plusminmee.close_memberships import close_memberships_of
from modules.plusminmee.model import Professional
from modules.plusminmee.who import find_professional
from tests.modules.fake_broker import FakeBroker
from tests.modules.plusminmee.conftest import ANTON, FATIMA, POLITIE, SANNE
from tests.modules.plusminmee.numbers import BSN
from tests.modules.plusminmee.pictures import PHOTOGRAPHER, picture, png_bomb, telephone_photo
from tests.modules.plusminmee.visitors import GROUPS, Visitor

PROFILE = "/plusminmee/profiel"
NewVisitor = Callable[..., Visitor]


def put_photo(visitor: Visitor, raw: bytes, name: str = "ik.jpg") -> int:
    visitor.get(PROFILE)
    return visitor.post(PROFILE, {"region": "Noord", "photo": (io.BytesIO(raw), name)}).status_code


def photos_on(visitor: Visitor, group: uuid.UUID) -> list[str]:
    """The addresses of the photos on the page of the professionals."""
    page = visitor.get(f"{GROUPS}/{group}/professionals").text
    return re.findall(r'src="(/plusminmee/jeugdgroepen/[0-9a-f-]{36}/professionals/[0-9a-f-]{36}/foto)"', page)


def files(tmp_path: Path) -> list[Path]:
    return [each for each in (tmp_path / "files").rglob("*") if each.is_file()]


@pytest.mark.parametrize("field", ["function_words", "region"])
def test_a_bsn_is_refused_in_what_one_says_of_oneself(member: Visitor, group: uuid.UUID, field: str) -> None:
    member.get(PROFILE)
    good = {"function": "other", "function_words": "buurtvader", "region": "Noord"}
    page = member.post(PROFILE, {**good, field: f"Rond {BSN}"})
    assert page.status_code == 422
    assert f'id="{field}-fout"' in page.text
    assert BSN not in member.get(f"{GROUPS}/{group}/professionals").text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a" + b"x" * 100,
        picture("JPEG")[:200],
        b"\xff\xd8\xff<?php system('id');",
        png_bomb(40_000, 40_000),
    ],
    ids=["nothing", "SVG", "GIF", "half of one", "a program", "a bomb"],
)
def test_what_is_no_photo_is_refused_and_what_was_typed_stays(member: Visitor, tmp_path: Path, raw: bytes) -> None:
    """PH1."""
    member.get(PROFILE)
    page = member.post(PROFILE, {"region": "Noord", "photo": (io.BytesIO(raw), "../../etc/ik.jpg")})
    assert page.status_code == 422
    assert 'id="photo-fout"' in page.text
    assert 'value="Noord"' in page.text
    assert files(tmp_path) == []


def test_a_photo_is_made_anew_as_a_small_square_without_the_place_where_it_was_taken(
    member: Visitor, tmp_path: Path
) -> None:
    assert put_photo(member, telephone_photo()) == 200
    shown = member.get(f"{PROFILE}/foto")
    assert shown.mimetype == "image/jpeg"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    made = Image.open(io.BytesIO(shown.data))
    assert made.size == (160, 160)
    assert not made.getexif()
    assert PHOTOGRAPHER.encode() not in shown.data
    (file,) = files(tmp_path)
    assert shown.data not in file.read_bytes()


def test_the_photo_and_what_was_typed_are_kept_together_or_not_at_all(member: Visitor, engine: Engine) -> None:
    put_photo(member, telephone_photo())
    before = member.get(f"{PROFILE}/foto").data

    def busy(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("UPDATE professionals"):
            raise OperationalError(statement, None, sqlite3.OperationalError("database is locked"))

    member.get(PROFILE)
    event.listen(engine, "before_cursor_execute", busy)
    try:
        refused = member.post(PROFILE, {"region": "Zuid", "photo": (io.BytesIO(picture("PNG")), "ik.png")})
    finally:
        event.remove(engine, "before_cursor_execute", busy)
    assert refused.status_code == 503
    assert member.get(f"{PROFILE}/foto").data == before


def test_the_longest_name_of_the_broker_is_no_fault_here(
    tool_broker: FakeBroker, new_visitor: NewVisitor, group: uuid.UUID
) -> None:
    """A hundred signs, a space and a hundred signs."""
    longest = {**SANNE, "given_name": "S" * 100, "family_name": "D" * 100}
    page = new_visitor(longest).get(PROFILE)
    assert page.status_code == 200
    assert "S" * 100 in page.text


def test_two_first_pages_at_once_are_one_professional(
    tool: Flask, fatima: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that opens two tabs."""
    both_looked = threading.Barrier(2)

    def find(session: Session, person: SignedIn) -> Professional | None:
        found = find_professional(session, person)
        with suppress(threading.BrokenBarrierError):
            both_looked.wait(1)
        return found

    person = SignedIn(
        sub="5" * 40,
        given_name="Vera",
        family_name="Smit",
        organisation_code="NL1",
        organisation_name="Elzevoorde",
        target_group="NL",
        rights=frozenset(),
        expires_at=datetime(2026, 11, 18, tzinfo=UTC),
    )

    def first_page() -> None:
        with tool.app_context():
            who._keep_first(person)

    monkeypatch.setattr(who, "find_professional", find)
    with ThreadPoolExecutor(2) as tabs:
        for tab in [tabs.submit(first_page) for _ in range(2)]:
            tab.result()
    with tool.app_context():
        assert database().reading().query(Professional).filter_by(sub="5" * 40).count() == 1


def test_only_who_is_in_a_group_with_somebody_sees_their_photo(
    fatima: Visitor, member: Visitor, sanne: Visitor, group: uuid.UUID
) -> None:
    put_photo(member, picture("PNG"))
    (address,) = photos_on(fatima, group)
    assert fatima.get(address).mimetype == "image/jpeg"
    assert member.get(address).status_code == 200
    assert sanne.get(address).status_code == 404
    other = fatima.make_group("Groep Park")
    assert fatima.get(address.replace(str(group), str(other))).status_code == 404, "by way of another group"


def test_whoever_left_the_group_is_not_seen_there_any_more(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    put_photo(member, picture("PNG"))
    (address,) = photos_on(fatima, group)
    member.get(f"{GROUPS}/{group}/verlaten")
    member.post(f"{GROUPS}/{group}/verlaten")
    assert fatima.get(address).status_code == 404
    assert member.get(f"{PROFILE}/foto").status_code == 200


def test_a_new_photo_takes_the_place_of_the_old_one_and_it_can_go(member: Visitor, tmp_path: Path) -> None:
    put_photo(member, picture("PNG"))
    first = files(tmp_path)
    put_photo(member, telephone_photo())
    assert len(files(tmp_path)) == 1
    assert files(tmp_path) != first
    member.get(PROFILE)
    assert "De foto is weg." in member.post(f"{PROFILE}/foto/verwijderen").text
    assert files(tmp_path) == []
    assert member.get(f"{PROFILE}/foto").status_code == 404
    member.post(f"{PROFILE}/foto/verwijderen")


def test_the_sweep_leaves_it_and_takes_it_once_the_right_ended(
    tool: Flask, member: Visitor, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    put_photo(member, picture("PNG"))
    clock.shift(timedelta(hours=3))
    with tool.app_context():
        sweep(database())
        assert len(files(tmp_path)) == 1
        close_memberships_of(ANTON["sub"], POLITIE[0], frozenset())
        sweep(database())
    assert files(tmp_path) == []


def told(number: str, proved: object = True) -> dict[str, object]:
    return {"phone_number": number, "phone_number_verified": proved}


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"phone_number": "+31612345678"},
        told("+31612345678", proved=False),
        told("+31612345678", proved="true"),
        told("0612345678"),
        told("+31 6 12345678"),
        told("+31612345678\r\nx"),
        {"phone_number": ["+31612345678"], "phone_number_verified": True},
    ],
    ids=["none", "not said to be", "not", "a word", "of no country", "with spaces", "two lines", "a list"],
)
def test_a_number_that_is_not_proved_is_none(claims: dict[str, object]) -> None:
    assert proved_phone(claims) == ""


@pytest.fixture
def anton_with(tool_broker: FakeBroker, new_visitor: NewVisitor) -> Iterator[Callable[[str], Visitor]]:
    """Anton, with the telephone that the broker says is proved."""
    before = dict(tool_broker.id_token_changes)

    def sign_in(number: str) -> Visitor:
        tool_broker.id_token_changes = {**before, **told(number)}
        visitor = new_visitor(ANTON, "PMMGebruiker", POLITIE)
        tool_broker.id_token_changes = before
        return visitor

    yield sign_in
    tool_broker.id_token_changes = before


def test_what_somebody_said_of_themselves_goes_with_their_right_and_their_name_stays_in_the_logbook(
    tool: Flask, fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    member.get(PROFILE)
    member.post(
        PROFILE, {"function": "other", "function_words": "buurtvader", "region": "Noord", "leader_email": "chef@elz.nl"}
    )
    with tool.app_context():
        close_memberships_of(ANTON["sub"], POLITIE[0], frozenset({"PMMGebruiker"}))
    assert "buurtvader" in fatima.get(f"{GROUPS}/{group}/professionals").text, "a right is left"
    with tool.app_context():
        close_memberships_of(ANTON["sub"], POLITIE[0], frozenset())
    with engine.connect() as connection:
        kept = "SELECT phone, function, function_words, region, leader_email FROM professionals WHERE full_name = 'Anton Bos'"
        assert set(connection.execute(text(kept)).one()) == {""}
    assert "Het recht van Anton Bos stopte" in fatima.get(f"{GROUPS}/{group}/logboek").text


def test_a_new_name_is_said_in_the_logbook_of_each_group_once(
    fatima: Visitor, member: Visitor, group: uuid.UUID, new_visitor: NewVisitor
) -> None:
    """Everything they did stands under the new name from then on, so the group must read that it changed."""
    log = f"{GROUPS}/{group}/logboek"
    assert "veranderde van naam" not in fatima.get(log).text
    anton = new_visitor({**ANTON, "family_name": "de Bos"}, "PMMGebruiker", POLITIE)
    anton.get(PROFILE)
    told = fatima.get(log).text
    assert told.count("Anton de Bos veranderde van naam") == 1
    assert "Anton Bos" not in told


def test_the_telephone_is_the_one_that_was_proved_at_the_broker(
    fatima: Visitor, group: uuid.UUID, anton_with: Callable[[str], Visitor], new_visitor: NewVisitor
) -> None:
    anton = anton_with("+31612345678")
    fatima.invite(group, ANTON["vo_email"])
    anton.accept()
    mine = anton.get(PROFILE).text
    assert "+31 6 12345678" in mine
    assert 'name="phone"' not in mine
    assert '/mijn-profiel"' in mine, "where the broker has it"
    anton.post(PROFILE, {"phone": "+31 6 99999999", "region": "Noord"})
    assert "99999999" not in anton.get(PROFILE).text
    assert "+31 6 12345678" in fatima.get(f"{GROUPS}/{group}/professionals").text
    assert "+32 470 12 34 56" in anton_with("+32470123456").get(PROFILE).text
    assert "+32 470 12 34 56" in fatima.get(f"{GROUPS}/{group}/professionals").text
    assert "+32" not in new_visitor(ANTON, "PMMGebruiker", POLITIE).get(PROFILE).text, "no longer proved"


def test_somebodys_photo_is_of_one_organisation_as_their_work_is(
    fatima: Visitor, new_visitor: NewVisitor, engine: Engine
) -> None:
    put_photo(fatima, picture("PNG"))
    elsewhere = new_visitor(FATIMA, "PMMGebruiker", POLITIE)
    assert elsewhere.get(f"{PROFILE}/foto").status_code == 404
    assert new_visitor(SANNE).get(f"{PROFILE}/foto").status_code == 404
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM professional_photos")) == 1
