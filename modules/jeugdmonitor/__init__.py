"""Jeugdmonitor: a municipality asks its children and teenagers what they think, without anybody being recognised.

A downstream application: it knows the broker only by OpenID Connect. Owns: survey rounds, the bank of questions, the form of
the respondents, results, manual, database. Does not own sign-in, tokens, session nor layout (modules/kit), and imports nothing
of the broker.
"""

from pathlib import Path

from flask import Flask

from modules.jeugdmonitor.about import APPLICATION
from modules.jeugdmonitor.equip import equip
from modules.jeugdmonitor.pages import BLUEPRINTS
from modules.kit import ModuleSettings, init_module

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "jeugdmonitor"


def create_app(settings: ModuleSettings | None = None) -> Flask:
    """The application as a WSGI application; its schema is brought up to date first.

    Raises:
        ModuleSettingsError: a setting is missing or bad.
    """
    app = Flask(__name__, static_url_path=f"{APPLICATION.path}/static")
    init_module(app, APPLICATION, settings or ModuleSettings.from_environment("JEUGDMONITOR"), migrations=MIGRATIONS)
    equip(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
