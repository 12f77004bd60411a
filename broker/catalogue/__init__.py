"""The catalogue: policies/ and forms/ read, checked and frozen into dataclasses.

Owns: the meaning of every key of every policy and form file, and the report of every mistake in them. Knows no Flask
and no database. A fourth application is a new YAML file and no line of Python.
"""

from broker.catalogue.model import (
    AFFILIATION,
    LOCAL_ACCOUNT,
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
    LocalAccountPolicy,
    OrganisationType,
    PasswordPolicy,
    Right,
    TargetGroup,
    Terms,
)
from broker.catalogue.read import CatalogueError, Mistake, read_catalogue

__all__ = [
    "AFFILIATION",
    "LOCAL_ACCOUNT",
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
    "LocalAccountPolicy",
    "Mistake",
    "OrganisationType",
    "PasswordPolicy",
    "Right",
    "TargetGroup",
    "Terms",
    "read_catalogue",
]
