"""Reads the private keys with which the broker proves itself to an identity provider, or opens what that encrypts.

They stand in variables of the environment, named in the policy; no file holds one.
"""

from collections.abc import Callable
from typing import TypeVar

from broker.catalogue.formats import variable
from broker.catalogue.found import Found, list_of
from broker.catalogue.yaml_lines import Listing
from broker.keys.jose import JoseError, SigningKey, VerifiedAlgorithm, signing_key
from broker.keys.private_keys import PrivateKey, read_private_key

T = TypeVar("T")

_EXPECTED = "a variable with a private key (PEM or JWK): RSA of at least 2048 bits, or P-256"


def one_or_several(read: Callable[[Found], T], most: int) -> Callable[[Found], tuple[T, ...]]:
    """A reader of one value, or of a list of them."""
    several = list_of(read, least=1, most=most)
    return lambda found: several(found) if isinstance(found.node, Listing) else (read(found),)


def private_key(found: Found) -> PrivateKey:
    """The key in the variable named here."""
    try:
        return read_private_key(variable(1)(found))
    except JoseError:
        raise found.bad(_EXPECTED, "a variable with something else") from None


def as_signing_key(key: PrivateKey, algorithm: VerifiedAlgorithm) -> SigningKey | None:
    """The key, ready to sign with `algorithm`; None where it is of another kind."""
    try:
        return signing_key(key.kid, algorithm, key.pem)
    except JoseError:
        return None
