"""The tabs of the administrator's desk (Mensen en rechten), the same over every page of it. Owns their order and paths."""

from typing import Any

from look.language import gettext as _

DESK_PATHS = ("/rechten", "/mensen", "/beheerders", "/lijsten", "/nazicht")


def desk_tabs(current: str) -> list[dict[str, Any]]:
    """The tabs for the macro `tabs`; `current` is the path of the one that is open."""
    rows = (
        (_("Rechten"), "/rechten"),
        (_("Mensen"), "/mensen"),
        (_("Beheerders"), "/beheerders"),
        (_("Lijsten"), "/lijsten"),
        (_("Nazicht"), "/nazicht"),
    )
    return [{"label": label, "url": path, "current": path == current, "count": 0} for label, path in rows]
