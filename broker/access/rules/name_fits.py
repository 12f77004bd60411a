"""name_fits: a typed number that belongs to somebody we know by another name (threats DG6, ID7). Asks to look; never refuses."""

from dataclasses import dataclass

from broker.access.rules.case import WARNING, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class NameFits:
    """The name that a digital key verified for this number is the one that was typed; whose it is stays unsaid (threats DG2)."""

    name: str = "name_fits"

    def check(self, case: Case) -> Finding | None:
        if case.name_fits:
            return None
        return Finding(
            self.name,
            WARNING,
            Text("De naam past niet bij het rijksregisternummer", "The name does not fit the national register number"),
            Text(
                f"Wie dit nummer heeft, heet bij ons niet {case.applicant_name}. Misschien is het fout getypt. Keur af als u het"
                " niet zeker weet: wie met een digitale sleutel aanmeldt, typt geen nummer.",
                f"Whoever has this number is not called {case.applicant_name} here. Perhaps it was mistyped. Turn it down if"
                " you are not sure: with a digital key nobody types a number.",
            ),
        )


NAME_FITS = NameFits()
