"""What PlusMinMee keeps sealed, and with what: the keys of this installation and the folder of its files.

Owns: reading both settings, and finding them in a request. Does not own sealing (sealing.py) nor the files (file_store.py).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from flask import current_app

from modules.kit import ModuleSettingsError
from modules.plusminmee.file_store import FileStore
from modules.plusminmee.sealing import Sealer
from modules.plusminmee.sealing_keys import SealingKeys, SealingKeysError

_EXTENSION = "plusminmee_keeping"


@dataclass(frozen=True)
class Keeping:
    """`PLUSMINMEE_SEALING_KEYS`, id:key newest first, and `PLUSMINMEE_FILES_DIR`, a folder of its own named in full."""

    sealer: Sealer
    files: FileStore

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read both.

        Raises:
            ModuleSettingsError: one line that names what is missing or bad, never a key.
        """
        values = os.environ if environment is None else environment
        try:
            sealer = Sealer(SealingKeys.read(values.get("PLUSMINMEE_SEALING_KEYS", "")))
        except SealingKeysError as error:
            raise ModuleSettingsError(f"PLUSMINMEE_SEALING_KEYS cannot be used: {error}") from error
        folder = values.get("PLUSMINMEE_FILES_DIR", "").strip()
        if not Path(folder).is_absolute():
            raise ModuleSettingsError("PLUSMINMEE_FILES_DIR must name a folder in full")
        return cls(sealer, FileStore(Path(folder), sealer))

    def install(self, extensions: dict[str, object]) -> None:
        """Make it the one of an application."""
        extensions[_EXTENSION] = self


def keeping() -> Keeping:
    """That of the application that serves this request."""
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, Keeping)
    return found
