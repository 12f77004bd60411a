"""What PlusMinMee adds to the application that the kit made: its pages and the words of its templates.

Owns: that. Does not own the pages.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask, request
from jinja2 import pass_context

from look.language import short_date
from modules.kit.database import database
from modules.plusminmee.attachments import LARGEST
from modules.plusminmee.functions import function_word
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.log_words import log_sentence
from modules.plusminmee.model import LogEntry, Professional
from modules.plusminmee.notes_first import notes_over_this_page, this_page
from modules.plusminmee.pages import BLUEPRINTS
from modules.plusminmee.phone_words import written_number
from modules.plusminmee.photo import LARGEST_UPLOAD
from modules.plusminmee.place_words import document_word, place_word, wanted_word
from modules.plusminmee.refuse_lost_keys import refuse_lost_keys
from modules.plusminmee.tips import tips_for

UPLOADS = {
    "youngsters.add": LARGEST_UPLOAD,
    "youngsters.change": LARGEST_UPLOAD,
    "profile.show": LARGEST_UPLOAD,
    "messages.add": LARGEST,
}
"""The forms that a file comes with, and how large it may be; every other form keeps the limit of the kit."""
_THE_REST_OF_A_FORM = 256 * 1024


def equip(app: Flask, kept: Keeping) -> None:
    """Give it all of that, its pages, and what it keeps sealed.

    Raises:
        ModuleSettingsError: something is sealed under a key that is not among the keys.
    """
    kept.install(app.extensions)
    with app.app_context():
        refuse_lost_keys(database().reading(), kept)
    app.url_value_preprocessor(_allow_upload)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for word in (place_word, wanted_word, document_word):
        app.jinja_env.filters[word.__name__] = _said_when_shown(word)
    app.jinja_env.filters["function_of"] = function_of
    app.jinja_env.filters["telephone"] = written_number
    app.jinja_env.globals["log_words"] = log_words
    app.jinja_env.globals["tips_for"] = tips_for
    app.jinja_env.globals["notes_over_this_page"] = notes_over_this_page
    app.jinja_env.globals["this_page"] = this_page


def _said_when_shown(word: Callable[[Any], str]) -> Callable[[object, Any], str]:
    """A filter that Jinja does not work out once while it compiles a template: whoever reads has a language of their own."""

    @pass_context
    def said(_context: object, value: Any) -> str:
        return word(value)

    return said


def _allow_upload(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form, as its CSRF token stands in it."""
    if endpoint in UPLOADS:
        request.max_content_length = UPLOADS[endpoint] + _THE_REST_OF_A_FORM


def function_of(professional: Professional) -> str:
    """The function of a professional in words, "" while they chose none."""
    return function_word(professional.function, professional.function_words)


def log_words(entry: LogEntry, youngster: str = "") -> str:
    """What an entry of the logbook says."""
    facts = dict(entry.facts)
    if "until" in facts:
        facts["until"] = short_date(date.fromisoformat(facts["until"]))
    if "place" in facts:
        facts["place"] = place_word(facts["place"])
    return log_sentence(entry, youngster, facts)
