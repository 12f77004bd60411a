"""end_label: an organisation loses a label that it had (lifecycles §4, threats LA4).

The rights that need it do not end: they fall back to waiting for a label, by derivation, and start again when one is approved.
Whoever used them is signed out, by the same road as after the end of a right.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.decision import cleaned_reason, lock_organisation
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.tell_rights_changed import tell_rights_changed
from broker.database import WorldChangedError, to_change
from broker.errors import ConflictError, NotFoundError
from broker.people.person import Person
from broker.text import Text

ENDED = "ended"


def end_label(session: Session, label_id: uuid.UUID, *, ended_by: uuid.UUID | None, reason: str) -> int:
    """End one approved label, for a reason in words that stays with it; how many rights fall back to waiting for one.

    Raises:
        NotFoundError: no such label.
        ConflictError: it has ended already, or nobody has decided on it yet.
        InvalidError: the reason is missing or cannot be kept.
        WorldChangedError: a right came in between; run again, it will be seen.
    """
    words = cleaned_reason(reason, required=True)
    unlocked = session.get(Label, label_id)
    if unlocked is None:
        raise NotFoundError("label_unknown", LABEL_UNKNOWN)
    lock_organisation(session, unlocked.organisation_id)
    people = _people(session, unlocked)
    session.execute(select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update(key_share=True))
    label = session.scalars(to_change(select(Label).where(Label.id == label_id))).one()
    if label.ended_at is not None:
        raise ConflictError("label_ended", LABEL_ENDED)
    if label.approved_at is None:
        raise ConflictError("label_undecided", LABEL_UNDECIDED)
    if _people(session, label) != people:
        raise WorldChangedError
    label.ended_at, label.ended_by, label.end_reason, label.reason = clock.now(), ended_by, ENDED, words
    session.flush()
    audit.record(
        session,
        "access:label:end",
        subject_id=label.id,
        organisation_id=label.organisation_id,
        details={"reason": ENDED, "label": label.label_code, "grants": len(people)},
    )
    tell_rights_changed(session, label, "label_ended")
    return len(people)


def _people(session: Session, label: Label) -> list[uuid.UUID]:
    """Whoever has a right that needs the label: who ends rights locks them first (lifecycles §13)."""
    rows = session.scalars(
        select(Grant.person_id)
        .where(
            Grant.organisation_id == label.organisation_id,
            Grant.label_code == label.label_code,
            Grant.ended_at.is_(None),
        )
        .order_by(Grant.person_id)
    )
    return list(rows)


LABEL_UNKNOWN = Text("Dit label bestaat niet.", "There is no such label.")
LABEL_ENDED = Text("Dit label is al beëindigd.", "This label has ended already.")
LABEL_UNDECIDED = Text(
    "Over dit label is nog niet beslist. Keur het af in Mijn taken.",
    "Nobody has decided on this label yet. Turn it down in Mijn taken.",
)
