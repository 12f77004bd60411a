"""The functions that a professional can have (M14): those of the policy, and another one, which is typed.

Owns: how a function is called. Does not own the list (policy.yaml), nor whose function is which.
"""

from look.language import gettext as _
from modules.plusminmee.policy import OTHER, POLICY

FUNCTIONS = (*POLICY.functions, OTHER)


def function_word(function: str, words: str = "") -> str:
    """What is shown of a function; for "other" what the person typed, and nothing for one that the policy no longer knows."""
    if function == OTHER:
        return words or _("andere functie")
    known = POLICY.functions.get(function)
    return str(known) if known else ""
