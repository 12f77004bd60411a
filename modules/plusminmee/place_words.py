"""The words of the places of the method (seed 004): sign and word together, so that no colour is needed.

Owns: those words. Does not own who stands where.
"""

from look.language import gettext as _
from modules.plusminmee.proposal_model import Proposal


def place_word(place: str) -> str:
    """The sign and the word of a place (youngster_model.PLACES)."""
    return {
        "plus": _("+ positief"),
        "mee": _("~ mee"),
        "min": _("− negatief"),
        "outside": _("buiten methode"),
        "monitoring": _("monitoren"),
    }[place]


def wanted_word(proposal: Proposal) -> str:
    """What a proposal proposes."""
    return place_word(proposal.place) if proposal.place is not None else _("een gesprek met de jongere")


def document_word(kind: str) -> str:
    """The word of a kind of document (document_numbers.DocumentKind)."""
    return {"id_card": _("ID-kaart"), "passport": _("Paspoort"), "driving_licence": _("Rijbewijs")}[kind]
