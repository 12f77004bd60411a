"""The functions that a professional can have (M14): the policy's list.

Owns: the list and its words. Does not own whose function is which.
"""

from look.language import gettext as _

OTHER = "other"
FUNCTIONS = ("jeugdboa", "politie", "ketenregisseur", "pga", "jongerenwerk", OTHER)


def function_word(function: str, words: str = "") -> str:
    """What is shown of a function; for "other" what the person typed."""
    return {
        "jeugdboa": _("jeugdboa"),
        "politie": _("politie"),
        "ketenregisseur": _("ketenregisseur"),
        "pga": _("PGA"),
        "jongerenwerk": _("jongerenwerk"),
        OTHER: words or _("andere functie"),
    }.get(function, "")
