"""Photos: from what somebody chose on their device to a JPEG that we made ourselves (threats PH1).

Owns: the size that is taken, the process that decodes and its time, and what a refusal is called. Nothing of the file that came
is kept: no name, no metadata (a telephone writes the position into it), no bytes that are something else besides. Does not own
decoding (photo_process.py), keeping (file_store.py), nor who sees a photo.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from modules.plusminmee.refusals import RefusedError

LARGEST_UPLOAD = 10 * 1024 * 1024
"""Bytes."""
LARGEST_SIDE = 960
"""Pixels; of a photo."""
LARGEST_PICTURE_SIDE = 2560
"""Pixels; of a picture that is an attachment, on which people want to read something."""
SQUARE_SIDE = 160
"""Pixels; of the square that stands in the circle and in lists."""
SECONDS = 30
AT_ONCE = 2
"""How many pictures one process of the tool decodes at a time; each may take a gigabyte."""

_PROCESS = str(Path(__file__).with_name("photo_process.py"))
_REASONS = {3: "photo_kind", 4: "photo_pixels"}
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_turns = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Photo:
    """Two JPEGs without metadata: upright, at most `LARGEST_SIDE` wide and high, and its middle as a square."""

    whole: bytes
    square: bytes


def make_photo(raw: bytes) -> Photo:
    """The photo in a JPEG, PNG or WebP file.

    Raises:
        RefusedError: photo_missing, photo_too_large, photo_kind, photo_pixels, photo_unreadable; photo_busy when others are
            being decoded for longer than it may take.
    """
    whole, square = _decoded(raw, LARGEST_SIDE)
    return Photo(whole, square)


def make_picture(raw: bytes) -> bytes:
    """The same for an attachment: one JPEG, large enough to read what stands on it. Raises as `make_photo`."""
    return _decoded(raw, LARGEST_PICTURE_SIDE)[0]


def is_picture(raw: bytes) -> bool:
    """Whether it begins as one of the pictures that we read; proves nothing."""
    return raw.startswith(_BEGINNINGS) or (raw[:4] == b"RIFF" and raw[8:12] == b"WEBP")


def _decoded(raw: bytes, largest: int) -> tuple[bytes, bytes]:
    if not raw:
        raise RefusedError("photo_missing")
    if len(raw) > LARGEST_UPLOAD:
        raise RefusedError("photo_too_large")
    if not is_picture(raw):
        raise RefusedError("photo_kind")
    if not _turns.acquire(timeout=SECONDS):
        raise RefusedError("photo_busy")
    try:
        ended = subprocess.run(  # noqa: S603  # our own program, in a list; the picture goes in by its input
            [sys.executable, "-I", _PROCESS, str(largest), str(SQUARE_SIDE)],
            input=raw,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={},
            cwd="/",
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedError("photo_unreadable") from error
    finally:
        _turns.release()
    if ended.returncode != 0:
        raise RefusedError(_REASONS.get(ended.returncode, "photo_unreadable"))
    return _two(ended.stdout)


def _two(written: bytes) -> tuple[bytes, bytes]:
    """The two pictures that the process wrote. It decoded what a stranger sent, so it is not taken at its word."""
    end = 4 + int.from_bytes(written[:4])
    whole, rest = written[4:end], written[end:]
    square = rest[4:]
    if int.from_bytes(rest[:4]) != len(square) or not _is_jpeg(whole) or not _is_jpeg(square):
        raise RefusedError("photo_unreadable")
    return whole, square


def _is_jpeg(picture: bytes) -> bool:
    return picture.startswith(b"\xff\xd8\xff") and picture.endswith(b"\xff\xd9") and len(picture) <= LARGEST_UPLOAD
