"""Putting an application together with the kit: a table of contents, nothing else.

Owns: the order. Does not own any of the parts.
"""

from datetime import timedelta
from pathlib import Path

from flask import Flask, request, url_for
from flask_wtf import CSRFProtect
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix

from look.language import gettext as _
from look.shell import Brand, Frame, MenuItem, Who, init_look
from modules.kit import error_pages, headers, logs, notices, sign_in, stay
from modules.kit.application import Application
from modules.kit.broker import Broker
from modules.kit.called import let_programs_in
from modules.kit.calls import OwnTokens
from modules.kit.database import Database, database
from modules.kit.key_set import KeySet
from modules.kit.refuse_nul import refuse_nul
from modules.kit.sealing import derived
from modules.kit.session import signed_in
from modules.kit.session_tables import metadata
from modules.kit.settings import ModuleSettings
from modules.kit.state import KitState
from modules.kit.tokens import TokenVerifier, read_key

_HERE = Path(__file__).parent
LARGEST_FORM = 64 * 1024


def init_module(
    app: Flask, application: Application, settings: ModuleSettings, *, migrations: Path | None = None
) -> None:
    """Give `app` its database, sign-in, session, headers, error pages and layout, and bring its schema up to date.

    `migrations` is the folder of an application with tables of its own, the kit's among them. Without one the kit makes its own
    tables where they are not there yet; they hold sessions only, so a later kit that wants others may start with empty ones.
    """
    _configure(app, application, settings)
    data = Database(settings.database_url)
    if migrations is None:
        data.create(metadata)
    else:
        data.upgrade(migrations)
    data.init_app(app)
    broker = Broker(settings, f"{settings.base_url}{application.path}/aanmelden/terug")
    verifier = TokenVerifier(
        issuer=settings.issuer,
        client_id=settings.client_id,
        audience=application.code,
        find_key=KeySet(broker.keys, lambda published: read_key(published, settings.signing_algorithm)).find,
        algorithm=settings.signing_algorithm,
    )
    app.extensions["kit"] = KitState(application, settings, broker, verifier, OwnTokens(broker))
    logs.log_requests(app, application.unlogged)
    csrf = CSRFProtect()
    let_programs_in(app, csrf)
    csrf.init_app(app)
    csrf.exempt(notices.blueprint)
    refuse_nul(app)
    headers.set_headers(app, broker_issuer=settings.issuer, tls=settings.tls)
    error_pages.register_error_pages(app)
    app.register_blueprint(sign_in.blueprint, url_prefix=application.path)
    app.register_blueprint(notices.blueprint, url_prefix=application.path)
    if application.warns_of_end:
        app.register_blueprint(stay.blueprint, url_prefix=application.path)
    app.add_url_rule("/health/live", "live", lambda: {"status": "live"})
    app.add_url_rule("/health/ready", "ready", _ready)
    _dress(app, application)


def _configure(app: Flask, application: Application, settings: ModuleSettings) -> None:
    app.config.update(
        SECRET_KEY=derived(settings.secret, "cookie"),
        # A name of its own per process, as cookies ignore ports; __Host- wherever TLS allows it.
        SESSION_COOKIE_NAME=f"__Host-{application.code}" if settings.tls else f"{application.code}_session",
        SESSION_COOKIE_SECURE=settings.tls,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]


def _dress(app: Flask, application: Application) -> None:
    def frame() -> Frame:
        person = signed_in()
        if person is None:
            return Frame()
        items = [
            MenuItem(
                _(entry.label),
                url_for(entry.endpoint),
                current=entry.current(request.endpoint or ""),
                count=entry.count,
                icon=entry.icon,
                divider=entry.divider,
                posts=entry.posts,
            )
            for entry in application.menu(person)
        ]
        if application.menu_at_side:
            return Frame(side=items, who=Who(person.full_name, person.organisation_name), stay=stay.stay_here())
        return Frame(
            menu=items,
            who=Who(person.full_name, person.organisation_name, sign_out_url=url_for("kit.sign_out")),
            stay=stay.stay_here(),
        )

    brand = Brand(
        name=application.name,
        tagline=application.tagline,
        accent=application.accent,
        mark=application.accent,
        home_url=application.path,
    )
    translations = _HERE.parent / "translations" / "en.po"
    app.jinja_env.globals["application"] = application
    init_look(app, brand=brand, translations=[translations] if translations.exists() else [], frame=frame)


def _ready() -> tuple[dict[str, str], int]:
    database().reading().execute(text("SELECT 1"))
    return {"status": "ready"}, 200
