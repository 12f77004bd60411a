"""The catalogue: policies/ and forms/ read, checked and frozen into dataclasses.

Owns: the meaning of every key of every policy and form file, and the report of every mistake in them. Knows no Flask
and no database. A fourth application is a new YAML file and no line of Python.
"""

from broker.catalogue.model import (
    AFFILIATION,
    Application,
    AskAdministrator,
    Catalogue,
    Client,
    Contact,
    Context,
    EntitlementCode,
    Form,
    FormField,
    Helpdesk,
    IdentityProvider,
    LabelPolicy,
    OrganisationType,
    Right,
    TargetGroup,
)
from broker.catalogue.read import CatalogueError, Mistake, read_catalogue

__all__ = [
    "AFFILIATION",
    "Application",
    "AskAdministrator",
    "Catalogue",
    "CatalogueError",
    "Client",
    "Contact",
    "Context",
    "EntitlementCode",
    "Form",
    "FormField",
    "Helpdesk",
    "IdentityProvider",
    "LabelPolicy",
    "Mistake",
    "OrganisationType",
    "Right",
    "TargetGroup",
    "read_catalogue",
]
