"""The named formats that values of policies and forms have. Text only: no patterns can be given in a file (threat PF1).

Owns: what a code, a sentence, an address, a duration… may look like. Each is a reader for `found.Entries`.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from broker.catalogue.found import Entries, Found, one_of
from broker.text import Text

_CODE = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_CLIENT_ID = re.compile(r"[A-Za-z0-9_.-]{3,100}", re.ASCII)
_PERSON = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)
_PHONE = re.compile(r"[0-9+][0-9 /.()-]{2,29}", re.ASCII)
_DURATION = re.compile(r"([0-9]{1,5})(s|min|h)", re.ASCII)
_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_ADDRESS = re.compile(r"[!#-;=?-\[\]_a-z~]+", re.ASCII)
_VARIABLE = re.compile(r"BROKER_CLIENT_[A-Z0-9_]{1,80}", re.ASCII)
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_NOT_IN_TEXT = "<>{}"

Word = TypeVar("Word", bound=str)


def code(longest: int) -> Callable[[Found], str]:
    """Letters, digits and `_` only: what may stand in a claim, a link and a column (threat OA5)."""
    expected = f"1 to {longest} letters, digits or _"

    def read(found: Found) -> str:
        text = found.word(expected)
        if len(text) > longest or not _CODE.fullmatch(text):
            raise found.bad(expected)
        return text

    return read


def client_id(found: Found) -> str:
    """The id of an OpenID client; dots and dashes too, as those of ACM are UUIDs. Never in the form of the `sub` of a
    person, as it stands in the place of one in a token that a client gets for itself (threats OA8)."""
    expected = "3 to 100 letters, digits or _ . -, and not 40 hexadecimal digits"
    text = found.word(expected)
    if not _CLIENT_ID.fullmatch(text) or _PERSON.fullmatch(text):
        raise found.bad(expected)
    return text


def line(longest: int, *, least: int = 1, facts: tuple[str, ...] = ()) -> Callable[[Found], str]:
    """One line of plain text, without HTML; `facts` are the `{names}` that may stand in it."""

    def read(found: Found) -> str:
        text = found.text("text").strip()
        bare = text
        for fact in facts:
            bare = bare.replace("{" + fact + "}", "")
        if any(sign in bare for sign in _NOT_IN_TEXT):
            allowed = f" (only {', '.join('{' + fact + '}' for fact in facts)})" if facts else ""
            raise found.bad(f"plain text without < > {{ }}{allowed}")
        if not least <= len(text) <= longest or any(_breaks_line(sign) for sign in text):
            raise found.bad(f"one line of {least} to {longest} signs")
        return text

    return read


def _breaks_line(sign: str) -> bool:
    return sign != " " and unicodedata.category(sign)[0] in "CZ"


def both_languages(longest: int = 300, *, facts: tuple[str, ...] = ()) -> Callable[[Found], Text]:
    """A sentence as `{nl: …, en: …}`."""

    def read(found: Found) -> Text:
        entries = Entries(found)
        nl = entries.required("nl", line(longest, facts=facts))
        en = entries.required("en", line(longest, facts=facts))
        entries.close()
        return Text(nl=nl, en=en)

    return read


def choice(*choices: Word) -> Callable[[Found], Word]:
    """One of the given words."""

    def read(found: Found) -> Word:
        text = found.word(one_of(choices))
        for each in choices:
            if each == text:
                return each
        raise found.bad(one_of(choices))

    return read


def whole(least: int, most: int) -> Callable[[Found], int]:
    """A whole number between two bounds, both included."""
    expected = f"a whole number from {least} to {most}"

    def read(found: Found) -> int:
        text = found.word(expected)
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise found.bad(expected)
        return int(text)

    return read


def truth(found: Found) -> bool:
    """`true` or `false`."""
    return choice("true", "false")(found) == "true"


def duration(least: int, most: int) -> Callable[[Found], int]:
    """A length of time as `30s`, `5min` or `8h`; in seconds."""

    def read(found: Found) -> int:
        expected = f"a time such as 30s, 5min or 8h, from {_written(least)} to {_written(most)}"
        match = _DURATION.fullmatch(found.word(expected))
        if match is None:
            raise found.bad(expected)
        seconds = int(match[1]) * _SECONDS[match[2]]
        if not least <= seconds <= most:
            raise found.bad(expected)
        return seconds

    return read


def email(found: Found) -> str:
    """An e-mail address; those of test domains in development only."""
    expected = "an e-mail address"
    text = found.text(expected)
    try:
        validate_email(text, check_deliverability=False, test_environment=found.reading.development)
    except EmailNotValidError:
        raise found.bad(expected) from None
    return text


def phone(found: Found) -> str:
    """A telephone number as people write it."""
    expected = "a telephone number"
    text = found.word(expected)
    if not _PHONE.fullmatch(text):
        raise found.bad(expected)
    return text


def address(found: Found) -> str:
    """An exact web address: https, no user name, fragment, wildcard or dot segments; http and loopback in development
    only.
    """
    text = found.text("an https:// address")
    for refuses, expected in (
        (_is_not_plain, "an address of plain ASCII without * or spaces"),
        (_is_not_web, "an https:// address with a host"),
        (_has_user, "an address without a user name"),
        (_has_fragment, "an address without a fragment (#)"),
        (_has_dots, "an address without . or .. as a step"),
    ):
        if refuses(text):
            raise found.bad(expected)
    parts = urlsplit(text)
    if not found.reading.development and parts.scheme != "https":
        raise found.bad("an https:// address (http is for development only)")
    if not found.reading.development and parts.hostname in _LOOPBACK:
        raise found.bad("an address other than this machine's own (loopback is for development only)")
    return text


def bare_address(found: Found) -> str:
    """An address without a query: an issuer."""
    text = address(found)
    if "?" in text:
        raise found.bad("an address without a query (?)")
    return text


def variable(least: int) -> Callable[[Found], str]:
    """The value, of at least so many signs, of the environment variable named here.

    Only names that begin with BROKER_CLIENT_ may be used, so that no other secret can be sent anywhere (threat PF3).
    """

    def read(found: Found) -> str:
        expected = "the name of a variable that begins with BROKER_CLIENT_"
        name = found.text(expected)
        if not _VARIABLE.fullmatch(name):
            raise found.bad(expected)
        value = found.reading.environment.get(name, "")
        if not value:
            raise found.bad(f"the variable {name} to be set", "a variable that is not set")
        if len(value) < least:
            raise found.bad(f"a secret of at least {least} signs", f"a secret of {len(value)} signs")
        return value

    return read


def secret(found: Found) -> str:
    """A secret written in the file itself; never shown in a report."""
    if not found.reading.development:
        raise found.bad("secret_env (a secret in the file is for development only)", "a secret in the file")
    return found.word("a secret")


def _is_not_plain(text: str) -> bool:
    return len(text) > 1000 or not _ADDRESS.fullmatch(text) or "*" in text


def _is_not_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme not in {"https", "http"} or not parts.hostname or parts.port == 0
    except ValueError:
        return True


def _has_user(text: str) -> bool:
    return "@" in urlsplit(text).netloc


def _has_fragment(text: str) -> bool:
    return "#" in text


def _has_dots(text: str) -> bool:
    return not {".", ".."}.isdisjoint(urlsplit(text).path.split("/"))


def _written(seconds: int) -> str:
    for unit in ("h", "min"):
        if seconds % _SECONDS[unit] == 0:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s"
