"""put_change: write that rights changed, in the transaction that changed them; the worker sees to what follows from it.

What hangs on a right lives in rooms above the one that changes it, so that it cannot be called from there (DESIGN §1). A
row of the outbox carries it up, on a lane of its own. Does not own what follows (`authentication.follow_ended_rights`).
"""

import uuid

from sqlalchemy.orm import Session

from broker.notifications.put_message import put_message

CHANGE = "change"


def put_change(
    session: Session,
    reason: str,
    *,
    key: str,
    person_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None,
    application_code: str | None = None,
) -> None:
    """Note that the rights of this person, at this organisation, in this application may be other than they were.

    Whatever is None is all of them. `reason` is a code that event streams hear (`oidc.event_words`); `key` names what
    happened, and the same again is written once.
    """
    scope = {"person": person_id, "organisation": organisation_id}
    put_message(
        session,
        channel=CHANGE,
        template="rights_changed",
        lane=CHANGE,
        recipient=CHANGE,
        key=f"{reason}:{key}",
        facts={
            "reason": reason,
            **{name: str(value) for name, value in scope.items() if value is not None},
            **({"application": application_code} if application_code is not None else {}),
        },
        subject_id=person_id or organisation_id,
    )
