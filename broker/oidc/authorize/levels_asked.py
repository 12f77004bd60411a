"""Which level a request asks of the sign-in: acr_values (OpenID Connect Core, 3.1.2.1), and acr in the claims parameter
(5.5.1.1).

The URNs are those of ACM (domain-facts §1.5). Each stands for a level and for nothing more: who asks for one gets a sign-in
of that level or a higher one. Does not own what a sign-in proved (`broker.authentication.levels`).
"""

from collections.abc import Iterable

from authlib.oauth2 import OAuth2Error

from broker.authentication.levels import reachable_at
from broker.catalogue import Application, Catalogue
from broker.catalogue.local_levels import PASSWORD_ALONE, WITH_PASSKEY, WITH_SMS, WITH_TOTP
from broker.oidc.claims_parameter import ClaimsParameter

_URN = "urn:be:vlaanderen:authmech:"
_ACM = {
    f"{_URN}{name}": level
    for name, level in (
        ("eid", 35),
        ("eidashigh", 35),
        ("itsme", 27),
        ("csamtotp", 26),
        ("csamsms", 25),
        ("eidassubstantial", 25),
        ("tlsclient", 19),
        ("kerberos", 12),
        ("password", 10),
        ("csampassword", 5),
        ("csamselfreg", 5),
    )
}


class UnmetAuthenticationRequirementsError(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """No sign-in here can be what was asked (OpenID Connect Core Error Code unmet_authentication_requirements, 1.0)."""

    error = "unmet_authentication_requirements"


def known_levels(catalogue: Catalogue) -> dict[str, int]:
    """The acr URNs that a sign-in here can reach, each with the lowest level that a policy gives it."""
    known: dict[str, int] = {}
    for key in catalogue.identity_providers.values():
        for acr, level in key.levels.values():
            if level <= key.ceiling:
                known[acr] = min(level, known.get(acr, level))
    if catalogue.with_local_accounts():
        for acr, level in (PASSWORD_ALONE, WITH_SMS, WITH_TOTP, WITH_PASSKEY):
            known[acr] = min(level, known.get(acr, level))
    return known


def level_asked(acr_values: str, claims: ClaimsParameter, catalogue: Catalogue, application: Application) -> int:
    """The lowest level that will do; 0 when none is asked.

    Raises:
        UnmetAuthenticationRequirementsError: acr_values, or an essential acr, of which none is known or within reach of
            the digital keys of this application.
    """
    values = acr_values.split()
    if not values and not claims.acr_values:
        return 0
    known = _levels(catalogue)
    highest = reachable_at(catalogue, application)
    asked = _lowest(values, known, highest)
    wished = _lowest(claims.acr_values, known, highest)
    if (values and asked is None) or (claims.acr_essential and wished is None):
        raise UnmetAuthenticationRequirementsError(description="None of the acr values asked for can be reached here.")
    return max(asked or 0, wished or 0)


def _levels(catalogue: Catalogue) -> dict[str, int]:
    """The level that each URN asks for: ACM's, or what a policy here gives it where that is less, so that a sign-in by the
    very means that was asked for is always enough."""
    known = dict(_ACM)
    for acr, level in known_levels(catalogue).items():
        known[acr] = min(level, known.get(acr, level))
    return known


def _lowest(values: Iterable[str], known: dict[str, int], highest: int) -> int | None:
    return min((known[each] for each in values if known.get(each, highest + 1) <= highest), default=None)
