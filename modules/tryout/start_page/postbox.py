"""The local inbox as a list: every .eml and .json in the folder, newest first.

Owns the reading. Does not own the form of the files: the broker writes them (one mail a file, named by time and message id).
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9A-Za-z-]{1,64}\.(eml|json)", re.ASCII)
_HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail or SMS that left the broker."""

    name: str
    kind: str
    to: str
    subject: str
    left_at: datetime
    text: str
    html: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())


def letters(folder: Path, words: str = "") -> list[Letter]:
    """Every letter, newest first; with `words`, those whose address or subject holds them."""
    wanted = words.casefold().strip()
    names = (each.name for each in folder.glob("*") if _NAME.fullmatch(each.name)) if folder.is_dir() else ()
    found = [letter for letter in (_read(folder / name) for name in names) if letter is not None]
    found.sort(key=lambda letter: (letter.left_at, letter.name), reverse=True)
    return [each for each in found if wanted in f"{each.to} {each.subject}".casefold()]


def letter(folder: Path, name: str) -> Letter | None:
    """The letter in the file `name`; None for whatever is no letter of this folder."""
    if not _NAME.fullmatch(name):
        return None
    return _read(folder / name)


def _read(file: Path) -> Letter | None:
    try:
        raw = file.read_bytes()
        left_at = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
        return _sms(file.name, raw) if file.suffix == ".json" else _mail(file.name, raw, left_at)
    except (OSError, ValueError, KeyError):
        return None


def _mail(name: str, raw: bytes, left_at: datetime) -> Letter:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return Letter(
        name=name,
        kind="mail",
        to=str(message["X-Delivered-To"] or message["To"] or ""),
        subject=str(message["Subject"] or ""),
        left_at=left_at if message["Date"] is None else max(left_at, parsedate_to_datetime(str(message["Date"]))),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=tuple((header, str(message[header])) for header in _HEADERS if message[header] is not None),
    )


def _part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    return str(found.get_content()) if found is not None else ""


def _sms(name: str, raw: bytes) -> Letter:
    written = json.loads(raw)
    return Letter(
        name=name,
        kind="sms",
        to=str(written["to"]),
        subject=str(written["text"]).splitlines()[0][:80],
        left_at=datetime.fromisoformat(written["written_at"]),
        text=str(written["text"]),
    )
