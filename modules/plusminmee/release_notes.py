"""What changed in each version of the tool.

Owns: reading release_notes.yaml once, and which notes somebody has yet to see. Does not own what they saw.
"""

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from modules.kit.words import Words
from modules.plusminmee.words import Entry, TextsError, read_file

_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){1,2}")


@dataclass(frozen=True, slots=True)
class Release:
    """One version, with what changed for who uses it."""

    version: str
    day: date
    changes: tuple[Words, ...]


def read_releases(entry: Entry) -> tuple[Release, ...]:
    """The versions of a file, newest first.

    Raises:
        TextsError: a version or day that is none, or that does not come before the next one in the file.
    """
    releases = tuple(
        _release(each.only("version", "day", "changes")) for each in entry.only("releases").entries("releases")
    )
    for newer, older in pairwise(releases):
        if _parts(newer.version) <= _parts(older.version) or newer.day < older.day:
            raise TextsError(
                f"{entry.where}: {newer.version} must be newer than {older.version}, which stands below it"
            )
    return releases


def _release(entry: Entry) -> Release:
    version, day = entry.text("version"), entry.values.get("day")
    if not _VERSION.fullmatch(version):
        raise TextsError(f"{entry.where}.version must look like 1.0")
    if type(day) is not date:
        raise TextsError(f"{entry.where}.day must be a day")
    return Release(version, day, entry.all_words("changes"))


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


RELEASES = read_releases(read_file("release_notes.yaml"))
LATEST = RELEASES[0].version
"""What is remembered of somebody who has seen them all."""


def unseen(last_seen: str | None, releases: tuple[Release, ...] = RELEASES) -> tuple[Release, ...]:
    """What somebody has yet to see who saw everything up to `last_seen`, newest first.

    Who never saw any sees the newest alone: what changed before they came tells them nothing. So does who saw a version that
    is not in the file any more.
    """
    for position, release in enumerate(releases):
        if release.version == last_seen:
            return releases[:position]
    return releases[:1]
