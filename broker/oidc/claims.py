"""The claims about a person, by scope, as ACM names them (DESIGN §4), so that a client of ACM works unchanged; beside them
those of OpenID Connect's own scopes (Core, 5.4).

Owns which claims a scope holds, and which of them go where. Does not own what the claims parameter may ask
(`claims_parameter`), nor how a right is written (`rights_claim`).
"""

from typing import Any, Literal

from broker.authentication.session_facts import SessionFacts
from broker.catalogue import Application, Catalogue, Client
from broker.installation import Installation
from broker.oidc.rights_claim import rights_claim

Place = Literal["id_token", "userinfo"]

OF_SCOPE = {
    "openid": ("sub",),
    "profile": ("name", "given_name", "family_name"),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "vo": ("vo_id", "vo_email", "vo_doelgroepcode", "vo_doelgroepnaam", "vo_orgcode", "vo_orgnaam"),
    "rrn": ("rrn",),
    "offline_access": (),
}
OF_SIGN_IN = ("acr", "amr", "auth_time")


def claims_of_scopes(scopes: frozenset[str] | tuple[str, ...], application: Application) -> frozenset[str]:
    """The names of every claim that `scopes` can hold in this application."""
    names = {name for scope in scopes for name in OF_SCOPE.get(scope, ())}
    return frozenset(names | {application.claim} if application.scope in scopes else names)


def person_claims(facts: SessionFacts, catalogue: Catalogue, scopes: frozenset[str] | None = None) -> dict[str, Any]:
    """What every token of the session says of its person, also one that travels on to other services.

    `scopes`: those of one token, where it has fewer than its session. What is not so is absent, never empty. Without the
    address, the telephone and the rijksregisternummer: these are for the client alone (`client_claims`).
    """
    granted = facts.scopes if scopes is None else facts.scopes & scopes
    return _travelling(facts, catalogue, granted)


def client_claims(
    facts: SessionFacts, client: Client, installed: Installation, place: Place, scopes: frozenset[str] | None = None
) -> dict[str, Any]:
    """What `client` itself learns in the ID token or from userinfo: all that its scopes hold, and what its claims
    parameter asked for in that place, as far as the scopes of its policy reach."""
    granted = facts.scopes if scopes is None else facts.scopes & scopes
    claims = _all(facts, installed, granted)
    asked = facts.requested_claims.get(place) if facts.requested_claims else None
    if asked:
        reach = _all(facts, installed, frozenset(client.scopes)) | sign_in_claims(facts)
        claims |= {name: reach[name] for name in asked if name in reach}
    return claims


def sign_in_claims(facts: SessionFacts) -> dict[str, Any]:
    """How and when the person signed in."""
    return {"acr": facts.acr, "amr": list(facts.amr), "auth_time": int(facts.auth_time.timestamp())}


def _travelling(facts: SessionFacts, catalogue: Catalogue, scopes: frozenset[str]) -> dict[str, Any]:
    claims: dict[str, Any] = {"sub": facts.sub}
    if "profile" in scopes:
        claims["name"] = f"{facts.given_name} {facts.family_name}".strip()
        claims["given_name"] = facts.given_name
        claims["family_name"] = facts.family_name
    if "vo" in scopes:
        claims |= _vo_claims(facts, catalogue)
    application = catalogue.applications[facts.application_code]
    if application.scope in scopes and facts.capacity is not None:
        claims[application.claim] = rights_claim(application, facts.capacity.rights)
    return claims


def _all(facts: SessionFacts, installed: Installation, scopes: frozenset[str]) -> dict[str, Any]:
    claims = _travelling(facts, installed.catalogue, scopes)
    if "email" in scopes and facts.email is not None:
        claims |= {"email": facts.email, "email_verified": True}  # a proved one, or none at all (threats OA6)
    if "phone" in scopes and facts.phone is not None:
        claims |= {"phone_number": facts.phone, "phone_number_verified": True}
    if "rrn" in scopes and facts.number_sealed is not None:
        # Only what the running sign-in proved (decisions 3), and only where the policy grants the scope.
        claims["rrn"] = installed.keys.unseal(facts.number_sealed, facts.number_place)
    return claims


def _vo_claims(facts: SessionFacts, catalogue: Catalogue) -> dict[str, str]:
    claims = {"vo_id": str(facts.person_id)}
    if facts.email is not None:
        claims["vo_email"] = facts.email
    if facts.capacity is not None:
        group = catalogue.target_groups.get(facts.capacity.target_group)
        claims["vo_doelgroepcode"] = facts.capacity.target_group
        if group is not None:
            claims["vo_doelgroepnaam"] = group.name.nl
        claims["vo_orgcode"] = facts.capacity.organisation_code
        claims["vo_orgnaam"] = facts.capacity.organisation_name
    return claims
