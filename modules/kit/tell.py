"""One message above the next page: what changed, and who knows.

Owns: that one call. Does not own how it looks (look/macros.html: flashes).
"""

from flask import flash


def tell(kind: str, title: str, text: str = "") -> None:
    """Show `title` (the bold first clause) and `text` above the next page; kind is ok, wait, fail or info."""
    flash([title, text], kind)  # type: ignore[arg-type]  # Flask keeps whatever JSON can; it types a string only
