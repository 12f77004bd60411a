"""works_here: says whether we know that the applicant works for the organisation. Never refuses."""

from dataclasses import dataclass

from broker.access.rules.case import IN_ORDER, NOTE, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class WorksHere:
    """An affiliation exists; else approving makes one (decisions 7)."""

    name: str = "works_here"

    def check(self, case: Case) -> Finding | None:
        given, organisation = case.given_name, case.organisation.name
        if case.works_here:
            return Finding(
                self.name,
                IN_ORDER,
                Text(f"{given} werkt voor {organisation}", f"{given} works for {organisation}"),
                Text("Dat staat zo in onze gegevens.", "Our records say so."),
            )
        return Finding(
            self.name,
            NOTE,
            Text(
                f"{given} werkt nog niet bij u volgens onze gegevens",
                f"{given} does not work for you yet according to our records",
            ),
            Text(
                f"Keurt u goed, dan voegen we {given} toe als medewerker van {organisation}.",
                f"If you approve, we add {given} as an employee of {organisation}.",
            ),
        )


WORKS_HERE = WorksHere()
