"""What a house leaves behind on disk, searched for what must never be there (issue "the desk", The number).

Every file of it but those of the digital keys, who must know the numbers: databases with what they have not yet written back, logs,
mails (decoded), policies; and what people took along (`TAKEN`), with what lies in an archive, as a spreadsheet is. Owns the search;
which words are looked for is the caller's.
"""

import io
import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from modules.tryout.house import House

TAKEN = "taken-along"
"""The folder of the house where the tests lay what a browser downloaded."""


def written(number: str) -> tuple[str, str, str]:
    """A rijksregisternummer as people and programs write it: 85073003328, 85.07.30-033.28 and 850730 033 28."""
    return (
        number,
        f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}",
        f"{number[:6]} {number[6:9]} {number[9:]}",
    )


def found_in(house: House, words: Sequence[str]) -> list[str]:
    """ "file: word" for every word that stands in a file of `house`, whole or in a mail."""
    return sorted({f"{path.name}: {word}" for path, content in _contents(house) for word in words if word in content})


def _contents(house: House) -> Iterator[tuple[Path, str]]:
    for path in sorted(house.data.rglob("*")):
        if not path.is_file() or path.is_relative_to(house.keys):
            continue
        if path.suffix == ".db":
            _write_back(path)
        raw = path.read_bytes()
        yield path, raw.decode("latin-1")
        if path.suffix == ".eml":
            yield path, _mail(raw)
        if zipfile.is_zipfile(io.BytesIO(raw)):
            yield path, _unpacked(raw)


def _write_back(database: Path) -> None:
    """What stands in the journal beside it comes into the file, as a backup would have it."""
    with sqlite3.connect(database, timeout=10) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _unpacked(raw: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(raw)) as folder:
        return "\n".join(folder.read(name).decode("latin-1") for name in folder.namelist())


def _mail(raw: bytes) -> str:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])
