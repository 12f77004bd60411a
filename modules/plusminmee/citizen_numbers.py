"""Finding a BSN or a rijksregisternummer in what somebody wrote.

Owns: which digits are such a number and which are a telephone number, a date or a time. Pure. Does not own the refusal (the
forms) nor the other words that deserve a second look (sensitive_words.py). What is found is told by its place; the number
itself goes nowhere.

A BSN has 9 digits, or 8 where a leading zero was left out, and passes the 11-test (domain-facts §3). One in eleven other
numbers passes too, so what is plainly something else is set aside first. The form still has the last word to its user: who is
stopped by a number that is no BSN can write it otherwise.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from stdnum.be import ssn
from stdnum.nl import bsn

_GROUP = re.compile(r"\d+")
_BETWEEN = re.compile(r" ?[ ./_-] ?|[,:;|*']")
_BSN_SHAPES = {(9,), (3, 3, 3), (4, 2, 3)}
_SHORT_SHAPES = {(2, 3, 3), (3, 3, 2), (3, 2, 3)}
_NATIONAL_DIGITS = 11

_INTERNATIONAL = re.compile(r"(?<!\d)(?:\+|00) ?3[12] ?(?:\(0\))?(?:[ ./-]?\d){8,9}(?!\d)")
_NATIONAL = re.compile(r"(?<!\d)(?:0\d{9}|\(?0\d{1,3}\)?(?: ?[-/] ?| )\d(?:[ .]?\d){5,7})(?!\d)")
_BELGIAN_LINES = {(2, 3, 2, 2), (3, 2, 2, 2)}
_DATE = re.compile(
    r"(?<!\d)(?:(\d{1,2})([-./])(\d{1,2})\2((?:19|20)?\d\d)|((?:19|20)\d\d)([-./])(\d{1,2})\6(\d{1,2}))(?!\d)"
)
_TIMES = re.compile(r"(?<!\d)(?:[01]?\d|2[0-3])[.:][0-5]\d(?: ?- ?(?:[01]?\d|2[0-3])[.:][0-5]\d)?(?!\d)")
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Found:
    """Where such a number stands: `text[start:end]`."""

    kind: Literal["bsn", "rijksregisternummer"]
    start: int
    end: int


def find_citizen_numbers(text: str) -> tuple[Found, ...]:
    """Every BSN and rijksregisternummer in `text`, in their order, none overlapping."""
    plain, offsets = _plain(text)
    found = [*_strong(plain), *_loose(_without_the_rest(plain))]
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return tuple(Found(each.kind, offsets[each.start], offsets[each.end - 1] + 1) for each in kept)


def is_bsn(digits: str) -> bool:
    """Whether 8 or 9 plain digits pass the 11-test."""
    return len(digits) in (8, 9) and bool(bsn.is_valid(digits.zfill(9)))


def is_national_number(digits: str) -> bool:
    """Whether 11 plain digits are a rijksregisternummer or BIS number."""
    return len(digits) == _NATIONAL_DIGITS and bool(ssn.is_valid(digits))


def plain_digits(text: str) -> str:
    """`text` with every sort of digit, dash and space written plainly, and without signs that nobody sees."""
    return _plain(text)[0]


def _plain(text: str) -> tuple[str, list[int]]:
    """The same, and for each of its signs where it stood in `text`."""
    signs: list[str] = []
    offsets: list[int] = []
    for offset, sign in enumerate(text):
        plain = _plainly(sign)
        if plain:
            signs.append(plain)
            offsets.append(offset)
    return "".join(signs), offsets


def _plainly(sign: str) -> str:
    """One sign, or nothing for one that nobody sees."""
    category = unicodedata.category(sign)
    if category in ("Cf", "Mn", "Me"):
        return ""
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    if category == "Pd" or sign == "\u2212":
        return "-"
    return " " if category == "Zs" or sign == "\t" else sign


def _strong(plain: str) -> Iterator[Found]:
    """Numbers in the forms in which they are usually written, whatever stands beside them."""
    telephones = [match.span() for match in _INTERNATIONAL.finditer(plain)]
    for run in _runs(plain):
        shape, digits, start, end = _read(run)
        if any(start < last and first < end for first, last in telephones):
            continue
        if is_national_number(digits):
            yield Found("rijksregisternummer", start, end)
        elif is_bsn(digits) and (shape in _BSN_SHAPES or (shape == (8,) and _alone(plain, digits, start))):
            yield Found("bsn", start, end)


def _loose(plain: str) -> Iterator[Found]:
    """Nine digits in any grouping, or eight in a usual one, in a text from which telephone numbers and dates are gone."""
    for run in _runs(plain):
        shape, digits, start, end = _read(run)
        belgian_line = shape in _BELGIAN_LINES and digits.startswith("0")
        grouped = len(digits) == 9 and len(shape) > 1 and not belgian_line
        if (grouped or shape in _SHORT_SHAPES) and is_bsn(digits):
            yield Found("bsn", start, end)


def _read(run: list[re.Match[str]]) -> tuple[tuple[int, ...], str, int, int]:
    """How long its groups are, its digits, and where it begins and ends."""
    return tuple(len(group[0]) for group in run), "".join(group[0] for group in run), run[0].start(), run[-1].end()


def _runs(plain: str) -> Iterator[list[re.Match[str]]]:
    """Every row of groups of digits with at most a separator between them, of 8, 9 or 11 digits together."""
    groups = list(_GROUP.finditer(plain))
    linked = [_BETWEEN.fullmatch(plain, one.end(), other.start()) is not None for one, other in pairwise(groups)]
    for first, group in enumerate(groups):
        run, digits = [group], len(group[0])
        last = first
        while digits < _NATIONAL_DIGITS and last < len(linked) and linked[last]:
            if digits in (8, 9):
                yield run[:]
            last += 1
            run.append(groups[last])
            digits += len(groups[last][0])
        if digits in (8, 9, _NATIONAL_DIGITS):
            yield run


def _without_the_rest(plain: str) -> str:
    """Letters in the place of every digit that is plainly part of something else."""
    for pattern, is_one in _OTHERS:
        for match in pattern.finditer(plain):
            if is_one(match):
                plain = plain[: match.start()] + "x" * len(match[0]) + plain[match.end() :]
    return plain


def _has_ten_digits(match: re.Match[str]) -> bool:
    return len(re.sub(r"\D", "", match[0])) == 10


def _is_written_day(match: re.Match[str]) -> bool:
    day, month = (match[1], match[3]) if match[1] else (match[8], match[7])
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12


def _always(_match: re.Match[str]) -> bool:
    return True


_OTHERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (_INTERNATIONAL, _always),
    (_NATIONAL, _has_ten_digits),
    (_DATE, _is_written_day),
    (_TIMES, _always),
    (_YEARS, _always),
)


def _alone(plain: str, digits: str, start: int) -> bool:
    """Whether eight digits are neither a day (12052010, 20100512) nor the end of a telephone number (06 12345678)."""
    for written in (digits[4:] + digits[2:4] + digits[:2], digits):
        try:
            day = date.fromisoformat(written)
        except ValueError:
            continue
        if 1900 <= day.year < 2100:
            return False
    return re.search(r"(?<!\d)0[1-9](?: ?[-/] ?| )$", plain[max(0, start - 6) : start]) is None
