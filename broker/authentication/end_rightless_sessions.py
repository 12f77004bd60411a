"""end_rightless_sessions: write the end of application sessions whose right has ended (threats OA2, lifecycles §3).

Nothing waits for this: whatever reads a session reads its right as well (`session_facts`). It is what tells the audit, and
in time the applications.
"""

import uuid

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.authentication.client_session import ClientSession
from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.installation import Installation

AT_ONCE = 500


def end_rightless_sessions(session: Session, installation: Installation) -> int:
    """Revoke up to 500 living sessions without any grant in force; how many. Housekeeping calls it until there are
    none."""
    now = clock.now()
    asking_a_right = [each.client_id for each in installation.catalogue.clients.values() if each.access == "right"]
    found: list[uuid.UUID] = list(
        session.scalars(
            select(ClientSession.id)
            .where(
                ClientSession.revoked_at.is_(None),
                ClientSession.expires_at > now,
                ClientSession.client_id.in_(asking_a_right),
                ~exists().where(
                    Grant.person_id == ClientSession.person_id,
                    Grant.organisation_id == ClientSession.organisation_id,
                    Grant.application_code == ClientSession.application_code,
                    Grant.ended_at.is_(None),
                    or_(Grant.valid_until.is_(None), Grant.valid_until > now),
                ),
            )
            .order_by(ClientSession.id)
            .limit(AT_ONCE)
        )
    )
    for each in found:
        revoke_client_sessions(session, "right_ended", client_session_id=each)
    return len(found)
