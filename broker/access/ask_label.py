"""ask_label: an organisation needs a label for a right; ask it once, of the officers of its kind (lifecycles §4).

The one place where a label is asked: by an approval (`give_grant`), by a change of policy (`apply_catalogue`) and by
a change of kind (`follow_retype`). Part of those operations; no door calls it. Does not own what is decided about it
(`decide_label`).
"""

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.label import Label
from broker.access.load_case import label_of
from broker.access.open_task import open_label_task
from broker.access.settle_run_out import settle_run_out_label
from broker.database import WorldChangedError
from broker.installation import Installation
from broker.people.organisation import Organisation


def lock_needed_label(
    session: Session, installation: Installation, organisation: Organisation, application_code: str
) -> Label | None:
    """The living label that a right in this application depends on here; None where none is needed, or none lives."""
    application = installation.catalogue.applications.get(application_code)
    policy = (
        application.label_needed(organisation.target_group, organisation.organisation_type) if application else None
    )
    return lock_label(session, organisation, policy.code) if policy else None


def lock_label(session: Session, organisation: Organisation, label_code: str) -> Label | None:
    """The living label of `organisation` as what it is now, kept as it is: a grant never waits on a dead one (lifecycles
    §14). One that the clock has ended is ended in writing first, as it holds the slot (§0)."""
    found = label_of(session, organisation, label_code)
    if found is None:
        return None
    over = found.valid_until is not None and found.valid_until <= clock.now()
    label = session.scalars(
        select(Label)
        .where(Label.id == found.id)
        .with_for_update(read=not over, key_share=over)
        .execution_options(populate_existing=True)
    ).one()
    if label.ended_at is not None:
        return None
    if not over:
        return label
    settle_run_out_label(session, label)
    return None


def ask_label(
    session: Session,
    installation: Installation,
    organisation: Organisation,
    application_code: str,
    label_code: str,
    *,
    grant_id: uuid.UUID | None = None,
) -> Label:
    """A new label of the locked organisation as what it is now, asked, with its task; `lock_label` found none.

    `grant_id` is the grant that was the first to need it, for the audit.

    Raises:
        WorldChangedError: somebody else asked it a moment ago; run again, it will be found (threats LA3).
    """
    label = Label(
        id=uuid.uuid4(),
        organisation_id=organisation.id,
        application_code=application_code,
        label_code=label_code,
        target_group=organisation.target_group,
        organisation_type=organisation.organisation_type,
        asked_at=clock.now(),
    )
    session.add(label)
    try:
        session.flush()
    except IntegrityError as error:
        raise WorldChangedError from error
    audit.record(
        session,
        "access:label:ask",
        subject_id=label.id,
        organisation_id=organisation.id,
        details={"label": label_code, "grant": grant_id},
    )
    open_label_task(session, installation, label, organisation)
    return label
