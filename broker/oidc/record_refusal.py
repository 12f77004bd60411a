"""record_refusal: the audit's line for a client that was refused before any operation began (decisions 14)."""

from sqlalchemy.orm import Session

from broker import audit

# Errors that nobody makes who is set up well. Refused grants are written down by the operation that refused them.
AUDITED = frozenset({"invalid_client", "unauthorized_client", "invalid_target", "invalid_dpop_proof"})


def record_refusal(session: Session, endpoint: str, client_id: str | None, code: str) -> None:
    """Write down that the client of this id (None: nobody we know) was refused at `endpoint`, with the error's code."""
    audit.record(session, "oidc:client:refuse", details={"endpoint": endpoint, "client": client_id, "reason": code})
