"""The claims about a person, by scope, as ACM names them (DESIGN §4), so that a client of ACM works unchanged."""

from typing import Any

from broker.authentication.session_facts import SessionFacts
from broker.catalogue import Catalogue
from broker.keys import Keys
from broker.oidc.rights_claim import rights_claim

SCOPES = ("openid", "profile", "vo", "rrn")
OF_SCOPE = {
    "openid": ("sub",),
    "profile": ("given_name", "family_name"),
    "vo": ("vo_id", "vo_email", "vo_doelgroepcode", "vo_doelgroepnaam", "vo_orgcode", "vo_orgnaam"),
    "rrn": ("rrn",),
}


def person_claims(facts: SessionFacts, catalogue: Catalogue) -> dict[str, Any]:
    """What the granted scopes say, without the rijksregisternummer; nothing that is not so is there as empty."""
    claims: dict[str, Any] = {"sub": facts.sub}
    if "profile" in facts.scopes:
        claims["given_name"] = facts.given_name
        claims["family_name"] = facts.family_name
    if "vo" in facts.scopes:
        claims |= _vo_claims(facts, catalogue)
    application = catalogue.applications[facts.application_code]
    if application.scope in facts.scopes and facts.capacity is not None:
        claims[application.claim] = rights_claim(application, facts.capacity.rights)
    return claims


def number_claim(facts: SessionFacts, keys: Keys) -> dict[str, str]:
    """`rrn`, where the scope was granted and the running sign-in proved a number (decisions 3); else nothing.

    Goes to the client only (ID token, userinfo), never into an access token that travels on to other services.
    """
    if "rrn" not in facts.scopes or facts.number_sealed is None:
        return {}
    return {"rrn": keys.unseal(facts.number_sealed, facts.number_place)}


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
