"""The kit: everything a downstream application shares, so that the application itself stays thin.

Owns: sign-in at the broker by OpenID Connect, validation of its tokens, the session, headers, error pages, the layout around
each page, and the way to the application's own database. Does not own any page of an application, and knows of the broker
only what its discovery document says, and its origin.

An access token lives five minutes; then the next page that a person asks renews it, with the refresh token where the broker
gave one, else by the browser without a word (`prompt=none`). What ends at the broker is told to `<path>/afmelden/melding` and
ends here at once; without that, at the latest when the token of that moment runs out.
"""

from modules.kit.application import Application, Contact, MenuEntry
from modules.kit.broker_page import broker_page
from modules.kit.called import Caller, called_by, caller_here
from modules.kit.calls import (
    Held,
    NobodyThereError,
    OtherUnreachableError,
    call_another,
    claims_now,
    holders_even_resting,
    holders_now,
)
from modules.kit.guard import require_right
from modules.kit.init_module import init_module
from modules.kit.kept_form import drop_kept_form, kept_form
from modules.kit.person import SignedIn
from modules.kit.serve import serve
from modules.kit.session import person_here, signed_in
from modules.kit.settings import ModuleSettings, ModuleSettingsError
from modules.kit.sign_in import local_path

__all__ = [
    "Application",
    "Caller",
    "Contact",
    "Held",
    "MenuEntry",
    "ModuleSettings",
    "ModuleSettingsError",
    "NobodyThereError",
    "OtherUnreachableError",
    "SignedIn",
    "broker_page",
    "call_another",
    "called_by",
    "caller_here",
    "claims_now",
    "drop_kept_form",
    "holders_even_resting",
    "holders_now",
    "init_module",
    "kept_form",
    "local_path",
    "person_here",
    "require_right",
    "serve",
    "signed_in",
]
