"""settle_run_out: rights and labels that the clock has ended, ended in writing (lifecycles §0), and told of.

Nothing that reads them waits for this: their state is derived. What it brings is the event in the audit, and that the
applications hear of it, also where nobody is signed in; and the mails of every end, to the person, the service and the owner.
"""

from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.end_grant import tell_ended
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.tell_rights_changed import tell_rights_changed
from broker.installation import Installation
from broker.people.person import Person
from broker.text import Text

AT_ONCE = 200
EXPIRED = "expired"
LAST_DAY_OVER = Text("De laatste dag van dit recht is voorbij.", "The last day of this right is over.")

RunsOut = TypeVar("RunsOut", Grant, Label)


def settle_run_out_grants(session: Session, installation: Installation) -> int:
    """End up to AT_ONCE grants whose last day is over, at the instant the clock ended them; how many."""
    grants = session.scalars(_run_out(Grant)).all()
    for grant in grants:
        settle_run_out_grant(session, installation, grant)
    return len(grants)


def settle_run_out_grant(session: Session, installation: Installation, grant: Grant) -> None:
    """End in writing one locked grant that the clock has ended, and say so."""
    grant.ended_at, grant.end_reason = grant.valid_until, EXPIRED
    audit.record(session, "access:grant:expire", subject_id=grant.id, organisation_id=grant.organisation_id)
    tell_rights_changed(session, grant, EXPIRED)
    person = session.get_one(Person, grant.person_id)
    tell_ended(session, installation, grant, person, cause=LAST_DAY_OVER, key=f"expired:{grant.id}")


def settle_run_out_labels(session: Session) -> int:
    """End up to AT_ONCE labels whose last day is over; how many."""
    labels = session.scalars(_run_out(Label)).all()
    for label in labels:
        settle_run_out_label(session, label)
    return len(labels)


def settle_run_out_label(session: Session, label: Label) -> None:
    """End in writing one locked label that the clock has ended."""
    label.ended_at, label.end_reason = label.valid_until, EXPIRED
    session.flush()
    audit.record(session, "access:label:expire", subject_id=label.id, organisation_id=label.organisation_id)
    tell_rights_changed(session, label, "label_expired")


def _run_out(table: type[RunsOut]) -> Select[RunsOut]:
    """The rows that the clock has ended and nobody has written so, locked; those that somebody holds come next time."""
    return (
        select(table)
        .where(table.ended_at.is_(None), table.valid_until <= clock.now())
        .order_by(table.id)
        .limit(AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True)
    )
