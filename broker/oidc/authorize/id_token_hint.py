"""id_token_hint: whom the client thinks to have before it (OpenID Connect Core, 3.1.2.1)."""

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError

from broker.catalogue import Client
from broker.keys.jose import Algorithm, JoseError, verify

if TYPE_CHECKING:
    from broker.oidc.provider import Provider


def hinted_subject(provider: "Provider", client: Client, hint: str) -> str:
    """The `sub` of an ID token that we gave this client, be it long ago.

    Raises:
        InvalidRequestError: it is none of ours, or another client's; whom it speaks of is then nobody's business.
    """
    algorithm: Algorithm = "ES256" if client.signing_algorithm == "ES256" else "RS256"
    try:
        claims = verify(
            hint,
            keys=provider.ring.verifying(algorithm),
            algorithm=algorithm,
            issuer=provider.issuer,
            audience=client.client_id,
            required=("sub",),
            even_expired=True,
        )
    except (JoseError, KeyError) as error:
        raise InvalidRequestError(description="The id_token_hint is not an ID token of this client.") from error
    subject: str = claims["sub"]
    return subject
