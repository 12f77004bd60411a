"""record: write one event in the transaction of the operation that caused it."""

import re
import uuid
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex

from sqlalchemy import Connection, insert
from sqlalchemy.orm import Session

from broker import clock
from broker.audit.audit_event import AuditEvent, AuditSource
from broker.audit.context import current_acting
from broker.precompiled import Precompiled

_NAME = re.compile(r"[a-z_]+:[a-z_]+:[a-z_]+")
_CODE = re.compile(r"[A-Za-z0-9_.:/\-]{0,200}")

Detail = str | int | bool | uuid.UUID | None


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """What whoever recorded an event may want to know of it."""

    id: uuid.UUID
    subject_id: uuid.UUID | None


def record(
    session: Session | Connection,
    name: str,
    *,
    subject_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None,
    details: dict[str, Detail] | None = None,
) -> RecordedEvent:
    """Write the event `name` ("access:request:approve") for whoever is acting now.

    `details` holds ids and codes only: no names, addresses or free text, so that the audit never needs erasing (decisions 15).

    Raises:
        ValueError: a name outside the grammar, or a detail that is not an id, a code, a number or a yes/no.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not room:subject:action")
    written: dict[str, str | int | bool | None] = {}
    for key, value in (details or {}).items():
        plain = str(value) if isinstance(value, uuid.UUID) else value
        if isinstance(plain, str) and not _CODE.fullmatch(plain):
            raise ValueError(f"the detail {key} of {name} is not a code")
        written[key] = plain
    who = current_acting()
    event_id = uuid.uuid4()
    salt = token_hex(16) if who.source_address else None
    _KEEP_EVENT.run(
        session,
        id=event_id,
        name=name,
        happened_at=clock.now(),
        actor_kind=who.kind,
        actor_id=who.person_id,
        actor_label=who.label,
        subject_id=subject_id,
        organisation_id=organisation_id,
        details=written,
        request_id=who.request_id,
        source_digest=sha256(f"{salt}:{who.source_address}".encode()).hexdigest() if salt else None,
    )
    if salt:
        _KEEP_SOURCE.run(session, event_id=event_id, address=who.source_address, salt=salt)
    return RecordedEvent(event_id, subject_id)


_KEEP_EVENT = Precompiled(insert(AuditEvent))
_KEEP_SOURCE = Precompiled(insert(AuditSource))
