"""copy_request: a request of an organisation that merged goes on at its successor, as one of its own (lifecycles §1: moved_to).

Part of `merge_organisation`; no door calls it. The caller holds the locks, and cancels the first one afterwards.
"""

import uuid

from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import UNPROVED, AccessRequest, new_number
from broker.access.load_case import number_place
from broker.access.open_request import open_request
from broker.access.same_open_request import same_open_request
from broker.catalogue import EntitlementCode
from broker.installation import Installation
from broker.people.organisation import Organisation

# Everything that was asked, by whom and with which proof, is copied; these say what becomes of one request and begin anew.
_ANEW = frozenset({"id", "number", "status", "submission_id", "created_at", "opened_at", "decide_before", "closed_at"})


def copy_request(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    successor: Organisation,
    code: EntitlementCode,
    replaces_grant_id: uuid.UUID | None,
) -> AccessRequest:
    """Put `request` before the administrators of `successor`, by `code`; what the applicant asks there already is that one."""
    columns = {each.key: getattr(request, each.key) for each in AccessRequest.__mapper__.column_attrs}
    now = clock.now()
    copy = AccessRequest(
        **{name: value for name, value in columns.items() if name not in _ANEW}
        | {
            "id": uuid.uuid4(),
            "number": new_number(clock.local_date(now).year),
            "status": UNPROVED,
            "submission_id": uuid.uuid4(),
            "created_at": now,
            "entitlement_code": code.code,
            "target_group": code.target_group,
            "organisation_type": code.organisation_type,
            "organisation_id": successor.id,
            "replaces_grant_id": replaces_grant_id,
            "number_sealed": None,
        }
    )
    first = same_open_request(session, copy)
    if first is not None:
        return first
    if request.number_sealed is not None:
        keys = installation.keys
        number = keys.unseal(request.number_sealed, number_place(request.id))
        copy.number_sealed = keys.seal(number, number_place(copy.id))
    session.add(copy)
    session.flush()
    open_request(session, installation, copy)
    return copy
