"""Attachments of messages: which kinds are taken, told by what is in them and never by their name (threats PH1).

Owns: the kinds, the limits, and the name and the headers with which an attachment is downloaded. Pictures are made anew, so that
the position in them is gone; of the others nothing is opened, only looked at. Does not own keeping (file_store.py), who may
download, nor whether it is free of viruses: that is for the device that opens it.
"""

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from modules.plusminmee.citizen_numbers import find_citizen_numbers
from modules.plusminmee.photo import is_picture, make_picture
from modules.plusminmee.refusals import RefusedError

LARGEST = 10 * 1024 * 1024
"""Bytes."""
LONGEST_NAME = 100
"""Signs of the name, with its ending."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_ENDINGS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "text/plain": ".txt",
    f"{_OFFICE}wordprocessingml.document": ".docx",
    f"{_OFFICE}spreadsheetml.sheet": ".xlsx",
    f"{_OPEN}text": ".odt",
    f"{_OPEN}spreadsheet": ".ods",
}
_MOST_PARTS = 2_000
_LARGEST_UNPACKED = 200 * 1024 * 1024
_LARGEST_CONTENT_TYPES = 256 * 1024
_ACTIVE_PARTS = re.compile(
    r"vbaproject|(^|/)activex/|(^|/)basic/|(^|/)scripts/|(^|/)embeddings/.*\.bin$", re.IGNORECASE
)
# Long words only: a short one stands by chance in any megabyte of compressed picture.
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFile|EmbeddedFiles|RichMedia|Encrypt)\b")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*;%]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is kept of a file: a name that is safe to download under, its media type, and its content."""

    name: str
    media_type: str
    content: bytes


def read_attachment(name: str, raw: bytes) -> Attachment:
    """The attachment in a file that somebody chose; `name` is what their browser called it.

    Raises:
        RefusedError: attachment_missing, attachment_too_large, attachment_kind, attachment_unreadable, attachment_active;
            for a picture also what `photo.make_picture` refuses.
    """
    if not raw:
        raise RefusedError("attachment_missing")
    if len(raw) > LARGEST:
        raise RefusedError("attachment_too_large")
    if is_picture(raw):
        return _named(name, "image/jpeg", make_picture(raw))
    for beginning, read in _READERS:
        if raw.startswith(beginning):
            return _named(name, read(raw), raw)
    return _named(name, _text(raw), raw)


def download_name(name: str, media_type: str) -> str:
    """A name without folders, signs of control or of direction, a BSN, or anything that a system keeps for itself.

    Its ending is that of the media type, whatever it was called.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(
        sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    stem = PurePosixPath(_NOT_IN_NAMES.sub("_", visible).strip(" .")).stem.strip(" .")
    ending = _ENDINGS[media_type]
    stem = _without_citizen_numbers(stem[: LONGEST_NAME - len(ending)].rstrip(" ."))
    if not stem or _RESERVED.fullmatch(stem.partition(".")[0]):
        stem = f"bijlage {stem}".strip()
    return stem + ending


def download_headers(attachment_name: str, media_type: str) -> dict[str, str]:
    """With what an attachment is sent: to be saved, never shown, and kept by nobody on the way (RFC 6266, RFC 8187)."""
    plain = unicodedata.normalize("NFKD", attachment_name).encode("ascii", "ignore").decode().replace('"', "")
    return {
        "Content-Type": f"{media_type}; charset=utf-8" if media_type == "text/plain" else media_type,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment_name, safe='')}",
        **_GUARDED,
    }


def photo_headers() -> dict[str, str]:
    """With what a photo is sent, which a page of ours does show."""
    return {"Content-Type": "image/jpeg", "Content-Disposition": "inline", **_GUARDED}


def _without_citizen_numbers(stem: str) -> str:
    """Taken out, not refused: a camera calls pictures by the time, to the thousandth of a second, and may hit one."""
    for found in reversed(find_citizen_numbers(stem)):
        stem = stem[: found.start] + "x" + stem[found.end :]
    return stem


_GUARDED = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _named(name: str, media_type: str, content: bytes) -> Attachment:
    return Attachment(download_name(name, media_type), media_type, content)


def _pdf(raw: bytes) -> str:
    if b"%%EOF" not in raw[-2048:]:
        raise RefusedError("attachment_unreadable")
    if _ACTIVE_PDF.search(raw):
        raise RefusedError("attachment_active")
    return "application/pdf"


def _packed(raw: bytes) -> str:
    """The media type of a document that is a zip file. Its list of parts is read, and the one part that names its kind."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            parts = packed.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
                raise RefusedError("attachment_unreadable")
            if not all(part.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
                raise RefusedError("attachment_unreadable")
            if any(part.flag_bits & 1 or _ACTIVE_PARTS.search(part.filename) for part in parts):
                raise RefusedError("attachment_active")
            return _open_document(packed, parts) or _office_document(packed, parts) or _refuse("attachment_kind")
    except RefusedError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, OSError, ValueError) as error:
        raise RefusedError("attachment_unreadable") from error


def _open_document(packed: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> str | None:
    """OpenDocument 1.2, part 3, section 3.3: the first part is called mimetype and is not compressed."""
    first = parts[0] if parts else None
    if first is None or first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        return None
    if first.file_size > max(map(len, _ENDINGS)):
        return None
    named = packed.read(first).decode("ascii", "replace")
    return named if named.startswith(_OPEN) and named in _ENDINGS else None


def _office_document(packed: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> str | None:
    """Open Packaging Conventions (ECMA-376, part 2): [Content_Types].xml names the kind of the main part."""
    types = next((part for part in parts if part.filename == "[Content_Types].xml"), None)
    if types is None:
        return None
    if types.file_size > _LARGEST_CONTENT_TYPES:
        raise RefusedError("attachment_unreadable")
    with packed.open(types) as opened:
        written = opened.read(_LARGEST_CONTENT_TYPES).decode("utf-8", "replace")
    if "macroEnabled" in written:
        raise RefusedError("attachment_active")
    return next((kind for kind in _ENDINGS if kind.startswith(_OFFICE) and f'"{kind}.main+xml"' in written), None)


def _text(raw: bytes) -> str:
    """Text in UTF-8 that no browser would take for a page, and that holds no signs but those of writing."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError("attachment_kind") from error
    if any(ord(sign) < 32 and sign not in "\t\r\n\f" for sign in text) or re.match(r"\ufeff?\s*[<%#]", text):
        raise RefusedError("attachment_kind")
    return "text/plain"


def _refuse(reason: str) -> str:
    raise RefusedError(reason)


_READERS: tuple[tuple[bytes, Callable[[bytes], str]], ...] = ((b"%PDF-", _pdf), (b"PK\x03\x04", _packed))
