"""verify_stream: the operator asks whether the event stream of an application works (SSF 1.0, 8.1.4)."""

import uuid
from secrets import token_urlsafe

from sqlalchemy.orm import Session

from broker import audit
from broker.authentication.tell_applications import EVENT
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.notifications.put_for_client import put_for_client
from broker.text import Text

VERIFICATION = "verification"


def verify_stream(session: Session, installation: Installation, client_id: str) -> uuid.UUID:
    """Put a verification event for this client in the outbox; the id of the message.

    Raises:
        NotFoundError: there is no such client.
        ConflictError: it asked for no events.
    """
    client = installation.catalogue.clients.get(client_id)
    if client is None:
        raise NotFoundError("client_unknown", CLIENT_UNKNOWN)
    if client.events is None:
        raise ConflictError("no_stream", NO_STREAM)
    state = token_urlsafe(16)
    message_id = put_for_client(session, EVENT, VERIFICATION, client_id, key=state, facts={"state": state})
    audit.record(session, "oidc:event_stream:verify", subject_id=message_id, details={"client": client_id})
    return message_id


CLIENT_UNKNOWN = Text("Deze client bestaat niet.", "There is no such client.")
NO_STREAM = Text("Deze client vroeg geen meldingen.", "This client asked for no events.")
