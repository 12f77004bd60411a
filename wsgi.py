"""Where gunicorn finds the broker: `gunicorn wsgi:app`. A bad setting, policy or key is one line, and the start is refused."""

import sys

from sqlalchemy import inspect

from broker import create_app
from broker.catalogue import CatalogueError
from broker.database import db
from broker.installation import installation
from broker.keys_in_use import MissingKeyError, require_keys
from broker.settings import SettingsError

BAD_START = 3  # what gunicorn takes for "do not try again"

try:
    app = create_app()
    with app.app_context():
        if inspect(db.engine).has_table("persons"):
            require_keys(db.session(), installation().keys)
        db.session.remove()
        db.engine.dispose()  # the workers that are forked from here open connections of their own
except (SettingsError, CatalogueError, MissingKeyError) as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(BAD_START)
