"""What PlusMinMee adds to the application that the kit made: its pages and the words of its templates.

Owns: that. Does not own the pages.
"""

from datetime import date

from flask import Flask

from look.language import short_date
from modules.plusminmee.functions import function_word
from modules.plusminmee.log_words import log_sentence
from modules.plusminmee.model import LogEntry, Professional
from modules.plusminmee.pages import BLUEPRINTS


def equip(app: Flask) -> None:
    """Give it all of that, and its pages."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.jinja_env.filters["function_of"] = function_of
    app.jinja_env.globals["log_words"] = log_words


def function_of(professional: Professional) -> str:
    """The function of a professional in words, "" while they chose none."""
    return function_word(professional.function, professional.function_words)


def log_words(entry: LogEntry, youngster: str = "") -> str:
    """What an entry of the logbook says."""
    facts = dict(entry.facts)
    if "until" in facts:
        facts["until"] = short_date(date.fromisoformat(facts["until"]))
    return log_sentence(entry, youngster, facts)
