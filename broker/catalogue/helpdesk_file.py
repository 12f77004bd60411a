"""Reads policies/helpdesk.yaml: whom people can call about signing in and rights."""

from broker.catalogue.formats import address, both_languages, phone
from broker.catalogue.found import Entries, Found
from broker.catalogue.model import Helpdesk


def read_helpdesk(found: Found) -> Helpdesk:
    """The helpdesk of the installation."""
    entries = Entries(found)
    helpdesk = Helpdesk(
        phone=entries.required("phone", phone),
        hours=entries.required("hours", both_languages(120)),
        page=entries.required("page", address),
    )
    entries.close()
    return helpdesk
