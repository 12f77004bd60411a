"""CCinC – Cultuur- en gemeenschapscentra in Cijfers: the yearly figures of the centres of one organisation.

A downstream application: it knows the broker only by OpenID Connect. Owns: centres, their yearly figures, pages, database.
Does not own sign-in, tokens, session nor layout (modules/kit), and imports nothing of the broker.
"""

from pathlib import Path

from flask import Flask

from modules.cultuurmonitor import centre_pages, comparison_page, csv_pages, figure_pages, start_page
from modules.cultuurmonitor.about import APPLICATION
from modules.cultuurmonitor.template_words import equip
from modules.kit import ModuleSettings, init_module

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "cultuurmonitor"


def create_app(settings: ModuleSettings | None = None) -> Flask:
    """The application as a WSGI application; its schema is brought up to date first.

    Raises:
        ModuleSettingsError: a setting is missing or bad.
    """
    app = Flask(__name__, static_url_path=f"{APPLICATION.path}/static")
    init_module(app, APPLICATION, settings or ModuleSettings.from_environment("CULTUURMONITOR"), migrations=MIGRATIONS)
    equip(app.jinja_env)
    for pages in (start_page, centre_pages, figure_pages, comparison_page, csv_pages):
        app.register_blueprint(pages.blueprint)
    return app
