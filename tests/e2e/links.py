"""The eight links of the seed (002_2ca792b5995a7a51.txt), and what each leads to in the demo world."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """One self-registration link, an organisation of the demo world to ask it for, and who decides there."""

    target_group: str
    code: str
    organisation: str
    administrator: str
    role: str
    officer: str = ""

    @property
    def path(self) -> str:
        """The address below the origin of the broker."""
        return f"/user/aanvraag?dg={self.target_group}&ec={self.code}"


_INVOERDER, _RAADPLEGER = "CultuurmonitorInvoerder", "CultuurmonitorRaadpleger"
_CODE = "CJM_Cultuurmonitor"
LIES = "lies.dewolf"

LB_INVOERDER = Link("LB", f"{_CODE}_LB_CompEnt_Invoerder", "Gemeente Genk", "karim.benali", _INVOERDER)
LB_RAADPLEGER = Link("LB", f"{_CODE}_LB_CompEnt_Raadpleger", "Gemeente Genk", "ilse.maes", _RAADPLEGER)
BRUSSELS_INVOERDER = Link(
    "EA", f"{_CODE}_EA_CompEnt_Invoerder_Gemeente", "Gemeente Etterbeek", "jan.peeters", _INVOERDER, LIES
)
BRUSSELS_RAADPLEGER = Link(
    "EA", f"{_CODE}_EA_CompEnt_Raadpleger_Gemeente", "Gemeente Jette", "ruben.daems", _RAADPLEGER, LIES
)
AGB_INVOERDER = Link("LB", f"{_CODE}_LB_CompEnt_Invoerder_AGB", "AGB Genk", "eva.janssens", _INVOERDER)
AGB_RAADPLEGER = Link("LB", f"{_CODE}_LB_CompEnt_Raadpleger_AGB", "AGB Genk", "eva.janssens", _RAADPLEGER)
EA_INVOERDER = Link("EA", f"{_CODE}_EA_CompEnt_Invoerder", "Cultuurhuis De Kaai", "pieter.lambrecht", _INVOERDER, LIES)
EA_RAADPLEGER = Link(
    "EA", f"{_CODE}_EA_CompEnt_Raadpleger", "Cultuurhuis De Kaai", "pieter.lambrecht", _RAADPLEGER, LIES
)
