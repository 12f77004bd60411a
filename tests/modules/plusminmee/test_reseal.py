"""Rotating keys: everything is sealed anew under the newest key, in batches, and no start without a key that is still needed."""

import base64
import io
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, LargeBinary, String, text

from modules.kit import ModuleSettingsError
from modules.kit.database import Database, database
from modules.plusminmee.keeping import Keeping, keeping
from modules.plusminmee.model import Base
from modules.plusminmee.refuse_lost_keys import refuse_lost_keys
from modules.plusminmee.seal_anew import SealedAnew, seal_anew
from modules.plusminmee.sealed_places import DATES, FILES, TEXTS
from modules.plusminmee.sealing_keys import new_entry
from tests.modules.plusminmee.pictures import picture
from tests.modules.plusminmee.visitors import GROUP, GROUPS, Visitor

NEWER = new_entry("newer")
KeptWith = Callable[..., Keeping]


def entry_of(kept: Keeping) -> str:
    """The entry in the setting of the key that the tests began with."""
    (key_id,) = kept.sealer.key_ids
    secret = kept.sealer._keys.secrets[key_id]
    return f"{key_id}:{base64.urlsafe_b64encode(secret).decode().rstrip('=')}"


@pytest.fixture
def old_entry(tool: Flask) -> str:
    with tool.app_context():
        return entry_of(keeping())


@pytest.fixture
def kept_with(tmp_path: Path) -> KeptWith:
    def make(*entries: str) -> Keeping:
        return Keeping.from_environment(
            {"PLUSMINMEE_SEALING_KEYS": ",".join(entries), "PLUSMINMEE_FILES_DIR": str(tmp_path / "files")}
        )

    return make


@pytest.fixture
def youngster(fatima: Visitor, member: Visitor, group: uuid.UUID) -> uuid.UUID:
    """Something in every sealed place: a youngster with all fields, work, a proposal, a report, a reason, photos."""
    photo = {"photo": (io.BytesIO(picture("PNG")), "foto.png")}
    youngster = member.add_youngster(
        group,
        "Yassin el Amrani",
        born="2009-12-01",
        kenteken="ab123c",
        description="Komt elke vrijdag.",
        checked_on="2026-11-02",
        document_kind="id_card",
        document_number="IW2C45671",
        **photo,
    )
    fatima.place(group, youngster, "plus", "Helpt de kleintjes.")
    inside = f"{GROUPS}/{group}"
    member.get(f"{inside}/berichten/nieuw")
    member.post(f"{inside}/berichten/nieuw", {"words": "Rustig.", "attachment": (io.BytesIO(b"Verslag."), "a.txt")})
    fatima.get(f"{inside}/gegevens")
    fatima.post(f"{inside}/gegevens", {**GROUP, "retain_until": "2027-09-30", "version": "1", "why": "Nog een zomer."})
    member.get("/plusminmee/profiel")
    member.post("/plusminmee/profiel", {"photo": (io.BytesIO(picture("PNG")), "ik.png")})
    member.get("/plusminmee/incidenten/nieuw")
    report = {"what": "Verkeerd adres.", "happened_on": "2026-11-16", "leader_email": "chef@voorbeeld.test"}
    assert member.post("/plusminmee/incidenten/nieuw", report).status_code == 200
    return youngster


def test_the_list_knows_every_sealed_column_and_every_file() -> None:
    """A column of bytes is sealed, and one of 32 signs names a file: a new one that nobody lists would be lost by a rotation."""
    tables = Base.metadata.tables.values()
    sealed = {
        (table.name, column.name) for table in tables for column in table.c if isinstance(column.type, LargeBinary)
    }
    assert {(each.table, each.column) for each in (*TEXTS, *DATES)} == sealed
    names = {
        (table.name, column.name)
        for table in tables
        for column in table.c
        if isinstance(column.type, String) and column.type.length == 32
    }
    assert {(each.table, each.column) for each in FILES} == names


def anew(tool: Flask, kept: Keeping) -> dict[str, SealedAnew]:
    with tool.app_context():
        return {each.place: each for each in seal_anew(database(), kept)}


def test_everything_stands_under_the_newest_key_and_reads_as_before(
    tool: Flask, member: Visitor, group: uuid.UUID, youngster: uuid.UUID, old_entry: str, kept_with: KeptWith
) -> None:
    first = anew(tool, kept_with(NEWER, old_entry))
    assert first["youngsters.name"].anew == 1
    assert first["youngsters.born"].anew == 1
    assert first["files of youngsters.photo"].anew == 1
    assert first["files of professional_photos.square"].anew == 1
    empty = {"interventions.words", "proposals.why", "proposals.answer"}
    assert {each.place for each in first.values() if each.anew == 0} == empty
    assert not any(each.broken for each in first.values())
    assert not any(each.anew for each in anew(tool, kept_with(NEWER, old_entry)).values()), "nothing is left to do"
    kept_with(NEWER).install(tool.extensions)
    with tool.app_context():
        refuse_lost_keys(database().reading(), keeping())
    page = member.get(f"{GROUPS}/{group}/jongeren/{youngster}").text
    for shown in ("Yassin el Amrani", "1 december 2009", "AB-123-C", "elke vrijdag", "IW2C45671", "kleintjes"):
        assert shown in page
    assert member.get(f"{GROUPS}/{group}/jongeren/{youngster}/foto").status_code == 200
    assert member.get("/plusminmee/profiel/foto").status_code == 200
    assert "Nog een zomer." in member.get(f"{GROUPS}/{group}/logboek").text


def test_sealing_anew_is_no_change_of_what_somebody_has_on_the_screen(
    tool: Flask, member: Visitor, group: uuid.UUID, old_entry: str, kept_with: KeptWith
) -> None:
    youngster = member.add_youngster(group, "Yassin el Amrani")
    path = f"{GROUPS}/{group}/jongeren/{youngster}/wijzigen"
    member.get(path)
    kept = kept_with(NEWER, old_entry)
    anew(tool, kept)
    kept.install(tool.extensions)
    assert member.post(path, {"name": "Yassin Amrani", "version": "1"}).status_code == 200


def test_what_was_stopped_goes_on_where_it_was(
    tool: Flask, member: Visitor, group: uuid.UUID, old_entry: str, kept_with: KeptWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modules.plusminmee.seal_anew.AT_ONCE", 2)
    for number in range(5):
        member.add_youngster(group, f"Jongere {number}")
    kept = kept_with(NEWER, old_entry)
    calls = 0
    perform = Database.perform

    def stops(self: Database, *given: object, **more: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return perform(self, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Database, "perform", stops)
    with tool.app_context(), pytest.raises(KeyboardInterrupt):
        list(seal_anew(database(), kept))
    monkeypatch.setattr(Database, "perform", perform)
    assert anew(tool, kept)["youngsters.name"].anew == 1, "two batches of two were done"
    kept.install(tool.extensions)
    assert "Jongere 4" in member.get(f"{GROUPS}/{group}/jongeren").text


def test_a_value_that_was_touched_is_counted_and_stops_neither_the_rest_nor_a_start(
    tool: Flask, member: Visitor, group: uuid.UUID, engine: Engine, old_entry: str, kept_with: KeptWith
) -> None:
    for name in ("Ella", "Noor", "Sam"):
        member.add_youngster(group, name)
    with engine.begin() as connection:
        one = connection.scalar(text("SELECT id FROM youngsters ORDER BY id LIMIT 1"))
        other = connection.scalar(text("SELECT id FROM youngsters ORDER BY id DESC LIMIT 1"))
        swap = text("UPDATE youngsters SET name = (SELECT name FROM youngsters WHERE id = :other) WHERE id = :one")
        connection.execute(swap, {"one": one, "other": other})
    done = anew(tool, kept_with(NEWER, old_entry))["youngsters.name"]
    assert (done.anew, done.broken) == (2, 1)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE youngsters SET name = :junk WHERE id = :one"), {"junk": b"\x00junk", "one": one}
        )
    with tool.app_context():
        refuse_lost_keys(database().reading(), kept_with(NEWER, old_entry))


def refused(tool: Flask, kept: Keeping) -> str:
    with tool.app_context(), pytest.raises(ModuleSettingsError) as refusal:
        refuse_lost_keys(database().reading(), kept)
    return str(refusal.value)


def test_no_start_without_a_key_that_values_stand_under(
    tool: Flask, member: Visitor, group: uuid.UUID, old_entry: str, kept_with: KeptWith
) -> None:
    member.add_youngster(group, "Ella")
    said = refused(tool, kept_with(NEWER))
    assert "test1 (1)" in said
    assert "\n" not in said
    for entry in (NEWER, old_entry):
        assert entry.partition(":")[2] not in said
    with tool.app_context():
        refuse_lost_keys(database().reading(), kept_with(NEWER, old_entry))


def test_no_start_without_a_key_that_only_a_file_stands_under(
    tool: Flask, member: Visitor, old_entry: str, kept_with: KeptWith
) -> None:
    member.get("/plusminmee/profiel")
    member.post("/plusminmee/profiel", {"photo": (io.BytesIO(picture("PNG")), "ik.png")})
    assert "test1 (1)" in refused(tool, kept_with(NEWER))


def test_no_start_with_another_key_under_the_same_id(
    tool: Flask, member: Visitor, group: uuid.UUID, kept_with: KeptWith
) -> None:
    member.add_youngster(group, "Ella")
    assert "another key under the id test1" in refused(tool, kept_with(new_entry("test1")))


def test_an_empty_tool_starts_with_any_key(tool: Flask, kept_with: KeptWith) -> None:
    with tool.app_context():
        refuse_lost_keys(database().reading(), kept_with(NEWER))


def test_the_command_says_what_it_did_and_a_program_without_the_key_what_is_missing(
    tool: Flask, member: Visitor, group: uuid.UUID, engine: Engine, old_entry: str, tmp_path: Path
) -> None:
    member.add_youngster(group, "Ella")
    environment = {
        **os.environ,
        "PLUSMINMEE_ISSUER": "http://localhost:8000/op",
        "PLUSMINMEE_CLIENT_ID": "plusminmee",
        "PLUSMINMEE_CLIENT_SECRET": "tests only",
        "PLUSMINMEE_BASE_URL": "http://localhost:8003",
        "PLUSMINMEE_DATABASE_URL": engine.url.render_as_string(hide_password=False).replace("+psycopg", ""),
        "PLUSMINMEE_SECRET": "tests only: a secret that signs cookies and seals tokens",
        "PLUSMINMEE_FILES_DIR": str(tmp_path / "files"),
        "PLUSMINMEE_INBOX_DIR": str(tmp_path / "inbox"),
    }

    def run(program: str, keys: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", f"modules.plusminmee.{program}"],
            env={**environment, "PLUSMINMEE_SEALING_KEYS": keys},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    for program in ("reseal", "clockwork"):
        without = run(program, NEWER)
        assert without.returncode == 2
        (line,) = without.stderr.splitlines()
        assert "test1" in line
    done = run("reseal", f"{NEWER},{old_entry}")
    assert done.returncode == 0, done.stderr
    assert "youngsters.name: 1 sealed anew\n" in done.stdout
    assert done.stdout.endswith("all stands under newer\n")
