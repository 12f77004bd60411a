"""apply_catalogue: bring the rows in line with the policies of now (DESIGN §3, threats PF2 and PF4; `poortwachter
catalogue apply`).

Grants copy from a policy the slot of the one-role rule and the label they need. After a change of policy those copies
are derived anew for every open grant, and the labels that this makes needed are asked. Until then no node with these
policies is ready.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.catalogue_applied import CatalogueApplied
from broker.access.follow_policies import lock_concerned, write_copies
from broker.access.policy_copies import RoleConflict, policy_copies, role_conflicts
from broker.access.tell_rights_changed import tell_rights_changed
from broker.database import WorldChangedError, to_change
from broker.installation import Installation

_NOT_OF_A_CODE = re.compile(r"[^A-Za-z0-9_.:/\-]")


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it. With `conflicts` nothing was changed: somebody must end all but one grant of each first."""

    applied: bool
    fingerprint: str
    grant_ids: tuple[uuid.UUID, ...] = ()
    labels_asked: int = 0
    conflicts: tuple[RoleConflict, ...] = ()


def apply_catalogue(session: Session, installation: Installation, *, only_if_rows_agree: bool = False) -> Applied:
    """Apply the catalogue of this installation; again, it changes nothing.

    With `only_if_rows_agree` it is applied only where no row has to change, as in a new database: then nobody needs
    to decide on it. Rows are locked in the order of lifecycles §13; a new slot that two grants would take is a
    conflict, and nothing is applied.
    """
    catalogue = installation.catalogue
    last = session.scalar(to_change(select(CatalogueApplied)))
    copies = policy_copies(session, catalogue)
    outdated = tuple(each.grant_id for each in copies if each.outdated)
    conflicts = tuple(role_conflicts(copies))
    if conflicts or (only_if_rows_agree and outdated):
        return Applied(applied=False, fingerprint=catalogue.fingerprint, grant_ids=outdated, conflicts=conflicts)
    lock_concerned(session, copies)
    labels = write_copies(session, installation, copies)
    if last is None:
        last = CatalogueApplied(fingerprint="", files=[], applied_at=clock.now())
        session.add(last)
        try:
            session.flush()
        except IntegrityError as error:
            raise WorldChangedError from error  # another first application a moment ago; run again, it will be seen
    if outdated or labels or last.fingerprint != catalogue.fingerprint:
        last.fingerprint, last.files, last.applied_at = catalogue.fingerprint, list(catalogue.files), clock.now()
        audit.record(
            session,
            "catalogue:policies:load",
            details={
                "fingerprint": catalogue.fingerprint,
                "grants": len(outdated),
                "labels": labels,
                **_numbered(catalogue.files),
            },
        )
        tell_rights_changed(session, None, "policy_changed")  # some may no longer be offered
    session.flush()
    return Applied(applied=True, fingerprint=catalogue.fingerprint, grant_ids=outdated, labels_asked=labels)


def _numbered(files: Sequence[str]) -> dict[str, audit.Detail]:
    """The names of the files, in order; what an event may not hold of a name (a space) becomes `_`."""
    return {f"file_{place:03d}": _NOT_OF_A_CODE.sub("_", name)[-200:] for place, name in enumerate(files, 1)}
