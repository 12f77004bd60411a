"""Which keys an overlay file changes in the file whose place it takes (threat PF2: nothing is replaced unseen)."""

from collections.abc import Iterator

from broker.catalogue.folders import SourceFile
from broker.catalogue.model import Replacement
from broker.catalogue.yaml_lines import Block, Listing, Node, Scalar, read_tree


def replacements(pairs: tuple[tuple[SourceFile, SourceFile], ...]) -> tuple[Replacement, ...]:
    """For each (new file, old file): their paths and the keys whose values differ, are new or are gone."""
    return tuple(Replacement(new.path, old.path, _differences(new, old)) for new, old in pairs)


def _differences(new: SourceFile, old: SourceFile) -> tuple[str, ...]:
    return tuple(_compared("", *(read_tree(file.path, file.content)[0] for file in (new, old))))


def _compared(key: str, new: Node, old: Node) -> Iterator[str]:
    """The shortest paths that tell what differs."""
    if isinstance(new, Block) and isinstance(old, Block):
        for name in dict.fromkeys([*old.entries, *new.entries]):
            path = f"{key}.{name}" if key else name
            if name in old.entries and name in new.entries:
                yield from _compared(path, new.entries[name].node, old.entries[name].node)
            else:
                yield path
    elif isinstance(new, Listing) and isinstance(old, Listing) and len(new.items) == len(old.items):
        for index, (item, former) in enumerate(zip(new.items, old.items, strict=True)):
            yield from _compared(f"{key}[{index}]", item, former)
    elif not (isinstance(new, Scalar) and isinstance(old, Scalar) and new.text == old.text):
        yield key
