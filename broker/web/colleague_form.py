"""The form "Nieuwe persoon toevoegen", which a search that found nobody shows as well. Owns the page, not its addresses."""

from collections.abc import Mapping

from flask import make_response, render_template
from werkzeug.wrappers import Response

from broker.access.add_colleague import account_applications
from broker.access.explain_direct import rights_offered
from broker.catalogue import LOCAL_ACCOUNT, Catalogue
from broker.installation import installation
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.field_errors import field_errors


def colleague_page(
    organisations: list[Organisation], typed: Mapping[str, str], wrong: Mapping[str, Text], status: int
) -> Response:
    """The form, with what was typed and what is wrong with it. Where it answers a task (`voordracht`), the organisation and the way
    to sign in are those of that task."""
    catalogue = installation().catalogue
    answers_task = bool(typed.get("voordracht"))
    if answers_task:
        organisations = [each for each in organisations if each.code == typed["organisatie"]]
    with_account = [each for each in organisations if account_applications(catalogue, each)]
    page = render_template(
        "give/add.html",
        organisations=organisations,
        options=[(each.code, each.name) for each in organisations],
        typed=typed,
        accounts=bool(with_account),
        only_accounts=answers_task
        or (bool(with_account) and all(_only_accounts(catalogue, each) for each in organisations)),
        **field_errors(wrong),
    )
    return make_response(page, status)


def _only_accounts(catalogue: Catalogue, organisation: Organisation) -> bool:
    """Whether everything that this organisation may use is an application of local accounts alone."""
    offered = [each for each in catalogue.applications.values() if rights_offered(each, organisation)]
    return bool(offered) and all(each.sign_in == (LOCAL_ACCOUNT,) for each in offered)
