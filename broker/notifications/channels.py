"""The channels beside mail: how a message of each is handed over, registered by create_app from the rooms and doors above.

Owns the registry and the patience of each channel. Does not own what a channel says (oidc/) or does (authentication/).
"""

from collections.abc import Callable
from dataclasses import dataclass

from broker.installation import Installation
from broker.notifications.outbox_message import OutboxMessage

HandOver = Callable[[], None]
"""Hands one message over; returns only when the other side has taken it.

Raises RefusedError (never) or NotNowError (not now), as `post` has them.
"""

Prepare = Callable[[Installation, OutboxMessage], HandOver | None]
"""Writes one message, ready to be handed over; None when nobody wants it any more. May raise the same two."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a message is tried: `attempts` times, first after `first` seconds, then twice that, an hour at most.

    `waits_together`: what cannot leave because nobody answers costs the others of its lane no attempt.
    """

    first: float
    attempts: int
    waits_together: bool = False


# Each in all about 24 hours. People of a mail server that is down mend it; nobody waits for a mail of theirs by the second.
MAIL_PATIENCE = Patience(first=30.0, attempts=30, waits_together=True)
RECEIVER_PATIENCE = Patience(first=5.0, attempts=33)
OWN_PATIENCE = Patience(first=1.0, attempts=35)


@dataclass(frozen=True, slots=True)
class Channel:
    """One way out."""

    prepare: Prepare
    patience: Patience


_channels: dict[str, Channel] = {}


def register_channel(name: str, prepare: Prepare, patience: Patience) -> None:
    """From now on messages of the channel `name` are prepared by `prepare`; the same name again replaces the earlier one."""
    _channels[name] = Channel(prepare, patience)


def known_channels() -> list[str]:
    """Those registered here. A message of another one is left to a worker of the version that knows it."""
    return list(_channels)


def channel_of(message: OutboxMessage) -> Channel:
    """The channel of `message`.

    Raises:
        LookupError: nobody registered it.
    """
    return _channels[message.channel]
