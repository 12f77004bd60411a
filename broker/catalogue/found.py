"""What was found at one place of a file, and how a mapping is taken apart key by key.

Owns: collecting every mistake instead of stopping at the first, unknown keys ("did you mean"), and the register of
names that are defined and referred to. Does not own what any key means (the files named after the policy files do).

How it is used: a *reader* is a function `(found) -> value` that records a mistake and raises `UnreadableError` on a
bad value. `Entries.required` and `.optional` swallow that error, so that the next key is read too; `Entries.close`
raises it again.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from broker.catalogue.mistakes import Mistake
from broker.catalogue.yaml_lines import Block, Listing, Node, Refused, Scalar

T = TypeVar("T")
D = TypeVar("D")


class UnreadableError(Exception):
    """The value cannot be used; the mistake is already recorded."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name used somewhere; it must be one of `kind`. Not looked at when `owner` (kind, name) is itself unknown."""

    kind: str
    name: str
    found: "Found"
    owner: tuple[str, str] | None


@dataclass(slots=True)
class Reading:
    """One reading of all files: what is allowed, the mistakes so far, the names defined and the names referred to.

    `names` maps a kind ("a target group", "a right of cultuurmonitor") to name → where it is defined. `untold` are
    the kinds whose file could not be read, about which no reference can be judged.
    """

    environment: Mapping[str, str]
    development: bool
    mistakes: list[Mistake] = field(default_factory=list)
    names: dict[str, dict[str, "Found"]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    untold: set[str] = field(default_factory=set)

    def define(self, kind: str, name: str, found: "Found") -> None:
        """Take a name, once in all files."""
        known = self.names.setdefault(kind, {})
        first = known.setdefault(name, found)
        if first is not found:
            found.mistake(f"{show(name)}, which {first.file}:{first.line} already uses", f"{kind} that is used once")

    def refer(self, kind: str, name: str, found: "Found", owner: tuple[str, str] | None = None) -> None:
        """Note that `name` must turn out to be one of `kind`; judged when every file was read."""
        self.references.append(Reference(kind, name, found, owner))


@dataclass(frozen=True, slots=True)
class Found:
    """A node of a file, with its place."""

    reading: Reading
    file: str
    key: str
    line: int
    node: Node

    def mistake(self, found: str, expected: str) -> None:
        """Record a mistake at this place."""
        self.reading.mistakes.append(Mistake(self.file, self.line, self.key, found, expected))

    def bad(self, expected: str, found: str | None = None) -> UnreadableError:
        """Record that something else was expected here; the caller raises what comes back."""
        if not isinstance(self.node, Refused):
            self.mistake(found or describe(self.node), expected)
        return UnreadableError()

    def text(self, expected: str) -> str:
        """What is written here, where it is text to YAML too."""
        if not isinstance(self.node, Scalar) or self.node.kind == "nothing":
            raise self.bad(expected)
        if self.node.kind != "text":
            raise self.bad(f"{expected} (put quotes around it)")
        return self.node.text

    def word(self, expected: str) -> str:
        """What is written here, be it a number to YAML or text."""
        if not isinstance(self.node, Scalar) or self.node.kind == "nothing":
            raise self.bad(expected)
        return self.node.text


class Entries:
    """A mapping that is taken apart: ask for each key, then `close`."""

    def __init__(self, found: Found) -> None:
        if not isinstance(found.node, Block):
            raise found.bad("a mapping of keys")
        self.found = found
        self._entries = found.node.entries
        self._asked: list[str] = []
        self._bad: set[str] = set()

    def at(self, key: str) -> Found:
        """The place of `key`; of the whole mapping where the key is not there."""
        entry = self._entries.get(key)
        path = f"{self.found.key}.{key}" if self.found.key else key
        if entry is None:
            return replace(self.found, key=path)
        return Found(self.found.reading, self.found.file, path, entry.line, entry.node)

    def given(self, key: str) -> bool:
        """Whether the key stands in the file."""
        return key in self._entries

    def sound(self, *keys: str) -> bool:
        """Whether none of these keys was bad (a key left out is sound)."""
        return not self._bad.intersection(keys)

    def required(self, key: str, read: Callable[[Found], T]) -> T:
        """The value of a key that must be there. What comes back for a bad one may not be used before `close`."""
        self._asked.append(key)
        if key in self._entries:
            return self._read(key, read)
        self._bad.add(key)
        self.at(key).mistake("nothing", "this key")
        return cast(T, None)

    def optional(self, key: str, read: Callable[[Found], T], default: D) -> T | D:
        """The value of a key, or `default` where it is left out."""
        self._asked.append(key)
        return self._read(key, read) if key in self._entries else default

    def mistake(self, key: str, found: str, expected: str) -> None:
        """A mistake in how keys go together, shown at `key`."""
        self._bad.add(key)
        self.at(key).mistake(found, expected)

    def spoil(self, key: str) -> None:
        """Count `key` as bad: a mistake inside it is already recorded."""
        self._bad.add(key)

    def close(self) -> None:
        """Report the keys nobody asked for.

        Raises:
            UnreadableError: when anything in this mapping was bad.
        """
        for key in self._entries:
            if key not in self._asked:
                self.mistake(key, "a key that does not exist", _choices(key, self._asked))
        if self._bad:
            raise UnreadableError

    def _read(self, key: str, read: Callable[[Found], T]) -> T:
        try:
            return read(self.at(key))
        except UnreadableError:
            self._bad.add(key)
            return cast(T, None)


def list_of(read: Callable[[Found], T], *, least: int = 0, most: int = 200) -> Callable[[Found], tuple[T, ...]]:
    """A reader of a list in which `read` reads each item."""

    def read_list(found: Found) -> tuple[T, ...]:
        node = found.node
        if not isinstance(node, Listing):
            raise found.bad("a list")
        if not least <= len(node.items) <= most:
            raise found.bad(f"a list of {least} to {most} items", f"{len(node.items)} items")
        values: list[T] = []
        for index, item in enumerate(node.items):
            place = Found(found.reading, found.file, f"{found.key}[{index}]", item.line, item)
            try:
                values.append(read(place))
            except UnreadableError:
                continue
        if len(values) < len(node.items):
            raise UnreadableError
        return tuple(values)

    return read_list


def map_of(
    read_name: Callable[[Found], str], read: Callable[[str, Found], T], *, most: int = 500
) -> Callable[[Found], dict[str, T]]:
    """A reader of a mapping from names (read by `read_name`) to what `read` makes of the name and its value."""

    def read_map(found: Found) -> dict[str, T]:
        node = found.node
        if not isinstance(node, Block):
            raise found.bad("a mapping of keys")
        if len(node.entries) > most:
            raise found.bad(f"at most {most} keys", f"{len(node.entries)} keys")
        values: dict[str, T] = {}
        for name, entry in node.entries.items():
            path = f"{found.key}.{name}" if found.key else name
            place = Found(found.reading, found.file, path, entry.line, entry.node)
            try:
                read_name(replace(place, node=Scalar(entry.line, name, "text")))
                values[name] = read(name, place)
            except UnreadableError:
                continue
        if len(values) < len(node.entries):
            raise UnreadableError
        return values

    return read_map


def show(text: str) -> str:
    """A text between quotes, cut short: fit for one line of a report."""
    return repr(text if len(text) <= 60 else text[:57] + "…")


def describe(node: Node) -> str:
    """What a node is, in a few words."""
    if isinstance(node, Block):
        return "a mapping of keys"
    if isinstance(node, Listing):
        return "a list"
    if isinstance(node, Refused) or node.kind == "nothing":
        return "nothing"
    return show(node.text) if node.kind == "text" else f"the {node.kind} {node.text}"


def one_of(names: Iterable[str]) -> str:
    """The names that exist, for a report."""
    listed = sorted(names)
    return "one of " + ", ".join(listed) if listed else "none (there are none)"


def _choices(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"{near[0]} (did you mean that?)" if near else "one of " + ", ".join(known)
