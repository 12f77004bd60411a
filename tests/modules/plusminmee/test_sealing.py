"""Sealing at rest: under rotating keys, bound to one field of one row, and telling nothing by its size."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, LargeBinary, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from modules.plusminmee.sealing import (
    LARGEST_FILE,
    LARGEST_TEXT,
    Place,
    Sealed,
    SealedField,
    Sealer,
    SealError,
    count_by_key,
    key_of,
)
from modules.plusminmee.sealing_keys import SealingKeys, SealingKeysError, new_entry

NAME = SealedField("youngsters", "name")
BORN = SealedField("youngsters", "born_on")
PHOTO = SealedField("youngsters", "photo")
OLD, NEW = new_entry("2026a"), new_entry("2026b")
ROW = UUID("6f9619ff-8b86-4011-b42d-00c04fc964ff")


def sealer(*entries: str) -> Sealer:
    """A sealer with these keys, newest first."""
    return Sealer(SealingKeys.read(",".join(entries)))


@given(st.text(max_size=200))
def test_every_text_comes_back_as_it_was(written: str) -> None:
    try:
        written.encode()
    except UnicodeEncodeError:  # half a sign: no form and no database takes it either
        return
    sealed = sealer(NEW).seal_text(written, NAME.of(ROW))
    assert sealer(NEW).open_text(sealed, NAME.of(ROW)) == written


def test_a_text_that_ends_like_the_filling_comes_back_as_it_was() -> None:
    for written in ("", "\x00", "a\x00\x00", "\x80", "\x80\x00", "x" * 31, "x" * 32):
        assert sealer(NEW).open_text(sealer(NEW).seal_text(written, NAME.of(ROW)), NAME.of(ROW)) == written


@given(st.dates())
def test_every_date_comes_back_as_it_was(day: date) -> None:
    assert sealer(NEW).open_date(sealer(NEW).seal_date(day, BORN.of(ROW)), BORN.of(ROW)) == day


@given(st.binary(max_size=2000))
def test_every_file_comes_back_as_it_was(content: bytes) -> None:
    assert sealer(NEW).open_file(sealer(NEW).seal_file(content, PHOTO.of(ROW)), PHOTO.of(ROW)) == content


def test_nothing_of_what_was_sealed_can_be_read_in_it_and_no_two_are_alike() -> None:
    first, second = (sealer(NEW).seal_text("Pietje Puk", NAME.of(ROW)) for _ in range(2))
    assert b"Pietje" not in first
    assert first != second


def test_names_of_any_usual_length_have_one_size() -> None:
    sizes = {
        len(sealer(NEW).seal_text(name, NAME.of(ROW))) for name in ("Bo", "Pietje Puk", "Maximiliaan van der Velde")
    }
    assert len(sizes) == 1


@pytest.mark.parametrize(
    "elsewhere",
    [
        NAME.of(uuid4()),
        BORN.of(ROW),
        SealedField("members", "name").of(ROW),
        Place("youngster", "sname", ROW),
        Place("", "youngstersname", ROW),
    ],
)
def test_what_is_copied_to_another_row_field_or_table_opens_nowhere(elsewhere: Place) -> None:
    sealed = sealer(NEW).seal_text("Pietje Puk", NAME.of(ROW))
    with pytest.raises(SealError, match="belongs elsewhere"):
        sealer(NEW).open_text(sealed, elsewhere)


def test_a_text_is_never_taken_for_a_date_or_a_file() -> None:
    sealed = sealer(NEW).seal_text("2010-02-03", NAME.of(ROW))
    with pytest.raises(SealError):
        sealer(NEW).open_date(sealed, NAME.of(ROW))
    with pytest.raises(SealError):
        sealer(NEW).open_file(sealed, NAME.of(ROW))


@given(st.data())
def test_a_single_changed_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(sealer(NEW).seal_text("Pietje Puk", NAME.of(ROW)))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(SealError):
        sealer(NEW).open_text(Sealed(bytes(sealed)), NAME.of(ROW))


@given(st.binary(max_size=80))
def test_what_is_no_sealed_value_is_refused_and_never_crashes(junk: bytes) -> None:
    with pytest.raises(SealError):
        sealer(NEW).open_text(Sealed(junk), NAME.of(ROW))


def test_the_newest_key_seals_and_all_of_them_open() -> None:
    before = sealer(OLD).seal_text("Pietje Puk", NAME.of(ROW))
    rotating = sealer(NEW, OLD)
    assert rotating.open_text(before, NAME.of(ROW)) == "Pietje Puk"
    assert key_of(rotating.seal_text("Pietje Puk", NAME.of(ROW))) == "2026b"


def test_after_sealing_anew_the_old_key_may_go() -> None:
    name = sealer(OLD).seal_text("Pietje Puk", NAME.of(ROW))
    born = sealer(OLD).seal_date(date(2010, 2, 3), BORN.of(ROW))
    photo = sealer(OLD).seal_file(b"\xff\xd8", PHOTO.of(ROW))
    rotating = sealer(NEW, OLD)
    name, born, photo = (
        rotating.reseal_text(name, NAME.of(ROW)),
        rotating.reseal_date(born, BORN.of(ROW)),
        rotating.reseal_file(photo, PHOTO.of(ROW)),
    )
    afterwards = sealer(NEW)
    assert afterwards.open_text(name, NAME.of(ROW)) == "Pietje Puk"
    assert afterwards.open_date(born, BORN.of(ROW)) == date(2010, 2, 3)
    assert afterwards.open_file(photo, PHOTO.of(ROW)) == b"\xff\xd8"


def test_sealing_anew_leaves_alone_what_stands_under_the_newest_key() -> None:
    sealed = sealer(NEW).seal_text("Pietje Puk", NAME.of(ROW))
    assert sealer(NEW, OLD).reseal_text(sealed, NAME.of(ROW)) is sealed


def test_sealing_anew_never_moves_a_value_to_another_row() -> None:
    sealed = sealer(OLD).seal_text("Pietje Puk", NAME.of(ROW))
    with pytest.raises(SealError):
        sealer(NEW, OLD).reseal_text(sealed, NAME.of(uuid4()))


def test_a_key_that_was_taken_away_too_early_is_named_with_what_it_still_holds() -> None:
    values = [sealer(OLD).seal_text(name, NAME.of(ROW)) for name in ("Bo", "Jo")]
    values.append(sealer(NEW).seal_text("Mo", NAME.of(ROW)))
    assert count_by_key(values) == {"2026a": 2, "2026b": 1}
    assert sealer(NEW).lost(values) == {"2026a": 2}
    assert sealer(NEW, OLD).lost(values) == {}
    with pytest.raises(SealError, match="2026a"):
        sealer(NEW).open_text(values[0], NAME.of(ROW))


def test_another_key_under_the_same_id_opens_nothing() -> None:
    sealed = sealer(OLD).seal_text("Pietje Puk", NAME.of(ROW))
    with pytest.raises(SealError):
        sealer(new_entry("2026a")).open_text(sealed, NAME.of(ROW))


def test_what_is_far_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        sealer(NEW).seal_text("x" * (LARGEST_TEXT + 1), NAME.of(ROW))
    with pytest.raises(ValueError, match="too large"):
        sealer(NEW).seal_file(bytes(LARGEST_FILE + 1), PHOTO.of(ROW))


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("", "there is no key"),
        (" , ", "there is no key"),
        ("2026a", "not base64url|has 0 bytes"),
        ("2026-a:AAAA", "entry 1 must be id:key"),
        (f"{OLD},:AAAA", "entry 2 must be id:key"),
        (f"{OLD},{OLD}", "2026a stands there twice"),
        (f"{OLD},other:{OLD.partition(':')[2]}", "under two ids"),
        ("2026a:!!!!", "2026a is not base64url"),
        ("2026a:AAAA", "has 3 bytes"),
    ],
    ids=["empty", "comma", "no key", "bad id", "second bad", "twice", "two ids", "no base64url", "too short"],
)
def test_a_bad_setting_is_refused_with_what_is_wrong(setting: str, told: str) -> None:
    with pytest.raises(SealingKeysError, match=told):
        SealingKeys.read(setting)


def test_no_message_and_no_repr_holds_a_key() -> None:
    secret = OLD.partition(":")[2]
    with pytest.raises(SealingKeysError) as refused:
        SealingKeys.read(f"2026a:{secret}x")
    assert secret not in str(refused.value)
    assert secret not in repr(SealingKeys.read(OLD))
    assert "secrets" not in repr(SealingKeys.read(OLD))


def test_a_new_key_is_printed_as_the_setting_has_it(repository: Path) -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "modules.plusminmee.sealing_keys", "2027a"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert SealingKeys.read(f"{printed.strip()},{OLD}").ids == ("2027a", "2026a")


def test_a_key_of_openssl_will_do_too() -> None:
    written = base64.b64encode(bytes(range(224, 256))).decode()
    assert "/" in written or "+" in written
    assert SealingKeys.read(f"2027a:{written}").newest == "2027a"


def test_a_new_key_needs_an_id_that_the_setting_can_hold() -> None:
    for bad in ("", "a:b", "a,b", "x" * 17):
        with pytest.raises(SealingKeysError):
            new_entry(bad)


class Base(DeclarativeBase):
    """The tables of this file."""


class Row(Base):
    """A row with a sealed field."""

    __tablename__ = "youngsters"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[Sealed] = mapped_column(LargeBinary)


@pytest.fixture
def rows(bare_database_url: str) -> Iterator[Engine]:
    """A database with that one table, on each kind."""
    engine = create_engine(bare_database_url.replace("postgresql://", "postgresql+psycopg://", 1))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_a_sealed_field_is_a_column_like_any_other(rows: Engine) -> None:
    row_id = uuid4()
    with Session(rows) as session:
        session.add(Row(id=row_id, name=sealer(NEW).seal_text("Pietje Puk", NAME.of(row_id))))
        session.commit()
    with Session(rows) as session:
        row = session.scalars(select(Row)).one()
        assert sealer(NEW).open_text(row.name, NAME.of(row.id)) == "Pietje Puk"
        stored = session.execute(text("SELECT name FROM youngsters")).scalar_one()
        assert b"Pietje" not in bytes(stored)


def test_a_secret_is_the_same_each_time_and_another_for_each_place_and_key() -> None:
    """Threats, rule 5: what is made anew when a mail leaves stands nowhere."""
    both = sealer(NEW, OLD)
    mine = both.secret_for(NAME.of(ROW), "2026a")
    assert mine == sealer(OLD).secret_for(NAME.of(ROW), "2026a")
    assert len(mine) == 43
    others = [both.secret_for(NAME.of(uuid4()), "2026a"), both.secret_for(BORN.of(ROW), "2026a")]
    others.append(both.secret_for(NAME.of(ROW), "2026b"))
    assert len({mine, *others}) == 4
    with pytest.raises(SealError, match="2026a"):
        sealer(NEW).secret_for(NAME.of(ROW), "2026a")
