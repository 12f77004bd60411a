"""Who acts, for the doors behind `require_sign_in`: the id that operations ask for."""

import uuid

from broker.errors import NotFoundError
from broker.web.who import signed_in


def actor() -> uuid.UUID:
    """The signed-in person.

    Raises:
        NotFoundError: nobody is signed in; `require_sign_in` has sent them to the sign-in page before.
    """
    who = signed_in()
    if who is None:
        raise NotFoundError
    return who.person_id
