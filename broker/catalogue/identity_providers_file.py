"""Reads policies/identity_providers.yaml: the digital keys with which people prove who they are.

What a provider may say of a person, and how high its word counts, stands here and not with the provider (threat UP3).
"""

import re

from broker.catalogue.formats import address, bare_address, both_languages, choice, code, line, secret, variable, whole
from broker.catalogue.found import Entries, Found, list_of, map_of, show
from broker.catalogue.model import IdentityProvider

IDENTITY_PROVIDER = "an identity provider"
HIGHEST_LEVEL = 35
# Below this level (eIDAS Substantial) a provider's word on somebody's number links nobody.
LOWEST_LEVEL_FOR_NUMBER = 25
_ACR = re.compile(r"urn:be:vlaanderen:authmech:[a-z0-9]{1,40}", re.ASCII)


def read_identity_providers(found: Found) -> tuple[IdentityProvider, ...]:
    """Every identity provider, in the order in which they are offered; the list may be empty."""
    entries = Entries(found)
    providers = entries.required("identity_providers", list_of(_identity_provider, most=20))
    entries.close()
    return providers


def _identity_provider(found: Found) -> IdentityProvider:
    entries = Entries(found)
    own_code = entries.required("code", code(40))
    if entries.sound("code"):
        found.reading.define(IDENTITY_PROVIDER, own_code, entries.at("code"))
    name = entries.required("name", both_languages(60))
    hint = entries.required("hint", both_languages(200))
    issuer = entries.required("issuer", bare_address)
    metadata_url = entries.optional("metadata_url", address, None)
    own_id = entries.required("client_id", line(200))
    authentication = entries.optional(
        "authentication", choice("client_secret_basic", "client_secret_post", "none"), "client_secret_basic"
    )
    client_secret = entries.optional("client_secret", secret, None)
    from_environment = entries.optional("secret_env", variable(1), None)
    scope = entries.optional("scope", line(200), "openid profile")
    asserts = entries.required("asserts", list_of(choice("name", "national_number")))
    number_claim = entries.optional("number_claim", line(200), "")
    levels = entries.required("levels", map_of(line(200), _level))
    ceiling = entries.required("ceiling", whole(1, HIGHEST_LEVEL))
    acr_values = entries.optional("acr_values", line(300, least=0), "")
    signing_algorithm = entries.optional("signing_algorithm", choice("RS256", "ES256"), "RS256")
    _secret_fits(entries, authentication)
    if entries.sound("scope") and "openid" not in scope.split():
        entries.mistake("scope", show(scope), "openid among the scopes")
    if entries.sound("asserts") and "national_number" in asserts:
        _number_can_be_trusted(entries, ceiling)
    entries.close()
    return IdentityProvider(
        code=own_code,
        name=name,
        hint=hint,
        issuer=issuer,
        metadata_url=metadata_url or issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_id=own_id,
        client_secret=client_secret or from_environment,
        authentication=authentication,
        scope=scope,
        asserts=frozenset(asserts),
        number_claim=number_claim,
        levels=levels,
        ceiling=ceiling,
        acr_values=acr_values,
        signing_algorithm=signing_algorithm,
    )


def _secret_fits(entries: Entries, authentication: str) -> None:
    given = [key for key in ("client_secret", "secret_env") if entries.given(key)]
    if len(given) > 1:
        entries.mistake("client_secret", "client_secret beside secret_env", "one of the two")
    if not entries.sound("authentication"):
        return
    if authentication == "none" and given:
        entries.mistake(given[0], "a secret beside authentication none", "no secret")
    if authentication != "none" and not given:
        entries.mistake("secret_env", "nothing", f"the variable with the secret for {authentication}")


def _number_can_be_trusted(entries: Entries, ceiling: int) -> None:
    if not entries.given("number_claim"):
        entries.mistake("number_claim", "nothing", "the claim that holds the national_number it asserts")
    if entries.sound("ceiling") and ceiling < LOWEST_LEVEL_FOR_NUMBER:
        entries.mistake(
            "ceiling",
            f"{ceiling} beside a national_number it asserts",
            f"at least {LOWEST_LEVEL_FOR_NUMBER}, or no number",
        )


def _level(name: str, found: Found) -> tuple[str, int]:
    entries = Entries(found)
    acr = entries.required("acr", _acr)
    level = entries.required("level", whole(1, HIGHEST_LEVEL))
    entries.close()
    return acr, level


def _acr(found: Found) -> str:
    expected = "a word such as urn:be:vlaanderen:authmech:itsme"
    text = found.text(expected)
    if not _ACR.fullmatch(text):
        raise found.bad(expected)
    return text
