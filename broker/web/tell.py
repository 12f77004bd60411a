"""tell: what the next page says on top (LOOK: flash). Owns only the form in which the macro `m.flashes()` reads it."""

from typing import cast

from flask import flash


def tell(kind: str, first: str, rest: str = "") -> None:
    """Say `first` in bold and then `rest`; `kind` is ok, wait, fail or info."""
    flash(cast(str, [first, rest]), kind)
