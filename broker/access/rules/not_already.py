"""not_already: nobody gets a right twice."""

from dataclasses import dataclass

from broker.access.rules.case import REFUSED, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class NotAlready:
    """The applicant does not have this very right at this organisation yet."""

    name: str = "already"

    def check(self, case: Case) -> Finding | None:
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


NOT_ALREADY = NotAlready()
