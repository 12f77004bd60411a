"""kept_factors: what of an account still opens it after a new password: its passkeys and its app.

They stay, as the owner would else be without a second factor; so whoever sets a password reads which there are, and sees one
that is not theirs (threats PW7). A passkey goes by the day it was added: its name was typed by whoever added it (SR1). Read-only.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from broker.authentication.passkey import passkeys_of
from broker.authentication.totp import has_totp


@dataclass(frozen=True, slots=True)
class KeptFactors:
    """`passkeys`: when each was added, oldest first; `app`: whether there is one that shows codes."""

    passkeys: tuple[datetime, ...] = ()
    app: bool = False

    def __bool__(self) -> bool:
        return bool(self.passkeys) or self.app

    @property
    def facts(self) -> dict[str, list[str] | bool]:
        """As a mail is told of them."""
        return {"passkeys": [each.isoformat() for each in self.passkeys], "app": self.app}


def kept_factors(session: Session, account_id: uuid.UUID) -> KeptFactors:
    """Those of an account."""
    added = tuple(each.created_at for each in passkeys_of(session, account_id))
    return KeptFactors(added, has_totp(session, account_id))
