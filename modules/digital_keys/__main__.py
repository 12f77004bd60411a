"""`python -m modules.digital_keys`: serve the digital keys on the loopback, and on nothing else.

Owns: binding and the words of a refusal. Does not own the application (create_app).
"""

import sys

from werkzeug.serving import make_server

from modules.digital_keys import create_app
from modules.digital_keys.settings import KeySettings, KeySettingsError


def main() -> int:
    """Serve until stopped; 2 when a setting is missing, bad, or not on the loopback."""
    try:
        settings = KeySettings.from_environment()
        app = create_app(settings)
    except KeySettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    server = make_server(settings.host, settings.port, app, threaded=True)
    sys.stderr.write(f"digital keys for trying out, not for production: {settings.base_url}\n")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
