"""The first page of the broker, and a page for each application: which link is yours (seed 002, its table of eight links).

Shows the catalogue and nothing else: no rules. Does not own the form behind the links (`broker.web.registration`).
"""

from flask import Blueprint, render_template

from broker.catalogue import AFFILIATION, Application
from broker.errors import NotFoundError
from broker.installation import installation
from broker.text import Text
from broker.web.who import signed_in
from look.language import current_language
from look.language import gettext as _

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def start() -> str:
    """What this is, and the applications it guards."""
    catalogue = installation().catalogue
    return render_template(
        "home.html",
        applications=[each for each in catalogue.applications.values() if each.gives != AFFILIATION],
        helpdesk=catalogue.helpdesk,
        present=signed_in() is not None,
        say=_say,
    )


@blueprint.get("/toepassingen/<code>")
def application(code: str) -> str:
    """Every self-registration link of an application: kind of organisation by right, and when a kind is yours.

    Raises:
        NotFoundError: there is no such application.
    """
    catalogue = installation().catalogue
    asked = catalogue.applications.get(code)
    if asked is None:
        raise NotFoundError("unknown_application")
    rows = catalogue.kind_links(asked)
    return render_template(
        "application.html",
        application=asked,
        rows=[(row, asked.label_needed(row.target_group, row.organisation_type.code)) for row in rows],
        heads=[_("Inrichtende macht"), *(_say(right.name) for right in asked.rights.values())],
        contexts=_contexts(asked),
        helpdesk=catalogue.helpdesk,
        say=_say,
    )


def _contexts(application: Application) -> list[str]:
    """The names of the contexts that its rights have, each once; in the Cultuurmonitor the modules."""
    named = {context.code: context.name for right in application.rights.values() for context in right.contexts.values()}
    return [_say(name) for name in named.values()]


def _say(text: Text) -> str:
    return text.in_language(current_language())
