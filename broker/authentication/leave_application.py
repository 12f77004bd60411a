"""leave_application: somebody leaves one application and stays signed in (ACM's `switch`: to come back in another capacity)."""

import uuid

from sqlalchemy.orm import Session

from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.installation import Installation

SWITCHED = "switched"


def leave_application(session: Session, installation: Installation, session_id: uuid.UUID, client_id: str) -> int:
    """End what this client holds of one browser's session, its refresh tokens included; how many sessions ended.

    What may go on without a browser stays, as at a sign-out. The next authorization begins anew: nothing is left that a
    silent one could go on with (threats CC3).
    """
    return len(
        revoke_client_sessions(
            session,
            installation,
            SWITCHED,
            browser_session_id=session_id,
            client_id=client_id,
            even_offline=False,
        )
    )
