"""mobile_number: a number that a code may be sent to: a Belgian or a Dutch mobile, and nothing else (threats PW5).

Owns that check, and how a number is shown to whoever may know that it is theirs. Numbers of machines (NL 097) and of companies
(NL 085) cost money and reach no person.
"""

import re

from broker.people.identifiers import IdentifierError, phone_number
from broker.text import Text

_MOBILE = re.compile(r"\+324[5-9]\d{7}|\+316[1-58]\d{7}")
PREFIX_SIGNS = 6

NOT_A_MOBILE = Text(
    "Vul een Belgisch of Nederlands mobiel nummer in, bijvoorbeeld 0470 12 34 56 of +31 6 12 34 56 78.",
    "Fill in a Belgian or Dutch mobile number, for example 0470 12 34 56 or +31 6 12 34 56 78.",
)


def mobile_number(typed: str) -> str:
    """The number in E.164. One that begins with 06 is Dutch: Belgium has no such numbers.

    Raises:
        IdentifierError: no number, or none that we send codes to.
    """
    digits = re.sub(r"[\s./()-]", "", typed)
    if re.fullmatch(r"06\d{8}", digits):
        digits = f"+31{digits[1:]}"
    try:
        number = phone_number(digits)
    except IdentifierError as error:
        raise IdentifierError(NOT_A_MOBILE) from error
    if not _MOBILE.fullmatch(number):
        raise IdentifierError(NOT_A_MOBILE)
    return number


def masked_mobile(number: str) -> str:
    """What its owner recognises: 04•• •• •• 18, or 06 •••• •• 78."""
    if number.startswith("+32"):
        return f"04•• •• •• {number[-2:]}"
    return f"06 •• •• •• {number[-2:]}"


def prefix_of(number: str) -> str:
    """How the number begins, which names nobody: what messages are counted by."""
    return number[:PREFIX_SIGNS]
