"""What the Cultuurmonitor tells the kit about itself: names, rights, contact, menu.

Owns: those words (seed 002). Does not own the policy of the broker, which must use the same codes.
"""

from collections.abc import Sequence

from modules.kit.application import Application, Contact, MenuEntry
from modules.kit.person import SignedIn

INVOERDER = "CultuurmonitorInvoerder"
RAADPLEGER = "CultuurmonitorRaadpleger"


def _menu(_person: SignedIn) -> Sequence[MenuEntry]:
    return (
        MenuEntry(
            label="Uw centra",
            endpoint="centres.overview",
            current=lambda endpoint: endpoint.startswith(("centres.", "figures.")),
        ),
        MenuEntry(
            label="Vergelijken",
            endpoint="comparison.choose",
            current=lambda endpoint: endpoint.startswith("comparison."),
        ),
    )


APPLICATION = Application(
    code="cultuurmonitor",
    name="Cultuurmonitor",
    tagline="CCinC · cultuur- en gemeenschapscentra in cijfers",
    home="centres.overview",
    scope="openid profile vo cjm_cultuurmonitor",
    rights_claim="cjm_cultuurmonitor_rol_3d",
    context="cultuurcentra",
    right_names={INVOERDER: "Invoerder", RAADPLEGER: "Raadpleger"},
    contact=Contact(team="CCinC-team", phone="02 553 42 26", email="ccinc@vlaanderen.be"),
    menu=_menu,
)
