"""The safety tips of the seed, each with the page on which it stands.

Owns: reading tips.yaml once, and which pages there are to stand on. Does not own how a tip looks.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from modules.kit.words import Words
from modules.plusminmee.words import Entry, TextsError, read_file

Page = Literal[
    "sign_in",
    "groups",
    "youngsters",
    "photo",
    "identity_check",
    "interventions",
    "messages",
    "proposals",
    "professionals",
]
PAGES: tuple[Page, ...] = get_args(Page)


@dataclass(frozen=True, slots=True)
class Tip:
    """One tip."""

    code: str
    page: Page
    text: Words


def read_tips(entry: Entry) -> tuple[Tip, ...]:
    """The tips of a file.

    Raises:
        TextsError: a page that is none or has no tip, or a code twice.
    """
    tips = []
    for each in entry.only("tips").entries("tips"):
        each.only("code", "page", "text")
        tips.append(Tip(each.text("code"), read_page(each, "page"), each.words("text")))
    if len({tip.code for tip in tips}) < len(tips):
        raise TextsError(f"{entry.where} has a code twice")
    bare = [page for page in PAGES if page not in {tip.page for tip in tips}]
    if bare:
        raise TextsError(f"{entry.where} has no tip for {', '.join(bare)}")
    return tuple(tips)


def read_page(entry: Entry, key: str) -> Page:
    """The page that an entry names.

    Raises:
        TextsError: there is none of that name.
    """
    named = entry.text(key)
    for page in PAGES:
        if page == named:
            return page
    raise TextsError(f"{entry.where}.{key} must be one of {', '.join(PAGES)}")


TIPS = read_tips(read_file("tips.yaml"))


def tips_for(page: Page) -> tuple[Tip, ...]:
    """The tips that stand on this page, in the order of the file."""
    return tuple(tip for tip in TIPS if tip.page == page)
