"""What must still be true when a message is delivered: `only_if` names a question, create_app registers who answers it.

Owns the registry. The answers live in the rooms above, which this room may not import.
"""

import uuid
from collections.abc import Callable

from sqlalchemy.orm import Session

from broker.installation import Installation

Precondition = Callable[[Session, Installation, uuid.UUID], bool]

_preconditions: dict[str, Precondition] = {}


class UnknownPreconditionError(LookupError):
    """A message asks something that nobody answers: it must not be sent by mistake."""


def register_precondition(name: str, holds: Precondition) -> None:
    """From now on `only_if="<name>:<id>"` is answered by `holds(session, installation, id)`, which only reads."""
    _preconditions[name] = holds


def still_holds(session: Session, installation: Installation, only_if: str | None) -> bool:
    """Whether the message may still be sent; without a precondition always.

    Raises:
        UnknownPreconditionError: nobody registered that name, or there is no id in it.
    """
    if only_if is None:
        return True
    name, _, subject = only_if.partition(":")
    holds = _preconditions.get(name)
    if holds is None:
        raise UnknownPreconditionError(name)
    try:
        subject_id = uuid.UUID(subject)
    except ValueError as error:
        raise UnknownPreconditionError(only_if) from error
    return holds(session, installation, subject_id)
