"""Descriptions, messages, proposals: what somebody writes freely, looked through before it is kept.

Owns: the one rule for all of them: a BSN is a block, a word about health, religion, origin, crime or money is a hint. Does not
own how either is found (citizen_numbers.py, sensitive_words.py), nor the question to look again, which the page asks.
"""

from modules.plusminmee.citizen_numbers import find_citizen_numbers
from modules.plusminmee.refusals import RefusedError
from modules.plusminmee.sensitive_words import Hint, hints


def look_through(text: str) -> tuple[Hint, ...]:
    """The words that deserve a second look, each once, in their order; none when there is nothing to say.

    Raises:
        RefusedError: text_bsn; where it stands is for `find_citizen_numbers` to say.
    """
    if find_citizen_numbers(text):
        raise RefusedError("text_bsn")
    return hints(text)
