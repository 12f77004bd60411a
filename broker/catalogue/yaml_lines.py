"""YAML in, a small tree with line numbers out. The catalogue's only importer of PyYAML.

Owns: what of YAML is allowed (threat PF1). One document of plain mappings, lists and scalars; no anchors, aliases or
tags, no key twice, no deep nesting, no large file. Built from the events of the parser, so nothing is ever
constructed by YAML itself. Does not own what the keys mean.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from broker.catalogue.mistakes import Mistake

LARGEST_BYTES = 256 * 1024
DEEPEST = 12

_KINDS = {
    "tag:yaml.org,2002:str": "text",
    "tag:yaml.org,2002:int": "whole number",
    "tag:yaml.org,2002:float": "number",
    "tag:yaml.org,2002:bool": "yes or no",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:timestamp": "date",
}
_RESOLVER = yaml.resolver.Resolver()


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as it was written; `kind` is what YAML takes it for: text, whole number, number, yes or no, nothing,
    date.
    """

    line: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """The value of one key; `line` is that of the key."""

    line: int
    node: "Node"


@dataclass(frozen=True, slots=True)
class Block:
    """A mapping, in the order of the file."""

    line: int
    entries: dict[str, Entry]


@dataclass(frozen=True, slots=True)
class Refused:
    """Something for which a mistake was already reported: whoever meets it says nothing more."""

    line: int


Node = Scalar | Listing | Block | Refused


def read_tree(file: str, content: bytes) -> tuple[Node, list[Mistake]]:
    """The tree of one file, and every mistake in its YAML.

    A file that cannot be read at all comes back as `Refused`. Never raises.
    """
    if len(content) > LARGEST_BYTES:
        return Refused(1), [Mistake(file, 1, "", f"{len(content)} bytes", f"at most {LARGEST_BYTES} bytes")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Refused(1), [Mistake(file, line, "", "bytes that are not UTF-8", "UTF-8 text")]
    walk = _Walk(file, text)
    try:
        return walk.document(), walk.mistakes
    except _StopError as stop:
        walk.mistakes.append(stop.mistake)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        walk.mistakes.append(Mistake(file, line, "", f"the sign U+{ord(text[error.position]):04X}", "printable text"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        walk.mistakes.append(Mistake(file, line, "", f"broken YAML ({error.problem or error.context})", "valid YAML"))
    return Refused(1), walk.mistakes


class _StopError(Exception):
    def __init__(self, mistake: Mistake) -> None:
        super().__init__()
        self.mistake = mistake


class _Walk:
    """Builds the tree from the parser's events, one call a node."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)

    def document(self) -> Node:
        tree: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if tree is not None:
                    raise _StopError(Mistake(self.file, _line(event), "", "a second document", "one document"))
                tree = self._node(next(self._events), "", 1)
        return tree if tree is not None else Scalar(1, "", "nothing")

    def _node(self, event: yaml.Event, key: str, depth: int) -> Node:
        line = _line(event)
        if depth > DEEPEST:
            raise _StopError(Mistake(self.file, line, key, "too deep a nesting", f"at most {DEEPEST} levels"))
        if isinstance(event, yaml.AliasEvent):
            self._mistake(line, key, f"the alias *{event.anchor}", "the values written out (aliases are not allowed)")
            return Refused(line)
        assert isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent)
        if event.anchor is not None:
            self._mistake(line, key, f"the anchor &{event.anchor}", "no anchor (anchors are not allowed)")
        tagged = event.tag is not None
        if tagged:
            self._mistake(line, key, f"the tag {event.tag}", "no tag (tags are not allowed)")
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._listing(line, key, depth)
        else:
            node = self._block(line, key, depth)
        return Refused(line) if tagged else node

    def _listing(self, line: int, key: str, depth: int) -> Listing:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, f"{key}[{len(items)}]", depth + 1))
        return Listing(line, tuple(items))

    def _block(self, line: int, key: str, depth: int) -> Block:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            name = self._node(event, key, depth + 1)
            path = f"{key}.{name.text}" if key and isinstance(name, Scalar) else getattr(name, "text", key)
            node = self._node(next(self._events), path, depth + 1)
            if isinstance(name, Scalar) and name.text not in entries:
                entries[name.text] = Entry(name.line, node)
            elif isinstance(name, Scalar):
                first = entries[name.text].line
                self._mistake(name.line, path, f"a key that already stands on line {first}", "each key once")
            elif not isinstance(name, Refused):
                self._mistake(name.line, key, "a list or mapping as a key", "a word as a key")
        return Block(line, entries)

    def _mistake(self, line: int, key: str, found: str, expected: str) -> None:
        self.mistakes.append(Mistake(self.file, line, key, found, expected))


def _line(event: yaml.Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.line + 1


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    if event.style is not None:
        return Scalar(_line(event), event.value, "text")
    tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False))  # type: ignore[no-untyped-call]
    return Scalar(_line(event), event.value, _KINDS.get(tag, "text"))
