"""Photos and attachments on the disk: sealed, bound to their row, whole or not there, and swept when nobody knows them."""

import errno
import os
import stat
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import time_machine

from modules.plusminmee.file_store import LEFT_BEHIND_AFTER, FileStore, NoFileError
from modules.plusminmee.sealing import SealedField, Sealer, SealError
from modules.plusminmee.sealing_keys import SealingKeys, new_entry

PHOTO = SealedField("youngsters", "photo")
ROW = UUID("6f9619ff-8b86-4011-b42d-00c04fc964ff")
OLD, NEW = new_entry("2026a"), new_entry("2026b")
CONTENT = b"\xff\xd8\xff a face"


def sealer(*entries: str) -> Sealer:
    """A sealer with these keys, newest first."""
    return Sealer(SealingKeys.read(",".join(entries)))


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """A store in a folder that it makes itself."""
    return FileStore(tmp_path / "files", sealer(NEW))


def on_disk(tmp_path: Path) -> list[Path]:
    """Every file there is."""
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_was(store: FileStore) -> None:
    name = store.keep(CONTENT, PHOTO.of(ROW))
    assert store.read(name, PHOTO.of(ROW)) == CONTENT


def test_on_the_disk_it_is_sealed_under_a_random_name_and_only_ours_to_read(store: FileStore, tmp_path: Path) -> None:
    names = {store.keep(CONTENT, PHOTO.of(ROW)) for _ in range(2)}
    assert len(names) == 2
    for path in on_disk(tmp_path):
        assert path.name in names
        assert b"face" not in path.read_bytes()
        assert str(ROW) not in str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700


def test_a_folder_that_others_could_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir(mode=0o755)
    FileStore(tmp_path / "files", sealer(NEW))
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700


def test_a_folder_is_named_in_full(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="in full"):
        FileStore(Path("files"), sealer(NEW))


def test_another_row_or_field_cannot_read_it(store: FileStore) -> None:
    name = store.keep(CONTENT, PHOTO.of(ROW))
    for place in (PHOTO.of(uuid4()), SealedField("messages", "attachment").of(ROW)):
        with pytest.raises(SealError):
            store.read(name, place)


def test_a_file_that_was_touched_or_swapped_is_not_read(store: FileStore, tmp_path: Path) -> None:
    first, second = store.keep(CONTENT, PHOTO.of(ROW)), store.keep(CONTENT, PHOTO.of(uuid4()))
    paths = {path.name: path for path in on_disk(tmp_path)}
    paths[first].write_bytes(paths[second].read_bytes())
    with pytest.raises(SealError):
        store.read(first, PHOTO.of(ROW))
    paths[first].write_bytes(b"")
    with pytest.raises(SealError):
        store.read(first, PHOTO.of(ROW))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "A" * 32,
        "a" * 31,
        "a" * 32 + "\n",
        "a" * 32 + ".unfinished-0123456789abcdef",
        "a\x00",
    ],
)
def test_a_name_that_is_none_of_ours_leads_nowhere(store: FileStore, name: str) -> None:
    with pytest.raises(NoFileError):
        store.read(name, PHOTO.of(ROW))
    with pytest.raises(NoFileError):
        store.erase(name)


def test_what_was_erased_is_gone_and_erasing_again_is_fine(store: FileStore, tmp_path: Path) -> None:
    name = store.keep(CONTENT, PHOTO.of(ROW))
    store.erase(name)
    store.erase(name)
    assert on_disk(tmp_path) == []
    with pytest.raises(NoFileError):
        store.read(name, PHOTO.of(ROW))


def test_a_full_disk_leaves_nothing_behind_and_what_was_there_untouched(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = store.keep(CONTENT, PHOTO.of(ROW))

    def full(_opened: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            store.keep(CONTENT, PHOTO.of(uuid4()))
        with pytest.raises(OSError, match="no space"):
            FileStore(tmp_path / "files", sealer(OLD, NEW)).reseal(kept, PHOTO.of(ROW))
    assert [path.name for path in on_disk(tmp_path)] == [kept]
    assert store.read(kept, PHOTO.of(ROW)) == CONTENT


def test_after_rotation_every_file_opens_under_the_new_key_alone(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    name = FileStore(folder, sealer(OLD)).keep(CONTENT, PHOTO.of(ROW))
    rotating = FileStore(folder, sealer(NEW, OLD))
    assert rotating.reseal(name, PHOTO.of(ROW)) is True
    assert rotating.reseal(name, PHOTO.of(ROW)) is False
    assert FileStore(folder, sealer(NEW)).read(name, PHOTO.of(ROW)) == CONTENT


def test_whoever_reads_while_several_rotate_finds_the_whole_file(tmp_path: Path) -> None:
    folder, content = tmp_path / "files", os.urandom(300_000)
    name = FileStore(folder, sealer(OLD)).keep(content, PHOTO.of(ROW))
    stop, wrong = threading.Event(), []

    def read() -> None:
        reader = FileStore(folder, sealer(NEW, OLD))
        while not stop.is_set():
            if reader.read(name, PHOTO.of(ROW)) != content:
                wrong.append("torn")

    reading = threading.Thread(target=read)
    reading.start()
    try:
        for _ in range(10):
            others = [
                threading.Thread(target=FileStore(folder, sealer(*keys)).reseal, args=(name, PHOTO.of(ROW)))
                for keys in ((NEW, OLD), (OLD, NEW), (NEW, OLD))
            ]
            for other in others:
                other.start()
            for other in others:
                other.join()
    finally:
        stop.set()
        reading.join()
    assert wrong == []


# What is left behind


def test_a_file_that_no_row_knows_goes_once_it_is_old_enough(
    store: FileStore, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    known, forgotten = store.keep(CONTENT, PHOTO.of(ROW)), store.keep(CONTENT, PHOTO.of(uuid4()))
    clock.shift(LEFT_BEHIND_AFTER - timedelta(minutes=10))
    assert store.sweep({known}) == 0
    clock.shift(timedelta(minutes=20))
    assert store.sweep({known}) == 1
    assert [path.name for path in on_disk(tmp_path)] == [known]
    with pytest.raises(NoFileError):
        store.read(forgotten, PHOTO.of(uuid4()))


def test_a_file_half_written_before_a_crash_goes_too(
    store: FileStore, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    name = store.keep(CONTENT, PHOTO.of(ROW))
    path = on_disk(tmp_path)[0]
    path.rename(path.with_name(f"{name}.unfinished-0123456789abcdef"))
    clock.shift(LEFT_BEHIND_AFTER * 2)
    assert store.sweep({name}) == 1
    assert on_disk(tmp_path) == []


def test_sweeping_touches_nothing_that_is_not_ours(
    store: FileStore, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    name = store.keep(CONTENT, PHOTO.of(ROW))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"theirs")
    folder = tmp_path / "files" / name[:2]
    (folder / "README").write_bytes(b"theirs")
    (folder / ("f" * 32)).symlink_to(elsewhere)
    clock.shift(timedelta(days=400))
    assert store.sweep({name}) == 0
    assert elsewhere.read_bytes() == (folder / "README").read_bytes() == b"theirs"
