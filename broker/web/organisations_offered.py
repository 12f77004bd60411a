"""The organisations that may use an application, to choose one from. Owns the search over their kinds; no other is listed
(seed-sentences W13)."""

from broker.catalogue import Application
from broker.database import db
from broker.people.find_organisations import find_organisations
from broker.people.organisation import Organisation

FOUND_AT_MOST = 20


def kinds_offered(application: Application) -> list[tuple[str, str]]:
    """(target group, type) of every kind of organisation that may have a right there, in the order of the policy."""
    codes = application.entitlement_codes.values()
    return list(dict.fromkeys((each.target_group, each.organisation_type) for each in codes))


def organisations_found(application: Application, words: str) -> list[Organisation]:
    """Those in which `words` stand; none for no words."""
    if not words.strip():
        return []
    found = [
        organisation
        for group, kind in kinds_offered(application)
        for organisation in find_organisations(db.session(), group, kind, words, limit=FOUND_AT_MOST)
    ]
    return found[:FOUND_AT_MOST]
