"""Passwords: whether one will do, its hash, and holding one against a hash.

Owns argon2id (RFC 9106) with the parameters of today, and how many are computed at once (threats PW10): a hash is work on purpose,
and whoever sends many may not take the machine. Knows no account and no database; no password is ever in a message of ours.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import category, normalize

from broker.catalogue import PasswordPolicy
from broker.errors import BusyError, InvalidError
from broker.text import Text
from serving.at_once import about_to_wait

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LONGEST_BYTES = 256
AT_ONCE = 4
_PATIENCE_SECONDS = 2.0
# OWASP's second choice: enough work for a guesser, and 4 at once stay under 200 MB.
_MEMORY_KIB, _PASSES, _LANES = 47104, 1, 1

_places = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def hashing_place() -> Iterator[None]:
    """One of AT_ONCE places to compute hashes in; hold it around all the hashes of one request.

    Raises:
        BusyError: all were taken for too long; the same request may be sent again.
    """
    about_to_wait()
    if not _places.acquire(timeout=_PATIENCE_SECONDS):
        raise BusyError
    try:
        yield
    finally:
        _places.release()


def hash_password(password: str) -> str:
    """Its hash, with a salt of its own. Within a `hashing_place`."""
    return _hasher().hash(_composed(password))


def password_is(password: str, password_hash: str | None) -> bool:
    """Whether the hash is of this password. Without a hash as much work, and no (threats PW3). Within a `hashing_place`."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password.encode()) > LONGEST_BYTES:
        password, password_hash = "", None
    try:
        right = _hasher().verify(password_hash or _nobodys_hash(), _composed(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def _composed(password: str) -> str:
    """An é of one keyboard is an e and an accent of another, and so with spaces: the same password (RFC 8265, section 4.2)."""
    return normalize("NFC", "".join(" " if category(sign) == "Zs" else sign for sign in password))


def refuse_unfit(
    policy: PasswordPolicy, password: str, repeated: str, known_words: Iterable[str], earlier: Iterable[str]
) -> None:
    """Refuse a password that will not do. `known_words`: what stands with the person, `earlier`: hashes that may not come back.

    Within a `hashing_place`.

    Raises:
        InvalidError: `password_unfit`, with the sentence at `password` or `repeated`.
    """
    wrong = _unfit(policy, _composed(password), known_words)
    if wrong is None and any(password_is(password, each) for each in earlier):
        wrong = Text(
            f"Dit is een van uw laatste {policy.history} wachtwoorden. Kies een ander.",
            f"This is one of your last {policy.history} passwords. Choose another one.",
        )
    if wrong is not None:
        raise InvalidError("password_unfit", wrong, {"password": wrong})
    if _composed(password) != _composed(repeated):
        raise InvalidError("password_unfit", NOT_THE_SAME, {"repeated": NOT_THE_SAME})


def _unfit(policy: PasswordPolicy, password: str, known_words: Iterable[str]) -> Text | None:
    if len(password.encode()) > LONGEST_BYTES:
        return TOO_LONG
    if len(password) < policy.least:
        return Text(f"Neem minstens {policy.least} tekens.", f"Take at least {policy.least} characters.")
    for asked, holds, sentence in (
        (policy.digit, any(sign.isdigit() for sign in password), NO_DIGIT),
        (policy.capital, any(sign.isupper() for sign in password), NO_CAPITAL),
        (policy.small, any(sign.islower() for sign in password), NO_SMALL),
    ):
        if asked and not holds:
            return sentence
    return None if _strength(password, known_words) >= policy.strength else EASY_TO_GUESS


def _strength(password: str, known_words: Iterable[str]) -> int:
    """From 0 to 4, as zxcvbn has it. It reads the first 72 signs: more make nothing weaker."""
    from zxcvbn import zxcvbn  # large, and seldom needed

    return int(zxcvbn(password[:72], user_inputs=[word for word in known_words if word])["score"])


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher, Type

    return PasswordHasher(memory_cost=_MEMORY_KIB, time_cost=_PASSES, parallelism=_LANES, type=Type.ID)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody's password")


TOO_LONG = Text(
    f"Dit wachtwoord is te lang: neem er hoogstens {LONGEST_BYTES} tekens van.",
    f"This password is too long: take at most {LONGEST_BYTES} characters.",
)
NO_DIGIT = Text("Neem er minstens één cijfer in op.", "Put at least one digit in it.")
NO_CAPITAL = Text("Neem er minstens één hoofdletter in op.", "Put at least one capital in it.")
NO_SMALL = Text("Neem er minstens één kleine letter in op.", "Put at least one small letter in it.")
EASY_TO_GUESS = Text(
    "Dit wachtwoord is makkelijk te raden. Neem bijvoorbeeld drie woorden die niets met elkaar te maken hebben.",
    "This password is easy to guess. Take three words, for example, that have nothing to do with each other.",
)
NOT_THE_SAME = Text("De twee wachtwoorden zijn niet gelijk.", "The two passwords are not the same.")
