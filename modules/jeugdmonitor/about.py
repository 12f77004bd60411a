"""What the Jeugdmonitor tells the kit about itself: names, the right, contact, menu.

Owns: those words (seed 000). Does not own the policy of the broker, which must use the same codes.
"""

from collections.abc import Sequence

from modules.kit.application import Application, Contact, MenuEntry
from modules.kit.person import SignedIn

COORDINATOR = "DCJMJeugdmonitor"
RESPONDENTS = "/v/"
"""Where respondents answer: no session, no cookie but one of the survey itself, no line in a log (SV4)."""
_FILES = ("/jeugdmonitor/static/", "/look/static/")
"""What their pages fetch besides: a line for these would tell as much."""
ASK_ACCOUNT = "/toepassingen/jeugdmonitor/account-aanvragen"
"""Where at the broker somebody without an account asks for one (seed 000: "Account aanvragen")."""
_CONTACT = Contact(team="departement Cultuur, Jeugd en Media (DCJM)", phone="1700", email="jeugdmonitor@vlaanderen.be")


def _menu(_person: SignedIn) -> Sequence[MenuEntry]:
    return (
        MenuEntry(
            label="Bevragingen",
            endpoint="rounds.overview",
            current=lambda endpoint: not endpoint.startswith(("manual.", "start.")),
        ),
        MenuEntry(
            label="Handleiding",
            endpoint="manual.show",
            current=lambda endpoint: endpoint.startswith("manual."),
        ),
    )


APPLICATION = Application(
    code="jeugdmonitor",
    name="Jeugdmonitor",
    tagline="wat kinderen en tieners van uw gemeente vinden",
    home="rounds.overview",
    scope="openid profile vo dcjm_jeugdmonitor",
    rights_claim="dcjm_jeugdmonitor_rol_3d",
    context="Projectcoordinator",
    right_names={COORDINATOR: "Projectcoördinator"},
    contact=_CONTACT,
    menu=_menu,
    unlogged=(RESPONDENTS, *_FILES),
)
