"""offered: the right still stands in the policies, for this kind of organisation (threats ID10)."""

from dataclasses import dataclass

from broker.access.rules.case import REFUSED, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class Offered:
    """The catalogue of now offers this right, in this context, to this kind of organisation."""

    name: str = "offered"

    def check(self, case: Case) -> Finding | None:
        if case.offered_now and not (case.direct and case.affiliation_alone):
            return None
        if case.direct:
            return Finding(
                self.name,
                REFUSED,
                Text("Dit recht kan hier niet gegeven worden", "This right cannot be given here"),
                Text(
                    "De toepassing biedt het niet aan voor dit soort organisatie.",
                    "The application does not offer it to this kind of organisation.",
                ),
            )
        return Finding(
            self.name,
            REFUSED,
            Text("Dit recht kan niet meer gevraagd worden", "This right can no longer be asked for"),
            Text(
                "De toepassing biedt het niet meer aan voor dit soort organisatie. U kunt de vraag alleen nog afkeuren.",
                "The application no longer offers it to this kind of organisation. You can only turn the request down.",
            ),
        )


OFFERED = Offered()
