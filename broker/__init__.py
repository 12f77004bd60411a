"""The gatekeeper: one Flask application. `create_app` is its table of contents; the rooms are described in DESIGN §1."""

from broker import lean_start  # noqa: F401  before whatever it keeps small

# isort: split
from functools import partial

from flask import Flask

from broker import oidc
from broker.catalogue import Catalogue, read_catalogue
from broker.database import prepare_database
from broker.installation import Installation
from broker.keys import Keys
from broker.settings import Settings, SettingsError
from broker.standing_jobs import register_standing_jobs
from broker.structured_logs import init_logs
from broker.web import (
    about,
    account_number,
    add_colleague,
    administrators,
    announcements,
    answer_facts,
    ask_account,
    ask_affiliation,
    ask_facts,
    charter,
    decide,
    decide_several,
    follow,
    forget_typed,
    give,
    hand_over,
    health,
    help_pages,
    helpdesk,
    home,
    invitation,
    links,
    lists,
    local_sign_in,
    merger,
    metrics,
    nominate,
    officer,
    officer_lists,
    own_account,
    own_email,
    own_name,
    own_passkeys,
    own_requests,
    owner,
    passkey_sign_in,
    profile,
    registration,
    report_colleague,
    review,
    review_progress,
    rights,
    send_link,
    set_password,
    sign_in,
    stay,
    stop_number,
    suspend,
    tasks,
    upload,
)
from broker.web import people as people_pages
from broker.web.desk_door import init_desk_door
from broker.web.errors import init_errors
from broker.web.frame import init_pages
from broker.web.limits import init_limits, refusal_limit
from broker.web.metrics import init_metrics
from broker.web.requests import init_requests
from broker.web.security import headers_without_form, init_security
from broker.web.who import init_who

__all__ = ["create_app"]

DESK = (
    tasks,
    decide,
    forget_typed,
    decide_several,
    ask_facts,
    officer,
    officer_lists,
    administrators,
    owner,
    announcements,
    people_pages,
    account_number,
    rights,
    suspend,
    hand_over,
    give,
    add_colleague,
    send_link,
    lists,
    upload,
    review,
    review_progress,
    merger,
)
DOORS = (
    *DESK,
    home,
    about,
    charter,
    help_pages,
    registration,
    ask_account,
    ask_affiliation,
    answer_facts,
    links,
    follow,
    own_requests,
    profile,
    own_account,
    own_email,
    own_name,
    own_passkeys,
    sign_in,
    local_sign_in,
    passkey_sign_in,
    set_password,
    stop_number,
    stay,
    helpdesk,
    report_colleague,
    nominate,
    invitation,
    oidc,
    health,
    metrics,
)


def create_app(settings: Settings | None = None, catalogue: Catalogue | None = None) -> Flask:
    """The broker, ready to serve; `settings` come from the environment and the catalogue from their folders when not given.

    Raises:
        SettingsError: a setting is missing or bad; one line that names it.
        CatalogueError: policies or forms hold mistakes; all of them at once.
    """
    settings = settings or Settings.from_environment()
    catalogue = catalogue or read_catalogue(
        settings.policies, settings.forms, settings.environment, development=settings.development
    )
    _refuse_without_sms(settings, catalogue)
    app = Flask("broker", static_folder=None, template_folder="web/templates")
    installed = Installation(settings, catalogue, Keys(dict(settings.secret_keys)))
    installed.install(app)

    init_logs(settings)
    prepare_database(app, settings.database_url)
    oidc.init_machine_door(
        app, installed, metrics.observe, refusal_limit(settings), partial(headers_without_form, settings)
    )
    init_requests(app)
    init_security(app, installed)
    init_who(app)
    init_errors(app)
    init_pages(app)
    init_desk_door(app, {door.blueprint.name for door in DESK})
    for door in DOORS:
        app.register_blueprint(door.blueprint)
    init_metrics(app)
    init_limits(app, settings)
    register_standing_jobs()
    oidc.register_channels()
    return app


def _refuse_without_sms(settings: Settings, catalogue: Catalogue) -> None:
    if catalogue.with_local_accounts() and not settings.sends_sms:
        raise SettingsError("BROKER_TWILIO_ACCOUNT_SID is missing: local accounts need codes by SMS.")
