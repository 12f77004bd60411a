"""The English of every Dutch sentence on screens and in mails: complete, faithful, and nothing left over.

Owns how the msgids are found (babel, over Python, pages and mails). When a sentence is new or was changed, the first test prints
the entries to fill in, in the form of the .po file; the second one names those to take away.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import normalize, read_po

from look.shell import Brand

ROOT = Path(__file__).parents[2]
PACKAGES = ("look", "broker", "modules")

_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
_OPTIONS = {
    "**/templates/**.html": {"newstyle_gettext": "true"},
    # As `broker.notifications.write_mail` sets its environment: a sentence must come out as the page asks for it.
    "**/templates/**.txt": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"},
}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}

# Sentences that stand in data and are translated where they are shown: the call, and where it takes them.
_SAID_BY_DATA = {
    "Brand": ((1, "tagline"), (8, "footer")),
    "Application": ((None, "tagline"),),
    "MenuEntry": ((0, "label"),),
    "Section": ((1, "title"), (2, "lead")),
    "Figure": ((1, "label"), (4, "help")),
}

_PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")
_BARE_PERCENT = re.compile(r"%(?!\(\w+\)s)")

# Names, and words that English has as well.
SAME_IN_BOTH = {
    "%(n)s labels",
    "1 label",
    "%(name)s, %(date)s",
    "CCinC",
    "Code",
    "Codes",
    "Context",
    "Cookies",
    "Cultuurmonitor",
    "In %(year)s: %(number)s.",
    "Help",
    "Invoerder",
    "Jeugdmonitor",
    "KBO",
    "KBO %(number)s",
    "Label",
    "Labels",
    "Link",
    "Menu",
    "Module",
    "Modules",
    "Open",
    "PlusMinMee",
    "Poortwachter",
    "Privacy",
    "Professionals",
    "Raadpleger",
    "Tickets",
}

Forms = tuple[str, ...]
"""One sentence: itself, or its form for one and its form for many."""


@pytest.mark.parametrize("package", PACKAGES)
def test_every_dutch_sentence_has_its_english(package: str) -> None:
    written = english(package)
    missing = [dutch for dutch in said(package) if dutch not in written]
    assert not missing, f"add to {package}/translations/en.po:\n\n" + "\n".join(map(empty_entry, sorted(missing)))


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_translated_that_is_no_longer_said(package: str) -> None:
    left_over = sorted(written for written in entries(package) if written not in said(package))
    assert not left_over, f"take away from {package}/translations/en.po: {left_over}"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_english_has_the_same_places_to_fill_in(package: str) -> None:
    different = [
        (ours, theirs)
        for dutch, written in english(package).items()
        for ours, theirs in zip(dutch, written, strict=True)
        if set(_PLACE.findall(ours)) != set(_PLACE.findall(theirs)) or _BARE_PERCENT.search(theirs)
    ]
    assert not different


@pytest.mark.parametrize("package", PACKAGES)
def test_no_sentence_stayed_dutch(package: str) -> None:
    same = [form for dutch, written in english(package).items() for form in set(dutch) & set(written)]
    assert set(same) <= SAME_IN_BOTH


def test_what_is_said_the_same_in_dutch_is_said_the_same_in_english() -> None:
    # The files are read into one whole: the last one would win.
    first: dict[str, Forms] = {}
    different = []
    for package in PACKAGES:
        for dutch, written in english(package).items():
            if first.setdefault(dutch[0], written) != written:
                different.append((package, dutch[0], first[dutch[0]], written))
    assert not different


def test_a_word_may_only_stay_the_same_while_it_is_said() -> None:
    forms = {form for package in PACKAGES for dutch in said(package) for form in dutch}
    assert forms >= SAME_IN_BOTH


@cache
def said(package: str) -> frozenset[Forms]:
    """What the Python, the pages and the mails of `package` say in Dutch."""
    found = extract_from_dir(str(ROOT / package), _METHODS, _OPTIONS, _KEYWORDS, strip_comment_tags=True)
    sentences = {message if isinstance(message, tuple) else (message,) for _file, _line, message, *_rest in found}
    for path in (ROOT / package).rglob("*.py"):
        sentences |= _said_by_data(ast.parse(path.read_text(encoding="utf-8")))
    if package == "look":
        sentences.add((Brand("").footer,))
    return frozenset(sentences)


def _said_by_data(tree: ast.AST) -> set[Forms]:
    sentences = set()
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _SAID_BY_DATA):
            continue
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        for position, name in _SAID_BY_DATA[call.func.id]:
            placed = position is not None and position < len(call.args)
            value = call.args[position] if placed else named.get(name)
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                sentences.add((value.value,))
    return sentences


@cache
def entries(package: str) -> dict[Forms, Forms | None]:
    """What stands in the .po file of `package`; None where the English is empty, half or fuzzy."""
    with (ROOT / package / "translations" / "en.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    whole: dict[Forms, Forms | None] = {}
    for message in catalogue:
        if not message.id:
            continue
        dutch = tuple(message.id) if isinstance(message.id, list | tuple) else (message.id,)
        written = tuple(message.string) if isinstance(message.string, list | tuple) else (message.string,)
        usable = not message.fuzzy and len(written) == len(dutch) and all(written)
        whole[dutch] = written if usable else None
    return whole


def english(package: str) -> dict[Forms, Forms]:
    """The usable entries of `package`."""
    return {dutch: written for dutch, written in entries(package).items() if written is not None}


def empty_entry(dutch: Forms) -> str:
    """The entry of a .po file that waits for its English."""
    if len(dutch) == 1:
        return f'msgid {normalize(dutch[0])}\nmsgstr ""\n'
    return f'msgid {normalize(dutch[0])}\nmsgid_plural {normalize(dutch[1])}\nmsgstr[0] ""\nmsgstr[1] ""\n'
