"""look_up_authority: who may look up requests and administrators for callers, and how far (seed-sentences M6).

The helpdesk of the installation looks up everywhere; the owner of an application within that application. Neither decides anything.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broker.catalogue import Application, Catalogue
from broker.errors import NotFoundError
from broker.people.living_mandates import living_mandates
from broker.people.mandate import APPLICATION_OWNER, HELPDESK
from broker.people.organisation import Organisation


@dataclass(frozen=True, slots=True)
class LookUpAuthority:
    """`everywhere`: the helpdesk; `applications`: the codes that somebody owns."""

    everywhere: bool
    applications: frozenset[str]

    def covers_application(self, application_code: str) -> bool:
        """Whether requests for this application may be looked up."""
        return self.everywhere or application_code in self.applications

    def covers_organisation(self, catalogue: Catalogue, organisation: Organisation) -> bool:
        """Whether the administrators there may be looked up: an owner's of every organisation that may have their rights."""
        return self.everywhere or any(
            _may_have(application, organisation)
            for code in self.applications
            if (application := catalogue.applications.get(code)) is not None
        )

    def kinds(self, catalogue: Catalogue) -> list[tuple[str, str]]:
        """(target group, type) of the organisations that may be looked up."""
        if self.everywhere:
            return [(group.code, kind) for group in catalogue.target_groups.values() for kind in group.types]
        owned = (catalogue.applications[code] for code in sorted(self.applications) if code in catalogue.applications)
        codes = (each for application in owned for each in application.entitlement_codes.values())
        return sorted({(each.target_group, each.organisation_type) for each in codes})


def look_up_authority(session: Session, actor: uuid.UUID) -> LookUpAuthority:
    """What `actor` may look up now.

    Raises:
        NotFoundError: nothing.
    """
    mandates = living_mandates(session, person_id=actor, kinds=(HELPDESK, APPLICATION_OWNER))
    if not mandates:
        raise NotFoundError("no_look_ups")
    return LookUpAuthority(
        everywhere=any(each.kind == HELPDESK for each in mandates),
        applications=frozenset(each.mandate.application_code for each in mandates if each.mandate.application_code),
    )


def _may_have(application: Application, organisation: Organisation) -> bool:
    kind = (organisation.target_group, organisation.organisation_type)
    return any((each.target_group, each.organisation_type) == kind for each in application.entitlement_codes.values())
