"""/toepassingen/<code>/charter: the charter of an application, for everybody to read (seed 000, step 4). Shows the policy only."""

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from broker.errors import NotFoundError
from broker.installation import installation
from look.language import current_language

blueprint = Blueprint("charter", __name__)


@blueprint.get("/toepassingen/<code>/charter")
def show(code: str) -> str | Response:
    """Its words in the version of now; one that stands elsewhere is shown there.

    Raises:
        NotFoundError: no such application, or it has no charter.
    """
    application = installation().catalogue.applications.get(code)
    if application is None or application.charter is None:
        raise NotFoundError("charter_unknown")
    charter = application.charter
    if not charter.text:
        return redirect(charter.page, code=303)
    language = current_language()
    return render_template(
        "charter.html",
        application=application.called.in_language(language),
        title=charter.title.in_language(language),
        version=charter.version,
        paragraphs=[each.in_language(language) for each in charter.text],
        back=f"/toepassingen/{code}",
    )
