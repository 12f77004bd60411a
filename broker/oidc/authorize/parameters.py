"""The parameters of a request as they came, and what can be said of them before anything else is known."""

from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError
from werkzeug.datastructures import MultiDict

Parameters = MultiDict[str, str]

LONGEST_QUERY = 3_000
"""What the way over the sign-in page, in an address within an address, can carry."""

_LONGEST = {"state": 2_000, "nonce": 500}
_SEVERAL_LINES = frozenset({"claims"})
_REPEATABLE = frozenset({"resource"})  # RFC 8707, 2


def each_once(parameters: Parameters) -> None:
    """No parameter twice (RFC 6749, 3.1), none with control characters, and each no longer than can be kept.

    Raises:
        InvalidRequestError: one of these is not so.
    """
    for name, values in parameters.lists():
        if len(values) > 1 and name not in _REPEATABLE:
            raise InvalidRequestError(description="A parameter stands there twice.")
        for value in values:
            if len(value) > _LONGEST.get(name, len(value)):
                raise InvalidRequestError(description="A parameter is too long.")
            if name not in _SEVERAL_LINES and not value.isprintable():
                raise InvalidRequestError(description="A parameter holds what cannot be read.")


def short_enough(parameters: Parameters) -> None:
    """The request fits in an address; a longer one is pushed (RFC 9126).

    Raises:
        InvalidRequestError: it does not.
    """
    if _at_most(parameters) > LONGEST_QUERY and len(urlencode(list(parameters.items(multi=True)))) > LONGEST_QUERY:
        raise InvalidRequestError(description="The request is too long. Push it (RFC 9126).")


def _at_most(parameters: Parameters) -> int:
    """A length that its query never exceeds: writing it out costs more than all the other checks together."""
    length = 0
    for name, value in parameters.items(multi=True):
        written = name + value
        length += 2 + len(written) * (3 if written.isascii() else 12)
    return length
