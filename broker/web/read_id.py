"""read_id: the id in an address or a form field, as far as it is one."""

import uuid


def read_id(written: str) -> uuid.UUID | None:
    """None where nothing was written, or no id."""
    try:
        return uuid.UUID(written) if written else None
    except ValueError:
        return None
