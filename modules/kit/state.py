"""What the kit keeps for the running application: what it is, where it lives, its broker and its verifier.

Owns: finding it in a request. Does not own building it (init_module.py).
"""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from modules.kit.application import Application
from modules.kit.broker import Broker
from modules.kit.settings import ModuleSettings
from modules.kit.tokens import TokenVerifier


@dataclass(frozen=True)
class KitState:
    """One application, running."""

    application: Application
    settings: ModuleSettings
    broker: Broker
    verifier: TokenVerifier


def kit() -> KitState:
    """The kit of the application that serves this request."""
    return cast(KitState, current_app.extensions["kit"])
