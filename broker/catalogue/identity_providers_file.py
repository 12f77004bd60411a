"""Reads policies/identity_providers.yaml: the digital keys with which people prove who they are.

What a provider may say of a person, and how high its word counts, stands here and not with the provider (threat UP3).
"""

import re
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from broker.catalogue.formats import (
    address,
    bare_address,
    both_languages,
    choice,
    code,
    line,
    secret,
    truth,
    variable,
    whole,
)
from broker.catalogue.found import Entries, Found, list_of, map_of, show
from broker.catalogue.model import LOCAL_ACCOUNT, Encryption, IdentityProvider
from broker.catalogue.private_keys import as_signing_key, one_or_several, private_key
from broker.keys.decryption import ALGORITHMS as ENCRYPTION_ALGORITHMS
from broker.keys.decryption import METHODS as ENCRYPTION_METHODS
from broker.keys.decryption import DecryptionKey
from broker.keys.jose import VERIFIED_ALGORITHMS, SigningKey, VerifiedAlgorithm
from broker.keys.private_keys import PrivateKey

IDENTITY_PROVIDER = "an identity provider"
HIGHEST_LEVEL = 35
# Below this level (eIDAS Substantial) a provider's word on somebody's number links nobody, unless the policy says so.
LOWEST_LEVEL_FOR_NUMBER = 25
PASSWORD_LEVEL = 10  # a number proved no more strongly (domain-facts §1.5) is only typed, and never links anybody
_PRIVATE_KEY_JWT = "private_key_jwt"
_BESIDE_PRIVATE_KEY = ("private_key_algorithm", "assertion_audience")
_MOST_KEYS = 3
_TAKEN_CODES = frozenset({LOCAL_ACCOUNT, "account", "gestopt"})  # addresses under /aanmelden, and a way to sign in
_ACR = re.compile(r"urn:be:vlaanderen:authmech:[a-z0-9]{1,40}", re.ASCII)


def read_identity_providers(found: Found) -> tuple[IdentityProvider, ...]:
    """Every identity provider, in the order in which they are offered; the list may be empty."""
    entries = Entries(found)
    providers = entries.required("identity_providers", list_of(_identity_provider, most=20))
    if entries.sound("identity_providers"):
        _no_key_twice(entries, providers)
    entries.close()
    return providers


def _identity_provider(found: Found) -> IdentityProvider:
    entries = Entries(found)
    own_code = entries.required("code", code(40))
    if entries.sound("code") and own_code in _TAKEN_CODES:
        entries.mistake("code", show(own_code), "a code of its own")
    if entries.sound("code"):
        found.reading.define(IDENTITY_PROVIDER, own_code, entries.at("code"))
    name = entries.required("name", both_languages(60))
    hint = entries.required("hint", both_languages(200))
    issuer = entries.required("issuer", bare_address)
    metadata_url = entries.optional("metadata_url", address, None)
    also_at = entries.optional("also_at", list_of(bare_address, most=10), ())
    private_network = entries.optional("private_network", truth, False)
    own_id = entries.required("client_id", line(200))
    authentication = entries.optional(
        "authentication",
        choice("client_secret_basic", "client_secret_post", _PRIVATE_KEY_JWT, "none"),
        "client_secret_basic",
    )
    client_secret = entries.optional("client_secret", secret, None)
    from_environment = entries.optional("secret_env", variable(1), None)
    signing_keys = _signing_keys(entries, authentication)
    assertion_audience = entries.optional("assertion_audience", choice("issuer", "token_endpoint"), "issuer")
    par = entries.optional("par", choice("required", "when_offered", "never"), "when_offered")
    scope = entries.optional("scope", line(200), "openid profile")
    requested_claims = entries.optional("requested_claims", _requested_claims, {})
    asserts = entries.required("asserts", list_of(choice("name", "national_number")))
    number_claim = entries.optional("number_claim", _claim, ())
    given_name_claim = entries.optional("given_name_claim", _claim, ("given_name",))
    family_name_claim = entries.optional("family_name_claim", _claim, ("family_name",))
    levels = entries.required("levels", map_of(line(200), _level))
    ceiling = entries.required("ceiling", whole(1, HIGHEST_LEVEL))
    number_from = entries.optional("number_from", whole(PASSWORD_LEVEL + 1, HIGHEST_LEVEL), LOWEST_LEVEL_FOR_NUMBER)
    acr_values = entries.optional("acr_values", line(300, least=0), "")
    signing_algorithm: VerifiedAlgorithm = entries.optional("signing_algorithm", choice(*VERIFIED_ALGORITHMS), "RS256")
    encryption = entries.optional("encryption", _encryption, None)
    userinfo = entries.optional("userinfo", choice("plain", "signed", "encrypted"), "plain")
    if entries.sound("authentication"):
        _proof_fits(entries, authentication)
    if entries.sound("scope") and "openid" not in scope.split():
        entries.mistake("scope", show(scope), "openid among the scopes")
    if entries.sound("asserts") and "national_number" in asserts:
        _number_can_be_trusted(entries, ceiling, number_from)
    if entries.sound("userinfo") and userinfo == "encrypted" and not entries.given("encryption"):
        entries.mistake("userinfo", "encrypted without encryption", "encryption, beside it")
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
        given_name_claim=given_name_claim,
        family_name_claim=family_name_claim,
        number_from=number_from,
        userinfo=userinfo,
        requested_claims=requested_claims,
        par=par,
        signing_keys=signing_keys,
        assertion_audience=assertion_audience,
        encryption=encryption,
        also_at=also_at,
        private_network=private_network,
    )


def _proof_fits(entries: Entries, authentication: str) -> None:
    """Exactly one proof, of the kind that the authentication needs."""
    if entries.given("client_secret") and entries.given("secret_env"):
        entries.mistake("client_secret", "client_secret beside secret_env", "one of the two")
    needs_secret = authentication.startswith("client_secret_")
    needed: tuple[str, ...] = ("secret_env", "client_secret") if needs_secret else ()
    if authentication == _PRIVATE_KEY_JWT:
        needed = ("private_key_env",)
    fitting = (*needed, *_BESIDE_PRIVATE_KEY) if authentication == _PRIVATE_KEY_JWT else needed
    for key in ("client_secret", "secret_env", "private_key_env", *_BESIDE_PRIVATE_KEY):
        if entries.given(key) and key not in fitting:
            entries.mistake(key, f"{key} beside authentication {authentication}", " or ".join(needed) or "no secret")
    if needed and not any(entries.given(key) for key in needed):
        what = "secret" if needs_secret else "private key"
        entries.mistake(needed[0], "nothing", f"the variable with the {what} for {authentication}")


def _signing_keys(entries: Entries, authentication: str) -> tuple[SigningKey, ...]:
    keys = entries.optional("private_key_env", one_or_several(private_key, _MOST_KEYS), ())
    algorithm: VerifiedAlgorithm = entries.optional("private_key_algorithm", choice(*VERIFIED_ALGORITHMS), "RS256")
    if authentication != _PRIVATE_KEY_JWT or not entries.sound("private_key_env", "private_key_algorithm"):
        return ()
    made = [as_signing_key(key, algorithm) for key in keys]
    if None in made:
        kind = "a P-256 key" if algorithm == "ES256" else "an RSA key"
        entries.mistake("private_key_env", "a key of another kind", f"{kind}, for private_key_algorithm {algorithm}")
    return tuple(each for each in made if each is not None)


def _encryption(found: Found) -> Encryption:
    entries = Entries(found)
    alg = entries.required("alg", choice(*ENCRYPTION_ALGORITHMS))
    enc = entries.required("enc", choice(*ENCRYPTION_METHODS))
    keys = entries.required("key_env", one_or_several(_decryption_key, _MOST_KEYS))
    entries.close()
    return Encryption(alg, enc, keys)


def _decryption_key(found: Found) -> DecryptionKey:
    key: PrivateKey = private_key(found)
    if not isinstance(key.private, RSAPrivateKey):
        raise found.bad("a variable with an RSA key", "a key of another kind")
    return DecryptionKey(key.kid, key.private)


def _no_key_twice(entries: Entries, providers: Sequence[IdentityProvider]) -> None:
    """A key of ours is known to one provider, and does one thing: what one is told proves nothing to another."""
    seen: dict[str, str] = {}
    for provider in providers:
        kids: set[str] = set()
        for jwk in provider.own_public_keys():
            material = str(jwk.get("n") or jwk.get("x"))
            if material in seen:
                entries.mistake(
                    "identity_providers",
                    f"one private key twice, at {seen[material]} and at {provider.code}",
                    "a key of its own for each provider, and for signing and for opening",
                )
            elif jwk["kid"] in kids:
                entries.mistake("identity_providers", f"two keys of {provider.code} with one kid", "a kid for each")
            seen[material] = provider.code
            kids.add(jwk["kid"])


def _claim(found: Found) -> tuple[str, ...]:
    """The name of a claim; or several, each within the one before."""
    return one_or_several(line(200), 5)(found)


def _requested_claims(found: Found) -> Mapping[str, Mapping[str, bool]]:
    entries = Entries(found)
    asked = {
        place: entries.optional(place, map_of(line(200), _essential, most=50), None)
        for place in ("id_token", "userinfo")
    }
    entries.close()
    return {place: claims for place, claims in asked.items() if claims}


def _essential(_name: str, found: Found) -> bool:
    return choice("essential", "voluntary")(found) == "essential"


def _number_can_be_trusted(entries: Entries, ceiling: int, number_from: int) -> None:
    if not entries.given("number_claim"):
        entries.mistake("number_claim", "nothing", "the claim that holds the national_number it asserts")
    if entries.sound("ceiling", "number_from") and ceiling < number_from:
        entries.mistake(
            "ceiling",
            f"{ceiling} beside a national_number it asserts",
            f"at least {number_from}, from which a number counts, or no number",
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
