"""plan_catalogue: what other policies would touch, said before the change is made (DESIGN §3, decisions 19). Reads
only.

The same derivation as `apply_catalogue`, against a catalogue that nobody runs yet. Ids and codes, never names.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.access_request import OPEN, UNPROVED, AccessRequest
from broker.access.grant import Grant
from broker.access.load_case import offered
from broker.access.policy_copies import RoleConflict, counting_labels, policy_copies, role_conflicts, unasked_labels
from broker.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Difference:
    """Which codes of one kind are new, gone, or say something else."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CataloguePlan:
    """What the change would do to the rows of this database, and to the codes that links, tokens and clients are made
    of.

    Open grants: `grants_without_right` would no longer count in tokens (their right or context is gone),
    `grants_waiting` would wait for a label that does not count yet, `grants_without_label` no longer need one,
    `grants_other_slot` take another slot of the one-role rule, and `conflicts` would make the change impossible.
    `labels_to_ask` are (organisation code, label code). Open `requests_not_offered` could only be turned down;
    `requests_label_changes` would need a label, or no longer.
    """

    fingerprint_now: str
    fingerprint_then: str
    grants_without_right: tuple[uuid.UUID, ...]
    grants_waiting: tuple[uuid.UUID, ...]
    grants_without_label: tuple[uuid.UUID, ...]
    grants_other_slot: tuple[uuid.UUID, ...]
    conflicts: tuple[RoleConflict, ...]
    labels_to_ask: tuple[tuple[str, str], ...]
    requests_not_offered: tuple[uuid.UUID, ...]
    requests_label_changes: tuple[uuid.UUID, ...]
    applications: Difference
    entitlement_codes: Difference
    clients: Difference
    forms: Difference
    identity_providers: Difference
    files: tuple[str, ...] = field(default=())

    @property
    def touches_rows(self) -> bool:
        """Some grant or request would stand otherwise than now."""
        return any(
            (
                self.grants_without_right,
                self.grants_waiting,
                self.grants_without_label,
                self.grants_other_slot,
                self.conflicts,
                self.requests_not_offered,
                self.requests_label_changes,
            )
        )


def plan_catalogue(session: Session, now: Catalogue, then: Catalogue) -> CataloguePlan:
    """What changing from `now` to `then` would touch. A constant number of statements."""
    copies = policy_copies(session, then)
    unasked = unasked_labels(session, copies)
    counting = counting_labels(session)
    codes = {each.organisation_id: each.organisation_code for each in copies}
    requests = session.scalars(
        select(AccessRequest).where(AccessRequest.status.in_((UNPROVED, OPEN))).order_by(AccessRequest.id)
    ).all()
    return CataloguePlan(
        fingerprint_now=now.fingerprint,
        fingerprint_then=then.fingerprint,
        grants_without_right=_without_right(session, now, then),
        grants_waiting=tuple(
            each.grant_id
            for each in copies
            if each.needs_other_label and (each.organisation_id, each.label_code) not in counting
        ),
        grants_without_label=tuple(
            each.grant_id for each in copies if each.label_code is None and each.old_label_code is not None
        ),
        grants_other_slot=tuple(each.grant_id for each in copies if each.role_key != each.old_role_key),
        conflicts=tuple(role_conflicts(copies)),
        labels_to_ask=tuple(sorted((codes[organisation], label) for organisation, _, label in unasked)),
        requests_not_offered=tuple(each.id for each in requests if offered(now, each) and not offered(then, each)),
        requests_label_changes=tuple(
            each.id for each in requests if _label_of(now, each) != _label_of(then, each) and offered(then, each)
        ),
        applications=_difference(now.applications, then.applications),
        entitlement_codes=_difference(now.entitlement_codes, then.entitlement_codes),
        clients=_difference(now.clients, then.clients),
        forms=_difference(now.forms, then.forms),
        identity_providers=_difference(now.identity_providers, then.identity_providers),
        files=then.files,
    )


def _without_right(session: Session, now: Catalogue, then: Catalogue) -> tuple[uuid.UUID, ...]:
    rows = session.execute(
        select(Grant.id, Grant.application_code, Grant.right_code, Grant.context_code)
        .where(Grant.ended_at.is_(None))
        .order_by(Grant.id)
    )
    return tuple(
        row.id
        for row in rows
        if _holds_right(now, row.application_code, row.right_code, row.context_code)
        and not _holds_right(then, row.application_code, row.right_code, row.context_code)
    )


def _holds_right(catalogue: Catalogue, application_code: str, right_code: str, context_code: str) -> bool:
    application = catalogue.applications.get(application_code)
    right = application.rights.get(right_code) if application else None
    return right is not None and (context_code == "" or context_code in right.contexts)


def _label_of(catalogue: Catalogue, request: AccessRequest) -> str | None:
    application = catalogue.applications.get(request.application_code)
    label = application.label_needed(request.target_group, request.organisation_type) if application else None
    return label.code if label else None


def _difference(now: Mapping[str, object], then: Mapping[str, object]) -> Difference:
    return Difference(
        added=tuple(sorted(then.keys() - now.keys())),
        removed=tuple(sorted(now.keys() - then.keys())),
        changed=tuple(sorted(code for code in now.keys() & then.keys() if now[code] != then[code])),
    )
