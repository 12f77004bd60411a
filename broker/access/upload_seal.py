"""How a line of an upload is sealed, and opened again. Owns the places (`Keys.seal`) and the shapes inside."""

import uuid
from collections.abc import Sequence

from broker.access.upload import UploadLine
from broker.access.upload_content import LineContent
from broker.keys import Keys
from broker.text import Text


def seal_content(keys: Keys, line_id: uuid.UUID, content: LineContent) -> str:
    """What stood in the file."""
    return keys.seal_json(content.as_json(), f"upload_lines.content_sealed:{line_id}")


def content_of(keys: Keys, line: UploadLine) -> LineContent | None:
    """The same, opened; None once the line is emptied."""
    if line.content_sealed is None:
        return None
    kept = keys.unseal_json(line.content_sealed, f"upload_lines.content_sealed:{line.id}")
    assert isinstance(kept, dict)
    return LineContent(**kept)


def seal_told(keys: Keys, line_id: uuid.UUID, told: Sequence[Text]) -> str | None:
    """What is said about a line; it may name somebody."""
    if not told:
        return None
    return keys.seal_json([[each.nl, each.en] for each in told], f"upload_lines.told_sealed:{line_id}")


def told_of(keys: Keys, line: UploadLine) -> list[Text]:
    """The same, opened."""
    if line.told_sealed is None:
        return []
    kept = keys.unseal_json(line.told_sealed, f"upload_lines.told_sealed:{line.id}")
    assert isinstance(kept, list)
    return [Text(nl, en) for nl, en in kept]
