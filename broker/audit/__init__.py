"""What happened: append-only, tamper-evident, ids and codes only.

Owns: AuditEvent, the source addresses beside it, the seals that chain them, and their verification. Names are
resolved when read, never stored here (decisions 15).
"""

from broker.audit.audit_event import AuditEvent, AuditSource
from broker.audit.context import Acting, acting, current_acting
from broker.audit.record import Detail, RecordedEvent, record, record_each
from broker.audit.seals import AuditSeal, seal_events, seconds_unsealed

__all__ = [
    "Acting",
    "AuditEvent",
    "AuditSeal",
    "AuditSource",
    "Detail",
    "RecordedEvent",
    "acting",
    "current_acting",
    "record",
    "record_each",
    "seal_events",
    "seconds_unsealed",
]
