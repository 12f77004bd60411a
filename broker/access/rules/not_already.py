"""not_already: nobody gets a right twice, nor an affiliation that is asked for alone."""

from dataclasses import dataclass

from broker.access.rules.case import REFUSED, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class NotAlready:
    """The applicant does not have this very right at this organisation yet."""

    name: str = "already"

    def check(self, case: Case) -> Finding | None:
        if case.affiliation_alone:
            return _works_here(case) if case.works_here else None
        if case.same_grant() is None:
            return None
        right = case.right_name(case.right_code)
        return Finding(
            self.name,
            REFUSED,
            Text(f"{case.given_name} heeft dit recht al", f"{case.given_name} has this right already"),
            Text(
                f"{case.given_name} is al {right.nl} voor {case.organisation.name}. Een tweede keer is niet nodig.",
                f"{case.given_name} is already {right.en} for {case.organisation.name}. Once is enough.",
            ),
        )


def _works_here(case: Case) -> Finding:
    given, organisation = case.given_name, case.organisation.name
    return Finding(
        "already",
        REFUSED,
        Text(f"{given} werkt al voor {organisation}", f"{given} already works for {organisation}"),
        Text("Dat staat zo in onze gegevens. Een tweede keer is niet nodig.", "Our records say so. Once is enough."),
    )


NOT_ALREADY = NotAlready()
