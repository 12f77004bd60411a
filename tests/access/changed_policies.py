"""Other policies than those of the repository, for tests of what a change of policy does."""

from dataclasses import replace
from typing import Any

from broker.catalogue import Catalogue
from broker.catalogue.model import LabelPolicy
from broker.installation import Installation
from broker.text import Text

CODE = "cultuurmonitor"
FOR_MUNICIPALITIES = LabelPolicy(
    "lb_label", Text("Label voor gemeenten", "Label for municipalities"), frozenset({("LB", "gemeente")})
)


def with_application(catalogue: Catalogue, **columns: Any) -> Catalogue:
    """`catalogue` in which the Cultuurmonitor has other `columns`; it has another fingerprint."""
    application = replace(catalogue.applications[CODE], **columns)
    applications = {**catalogue.applications, CODE: application}
    codes = {each.code: each for one in applications.values() for each in one.entitlement_codes.values()}
    clients = {each.client_id: each for one in applications.values() for each in one.clients.values()}
    return replace(catalogue, applications=applications, entitlement_codes=codes, clients=clients, fingerprint="f" * 64)


def with_label_for_municipalities(catalogue: Catalogue) -> Catalogue:
    """Municipalities need a label as well."""
    labels = {**catalogue.applications[CODE].labels, FOR_MUNICIPALITIES.code: FOR_MUNICIPALITIES}
    return with_application(catalogue, labels=labels)


def under(installation: Installation, catalogue: Catalogue) -> Installation:
    """The same installation, with these policies."""
    return replace(installation, catalogue=catalogue)
