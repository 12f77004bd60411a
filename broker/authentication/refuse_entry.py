"""refuse_entry: note that somebody signed in and could not enter an application, and why."""

from secrets import choice

from sqlalchemy.orm import Session

from broker import audit
from broker.authentication.session import SignedIn
from broker.catalogue import Client
from broker.installation import Installation

_READ_ALOUD = "23456789ACDEFGHJKLMNPQRTUVWXYZ"  # nothing that sounds or looks like something else


def refuse_entry(session: Session, installation: Installation, who: SignedIn, client: Client, reason: str) -> str:
    """Write `oidc:code:refuse`; the code that finds it again, to be read out to the helpdesk: GR-7F3K-22."""
    signs = [choice(_READ_ALOUD) for _ in range(6)]
    code = f"GR-{''.join(signs[:4])}-{''.join(signs[4:])}"
    audit.record(
        session,
        "oidc:code:refuse",
        subject_id=who.person_id,
        details={"client": client.client_id, "reason": reason, "code": code},
    )
    return code
