"""/user/aanvraag_werkrelatie?dg=…&oc=…: asking for an affiliation alone, by the road of every request (domain-facts §2.3).

Owns what this link means; the form it leads to is that of `registration`. Reads; stores nothing.
"""

from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from broker.catalogue import AFFILIATION
from broker.database import db
from broker.errors import DomainError, NotFoundError
from broker.installation import installation
from broker.people.find_organisations import organisation_by_code
from broker.text import Text
from broker.web.registration import PATH, wrong_link

blueprint = Blueprint("ask_affiliation", __name__)


@blueprint.get("/user/aanvraag_werkrelatie")
def show() -> Response:
    """To the form of this organisation; without one, to the choice of what kind it is."""
    catalogue = installation().catalogue
    application = next((each for each in catalogue.applications.values() if each.gives == AFFILIATION), None)
    try:
        if application is None:
            raise NotFoundError("affiliation_not_asked_here", NOT_HERE)
        group, given = request.args.get("dg", ""), request.args.get("oc", "")[:20]
        organisation = organisation_by_code(db.session(), given) if given else None
        if organisation is None:  # an unknown target group or code says so there
            asked = {"dg": group, "an": application.code} | ({"oc": given} if given else {})
            return redirect(f"{PATH}?{urlencode(asked)}", code=303)
        code = next(
            (
                each
                for each in application.entitlement_codes.values()
                if (each.target_group, each.organisation_type)
                == (organisation.target_group, organisation.organisation_type)
            ),
            None,
        )
        if code is None:
            raise NotFoundError("not_offered_to_kind", NOT_FOR_THIS_KIND.with_facts(name=organisation.name))
    except DomainError as error:
        return wrong_link(error)
    return redirect(f"{PATH}?{urlencode({'dg': group, 'ec': code.code, 'oc': organisation.code})}", code=303)


NOT_HERE = Text("Een werkrelatie kan hier niet gevraagd worden.", "An affiliation cannot be asked for here.")
NOT_FOR_THIS_KIND = Text(
    "Een werkrelatie met {name} kan niet zo gevraagd worden.",
    "An affiliation with {name} cannot be asked for like this.",
)
