"""What PlusMinMee tells the kit about itself: names, rights, contact, menu.

Owns: those words (seed 004). Does not own the policy of the broker, which must use the same codes, nor what waits (waiting.py).
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from modules.kit.application import Application, Contact, MenuEntry
from modules.kit.person import SignedIn
from modules.plusminmee.close_memberships import close_memberships_of
from modules.plusminmee.waiting import count_waiting

GEBRUIKER = "PMMGebruiker"
BEHEERDER = "PMMBeheerder"
ASK_ACCOUNT = "/toepassingen/plusminmee/account-voor-collega"
"""Where at the broker a beheerder asks for an account for a colleague of another organisation (seed-sentences M11)."""
_IN_GROUPS = (
    "groups.",
    "take_over.",
    "circle.",
    "youngsters.",
    "interventions.",
    "messages.",
    "proposals.",
    "members.",
    "log.of_group",
)


def _within(*beginnings: str) -> Callable[[str], bool]:
    return lambda endpoint: endpoint.startswith(beginnings)


def _menu(person: SignedIn) -> Sequence[MenuEntry]:
    waiting = count_waiting(person)
    return (
        MenuEntry(label="Jeugdgroepen", endpoint="groups.overview", icon="people", current=_within(*_IN_GROUPS)),
        MenuEntry(
            label="Uitnodigingen",
            endpoint="invitations.overview",
            icon="mail",
            count=waiting.invitations,
            current=_within("invitations."),
        ),
        MenuEntry(
            label="Logboek",
            endpoint="log.overview",
            icon="list",
            count=waiting.log_entries,
            current=_within("log.overview"),
        ),
        MenuEntry(label="Mijn profiel", endpoint="profile.show", icon="person", current=_within("profile.")),
        MenuEntry(
            label="Help", endpoint="help.ask", icon="question", divider=True, current=_within("help.", "incidents.")
        ),
        MenuEntry(label="Werkinstructies", endpoint="texts.manual", icon="book", current=_within("texts.manual")),
        MenuEntry(label="Release Notes", endpoint="texts.notes", icon="star", current=_within("texts.notes")),
        MenuEntry(label="Uitloggen", endpoint="kit.sign_out", icon="exit", divider=True, posts=True),
    )


APPLICATION = Application(
    code="plusminmee",
    name="PlusMinMee",
    tagline="groepsaanpak jeugd",
    home="groups.overview",
    scope="openid profile vo phone pmm",
    rights_claim="pmm_rol_3d",
    right_names={GEBRUIKER: "PMM Gebruiker", BEHEERDER: "PMM Beheerder"},
    contact=Contact(team="Straatcontact", phone="085-4890534", email="info@straatcontact.nl"),
    menu=_menu,
    idle=timedelta(minutes=90),
    on_rights_changed=close_memberships_of,
    menu_at_side=True,
    warns_of_end=True,
)
