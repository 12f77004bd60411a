"""id_token_hint: whom the client thinks to have before it (OpenID Connect Core, 3.1.2.1)."""

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError

from broker.catalogue import Client
from broker.oidc.own_id_token import own_id_token

if TYPE_CHECKING:
    from broker.oidc.provider import Provider


def hinted_subject(provider: "Provider", client: Client, hint: str) -> str:
    """The `sub` of an ID token that we gave this client, be it long ago.

    Raises:
        InvalidRequestError: it is none of ours, or another client's; whom it speaks of is then nobody's business.
    """
    claims = own_id_token(provider, client, hint, required=("sub",))
    if claims is None:
        raise InvalidRequestError(description="The id_token_hint is not an ID token of this client.")
    subject: str = claims["sub"]
    return subject
