"""id_token_hint: whom the client thinks to have before it (OpenID Connect Core, 3.1.2.1).

An ID token may hold a rijksregisternummer, so it is read once, where it comes in, and goes no further: what our pages, the way
over the sign-in page and what is kept of a pushed request carry is a keyed hash of whom it names (decisions 0021).
"""

import hmac
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError
from werkzeug.datastructures import MultiDict

from broker.catalogue import Client
from broker.keys import Keys
from broker.oidc.authorize.parameters import Parameters
from broker.oidc.own_id_token import own_id_token

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

HINT = "id_token_hint"
NAMED = "wenk"  # what stands for the hint once it was read


def named_person(provider: "Provider", client: Client, parameters: Parameters) -> str | None:
    """Whom the hint names, as a keyed hash; None without one.

    Raises:
        InvalidRequestError: it is no ID token of ours, or another client's; whom it speaks of is then nobody's business.
    """
    hint = parameters.get(HINT)
    if not hint:
        return parameters.get(NAMED) or None
    claims = own_id_token(provider, client, hint, required=("sub",))
    if claims is None:
        raise InvalidRequestError(description="The id_token_hint is not an ID token of this client.")
    return _keyed(provider.installed.keys, client, claims["sub"])


def is_named(keys: Keys, client: Client, sub: str, named: str) -> bool:
    """Whether `sub` is whom a hint named."""
    return hmac.compare_digest(_keyed(keys, client, sub).encode(), named.encode())


def without_id_token(parameters: Parameters, named: str | None) -> Parameters:
    """`parameters` with whom the hint named in place of the hint."""
    if HINT not in parameters:
        return parameters
    kept = MultiDict((name, value) for name, value in parameters.items(multi=True) if name not in (HINT, NAMED))
    if named is not None:
        kept[NAMED] = named
    return kept


def _keyed(keys: Keys, client: Client, sub: str) -> str:
    return keys.private_hash(f"{client.client_id}\n{sub}", "hinted person")
