"""follow_policies: write again what open grants copied from the policies, and ask the labels that this makes needed.

Part of `apply_catalogue` and `follow_retype`; no door calls it. The caller learns what is outdated, locks with
`lock_concerned`, and writes with `write_copies`, which looks again. Does not own what is outdated (`policy_copies`).
"""

import uuid
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.ask_label import ask_label, lock_label
from broker.access.grant import Grant
from broker.access.policy_copies import Copies, policy_copies, unasked_labels
from broker.access.settle_run_out import settle_run_out_grant
from broker.access.tell_rights_changed import tell_rights_changed
from broker.database import WorldChangedError, to_change
from broker.installation import Installation
from broker.people.organisation import Organisation
from broker.people.person import Person

AT_ONCE = 500  # ids in one statement


def lock_concerned(session: Session, copies: Sequence[Copies], *, organisation_id: uuid.UUID | None = None) -> None:
    """Lock the organisations whose kind decides, and the people whose right may stop (lifecycles §13: they come first)."""
    outdated = [each for each in copies if each.outdated]
    asking = {place for place, _, _ in unasked_labels(session, copies, organisation_id=organisation_id)}
    for ids in _in_order({each.organisation_id for each in outdated} | asking):
        session.execute(
            select(Organisation.id).where(Organisation.id.in_(ids)).order_by(Organisation.id).with_for_update(read=True)
        ).all()
    for ids in _in_order({each.person_id for each in outdated if each.needs_other_label}):
        session.execute(
            select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
        ).all()


def write_copies(
    session: Session, installation: Installation, copies: Sequence[Copies], *, organisation_id: uuid.UUID | None = None
) -> int:
    """Ask the labels, then write the outdated grants; how many labels were asked. `copies` is what the caller learnt
    and locked for.

    Raises:
        WorldChangedError: it is no longer so; nothing was written.
    """
    asked = unasked_labels(session, copies, organisation_id=organisation_id)
    for (organisation, application_code, label_code), grant_id in sorted(asked.items(), key=str):
        place = session.get_one(Organisation, organisation, populate_existing=True)
        if lock_label(session, place, label_code) is None:
            ask_label(session, installation, place, application_code, label_code, grant_id=grant_id)
    outdated = [each for each in copies if each.outdated]
    _settle_run_out(session, installation, {each.role_key for each in outdated if each.role_key is not None})
    for ids in _in_order({each.grant_id for each in outdated}):
        session.execute(
            select(Grant.id).where(Grant.id.in_(ids)).order_by(Grant.id).with_for_update(key_share=True)
        ).all()
    if policy_copies(session, installation.catalogue, organisation_id=organisation_id) != list(copies):
        raise WorldChangedError
    if outdated:
        session.execute(
            update(Grant),
            [{"id": each.grant_id, "role_key": each.role_key, "label_code": each.label_code} for each in outdated],
        )
    for each in outdated:
        audit.record(
            session,
            "access:grant:follow_policy",
            subject_id=each.grant_id,
            organisation_id=each.organisation_id,
            details={
                "label_before": each.old_label_code,
                "label": each.label_code,
                "role_slot_changed": each.role_key != each.old_role_key,
            },
        )
    reason = "policy_changed" if organisation_id is None else "organisation_changed"
    for changed in {each.organisation_id for each in outdated if each.label_code != each.old_label_code}:
        tell_rights_changed(session, session.get_one(Organisation, changed), reason, key=uuid.uuid4())
    session.expire_all()
    return len(asked)


def _settle_run_out(session: Session, installation: Installation, role_keys: set[str]) -> None:
    """End in writing what the clock has ended in a slot that is about to be taken (lifecycles §0)."""
    now = clock.now()
    keys = sorted(role_keys)
    for start in range(0, len(keys), AT_ONCE):
        for grant in session.scalars(
            to_change(
                select(Grant)
                .where(
                    Grant.role_key.in_(keys[start : start + AT_ONCE]),
                    Grant.ended_at.is_(None),
                    Grant.valid_until <= now,
                )
                .order_by(Grant.id)
            )
        ):
            settle_run_out_grant(session, installation, grant)
    session.flush()


def _in_order(ids: Collection[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
