"""The look inside a Flask app: static files, templates, the frame around each page and the language of a request.

Owns the blueprint `look`. Does not know who is signed in nor which pages exist: the app hands that in as `frame`.
"""

import hashlib
import importlib.util
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import jinja2
from flask import Blueprint, Flask, Response, abort, current_app, g, request, send_file

from look.language import LANGUAGES, current_language, load_translations, use_language_source
from look.templating import equip, template_loader

LANGUAGE_COOKIE = "taal"
_YEAR = 365 * 24 * 3600
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose pages these are.

    `accent` and `mark` name what tokens.css and macros.html know: "cultuurmonitor", "jeugdmonitor", "plusminmee",
    or "" and "gate" for the broker itself. `footer` is one plain sentence, msgid in Dutch.
    """

    name: str
    tagline: str = ""
    accent: str = ""
    mark: str = "gate"
    home_url: str = "/"
    help_url: str = ""
    privacy_url: str = ""
    accessibility_url: str = ""
    footer: str = "Poortwachter regelt wie toegang heeft. Vragen? Bel gratis 1700, elke werkdag van 9 tot 19 uur."


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One page of the main or side menu; `count` (of what waits for this person) is shown when it is not zero. `posts`: it is no
    page but something that is done, such as signing out."""

    label: str
    url: str
    current: bool = False
    count: int = 0
    icon: str = ""
    divider: bool = False
    posts: bool = False


@dataclass(frozen=True, slots=True)
class Who:
    """Who is signed in and for which organisation. `sign_out_url` is posted to, `switch_url` and `profile_url` are links; each
    may be empty."""

    name: str
    organisation: str = ""
    switch_url: str = ""
    sign_out_url: str = ""
    profile_url: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """What stay.js needs to warn before somebody is signed out for doing nothing. `left_url` answers how many seconds are left
    and is no activity, `stay_url` is posted to and is. `covers`: nothing of the page stays on the screen afterwards."""

    seconds_left: int
    left_url: str
    stay_url: str
    sign_out_url: str
    sign_out_label: str
    again_url: str
    covers: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the page of this request. `theme` is "light" or "dark" only where the person chose so. `help_url`: the help
    about this very page, where there is any; else that of the brand."""

    menu: list[MenuItem] = field(default_factory=list)
    side: list[MenuItem] = field(default_factory=list)
    who: Who | None = None
    stay: Stay | None = None
    theme: str = ""
    help_url: str = ""


@dataclass(frozen=True, slots=True)
class _StaticFile:
    path: Path
    content_hash: str


def init_look(
    app: Flask,
    *,
    brand: Brand,
    translations: list[Path] | None = None,
    frame: Callable[[], Frame] | None = None,
    person_language: Callable[[], str | None] | None = None,
) -> None:
    """Dress `app`: templates `look/…`, the filters, `/look/static/…`, the frame and the language of every request.

    `frame` is asked once a page; `person_language` answers the language a signed-in person chose, or None.
    """
    load_translations(_HERE / "translations" / "en.po", *(translations or []))
    equip(app.jinja_env)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    own_loader = app.jinja_env.loader
    # `look/…` first, so that no app template can take its place; then the app's own.
    app.jinja_env.loader = jinja2.ChoiceLoader([template_loader(), *([own_loader] if own_loader else [])])
    app.extensions["look"] = _static_files()
    app.register_blueprint(_blueprint())
    app.jinja_env.globals["look_static"] = static_url
    app.jinja_env.globals["language_url"] = language_url

    def frame_of_request() -> Frame:
        if "look_frame" not in g:
            g.look_frame = frame() if frame else Frame()
        found = g.look_frame
        assert isinstance(found, Frame)
        return found

    app.jinja_env.globals["look_brand"] = brand
    app.jinja_env.globals["look_frame"] = frame_of_request

    def open_language() -> None:
        stack = ExitStack()
        stack.enter_context(use_language_source(lambda: language_of_request(person_language)))
        g.look_language_stack = stack

    def close_language(_error: BaseException | None) -> None:
        stack = g.pop("look_language_stack", None)
        if stack is not None:
            stack.close()

    def keep_language(response: Response) -> Response:
        asked = request.args.get("taal")
        if asked in LANGUAGES:
            response.set_cookie(
                LANGUAGE_COOKIE,
                asked,
                max_age=_YEAR,
                httponly=True,
                samesite="Lax",
                secure=bool(app.config.get("SESSION_COOKIE_SECURE")),
            )
        return response

    app.before_request(open_language)
    app.teardown_request(close_language)
    app.after_request(keep_language)


def language_of_request(person_language: Callable[[], str | None] | None = None) -> str:
    """`?taal=`, else the cookie, else what the person chose, else the browser, else Dutch."""
    for asked in (request.args.get("taal"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return asked
    chosen = person_language() if person_language else None
    if chosen in LANGUAGES:
        return chosen
    # Not best_match(): it takes a plain "nl" over an "en-GB" that stands before it.
    for tag, quality in request.accept_languages:
        if quality > 0 and tag[:2].lower() in LANGUAGES:
            return tag[:2].lower()
    return LANGUAGES[0]


def language_url(language: str) -> str:
    """This page in `language`: the path with its query, `taal` replaced."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "taal"]
    return f"{request.script_root}{request.path}?{urlencode([*kept, ('taal', language)])}"


def static_url(name: str) -> str:
    """Where a file of the look is, with the hash of its content, so that it may be kept for a year.

    Raises KeyError for a file we do not have.
    """
    return f"{request.script_root}/look/static/{name}?v={_files_of_app()[name].content_hash}"


def _static_files() -> dict[str, _StaticFile]:
    paths = {path.name: path for path in (_HERE / "static").iterdir() if path.is_file()}
    # Found, not imported: only this one stylesheet of the package is used, none of its code.
    spec = importlib.util.find_spec("flask_bootstrap")
    if spec is None or spec.origin is None:
        raise RuntimeError("bootstrap-flask is not installed; the pages need its bootstrap.min.css")
    paths["bootstrap.min.css"] = Path(spec.origin).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
    return {name: _StaticFile(path, hashlib.sha256(path.read_bytes()).hexdigest()[:16]) for name, path in paths.items()}


def _files_of_app() -> dict[str, _StaticFile]:
    files: dict[str, _StaticFile] = current_app.extensions["look"]
    return files


def _blueprint() -> Blueprint:
    blueprint = Blueprint("look", __name__, url_prefix="/look")

    @blueprint.get("/static/<name>")
    def static_file(name: str) -> Response:
        """A file of the look; kept for a year when asked with the hash of its content, else asked again each time."""
        found = _files_of_app().get(name)
        if found is None:
            abort(404)
        response = send_file(found.path, conditional=True, etag=found.content_hash)
        if request.args.get("v") == found.content_hash:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"
        return response

    return blueprint


__all__ = [
    "LANGUAGE_COOKIE",
    "Brand",
    "Frame",
    "MenuItem",
    "Who",
    "current_language",
    "init_look",
    "language_of_request",
    "language_url",
    "static_url",
]
