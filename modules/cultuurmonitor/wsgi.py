"""`gunicorn modules.cultuurmonitor.wsgi:app`: the application with JSON logs, settings from the environment."""

import sys

from modules.cultuurmonitor import create_app
from modules.kit import ModuleSettingsError
from modules.kit.logs import configure_logs

configure_logs()
try:
    app = create_app()
except ModuleSettingsError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None
