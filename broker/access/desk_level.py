"""desk_level: how strongly somebody must have proved who they are before what they decide counts. Pure; reads no database.

Whoever decides about an application proves themselves at least as strongly as its users do (threats AP4, PW6): else the weakest key
of an administrator would open the strictest application to anybody. Does not own what a sign-in proved (authentication/).
"""

from broker.access.own_pools import OwnPools
from broker.catalogue import Application, Catalogue
from broker.people.living_deputies import DeputyView
from broker.people.living_mandates import MandateView
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation


def strictest_level(catalogue: Catalogue) -> int:
    """What is enough for every desk: the highest `minimum_level` of all applications."""
    return max((each.minimum_level for each in catalogue.applications.values()), default=0)


def desk_level(catalogue: Catalogue, pools: OwnPools) -> int:
    """The highest `minimum_level` of the applications that `pools` decide about or oversee; 0 for none."""
    views: tuple[MandateView | DeputyView, ...] = (*pools.mandates, *pools.overseeing, *pools.deputies)
    return max(
        (
            application.minimum_level
            for application in catalogue.applications.values()
            for view in views
            if _concerns(view.mandate, view.organisation, application)
        ),
        default=0,
    )


def _concerns(mandate: Mandate, organisation: Organisation | None, application: Application) -> bool:
    if mandate.application_code is not None:
        return mandate.application_code == application.code
    scope = organisation or mandate
    return any(
        (code.target_group, code.organisation_type) == (scope.target_group, scope.organisation_type)
        for code in application.entitlement_codes.values()
    )
