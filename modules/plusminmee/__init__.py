"""PlusMinMee: professionals keep a group of youngsters in view, together, with no more data than the method needs.

A downstream application: it knows the broker only by OpenID Connect. Owns: groups, their members, invitations, youngsters, the
method, the logbook, pages, database. Does not own sign-in, tokens, session nor layout (modules/kit), and imports nothing of the
broker.
"""

from pathlib import Path

from flask import Flask

from modules.kit import ModuleSettings, init_module
from modules.plusminmee.about import APPLICATION
from modules.plusminmee.equip import equip
from modules.plusminmee.keeping import Keeping

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "plusminmee"


def create_app(settings: ModuleSettings | None = None, kept: Keeping | None = None) -> Flask:
    """The application as a WSGI application; its schema is brought up to date first.

    Raises:
        ModuleSettingsError: a setting is missing or bad.
    """
    app = Flask(__name__, static_url_path=f"{APPLICATION.path}/static")
    init_module(app, APPLICATION, settings or ModuleSettings.from_environment("PLUSMINMEE"), migrations=MIGRATIONS)
    equip(app, kept or Keeping.from_environment())
    return app
