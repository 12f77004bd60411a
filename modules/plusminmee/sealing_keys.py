"""The keys that PlusMinMee seals with: one setting, newest first. `python -m modules.plusminmee.sealing_keys ID` prints a new one.

Owns: reading `PLUSMINMEE_SEALING_KEYS`, making a new entry for it, and what is derived from a key. Does not own sealing
(sealing.py) nor the secret of the kit, which signs cookies and is another one: this one opens what lies in backups.

To rotate: put a new entry in front, start, seal everything anew, and take the old entry away when nothing stands under it.
"""

import base64
import binascii
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LONGEST_ID = 16
_ID = re.compile(rf"[A-Za-z0-9_]{{1,{LONGEST_ID}}}")
_BYTES = 32


class SealingKeysError(ValueError):
    """The setting cannot be used; the message says why and never holds a key."""


@dataclass(frozen=True, eq=False)
class SealingKeys:
    """The keys by id, newest first: the first one seals, all of them open."""

    secrets: Mapping[str, bytes] = field(repr=False)
    _derived: dict[tuple[str, str], bytes] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def read(cls, setting: str) -> "SealingKeys":
        """The keys of `id:key,id:key`; an id has 1 to 16 letters, digits or _, a key is 32 bytes in base64url.

        Raises:
            SealingKeysError: with what is wrong, never with a key.
        """
        secrets: dict[str, bytes] = {}
        entries = [entry.strip() for entry in setting.split(",")]
        for position, entry in enumerate(filter(None, entries), start=1):
            key_id, _, written = entry.partition(":")
            if not _ID.fullmatch(key_id):
                raise SealingKeysError(
                    f"entry {position} must be id:key, with an id of at most {LONGEST_ID} letters and digits"
                )
            if key_id in secrets:
                raise SealingKeysError(f"the id {key_id} stands there twice")
            secrets[key_id] = _read_key(key_id, written)
        if not secrets:
            raise SealingKeysError("there is no key in it")
        if len(set(secrets.values())) < len(secrets):
            raise SealingKeysError("one key stands there under two ids")
        return cls(MappingProxyType(secrets))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids, newest first."""
        return tuple(self.secrets)

    @property
    def newest(self) -> str:
        """The id of the key that seals."""
        return next(iter(self.secrets))

    def key(self, key_id: str, purpose: str) -> bytes:
        """32 bytes from one key, other for each purpose (HKDF, RFC 5869)."""
        found = self._derived.get((key_id, purpose))
        if found is None:
            derivation = HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=f"plusminmee:{purpose}".encode())
            found = self._derived[(key_id, purpose)] = derivation.derive(self.secrets[key_id])
        return found


def new_entry(key_id: str) -> str:
    """A new random key as the setting has it, to put in front.

    Raises:
        SealingKeysError: the id has other signs than letters, digits and _, or is too long.
    """
    if not _ID.fullmatch(key_id):
        raise SealingKeysError(f"an id has 1 to {LONGEST_ID} letters, digits or _")
    return f"{key_id}:{base64.urlsafe_b64encode(os.urandom(_BYTES)).decode().rstrip('=')}"


def _read_key(key_id: str, written: str) -> bytes:
    try:
        key = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealingKeysError(f"the key {key_id} is not base64url") from error
    if len(key) != _BYTES:
        raise SealingKeysError(f"the key {key_id} has {len(key)} bytes; it must have {_BYTES}")
    return key


if __name__ == "__main__":
    sys.stdout.write(new_entry(sys.argv[1]) + "\n")
