"""How strongly somebody proved who they are: from what a provider says to our acr and level (domain-facts §1.5)."""

from broker.catalogue import LOCAL_ACCOUNT, Application, Catalogue
from broker.catalogue.local_levels import HIGHEST_LOCAL_LEVEL
from broker.catalogue.model import IdentityProvider

LOWEST = ("urn:be:vlaanderen:authmech:csamselfreg", 5)


def proved_level(provider: IdentityProvider, upstream_acr: object) -> tuple[str, int]:
    """(acr URN, level) of a sign-in at `provider`.

    What the policy does not know, and no acr at all, is the lowest there is (threats UP3). A level above the provider's
    ceiling becomes its strongest within, so that acr and level never contradict each other.
    """
    acr, level = provider.levels.get(upstream_acr, LOWEST) if isinstance(upstream_acr, str) else LOWEST
    if level <= provider.ceiling:
        return acr, level
    within = [each for each in provider.levels.values() if each[1] <= provider.ceiling]
    return max(within, key=lambda each: each[1], default=LOWEST)


def reachable_level(provider: IdentityProvider) -> int:
    """The highest level that a sign-in at `provider` can have."""
    return max((level for _, level in provider.levels.values() if level <= provider.ceiling), default=LOWEST[1])


def reachable_at(catalogue: Catalogue, application: Application) -> int:
    """The highest level that a sign-in for `application` can have, by whichever of its ways are here; 0 where none is."""
    levels = [
        reachable_level(catalogue.identity_providers[code])
        for code in application.sign_in
        if code in catalogue.identity_providers
    ]
    if LOCAL_ACCOUNT in application.sign_in:
        levels.append(HIGHEST_LOCAL_LEVEL)
    return max(levels, default=0)


def acr_values(provider: IdentityProvider, level: int) -> str:
    """The acr values to ask of `provider` for at least `level`; without one, those that its policy names."""
    if not level:
        return provider.acr_values
    return " ".join(acr for acr, (_, reached) in provider.levels.items() if level <= reached <= provider.ceiling)
