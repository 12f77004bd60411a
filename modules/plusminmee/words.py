"""Texts of the tool's own YAML files, in both languages.

Owns: what a text is, and the refusal of a file that lacks one, at start and with the place in the file. Does not own any text,
nor the sentences of pages and forms, which are translated with the rest of the applications.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from modules.kit.words import Words

_HERE = Path(__file__).parent


class TextsError(ValueError):
    """One of the files cannot be used; the message names the file, the place in it and what was expected."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One mapping in a file, which knows where it stands; each reader refuses what is not as expected."""

    where: str
    values: Mapping[str, Any]

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise TextsError(f"{self.where}.{key} must be a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, at least one, none of them twice."""
        listed = self._listed(key)
        if not all(isinstance(value, str) and value.strip() for value in listed):
            raise TextsError(f"{self.where}.{key} must hold texts only")
        if len(set(listed)) < len(listed):
            raise TextsError(f"{self.where}.{key} holds a text twice")
        return tuple(listed)

    def words(self, key: str) -> Words:
        """A text in both languages."""
        return _words(f"{self.where}.{key}", self.values.get(key))

    def all_words(self, key: str) -> tuple[Words, ...]:
        """A list of texts in both languages, at least one."""
        return tuple(_words(f"{self.where}.{key}[{n}]", value) for n, value in enumerate(self._listed(key)))

    def entry(self, key: str) -> "Entry":
        """A mapping that is not empty."""
        return _entry(f"{self.where}.{key}", self.values.get(key))

    def entries(self, key: str) -> tuple["Entry", ...]:
        """A list of mappings, at least one."""
        return tuple(_entry(f"{self.where}.{key}[{n}]", value) for n, value in enumerate(self._listed(key)))

    def by_code(self, key: str) -> dict[str, "Entry"]:
        """A mapping of mappings, at least one, in the order of the file."""
        inner = self.entry(key)
        return {code: _entry(f"{inner.where}.{code}", value) for code, value in inner.values.items()}

    def only(self, *keys: str) -> "Entry":
        """The same, when it holds no other keys than these."""
        unknown = sorted(set(map(str, self.values)) - set(keys))
        if unknown:
            raise TextsError(f"{self.where} has what nobody reads: {', '.join(unknown)}")
        return self

    def _listed(self, key: str) -> list[Any]:
        value = self.values.get(key)
        if not isinstance(value, list) or not value:
            raise TextsError(f"{self.where}.{key} must be a list that is not empty")
        return value


def read_file(name: str, folder: Path = _HERE) -> Entry:
    """What a YAML file beside this one holds.

    Raises:
        TextsError: it is not YAML, or no mapping.
    """
    try:
        read = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise TextsError(f"{name} is not YAML: {error}") from error
    return _entry(name, read)


def _entry(where: str, value: object) -> Entry:
    if not isinstance(value, dict) or not value:
        raise TextsError(f"{where} must be a mapping that is not empty")
    return Entry(where, value)


def _words(where: str, value: object) -> Words:
    entry = _entry(where, value).only("nl", "en")
    return Words(nl=entry.text("nl"), en=entry.text("en"))
