"""What a centre may be called, and when two names are the same.

Owns: cleaning, checking and comparing names. Does not own the list of centres.
"""

import unicodedata

from look.language import gettext as _

LONGEST_NAME = 120


class CentreNameError(ValueError):
    """The name cannot be used; the message is a sentence for who typed it."""


def read_name(typed: str) -> str:
    """The name, in NFC with single spaces.

    Raises:
        CentreNameError: empty, too long, without a letter, or with control or direction signs in it.
    """
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name:
        raise CentreNameError(_("Vul de naam van het centrum in."))
    if len(name) > LONGEST_NAME:
        raise CentreNameError(_("Deze naam is te lang. Hou het bij 120 tekens."))
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co") for sign in name):
        raise CentreNameError(_("In deze naam staan onzichtbare tekens. Typ de naam opnieuw in."))
    if not any(sign.isalpha() for sign in name):
        raise CentreNameError(_("Vul een naam met letters in."))
    return name


def key_of_name(name: str) -> str:
    """The name as it is compared: without capitals or accents."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign))
