"""Photos and attachments on the disk: sealed, under random names, in a folder that no web server shows.

Owns: that folder, names, writing at once or not at all, erasing, and sweeping what was left behind. Does not own sealing
(sealing.py), the rows that say whose file it is, nor who may read it.

A file is kept before its row is committed and erased after its row is gone, so a crash leaves a file without a row and never a
row without its file. Such leftovers go with the next sweep, once they are older than any transaction.
"""

import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from modules.plusminmee.sealing import LONGEST_HEAD, Place, Sealed, Sealer

LEFT_BEHIND_AFTER = timedelta(hours=1)
"""After this long without a row, a file belongs to nobody."""

_NAME = re.compile(r"[0-9a-f]{32}")
_OURS = re.compile(r"[0-9a-f]{32}(?:\.unfinished-[0-9a-f]{16})?")


class NoFileError(Exception):
    """There is no such file; a name that is none of ours is the same."""


class FileStore:
    """The files of one installation in one folder of their own, which is made when it is missing (0700; files 0600)."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        if not folder.is_absolute():
            raise ValueError("the folder of the files must be named in full")
        self._folder = folder
        self._sealer = sealer
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def keep(self, content: bytes, place: Place) -> str:
        """Keep a file that belongs to one field of one row; the name is for that row to remember.

        Raises:
            ValueError: larger than `sealing.LARGEST_FILE`.
        """
        name = secrets.token_hex(16)
        self._write(name, self._sealer.seal_file(content, place))
        return name

    def read(self, name: str, place: Place) -> bytes:
        """What `keep` was given for the same place.

        Raises:
            NoFileError: it is not there.
            SealError: it belongs to another row, or was touched.
        """
        return self._sealer.open_file(self._sealed(name), place)

    def erase(self, name: str) -> None:
        """Take a file away for good; one that is gone already is fine."""
        self._path(name).unlink(missing_ok=True)

    def head(self, name: str) -> Sealed:
        """As much of a file as says which key it stands under.

        Raises:
            NoFileError: it is not there.
        """
        try:
            with self._path(name).open("rb") as file:
                return Sealed(file.read(LONGEST_HEAD))
        except FileNotFoundError as error:
            raise NoFileError from error

    def reseal(self, name: str, place: Place) -> bool:
        """Seal a file under the newest key, under the same name; whether that was needed. Raises as `read`."""
        before = self._sealed(name)
        after = self._sealer.reseal_file(before, place)
        if after is before:
            return False
        self._write(name, after)
        return True

    def sweep(self, in_use: Collection[str]) -> int:
        """Erase what was written some time ago and stands in no row; how many files that were.

        `in_use`: every name that stands in a row, read just before. A file whose row is being committed meanwhile is too young.
        """
        before = (datetime.now(UTC) - LEFT_BEHIND_AFTER).timestamp()
        swept = 0
        for path in self._files():
            with suppress(FileNotFoundError):  # somebody else erased it, or finished writing it
                if path.name not in in_use and path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
        return swept

    def _files(self) -> Iterator[Path]:
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            if _OURS.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                yield path

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NoFileError
        return self._folder / name[:2] / name

    def _sealed(self, name: str) -> Sealed:
        path = self._path(name)
        try:
            return Sealed(path.read_bytes())
        except FileNotFoundError as error:
            raise NoFileError from error

    def _write(self, name: str, sealed: Sealed) -> None:
        """At once or not at all: whoever reads finds the whole file, the one before, or none."""
        path = self._path(name)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        unfinished = path.with_name(f"{name}.unfinished-{secrets.token_hex(8)}")  # of this writer alone
        try:
            with os.fdopen(
                os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb"
            ) as file:
                file.write(sealed)
                file.flush()
                # The moment is ours, not the disk's: sweeping asks the same clock.
                now = datetime.now(UTC).timestamp()
                os.utime(file.fileno(), (now, now))
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        _settle(path.parent)


def _settle(folder: Path) -> None:
    """Have the folder itself on the disk, so that the new name outlives a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
