"""verify_audit: walk the chain and say whether what happened is still what was written.

Owns the verification and the signed checkpoints that leave the machine: without one, somebody who holds the database
can cut off the tail or write the whole chain anew and nobody would see it (threats AU1).
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import clock
from broker.audit.audit_event import AuditEvent, AuditSource
from broker.audit.seals import GENESIS, AuditSeal, seal_digest

Sign = Callable[[str], str]
Fits = Callable[[str, str], bool]
_BATCH = 1_000
_MOST_FINDINGS = 20


@dataclass
class Verification:
    """What the walk found. `head` is the last digest, `unsealed` counts events that wait for the sealer (no fault)."""

    sealed: int = 0
    head: str = GENESIS
    unsealed: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Nothing was changed, taken out, cut off or put in between."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many seals there were, the digest of the last one, and when (ISO, UTC) that was written down."""

    count: int
    head: str
    made_at: str


class CheckpointError(ValueError):
    """A checkpoint cannot be read, or is not one of ours."""


def verify_audit(session: Session, checkpoint: Checkpoint | None = None) -> Verification:
    """Recompute every seal in order; with a checkpoint (from `read_checkpoint`), also that the chain still holds it."""
    result = Verification()
    digest_at_checkpoint = GENESIS if checkpoint and checkpoint.count == 0 else None
    rows = session.execute(
        select(AuditSeal, AuditEvent, AuditSource)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
        .outerjoin(AuditSource, AuditSource.event_id == AuditSeal.event_id)
        .order_by(AuditSeal.sequence)
        .execution_options(yield_per=_BATCH)
    )
    for seal, event, source in rows:
        expected = result.sealed + 1
        if seal.sequence != expected:
            result.findings.append(f"seal {expected} is missing")
            result.sealed = seal.sequence - 1
        result.sealed += 1
        if event is None:
            result.findings.append(f"the event of seal {seal.sequence} is missing")
        elif not compare_digest(seal_digest(event, seal.sequence, result.head), seal.digest):
            result.findings.append(f"seal {seal.sequence} does not fit event {seal.event_id}")
        elif source is not None and event.source_digest != _source_digest(source):
            result.findings.append(f"the source address of event {seal.event_id} was changed")
        result.head = seal.digest
        if checkpoint and seal.sequence == checkpoint.count:
            digest_at_checkpoint = seal.digest
        if len(result.findings) >= _MOST_FINDINGS:
            break
    events = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
    seals = session.scalar(select(func.count()).select_from(AuditSeal)) or 0
    result.unsealed = max(0, events - seals)
    if checkpoint and digest_at_checkpoint is None:
        result.findings.append(f"the checkpoint has {checkpoint.count} seals, the chain only {result.sealed}")
    elif checkpoint and digest_at_checkpoint != checkpoint.head:
        result.findings.append(f"seal {checkpoint.count} is not the one of the checkpoint: the chain was rewritten")
    return result


def make_checkpoint(session: Session, sign: Sign) -> str:
    """The head of the chain now, signed, as one word that can be kept anywhere: base64url of JSON.

    `sign` gives the signature over a string, by a key that is used for nothing else.
    """
    last = session.execute(
        select(AuditSeal.sequence, AuditSeal.digest).order_by(AuditSeal.sequence.desc()).limit(1)
    ).first()
    count, head = last or (0, GENESIS)
    form = _form(Checkpoint(count, head, clock.now().isoformat(timespec="seconds")))
    return urlsafe_b64encode(f"{form}\n{sign(form)}".encode()).decode().rstrip("=")


def read_checkpoint(written: str, fits: Fits) -> Checkpoint:
    """A checkpoint that `make_checkpoint` of this installation wrote; `fits(form, signature)` says whether it did.

    Of a file that every checkpoint was added to, the last one.

    Raises:
        CheckpointError: not a checkpoint, or its signature is not of our key.
    """
    try:
        word = written.strip().rpartition("\n")[2].strip()
        form, _, signature = urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode().partition("\n")
        checkpoint = Checkpoint(**json.loads(form))
    except (ValueError, TypeError) as error:
        raise CheckpointError("This is not a checkpoint of the audit.") from error
    if not fits(form, signature):
        raise CheckpointError("The signature of this checkpoint is not ours.")
    return checkpoint


def _form(checkpoint: Checkpoint) -> str:
    return json.dumps(asdict(checkpoint), sort_keys=True, separators=(",", ":"))


def _source_digest(source: AuditSource) -> str:
    return sha256(f"{source.salt}:{source.address}".encode()).hexdigest()
