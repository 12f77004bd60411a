"""exchange_token: let an application call another on behalf of its user (RFC 8693): whether the user's session still counts,
written down either way."""

import uuid

from sqlalchemy.orm import Session

from broker import audit
from broker.authentication.session_facts import SessionFacts, session_facts
from broker.catalogue import Client
from broker.installation import Installation


def exchange_token(
    session: Session, installation: Installation, client: Client, sid: uuid.UUID, jti: str, audience: str
) -> SessionFacts | None:
    """The facts of the session that the token `jti` hangs on, for a token with which `client` may call `audience`.

    None where the session, the right in it or the token itself is over; that stays written, so it is returned and not
    raised. What comes of it hangs on the same session and ends with it (threats OA7).
    """
    facts = session_facts(session, installation.catalogue, sid, jti)
    if facts is None:
        audit.record(session, "oidc:token:refuse", details={"client": client.client_id, "reason": "exchange_over"})
        return None
    audit.record(
        session,
        "oidc:token:exchange",
        subject_id=facts.person_id,
        organisation_id=facts.capacity.organisation_id if facts.capacity else None,
        details={"client": client.client_id, "sid": sid, "audience": audience},
    )
    return facts
