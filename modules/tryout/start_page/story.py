"""Who plays which part in the story, and the eight links of the seed (W5).

The people are those of modules/digital_keys/people.yaml and of the demo world; a test holds them together.
"""

from dataclasses import dataclass

from look.language import gettext as _


@dataclass(frozen=True, slots=True)
class Player:
    """One person of the story: name as the digital keys show it, what they may do, where, and when to play them."""

    user: str
    name: str
    role: str
    organisation: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of organising body, and the queries of its two links."""

    name: str
    enter: str
    read: str


def people() -> list[Player]:
    """Everybody, in the order in which the story needs them."""
    applicant = _("Aanvrager")
    head = _("Hoofd lokale beheerder")
    return [
        Player(
            "nele.vercauteren", "Nele Vercauteren", applicant, "Gemeente Genk", _("Nog onbekend bij de poortwachter.")
        ),
        Player("karim.benali", "Karim Benali", head, "Gemeente Genk"),
        Player("ilse.maes", "Ilse Maes", _("Lokale beheerder"), "Gemeente Genk", _("Kan net als Karim beslissen.")),
        Player("amina.ouali", "Amina Ouali", applicant, "Gemeente Etterbeek", _("Nog onbekend bij de poortwachter.")),
        Player("jan.peeters", "Jan Peeters", head, "Gemeente Etterbeek"),
        Player(
            "lies.dewolf",
            "Lies De Wolf",
            _("Doelgroepverantwoordelijke"),
            _("Brusselse gemeenten en economische actoren"),
            _("Keurt labels goed en laat organisaties toe."),
        ),
        Player(
            "marc.claes",
            "Marc Claes",
            _("Doelgroepverantwoordelijke"),
            _("Vlaamse gemeenten en AGB’s"),
            _("Stelt beheerders aan waar er geen is."),
        ),
        Player(
            "lotte.wouters",
            "Lotte Wouters",
            _("Projectcoördinator"),
            "Gemeente Genk",
            _("Bevraagt kinderen en tieners met de Jeugdmonitor."),
        ),
        Player(
            "lut.verbeke",
            "Lut Verbeke",
            _("Toepassingsverantwoordelijke"),
            _("Cultuurmonitor en Jeugdmonitor"),
            _("Ziet wie er wat mag en schrijft naar iedereen."),
        ),
        Player("hilde.martens", "Hilde Martens", _("Helpdesk"), "1700", _("Zoekt op voor wie belt.")),
        Player("tom.bogaert", "Tom Bogaert", _("Raadpleger"), "Gemeente Genk", _("Heeft al een recht.")),
        Player("sofie.aerts", "Sofie Aerts", applicant, _("kies zelf"), _("Nog onbekend bij de poortwachter.")),
        Player(
            "hanne.smet",
            "Hanne Smet",
            applicant,
            "Kunstencentrum De Nachtwacht",
            _("Werkt voor een huis dat nog niet in de lijst staat."),
        ),
        Player(
            "joke.desmedt",
            "Joke De Smedt",
            applicant,
            _("Gemeente Genk en AGB Genk"),
            _("Werkt voor twee organisaties."),
        ),
        Player("eva.janssens", "Eva Janssens", head, "AGB Genk"),
        Player("pieter.lambrecht", "Pieter Lambrecht", head, "Cultuurhuis De Kaai"),
        Player("joost.vanrijn", "Joost van Rijn", head, _("Gemeente Elzevoorde en de politie daar")),
        Player(
            "fatima.haddad",
            "Fatima Haddad",
            _("PMM Beheerder"),
            "Gemeente Elzevoorde",
            _("Maakt jeugdgroepen in PlusMinMee."),
        ),
        Player("anton.bos", "Anton Bos", _("PMM Gebruiker"), "Politie basisteam Elzevoorde"),
        Player("sanne.dekker", "Sanne Dekker", _("PMM Gebruiker"), "Gemeente Elzevoorde"),
        Player("ruben.daems", "Ruben Daems", head, "Gemeente Jette", _("Jette heeft het label al.")),
    ]


def kinds() -> list[Kind]:
    """The four kinds of the seed, each with a link to enter and a link to read."""

    def kind(name: str, target_group: str, end: str) -> Kind:
        def query(role: str) -> str:
            return f"dg={target_group}&ec=CJM_Cultuurmonitor_{target_group}_CompEnt_{role}{end}"

        return Kind(name, query("Invoerder"), query("Raadpleger"))

    return [
        kind(_("Vlaamse gemeente"), "LB", ""),
        kind(_("Brusselse gemeente"), "EA", "_Gemeente"),
        kind(_("Autonoom gemeentebedrijf (AGB)"), "LB", "_AGB"),
        kind(_("Economische actor"), "EA", ""),
    ]
