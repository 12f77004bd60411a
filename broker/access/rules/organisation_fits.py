"""organisation_fits: the organisation lives and still is of the kind for which was asked (threats SR6, LA1)."""

from dataclasses import dataclass

from broker.access.rules.case import REFUSED, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class OrganisationFits:
    """A living organisation of the target group and type of the entitlement code."""

    name: str = "organisation_fits"

    def check(self, case: Case) -> Finding | None:
        organisation = case.organisation
        asked = (case.asked_target_group, case.asked_organisation_type)
        if organisation.living and (organisation.target_group, organisation.organisation_type) == asked:
            return None
        return Finding(
            self.name,
            REFUSED,
            Text("Deze organisatie past niet bij de vraag", "This organisation does not fit the request"),
            Text(
                f"{organisation.name} bestaat niet meer, of is een ander soort organisatie geworden.",
                f"{organisation.name} no longer exists, or has become another kind of organisation.",
            ),
        )


ORGANISATION_FITS = OrganisationFits()
