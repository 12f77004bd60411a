"""Where a page may send somebody back to: a path of ours, never another site (open redirect). Owns that one check."""

from urllib.parse import urlsplit

_LONGEST = 4000
_LOOPS = ("/aanmelden", "/afmelden", "/afgemeld")


def return_path(asked: str | None, otherwise: str = "/") -> str:
    """`asked`, when it is a path with query at this very site; else `otherwise`.

    Browsers read a backslash as a slash and leave out tabs and line ends, so both `/\\evil` and `/<tab>/evil` would
    leave; whatever is not plain printable ASCII without backslash is refused. Our own addresses are percent-encoded
    anyway.
    """
    if not asked or len(asked) > _LONGEST or not asked.startswith("/") or asked.startswith("//"):
        return otherwise
    if any(not 0x21 <= ord(sign) <= 0x7E or sign == "\\" for sign in asked):
        return otherwise
    try:
        parts = urlsplit(asked)
    except ValueError:
        return otherwise
    if parts.scheme or parts.netloc or parts.path.startswith(_LOOPS):
        return otherwise
    return asked
