"""Who acts in this request, behind `require_right`.

Owns: that one look-up. Does not own the check itself (modules/kit/guard.py).
"""

from modules.kit import SignedIn, signed_in


def person_here() -> SignedIn:
    """The person that `require_right` let through.

    Raises:
        RuntimeError: called on a page that has no guard.
    """
    person = signed_in()
    if person is None:
        raise RuntimeError("a page without require_right asked who is there")
    return person
