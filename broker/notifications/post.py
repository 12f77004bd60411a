"""How a message leaves: what every way out promises, and what it says when it could not.

Owns the contract and the choice by settings. The ways themselves: `smtp_post`, `inbox_post`.
"""

from email.message import EmailMessage
from typing import Protocol


class RefusedError(Exception):
    """The other side will never take it.

    `reason` is short and holds no address: it is kept and shown to the operator.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotNowError(Exception):
    """It could not be handed over now; later it may.

    `unreachable`: nothing else can leave by this way either, so the others need not try. `outcome_known`: it was
    certainly not taken; otherwise a repeat may reach somebody twice, with the same Message-ID.
    """

    def __init__(self, reason: str, *, unreachable: bool = False, outcome_known: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unreachable = unreachable
        self.outcome_known = outcome_known


class Post(Protocol):
    """A way out."""

    def send_mail(self, mail: EmailMessage, recipient: str) -> None:
        """Hand `mail` over for `recipient`; returns only when the other side has taken it.

        Raises:
            RefusedError: never.
            NotNowError: not now.
        """

    def close(self) -> None:
        """End the dialogue, if one is open. The post can be used again."""
