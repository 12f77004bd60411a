"""dismiss_mandate: take back the power to decide, or lay it down (lifecycles §5).

Owns: dismissing and resigning, and who hears of it. The row is written even where the mandate had stopped living,
because deciders lock that row. Does not own claims on tasks nor sessions: both read the mandate again when they act.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import to_change
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.end_deputyships import MANDATE_ENDED, end_deputyships, lock_deputyships
from broker.people.identifiers import IdentifierError, clean_text
from broker.people.living_mandates import living_mandates
from broker.people.mandate import HEAD_LOCAL_ADMIN, Mandate
from broker.people.mandate_authority import lock_organisation, require_authority_to_dismiss
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.tell_of_mandate import tell_ended
from broker.text import Text

NOTE_LENGTH = 1000
DISMISSED, RESIGNED = "dismissed", "resigned"


def dismiss_mandate(
    session: Session, installation: Installation, actor: uuid.UUID | None, mandate_id: uuid.UUID, note: str = ""
) -> Mandate:
    """End a mandate; the holder lays it down, another takes it back. `actor` None is the operator at the command line.

    `note` says why, in words; the operator has to.

    Raises:
        NotFoundError: no such mandate, or not for this person to see.
        InvalidError: the note lacks or cannot be kept.
        ForbiddenError: no authority, or not any more (of two heads who dismiss each other, the second).
        ConflictError: it has ended already, or a head resigns without a successor.
    """
    note = _checked(actor, note)
    organisation, mandate = lock_mandate(session, mandate_id)
    reason = RESIGNED if actor is not None and mandate.person_id == actor else DISMISSED
    if reason == DISMISSED:
        _require_authority(session, actor, mandate, organisation)
    if mandate.ended_at is not None:
        raise ConflictError(
            "mandate_ended",
            Text("Dit mandaat is al beëindigd.", "This mandate has ended already."),
            ended_by=mandate.ended_by,
            ended_at=mandate.ended_at,
        )
    if reason == RESIGNED and mandate.kind == HEAD_LOCAL_ADMIN:
        _require_successor(session, mandate)
    end_locked_mandate(session, mandate, organisation, actor, reason, note)
    return mandate


def end_locked_mandate(
    session: Session,
    mandate: Mandate,
    organisation: Organisation | None,
    actor: uuid.UUID | None,
    reason: str,
    note: str,
) -> None:
    """The rows and mails of one end; the caller has locked the organisation and then the mandate. Also part of `resign_mandate`."""
    deputies = lock_deputyships(session, mandate_ids=[mandate.id])
    mandate.ended_at = clock.now()
    mandate.ended_by = actor
    mandate.end_reason = reason
    mandate.end_note = note or None
    session.flush()
    audit.record(
        session,
        "people:mandate:dismiss",
        subject_id=mandate.person_id,
        organisation_id=mandate.organisation_id,
        details={"mandate": mandate.id, "kind": mandate.kind, "scope": mandate.scope_key, "reason": reason},
    )
    end_deputyships(session, deputies, ended_by=actor, reason=MANDATE_ENDED)
    person = session.get_one(Person, mandate.person_id)
    tell_ended(session, mandate, person, organisation, resigned=reason == RESIGNED)


def _checked(actor: uuid.UUID | None, note: str) -> str:
    cleaned = cleaned_note(note)
    if actor is None and not cleaned:
        lacks = Text("Zeg waarom.", "Say why.")
        raise InvalidError("note_missing", lacks, {"note": lacks})
    return cleaned


def cleaned_note(note: str) -> str:
    """The note as it will be kept.

    Raises:
        InvalidError: too long, or it holds characters we cannot show.
    """
    try:
        return clean_text(note, NOTE_LENGTH)
    except IdentifierError as error:
        raise InvalidError("note_invalid", error.text, {"note": error.text}) from error


def lock_mandate(session: Session, mandate_id: uuid.UUID) -> tuple[Organisation | None, Mandate]:
    """The organisation first, then its mandate: lifecycles §13."""
    mandate = session.get(Mandate, mandate_id)
    if mandate is None:
        raise NotFoundError("mandate_unknown", Text("Dit mandaat bestaat niet.", "There is no such mandate."))
    organisation = lock_organisation(session, mandate.organisation_id) if mandate.organisation_id else None
    mandate = session.scalars(to_change(select(Mandate).where(Mandate.id == mandate_id))).one()
    return organisation, mandate


def _require_authority(
    session: Session, actor: uuid.UUID | None, mandate: Mandate, organisation: Organisation | None
) -> None:
    try:
        require_authority_to_dismiss(session, actor, mandate.kind, organisation)
    except ForbiddenError:
        if actor is None or _ever_decided_there(session, actor, mandate.scope_key):
            raise
        raise NotFoundError("mandate_unknown", Text("Dit mandaat bestaat niet.", "There is no such mandate.")) from None


def _ever_decided_there(session: Session, actor: uuid.UUID, scope_key: str) -> bool:
    """Whether the mandate is no secret to `actor`: a fellow, now or before."""
    held = select(Mandate.id).where(Mandate.person_id == actor, Mandate.scope_key == scope_key).limit(1)
    return session.scalar(held) is not None


def _require_successor(session: Session, mandate: Mandate) -> None:
    heads = living_mandates(session, scope_key=mandate.scope_key, kinds=(HEAD_LOCAL_ADMIN,))
    if all(view.person_id == mandate.person_id for view in heads):
        raise ConflictError(
            "head_needs_successor",
            Text(
                "U bent de enige hoofd lokale beheerder. Vraag de doelgroepverantwoordelijke eerst om een opvolger.",
                "You are the only head local administrator. Ask the target group officer for a successor first.",
            ),
        )
