"""find_organisations: the organisations an applicant may mean. Read-only; owns how `search_text` is written and asked.

`search_text` is one folded line. It is asked with a space at both ends, so that " genk" finds the beginning of a word and
" genk " the whole word, on both databases, without an extension.
"""

import re

from sqlalchemy import ColumnElement, and_, case, false, literal, select
from sqlalchemy.orm import Session

from broker.people.identifiers import folded
from broker.people.organisation import Organisation

WORDS_AT_MOST = 8
_NUMBER_ALONE = re.compile(r"(?:BE)?[\s.]*(\d[\d\s.]*)", re.IGNORECASE | re.ASCII)
_SPACED = literal(" ").concat(Organisation.search_text).concat(" ")
_DOT_IN_NUMBER = re.compile(r"(?<=\d)\.(?=\d)")


def search_text(
    *, name: str, name_fr: str = "", municipality: str = "", kbo: str | None, ovo: str | None, nis: str | None
) -> str:
    """What an organisation is found by: its names, its municipality and its numbers."""
    return folded(" ".join((name, name_fr, municipality, kbo or "", ovo or "", nis or "")))


def find_organisations(
    session: Session, target_group: str, organisation_type: str, words: str, limit: int = 20
) -> list[Organisation]:
    """Living organisations of one kind in which every one of `words` begins a word, at most `limit`.

    Accents and capitals do not matter; a KBO number may have dots or not, and BE before it. Whole words come first,
    then by name. No words: the first `limit` of that kind.
    """
    asked = _asked(words)
    query = select(Organisation).where(
        Organisation.target_group == target_group,
        Organisation.organisation_type == organisation_type,
        Organisation.ended_at.is_(None),
    )
    query = query.where(*search_condition(words))
    if asked:
        whole = and_(*(_SPACED.like(f"% {word} %") for word in asked))
        query = query.order_by(case((whole, 0), else_=1))
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id).limit(limit)))


def search_condition(words: str) -> list[ColumnElement[bool]]:
    """The conditions for every one of `words` to begin a word of an organisation; none for no words."""
    asked = _asked(words)
    if words.strip() and not asked:
        return [false()]
    return [_SPACED.like(f"% {word}%") for word in asked]


def _asked(words: str) -> list[str]:
    """The words to look for, folded: letters and digits only, so that nothing in them is a pattern."""
    words = words[:200].strip()
    number = _NUMBER_ALONE.fullmatch(words)
    if number:
        digits = re.sub(r"\D", "", number[1])
        nine_digits = len(digits) == 9  # as KBO numbers were written before they got their leading zero
        return ["0" + digits if nine_digits else digits]
    return folded(_DOT_IN_NUMBER.sub("", words)).split()[:WORDS_AT_MOST]


def organisation_by_code(session: Session, code: str) -> Organisation | None:
    """The living organisation with this code, or None."""
    return session.scalar(select(Organisation).where(Organisation.code == code, Organisation.ended_at.is_(None)))
