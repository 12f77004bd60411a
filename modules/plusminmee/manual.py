"""The work instructions: a chapter per screen, and what is asked of users and of beheerders.

Owns: reading manual.yaml once. Does not own the page, nor the tips that stand with a chapter (tips.py).
"""

from dataclasses import dataclass

from modules.kit.words import Words
from modules.plusminmee.tips import Tip, read_page, tips_for
from modules.plusminmee.words import Entry, TextsError, read_file


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter; its code is its place on the page (`#code`). `steps` are done one after the other; most have none."""

    code: str
    title: Words
    parts: tuple[Words, ...]
    steps: tuple[Words, ...]
    tips: tuple[Tip, ...]


@dataclass(frozen=True, slots=True)
class SafeHandling:
    """What stands under the chapter with this code: what users and beheerders must do, and what the tool does."""

    chapter: str
    users: tuple[Words, ...]
    beheerders: tuple[Words, ...]
    measures: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Manual:
    """The whole of it."""

    version: str
    chapters: tuple[Chapter, ...]
    safe_handling: SafeHandling


def read_manual(entry: Entry) -> Manual:
    """The manual of a file.

    Raises:
        TextsError: a code twice, tips of a page that is none, or safe handling without its chapter.
    """
    entry.only("version", "chapters", "safe_handling")
    chapters = tuple(map(_chapter, entry.entries("chapters")))
    codes = [chapter.code for chapter in chapters]
    if len(set(codes)) < len(codes):
        raise TextsError(f"{entry.where} has a chapter twice")
    handling = entry.entry("safe_handling").only("chapter", "users", "beheerders", "measures")
    if handling.text("chapter") not in codes:
        raise TextsError(f"{handling.where}.chapter is no chapter")
    return Manual(
        entry.text("version"),
        chapters,
        SafeHandling(
            handling.text("chapter"),
            users=handling.all_words("users"),
            beheerders=handling.all_words("beheerders"),
            measures=handling.all_words("measures"),
        ),
    )


def _chapter(entry: Entry) -> Chapter:
    entry.only("code", "title", "parts", "steps", "tips")
    return Chapter(
        entry.text("code"),
        entry.words("title"),
        entry.all_words("parts"),
        entry.all_words("steps") if "steps" in entry.values else (),
        tips_for(read_page(entry, "tips")) if "tips" in entry.values else (),
    )


MANUAL = read_manual(read_file("manual.yaml"))
