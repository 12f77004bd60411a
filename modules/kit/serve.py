"""The application as a server wants it: JSON logs, settings from the environment, one clear line when one is missing.

Owns: that start. Does not own the settings (settings.py).
"""

import sys
from collections.abc import Callable

from flask import Flask

from modules.kit.logs import configure_logs
from modules.kit.settings import ModuleSettingsError


def serve(create_app: Callable[[], Flask]) -> Flask:
    """What `create_app` makes; exits with status 2 when a setting is missing or bad."""
    configure_logs()
    try:
        return create_app()
    except ModuleSettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
