"""Words about health, religion, origin, crime and money in what somebody is about to keep: a hint, never a block.

Owns: reading sensitive_words.yaml once, and finding its words. Pure. Does not own what the page then says, nor the numbers
that are blocked (citizen_numbers.py).
"""

import re
import unicodedata
from dataclasses import dataclass

from modules.kit.words import Words
from modules.plusminmee.words import Entry, TextsError, read_file

_MEMBER = re.compile(r"\*?[a-z]+(?:[ -][a-z]+)*\*?")


@dataclass(frozen=True, slots=True)
class Category:
    """What a word is about."""

    code: str
    name: Words


@dataclass(frozen=True, slots=True)
class Hint:
    """One word as it was written, and what it is about."""

    word: str
    category: Category


@dataclass(frozen=True, slots=True)
class WordList:
    """The words of one file, ready to be looked for."""

    version: str
    categories: tuple[Category, ...]
    patterns: tuple[re.Pattern[str], ...]

    def hints(self, text: str) -> tuple[Hint, ...]:
        """Each of its words in `text` once, in their order."""
        written = unicodedata.normalize("NFC", text)
        folded = "".join(map(_plain_letter, written))
        found: list[tuple[int, int, Category]] = []
        for category, pattern in zip(self.categories, self.patterns, strict=True):
            found += [(*match.span(), category) for match in pattern.finditer(folded)]
        first: dict[str, Hint] = {}
        for start, end, category in sorted(found, key=lambda one: one[:2]):
            first.setdefault(folded[start:end], Hint(written[start:end], category))
        return tuple(first.values())


def read_word_list(entry: Entry) -> WordList:
    """The list of a file.

    Raises:
        TextsError: a category without words, a word twice, or one that could not be looked for.
    """
    entry.only("version", "categories")
    categories, patterns = [], []
    for code, each in entry.by_code("categories").items():
        words = each.only("name", "words").texts("words")
        for word in words:
            if not _MEMBER.fullmatch(word):
                raise TextsError(f"{each.where}.words: {word} must be in small letters without accents")
        categories.append(Category(code, each.words("name")))
        patterns.append(re.compile(rf"(?<!\w)(?:{'|'.join(map(_pattern, words))})(?!\w)"))
    return WordList(entry.text("version"), tuple(categories), tuple(patterns))


def hints(text: str) -> tuple[Hint, ...]:
    """The words of sensitive_words.yaml in `text`, each once, in their order."""
    return _LIST.hints(text)


def _pattern(word: str) -> str:
    inner = re.sub(r"[ -]", r"[\\s-]+", word.strip("*"))
    return ("" if not word.startswith("*") else r"\w*") + inner + ("" if not word.endswith("*") else r"\w*")


def _plain_letter(sign: str) -> str:
    """A small letter without accent; always one sign, so that a place in the folded text is a place in the written one."""
    bare = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part)).lower()
    return bare if len(bare) == 1 else sign


_LIST = read_word_list(read_file("sensitive_words.yaml"))
CATEGORIES = {category.code: category for category in _LIST.categories}
"""What a word can be about, by its code, in the order of the file."""
