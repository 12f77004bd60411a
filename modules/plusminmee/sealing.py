"""Sealing what PlusMinMee keeps about youngsters: names, dates, texts and files, under keys that rotate.

Owns: AES-256-GCM (NIST SP 800-38D), what a sealed value looks like, and the place to which it is bound, so that a value that is
copied to another row, field or table opens nowhere. Does not own the keys (sealing_keys.py), which fields are sealed, nor the
files on the disk (file_store.py).

There is no column type that seals by itself: it sees a value and never the row, and without the row nothing can be bound to
it. A sealed field is a `LargeBinary` column; `Sealed` keeps a plain value out of it, as mypy reads it.

A sealed value is `1 · length of the key's id · id of the key · nonce (12) · ciphertext and tag (16)`. A text is filled up to
steps of 32 bytes first, so that the size of a name or a number tells nothing.
"""

import base64
import hmac
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NewType
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from modules.plusminmee.sealing_keys import LONGEST_ID, SealingKeys

Sealed = NewType("Sealed", bytes)
"""What `Sealer` made: it can be stored."""

LARGEST_TEXT = 64 * 1024
"""Bytes of a text in UTF-8; longer is a mistake of the page that should have refused it."""
LARGEST_FILE = 16 * 1024 * 1024
"""Bytes of a file."""

_FORMAT = 1
_NONCE = 12
_TAG = 16
_STEP = 32
_END = b"\x80"  # ends the text; zeros follow (ISO/IEC 7816-4)

LONGEST_HEAD = 2 + LONGEST_ID + _NONCE + _TAG
"""As many bytes of a sealed value say which key it stands under."""

_Kind = Literal["text", "date", "file", "secret"]


class SealError(ValueError):
    """A sealed value cannot be opened: its key is gone, it belongs elsewhere, or it was touched. Never holds a value."""


@dataclass(frozen=True, slots=True)
class Place:
    """The one field of the one row that a sealed value belongs to."""

    table: str
    column: str
    row: UUID


@dataclass(frozen=True, slots=True)
class SealedField:
    """One sealed column: `NAME = SealedField("youngsters", "name")`, and `NAME.of(youngster.id)` is a place."""

    table: str
    column: str

    def of(self, row: UUID) -> Place:
        """This field in one row. The id must be known, so it is given before the row is added, not by its default."""
        return Place(self.table, self.column, row)


class Sealer:
    """Seals under the newest key and opens under all. One a process; threads may share it."""

    def __init__(self, keys: SealingKeys) -> None:
        self._keys = keys

    def seal_text(self, text: str, place: Place) -> Sealed:
        """`text`, sealed for one place.

        Raises:
            ValueError: longer than `LARGEST_TEXT`.
        """
        plain = text.encode()
        if len(plain) > LARGEST_TEXT:
            raise ValueError("too long to seal as a text")
        return self._seal(_filled_up(plain), "text", place)

    def open_text(self, sealed: Sealed, place: Place) -> str:
        """The opposite of `seal_text`.

        Raises:
            SealError: another key or place, or touched.
        """
        return _taken_out(self._open(sealed, "text", place)).decode()

    def seal_date(self, day: date, place: Place) -> Sealed:
        """A day, sealed for one place."""
        return self._seal(day.isoformat().encode(), "date", place)

    def open_date(self, sealed: Sealed, place: Place) -> date:
        """The opposite of `seal_date`.

        Raises:
            SealError: another key or place, or touched.
        """
        return date.fromisoformat(self._open(sealed, "date", place).decode())

    def seal_file(self, content: bytes, place: Place) -> Sealed:
        """What a file holds, sealed for one place. Its size can be told from outside.

        Raises:
            ValueError: larger than `LARGEST_FILE`.
        """
        if len(content) > LARGEST_FILE:
            raise ValueError("too large to seal as a file")
        return self._seal(content, "file", place)

    def open_file(self, sealed: Sealed, place: Place) -> bytes:
        """The opposite of `seal_file`.

        Raises:
            SealError: another key or place, or touched.
        """
        return self._open(sealed, "file", place)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of the keys, newest first."""
        return self._keys.ids

    @property
    def newest(self) -> str:
        """The id of the key that seals now."""
        return self._keys.newest

    # Secrets

    def secret_for(self, place: Place, key_id: str) -> str:
        """256 bits in base64url for one place: the same each time, so that a secret in a mail has to stand nowhere else.

        Raises:
            SealError: the key is gone.
        """
        if key_id not in self._keys.ids:
            raise SealError(f"made from the key {key_id}, which is not among the keys")
        bound = _bound_to(head_of(key_id), "secret", place)
        code = hmac.digest(self._keys.key(key_id, "secret"), bound, "sha256")
        return base64.urlsafe_b64encode(code).decode().rstrip("=")

    # Rotation

    def is_newest(self, sealed: Sealed) -> bool:
        """Whether it stands under the newest key, so that rotation has nothing to do here."""
        return key_of(sealed) == self._keys.newest

    def reseal_text(self, sealed: Sealed, place: Place) -> Sealed:
        """The same text under the newest key; the same value where it stands there already. Raises as `open_text`."""
        return sealed if self.is_newest(sealed) else self.seal_text(self.open_text(sealed, place), place)

    def reseal_date(self, sealed: Sealed, place: Place) -> Sealed:
        """The same day under the newest key; the same value where it stands there already. Raises as `open_date`."""
        return sealed if self.is_newest(sealed) else self.seal_date(self.open_date(sealed, place), place)

    def reseal_file(self, sealed: Sealed, place: Place) -> Sealed:
        """The same file under the newest key; the same value where it stands there already. Raises as `open_file`."""
        return sealed if self.is_newest(sealed) else self.seal_file(self.open_file(sealed, place), place)

    def lost(self, values: Iterable[Sealed]) -> dict[str, int]:
        """How many of `values` no key opens, by the id of the key that is missing (threats OP2: no start on that)."""
        return {key_id: count for key_id, count in count_by_key(values).items() if key_id not in self._keys.ids}

    def _seal(self, plain: bytes, kind: _Kind, place: Place) -> Sealed:
        head = head_of(self._keys.newest)
        nonce = os.urandom(_NONCE)
        cipher = AESGCM(self._keys.key(self._keys.newest, kind))
        return Sealed(head + nonce + cipher.encrypt(nonce, plain, _bound_to(head, kind, place)))

    def _open(self, sealed: Sealed, kind: _Kind, place: Place) -> bytes:
        key_id = key_of(sealed)
        if key_id not in self._keys.ids:
            raise SealError(f"sealed under the key {key_id}, which is not among the keys")
        head = head_of(key_id)
        nonce, rest = sealed[len(head) : len(head) + _NONCE], sealed[len(head) + _NONCE :]
        try:
            return AESGCM(self._keys.key(key_id, kind)).decrypt(nonce, rest, _bound_to(head, kind, place))
        except InvalidTag as error:
            raise SealError("this sealed value was touched, or belongs elsewhere") from error


def key_of(sealed: Sealed) -> str:
    """The id of the key that `sealed` names; proves nothing.

    Raises:
        SealError: it is no sealed value.
    """
    length = sealed[1] if len(sealed) > 1 else 0
    if not 0 < length <= LONGEST_ID or sealed[0] != _FORMAT or len(sealed) < 2 + length + _NONCE + _TAG:
        raise SealError("this is no sealed value")
    try:
        return sealed[2 : 2 + length].decode("ascii")
    except UnicodeDecodeError as error:
        raise SealError("this is no sealed value") from error


def count_by_key(values: Iterable[Sealed]) -> Counter[str]:
    """How many sealed values stand under each key: a key may go when nothing stands under it.

    Raises:
        SealError: one of them is no sealed value.
    """
    return Counter(map(key_of, values))


def head_of(key_id: str) -> bytes:
    """What every value that is sealed under this key begins with."""
    return bytes((_FORMAT, len(key_id))) + key_id.encode("ascii")


def _bound_to(head: bytes, kind: _Kind, place: Place) -> bytes:
    """The associated data. Every part but the last has its length before it, so that no two places are written alike."""
    parts = (kind.encode(), place.table.encode(), place.column.encode())
    return head + b"".join(len(part).to_bytes(2) + part for part in parts) + place.row.bytes


def _filled_up(plain: bytes) -> bytes:
    ended = plain + _END
    return ended + bytes(-len(ended) % _STEP)


def _taken_out(filled: bytes) -> bytes:
    return filled.rstrip(b"\x00").removesuffix(_END)
