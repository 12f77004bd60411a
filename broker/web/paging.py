"""paging: the addresses of a list that is read a page at a time, with what was asked of it kept. Owns how they are written.

The key of a page stands in `na`; the first page has none.
"""

import uuid
from collections.abc import Mapping
from typing import TypedDict
from urllib.parse import urlencode


class Paging(TypedDict):
    """For the template: the next page, and the first one for whoever is past it; "" where there is none."""

    next_url: str
    begin_url: str


def with_query(path: str, query: Mapping[str, str]) -> str:
    """`path`, with `query` behind it where there is any."""
    return f"{path}?{urlencode(query)}" if query else path


def paging(path: str, kept: Mapping[str, str], *, begun: bool, next_key: uuid.UUID | None) -> Paging:
    """`kept` is what was asked of the list; `begun`: the reader is past the first page."""
    return {
        "next_url": with_query(path, {**kept, "na": next_key.hex}) if next_key else "",
        "begin_url": with_query(path, kept) if begun else "",
    }
