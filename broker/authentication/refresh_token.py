"""What a refresh token is: `<id of its ClientSession>.<generation>.<HMAC>`, so that nothing of it is stored but the
generation that is in force (lifecycles §10). Owns writing and reading one. Using one is `redeem_refresh_token`.
"""

import re
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.session_facts import SessionFacts, session_facts
from broker.catalogue import Client
from broker.installation import Installation
from broker.keys import Keys

_FORM = re.compile(r"([0-9a-f]{32})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token of ours: its HMAC was right. What it is still worth, the database knows."""

    sid: uuid.UUID
    generation: int


def written_refresh_token(keys: Keys, facts: SessionFacts) -> str | None:
    """The refresh token in force of a session; None where it has none. The same again as long as nobody uses it."""
    if facts.refresh_expires_at is None:
        return None
    content = f"{facts.sid.hex}.{facts.generation}"
    return f"{content}.{keys.refresh_proof(content)}"


def read_refresh_token(keys: Keys, token: str) -> RefreshToken | None:
    """What `token` says, or None where we never wrote it. Asks no database."""
    found = _FORM.fullmatch(token)
    if found is None or not keys.refresh_proof_matches(token.rpartition(".")[0], found[3]):
        return None
    return RefreshToken(uuid.UUID(found[1]), int(found[2]))


def refresh_token_facts(
    session: Session | Connection, installation: Installation, client: Client, token: str
) -> SessionFacts | None:
    """The facts behind a refresh token that `client` could use at this moment, or None. Changes nothing."""
    read = read_refresh_token(installation.keys, token)
    facts = session_facts(session, installation.catalogue, read.sid) if read else None
    if read is None or facts is None or (facts.client_id, facts.generation) != (client.client_id, read.generation):
        return None
    return facts if facts.may_be_refreshed(clock.now()) else None
