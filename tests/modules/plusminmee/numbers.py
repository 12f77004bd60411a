"""Numbers of people who do not exist, for the tests of what may never be kept."""

from hypothesis import strategies as st
from stdnum.nl import bsn

BSN = "111222333"
ANOTHER_BSN = "123456782"
OLD_BSN = "012345672"
"""Begins with a zero, which people leave out."""
NATIONAL_NUMBER = "85073000061"
"""Counter 000, which is never given out (domain-facts §3)."""


def _completed(eight: str) -> str | None:
    return next((eight + last for last in "0123456789" if bsn.is_valid(eight + last)), None)


bsns = st.from_regex(r"[0-9]{8}", fullmatch=True).map(_completed).filter(bool).map(str)
"""Every nine digits that pass the 11-test."""
