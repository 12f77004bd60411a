"""The kit: everything a downstream application shares, so that the application itself stays thin.

Owns: sign-in at the broker by OpenID Connect, validation of its tokens, the session, headers, error pages, the layout around
each page, and the way to the application's own database. Does not own any page of an application, and knows of the broker
only what its discovery document says.

There are no refresh tokens yet: an access token lives five minutes, then the next page is asked again at the broker
without a word (`prompt=none`). An ended right therefore stops at the latest when the token of that moment runs out.
"""

from modules.kit.application import Application, Contact
from modules.kit.guard import require_right
from modules.kit.init_module import init_module
from modules.kit.kept_form import drop_kept_form, kept_form
from modules.kit.person import SignedIn
from modules.kit.session import signed_in
from modules.kit.settings import ModuleSettings, ModuleSettingsError

__all__ = [
    "Application",
    "Contact",
    "ModuleSettings",
    "ModuleSettingsError",
    "SignedIn",
    "drop_kept_form",
    "init_module",
    "kept_form",
    "require_right",
    "signed_in",
]
