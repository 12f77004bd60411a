"""The registration number of a vehicle, written as it stands on the plate.

Owns: where the dashes go. Pure. Does not own whether such a vehicle exists: a plate of another country is kept as typed.

Source: domain-facts §3, sidecodes 1 to 14 of Dutch plates; a Belgian plate is `1-ABC-234`.
"""

import re

from modules.plusminmee.citizen_numbers import find_citizen_numbers, plain_digits
from modules.plusminmee.refusals import RefusedError

_BETWEEN = re.compile(r"[\s./_-]+")
_SIGNS = re.compile(r"[A-Z0-9]{4,9}")
_BELGIAN = re.compile(r"(\d)([A-Z]{3})(\d{3})")
_DUTCH = {
    "XX9999": (2, 2, 2),
    "9999XX": (2, 2, 2),
    "99XX99": (2, 2, 2),
    "XX99XX": (2, 2, 2),
    "XXXX99": (2, 2, 2),
    "99XXXX": (2, 2, 2),
    "99XXX9": (2, 3, 1),
    "9XXX99": (1, 3, 2),
    "XX999X": (2, 3, 1),
    "X999XX": (1, 3, 2),
    "XXX99X": (3, 2, 1),
    "X99XXX": (1, 2, 3),
    "9XX999": (1, 2, 3),
    "999XX9": (3, 2, 1),
}


def read_kenteken(typed: str) -> str:
    """The number in capitals, with the dashes of its plate where we know them: `ab123c` is `AB-123-C`.

    Raises:
        RefusedError: `kenteken_bsn`, or `kenteken_form` for anything but 4 to 9 letters and digits.
    """
    if find_citizen_numbers(typed):
        raise RefusedError("kenteken_bsn")
    signs = _BETWEEN.sub("", plain_digits(typed)).upper()
    if not _SIGNS.fullmatch(signs):
        raise RefusedError("kenteken_form")
    belgian = _BELGIAN.fullmatch(signs)
    if belgian:
        return "-".join(belgian.groups())
    lengths = _DUTCH.get(re.sub(r"\d", "9", re.sub(r"[A-Z]", "X", signs)))
    if lengths is None:
        return _as_typed(typed)
    first, second, _ = lengths
    return "-".join((signs[:first], signs[first : first + second], signs[first + second :]))


def _as_typed(typed: str) -> str:
    return _BETWEEN.sub("-", plain_digits(typed).strip()).strip("-").upper()
