"""Which claims a digital key makes about a person, in the ID token and at userinfo.

Owns: names and values of those claims. Does not own the claims of the token itself (tokens.py).
"""

import hashlib
from typing import Any

from modules.digital_keys.behaviour import Behaviour
from modules.digital_keys.codes import SignIn
from modules.digital_keys.provider import Provider


def subject_of(provider: Provider, national_number: str, salt: bytes) -> str:
    """The person's identifier at this key: stable, other at each key, and nothing that shows the number."""
    return hashlib.sha256(salt + f"{provider.code}:{national_number}".encode()).hexdigest()[:40]


def person_claims(provider: Provider, sign_in: SignIn, salt: bytes, behaviour: Behaviour, place: str) -> dict[str, Any]:
    """sub, names, the national number under this key's own claim name, and e-mail where there is one.

    `place` is id_token or userinfo: some keys tell the number only where it was asked (OpenID Connect Core §5.5).
    """
    claims: dict[str, Any] = {
        "sub": subject_of(provider, sign_in.national_number, salt),
        "given_name": sign_in.given_name,
        "family_name": sign_in.family_name,
        "name": f"{sign_in.given_name} {sign_in.family_name}",
    }
    asked = not provider.number_on_request or provider.number_claim in sign_in.claims_asked.get(place, ())
    if asked and not behaviour.without_number:
        claims[provider.number_claim] = sign_in.national_number
    if sign_in.email:
        claims["email"] = sign_in.email
    return claims


def authentication_claims(provider: Provider, sign_in: SignIn, behaviour: Behaviour) -> dict[str, Any]:
    """auth_time, amr, nonce as asked, and acr unless none was chosen."""
    claims: dict[str, Any] = {"auth_time": int(sign_in.at.timestamp()), "amr": list(provider.amr)}
    if sign_in.nonce is not None:
        claims["nonce"] = sign_in.nonce
    if sign_in.acr and not behaviour.without_acr:
        claims["acr"] = sign_in.acr
    return claims
