"""ask_again: where somebody asks the same once more, after a request that came to nothing (issue "the desk": "can send again").

Owns that address: the road of the first time, with the organisation filled in.
"""

from flask import url_for

from broker.access.access_request import AccessRequest
from broker.installation import installation
from broker.people.organisation import Organisation


def again_at(asked: AccessRequest, organisation: Organisation | None) -> str:
    """The address; "" where this is no longer offered.

    Whoever typed their name where the form takes a digital key only, asked through "Account aanvragen" and is led back there.
    """
    application = installation().catalogue.applications.get(asked.application_code)
    if application is None or asked.entitlement_code not in application.entitlement_codes:
        return ""
    code = organisation.code if organisation is not None and organisation.living else ""
    form = installation().catalogue.forms[application.form]
    if application.ask_administrator is not None and asked.identity_source not in form.identity:
        return url_for("ask_account.show", code=application.code, oc=code or None)
    link = application.entitlement_codes[asked.entitlement_code].link
    return f"{link}&oc={code}" if code else link
