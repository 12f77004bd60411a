"""The form "Nieuwe persoon toevoegen", which a search that found nobody shows as well. Owns the page, not its addresses."""

from collections.abc import Mapping

from flask import make_response, render_template
from werkzeug.wrappers import Response

from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.field_errors import field_errors


def colleague_page(
    organisations: list[Organisation], typed: Mapping[str, str], wrong: Mapping[str, Text], status: int
) -> Response:
    """The form, with what was typed and what is wrong with it."""
    page = render_template(
        "give/add.html",
        organisations=organisations,
        options=[(each.code, each.name) for each in organisations],
        typed=typed,
        **field_errors(wrong),
    )
    return make_response(page, status)
