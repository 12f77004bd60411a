"""resign_mandate: a local administrator stops; the last head names a successor, or the officers are told (lifecycles §5).

One transaction under the lock of the organisation, so that of two who stop at once the second sees that they are the last (threats
AP3). A successor is a local administrator of that organisation who counts already: no power rests on a name that was typed (AP4).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broker.access.vacancy import fill_vacancy, open_vacancy
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.people.appoint_mandate import Appointment, appoint_authorised
from broker.people.dismiss_mandate import RESIGNED, cleaned_note, end_locked_mandate, lock_mandate
from broker.people.living_mandates import MandateView, living_mandates
from broker.people.mandate import HEAD_LOCAL_ADMIN, LOCAL_KINDS, Mandate
from broker.people.organisation import Organisation
from broker.text import Text

_EVIDENCE = "Opvolger, aangewezen door wie stopte als hoofd lokale beheerder."


@dataclass(frozen=True, slots=True)
class Resignation:
    """Why, in words; who takes over as head; or that the officers must find somebody. One of the two where nobody would be left."""

    note: str = ""
    successor_id: uuid.UUID | None = None
    leave_vacant: bool = False


def resign_mandate(
    session: Session, installation: Installation, actor: uuid.UUID, mandate_id: uuid.UUID, wish: Resignation
) -> Mandate:
    """Lay down one's own local mandate.

    Raises:
        NotFoundError: no such mandate of `actor`.
        ConflictError: it has ended; `successor_needed`, as nobody would be left; or the successor is no administrator there.
        InvalidError: the note cannot be kept.
    """
    note = cleaned_note(wish.note)
    unlocked = session.get(Mandate, mandate_id)
    if unlocked is None or unlocked.person_id != actor or unlocked.kind not in LOCAL_KINDS:
        raise NotFoundError("mandate_unknown", UNKNOWN)
    organisation, mandate = lock_mandate(session, mandate_id)
    assert organisation is not None
    if mandate.ended_at is not None:
        raise ConflictError("mandate_ended", ENDED)
    leaves = leaves_nobody(mandate, living_mandates(session, scope_key=mandate.scope_key))
    if leaves and wish.successor_id is not None:
        _appoint(session, installation, actor, mandate, organisation, wish.successor_id)
    elif leaves and not wish.leave_vacant:
        raise ConflictError("successor_needed", SUCCESSOR_NEEDED)
    end_locked_mandate(session, mandate, organisation, actor, RESIGNED, note)
    if leaves and wish.successor_id is None and organisation.living:
        open_vacancy(session, installation, organisation)
    return mandate


def leaves_nobody(mandate: Mandate, living: list[MandateView]) -> bool:
    """Whether without `mandate` nobody is left who appoints, or nobody at all who decides."""
    others = [view for view in living if view.mandate_id != mandate.id]
    if mandate.kind == HEAD_LOCAL_ADMIN:
        return all(view.kind != HEAD_LOCAL_ADMIN for view in others)
    return not others


def _appoint(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    mandate: Mandate,
    organisation: Organisation,
    successor_id: uuid.UUID,
) -> None:
    """Only a head who counts names the next one; and only one of those who decide there already."""
    living = living_mandates(session, scope_key=mandate.scope_key)
    if mandate.kind != HEAD_LOCAL_ADMIN or all(view.mandate_id != mandate.id for view in living):
        raise ConflictError("successor_needed", SUCCESSOR_NEEDED)
    if all(view.person_id != successor_id or view.person_id == actor for view in living):
        raise ConflictError("successor_unknown", SUCCESSOR_UNKNOWN)
    appointment = Appointment(
        person_id=successor_id, kind=HEAD_LOCAL_ADMIN, organisation_id=organisation.id, evidence=_EVIDENCE
    )
    new = appoint_authorised(session, installation, actor, appointment, organisation, _EVIDENCE)
    fill_vacancy(session, organisation.id, new)


UNKNOWN = Text("Dit mandaat bestaat niet.", "There is no such mandate.")
ENDED = Text("Dit mandaat is al beëindigd.", "This mandate has ended already.")
SUCCESSOR_NEEDED = Text(
    "Na u is er niemand meer. Kies wie u opvolgt, of laat de doelgroepverantwoordelijke iemand zoeken.",
    "After you nobody is left. Choose your successor, or let the target group officer find somebody.",
)
SUCCESSOR_UNKNOWN = Text(
    "Wie u koos, is geen beheerder meer van deze organisatie. Kies iemand anders.",
    "Whoever you chose is no longer an administrator of this organisation. Choose somebody else.",
)
