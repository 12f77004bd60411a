"""The manual, the points of respondents' privacy, and the charter.

Owns: reading manual.yaml once, and the versions that are kept with an opened round (M10). Does not own the page
(manual_pages.py) nor who read what (open_round.py).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from modules.kit.words import Words

_READ: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "manual.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Chapter:
    """One chapter of the manual."""

    code: str
    title: Words
    parts: tuple[Words, ...]


@dataclass(frozen=True)
class Point:
    """One thing a coordinator does to protect respondents."""

    title: Words
    text: Words


@dataclass(frozen=True)
class Charter:
    """What every user of the Jeugdmonitor is bound by."""

    version: str
    title: Words
    text: tuple[Words, ...]


def _words(entry: dict[str, str]) -> Words:
    return Words(**entry)


CHAPTERS = tuple(
    Chapter(entry["code"], _words(entry["title"]), tuple(map(_words, entry["parts"]))) for entry in _READ["chapters"]
)
PRIVACY = "privacy"
"""The chapter under which the points stand."""

POINTS = tuple(Point(_words(entry["title"]), _words(entry["text"])) for entry in _READ["points"])
POINTS_VERSION: str = _READ["points_version"]
CHARTER = Charter(
    _READ["charter"]["version"], _words(_READ["charter"]["title"]), tuple(map(_words, _READ["charter"]["text"]))
)
