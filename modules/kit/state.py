"""What the kit keeps for the running application: what it is, where it lives, its broker, its verifier, its own tokens.

Owns: finding it in a request. Does not own building it (init_module.py).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from modules.kit.application import Application
from modules.kit.broker import Broker
from modules.kit.settings import ModuleSettings
from modules.kit.tokens import TokenVerifier

if TYPE_CHECKING:
    from modules.kit.calls import OwnTokens


@dataclass(frozen=True)
class KitState:
    """One application, running."""

    application: Application
    settings: ModuleSettings
    broker: Broker
    verifier: TokenVerifier
    own_tokens: "OwnTokens"


def kit() -> KitState:
    """The kit of the application that serves this request."""
    return cast(KitState, current_app.extensions["kit"])
