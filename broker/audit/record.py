"""record: write an event in the transaction of the operation that caused it; `record_each` for many subjects at once."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any

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
    event, source = _rows(name, subject_id, organisation_id, _checked(name, details))
    _KEEP_EVENT.run(session, **event)
    if source is not None:
        _KEEP_SOURCE.run(session, **source)
    return RecordedEvent(event["id"], subject_id)


def record_each(
    session: Session,
    name: str,
    subject_ids: Iterable[uuid.UUID],
    *,
    organisation_id: uuid.UUID | None = None,
    details: dict[str, Detail] | None = None,
) -> None:
    """Write the same event for each of many subjects, in one statement.

    Raises:
        ValueError: as `record`.
    """
    written = _checked(name, details)
    rows = [_rows(name, subject_id, organisation_id, written) for subject_id in subject_ids]
    if rows:
        session.execute(insert(AuditEvent), [event for event, _ in rows])
    sources = [source for _, source in rows if source is not None]
    if sources:
        session.execute(insert(AuditSource), sources)


def _checked(name: str, details: dict[str, Detail] | None) -> dict[str, str | int | bool | None]:
    """The details as they are written."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not room:subject:action")
    written: dict[str, str | int | bool | None] = {}
    for key, value in (details or {}).items():
        plain = str(value) if isinstance(value, uuid.UUID) else value
        if isinstance(plain, str) and not _CODE.fullmatch(plain):
            raise ValueError(f"the detail {key} of {name} is not a code")
        written[key] = plain
    return written


def _rows(
    name: str,
    subject_id: uuid.UUID | None,
    organisation_id: uuid.UUID | None,
    written: dict[str, str | int | bool | None],
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The event, and where the request came from where that is known."""
    who = current_acting()
    event_id = uuid.uuid4()
    salt = token_hex(16) if who.source_address else None
    event = {
        "id": event_id,
        "name": name,
        "happened_at": clock.now(),
        "actor_kind": who.kind,
        "actor_id": who.person_id,
        "actor_label": who.label,
        "subject_id": subject_id,
        "organisation_id": organisation_id,
        "details": written,
        "request_id": who.request_id,
        "source_digest": sha256(f"{salt}:{who.source_address}".encode()).hexdigest() if salt else None,
    }
    return event, {"event_id": event_id, "address": who.source_address, "salt": salt} if salt else None


_KEEP_EVENT = Precompiled(insert(AuditEvent))
_KEEP_SOURCE = Precompiled(insert(AuditSource))
