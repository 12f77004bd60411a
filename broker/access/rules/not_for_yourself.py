"""not_for_yourself: nobody decides for himself, by any road (threats rule 6, ID1)."""

from dataclasses import dataclass

from broker.access.rules.case import IN_ORDER, REFUSED, Case, Finding, Somebody
from broker.text import Text


def same_human(one: Somebody, other: Somebody) -> bool:
    """Whether two descriptions are of one person, by any of person, number, proved address or telephone."""
    return bool(
        one.person_ids & other.person_ids
        or one.number_hashes & other.number_hashes
        or one.emails & other.emails
        or one.phones & other.phones
    )


@dataclass(frozen=True)
class NotForYourself:
    """The decider is nobody whose person, number, proved address or telephone is the applicant's."""

    name: str = "not_for_yourself"

    def check(self, case: Case) -> Finding | None:
        if case.decider is None:
            return None
        own = same_human(case.decider, case.applicant)
        if own and case.direct:
            return Finding(
                self.name,
                REFUSED,
                Text("U geeft uzelf geen recht", "You do not give a right to yourself"),
                Text("Een collega-beheerder doet dat.", "A fellow administrator does."),
            )
        if own and case.as_deputy:
            return Finding(
                self.name,
                REFUSED,
                Text("Over deze vraag beslist u niet", "You do not decide on this request"),
                Text(
                    "Ze is van u, of van wie u vervangt. Een andere beheerder doet dat.",
                    "It is yours, or that of whom you stand in for. Another administrator does.",
                ),
            )
        if own:
            return Finding(
                self.name,
                REFUSED,
                Text("Over uw eigen vraag beslist u niet zelf", "You do not decide on your own request"),
                Text("Een collega-beheerder doet dat.", "A fellow administrator does."),
            )
        whose = Text("voor uzelf", "for yourself") if case.direct else Text("uw eigen vraag", "your own request")
        return Finding(
            self.name,
            IN_ORDER,
            Text("U mag hierover beslissen", "You may decide on this"),
            Text(
                f"U bent bevoegd voor {case.organisation.name}, en het is niet {whose.nl}.",
                f"You have the authority for {case.organisation.name}, and it is not {whose.en}.",
            ),
        )


NOT_FOR_YOURSELF = NotForYourself()
