"""follow_retype: an organisation became another kind; its labels and grants follow (lifecycles §4 and §6, threats LA1).

The label that was asked of the officers of the old kind closes, the grants take over what the policies say of the new
kind, and the label that it needs is asked of the right officers. A label that counted stops by derivation and needs
nothing here. Run after an import, by the worker, and where a decider meets a label of the old kind. Rights do not
follow by themselves: open requests stay with their administrators, and the rules refuse what no longer fits.
"""

import uuid

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.catalogue_applied import is_applied
from broker.access.follow_policies import lock_concerned, write_copies
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.policy_copies import policy_copies, role_conflicts
from broker.access.task import FOR_LABEL, Task
from broker.catalogue import Catalogue
from broker.database import to_change, to_depend_on
from broker.installation import Installation
from broker.people.organisation import Organisation

AT_ONCE = 100
ORGANISATION_CHANGED = "organisation_changed"


def retyped_organisations(session: Session, catalogue: Catalogue) -> list[uuid.UUID]:
    """Living organisations whose labels or grants still are those of another kind, at most a hundred.

    None while the policies of now are not applied yet: then `apply_catalogue` decides for all of them.
    """
    if not is_applied(session, catalogue):
        return []
    now = clock.now()
    open_grant = Grant.not_over(now)
    combinations = session.execute(
        select(Grant.application_code, Organisation.target_group, Organisation.organisation_type, Grant.label_code)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(open_grant, Organisation.ended_at.is_(None))
        .distinct()
    ).all()
    outdated = []
    for application_code, target_group, organisation_type, label_code in combinations:
        application = catalogue.applications.get(application_code)
        label = application.label_needed(target_group, organisation_type) if application else None
        if application is not None and (label.code if label else None) != label_code:
            outdated.append(
                and_(
                    Grant.application_code == application_code,
                    Organisation.target_group == target_group,
                    Organisation.organisation_type == organisation_type,
                    Grant.label_code.is_not_distinct_from(label_code),
                )
            )
    asked_as_now = (
        select(Label.id)
        .where(
            Label.organisation_id == Organisation.id,
            Label.label_code == Grant.label_code,
            Label.target_group == Organisation.target_group,
            Label.organisation_type == Organisation.organisation_type,
        )
        .exists()
    )
    of_grants = (
        select(Organisation.id)
        .join(Grant, Grant.organisation_id == Organisation.id)
        .where(
            Organisation.ended_at.is_(None),
            open_grant,
            or_(and_(Grant.label_code.is_not(None), ~asked_as_now), *outdated),
        )
    )
    of_tasks = (
        select(Organisation.id)
        .join(Task, Task.organisation_id == Organisation.id)
        .where(
            Organisation.ended_at.is_(None),
            Task.kind == FOR_LABEL,
            Task.closed_at.is_(None),
            or_(
                Task.target_group != Organisation.target_group,
                Task.organisation_type != Organisation.organisation_type,
            ),
        )
    )
    return sorted(session.scalars(of_tasks.union(of_grants).limit(AT_ONCE)))


def follow_retype(session: Session, installation: Installation, organisation_id: uuid.UUID) -> None:
    """Bring the labels, their tasks and the grants of one living organisation in line with the kind it is now."""
    organisation = session.scalars(to_depend_on(select(Organisation).where(Organisation.id == organisation_id))).one()
    if not organisation.living:
        return
    copies = policy_copies(session, installation.catalogue, organisation_id=organisation_id)
    if role_conflicts(copies):
        return  # not of this kind: the policies have changed and are not applied
    lock_concerned(session, copies, organisation_id=organisation_id)
    _close_other_kinds(session, organisation)
    write_copies(session, installation, copies, organisation_id=organisation_id)


def _close_other_kinds(session: Session, organisation: Organisation) -> None:
    """End the labels that were asked as another kind and that nobody decided, with their tasks."""
    now = clock.now()
    labels = session.scalars(
        to_change(
            select(Label)
            .where(
                Label.organisation_id == organisation.id,
                Label.approved_at.is_(None),
                Label.ended_at.is_(None),
                or_(
                    Label.target_group != organisation.target_group,
                    Label.organisation_type != organisation.organisation_type,
                ),
            )
            .order_by(Label.id)
        )
    ).all()
    if not labels:
        return
    tasks = session.scalars(
        to_change(
            select(Task)
            .where(Task.label_id.in_([label.id for label in labels]), Task.closed_at.is_(None))
            .order_by(Task.id)
        )
    ).all()
    for task in tasks:
        task.closed_at, task.close_reason, task.version = now, "pool_changed", task.version + 1
        audit.record(
            session,
            "access:task:close",
            subject_id=task.id,
            organisation_id=organisation.id,
            details={"reason": "pool_changed"},
        )
    for label in labels:
        label.ended_at, label.end_reason = now, ORGANISATION_CHANGED
        audit.record(
            session,
            "access:label:end",
            subject_id=label.id,
            organisation_id=organisation.id,
            details={"reason": ORGANISATION_CHANGED},
        )
    session.flush()
