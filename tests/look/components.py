"""A small app with every part of the look on it, after the reference pictures. Only for tests and for looking.

`python tests/look/components.py FOLDER` writes pictures of every page, at 390 and 1280 wide, light and dark.
"""

import logging
import sys
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask, Response, render_template
from werkzeug.serving import BaseWSGIServer, make_server

from look.mail import Mail
from look.shell import Brand, Frame, MenuItem, Who, init_look

PAGES = ("components", "form", "tracking", "refused", "doors", "tasks", "decision", "desk")
_SIGNED_IN = ("tasks", "decision", "desk")
_ERRORS = [
    ("email", "Vul een volledig e-mailadres in, bijvoorbeeld naam@gemeente.be"),
    ("organisatie", "Kies uw organisatie in de lijst"),
]
_STEPS = [
    {"state": "done", "title": "U verstuurde de aanvraag", "when": "maandag 9 november 2026, 14.12 uur"},
    {"state": "done", "title": "U bevestigde uw e-mailadres", "when": "maandag 9 november 2026, 14.20 uur"},
    {
        "state": "done",
        "title": "Goedgekeurd door een lokale beheerder",
        "when": "dinsdag 17 november 2026, 9.05 uur · Gemeente Sint-Aldegondis",
    },
    {
        "state": "here",
        "title": "Label ‘Cultuurmonitor Afnemer’",
        "chip": ("waiting",),
        "text": "Een Brusselse gemeente heeft dit label nodig voor ze de Cultuurmonitor mag gebruiken. "
        "Uw beheerder vroeg het meteen aan.",
        "facts": [
            ("Aan zet", "de doelgroepverantwoordelijke voor Brusselse gemeenten"),
            ("Sinds", "17 november 2026 · 3 werkdagen"),
            ("Herinnering", "gaat vanzelf weg op 26 november"),
        ],
    },
    {
        "state": "ahead",
        "title": "Uw recht begint",
        "text": "Vanzelf, zodra het label er is. U krijgt dan een mail met de link om aan te melden.",
    },
]
_INPUT = ["vraagt Cultuurmonitor Invoerder", "Cultuurcentra"]


def _task(name: str, since: str, chip: tuple[str, str], who: str, note: str = "", **more: bool) -> dict[str, Any]:
    return {"name": name, "since": since, "chip": chip, "who": who, "note": note, "lines": _INPUT, **more}


_TASKS = [
    _task(
        "Mehmet Tas", "woensdag 14 oktober", ("lapsing", "Vervalt over 4 werkdagen"), "nog niemand", "ook de officier"
    ),
    _task("Nele Vercauteren", "dinsdag 10 november", ("waiting", "7 werkdagen"), "u", mine=True),
    _task("Joke De Smedt", "vrijdag 13 november", ("waiting", "5 werkdagen"), "u", mine=True),
    _task("Pieter Lambrecht", "dinsdag 17 november", ("neutral", "3 werkdagen"), "Ilse Maes", "sinds gisteren"),
    _task("Amina Ouali", "donderdag 19 november", ("new", "Nieuw"), "nog niemand"),
    _task(
        "Karim Benali",
        "donderdag 19 november",
        ("new", "Nieuw"),
        "een collega",
        "over uw eigen vraag beslist u niet zelf",
        own=True,
    ),
]

MAIL = Mail(
    headline="U hebt toegang tot de Cultuurmonitor",
    given_name="Nele",
    paragraphs=["Een lokale beheerder van Gemeente Elzevoorde keurde uw aanvraag goed. U kunt meteen aan de slag."],
    facts=[
        ("Recht", "Cultuurmonitor Invoerder"),
        ("Onderdeel", "Cultuurcentra"),
        ("Organisatie", "Gemeente Elzevoorde"),
        ("Loopt tot", "31 december 2027"),
    ],
    button=("Naar de Cultuurmonitor", "https://cultuurmonitor.example/"),
    after=["Meld u aan met uw digitale sleutel. Lukt dat niet, bel dan gratis 1700, elke werkdag van 9 tot 19 uur."],
    why="U krijgt deze mail omdat u toegang vroeg met aanvraag PW-2026-004790.",
)


def components_app(accent: str = "", theme: str = "") -> Flask:
    """The app; with `accent` it is that application, with its side menu."""
    app = Flask("components", template_folder=str(Path(__file__).parent / "pages"))
    app.secret_key = "only for looking"
    where = {"page": ""}

    def frame() -> Frame:
        if accent:
            side = [
                MenuItem("Jeugdgroepen", "#", current=True, icon="people"),
                MenuItem("Uitnodigingen", "#", count=1, icon="mail"),
                MenuItem("Help", "#", icon="question", divider=True),
            ]
            return Frame(side=side, who=Who("Fatima Haddad", "Gemeente Elzevoorde"), theme=theme)
        if where["page"] not in _SIGNED_IN:
            return Frame(theme=theme)
        menu = [
            MenuItem("Mijn taken", "#", current=where["page"] != "desk", count=7),
            MenuItem("Personen en rechten", "#", current=where["page"] == "desk"),
            MenuItem("Beheerders", "#"),
            MenuItem("Rapporten", "#"),
        ]
        return Frame(menu=menu, who=Who("Karim Benali", "Gemeente Elzevoorde", "/wissel", "/afmelden"), theme=theme)

    links = {"help_url": "/hulp", "privacy_url": "/privacy", "accessibility_url": "/toegankelijkheid"}
    if accent:
        brand = Brand("PlusMinMee", "groepsaanpak jeugd", accent=accent, mark=accent, **links)
    else:
        brand = Brand("Poortwachter", "toegang voor lokale besturen", **links)
    init_look(app, brand=brand, frame=frame)

    @app.get("/favicon.ico")
    def no_icon() -> tuple[str, int]:
        return "", 404

    @app.get("/<name>")
    def page(name: str) -> str:
        where["page"] = name
        if name == "mail":
            return MAIL.html()
        if name == "error":
            return render_template(
                "look/error.html", title="Deze pagina bestaat niet", text="Kijk het adres nog eens na."
            )
        return render_template(f"{name}.html", errors=_ERRORS if name == "form" else [], steps=_STEPS, tasks=_TASKS)

    @app.after_request
    def strict(response: Response) -> Response:
        if not response.location and "mail" not in where["page"]:
            response.headers["Content-Security-Policy"] = "default-src 'self'"
        return response

    return app


def serve(app: Flask) -> BaseWSGIServer:
    """Serve `app` on a free port in the background; the caller shuts it down."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


def _take_pictures(folder: Path) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from playwright.sync_api import sync_playwright  # only when asked: it is slow to load

    folder.mkdir(parents=True, exist_ok=True)
    servers = {"": serve(components_app()), "plusminmee": serve(components_app("plusminmee"))}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for width in (390, 1280):
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": 900}, color_scheme=scheme, locale="nl-BE"
                )
                tab = context.new_page()
                tab.on("console", lambda message: sys.stderr.write(f"console: {message.text}\n"))
                for name in (*PAGES, "mail", "error", "module"):
                    server = servers["plusminmee" if name == "module" else ""]
                    tab.goto(f"http://127.0.0.1:{server.server_port}/{name}")
                    tab.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
                context.close()
        tab = browser.new_page(viewport={"width": 794, "height": 1123})
        tab.emulate_media(media="print", color_scheme="dark")
        tab.goto(f"http://127.0.0.1:{servers[''].server_port}/tracking")
        tab.screenshot(path=folder / "tracking-print.png", full_page=True)
        browser.close()
    for server in servers.values():
        server.shutdown()


if __name__ == "__main__":
    _take_pictures(Path(sys.argv[1]))
