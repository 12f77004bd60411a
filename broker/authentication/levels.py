"""How strongly somebody proved who they are: from what a provider says to our acr and level (domain-facts §1.5)."""

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


def acr_values(provider: IdentityProvider, level: int) -> str:
    """The acr values to ask of `provider` for at least `level`; without one, those that its policy names."""
    if not level:
        return provider.acr_values
    return " ".join(acr for acr, (_, reached) in provider.levels.items() if level <= reached <= provider.ceiling)
