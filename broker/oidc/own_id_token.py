"""own_id_token: the claims of an ID token that we gave a client, be it long ago.

The one place that checks such a token when it comes back to us: as a hint (OpenID Connect Core, 3.1.2.1; RP-Initiated Logout
1.0, 4), or by mistake where another kind was asked.
"""

from typing import TYPE_CHECKING, Any

from broker.catalogue import Client
from broker.keys.jose import JoseError, verify

if TYPE_CHECKING:
    from broker.oidc.provider import Provider


def own_id_token(
    provider: "Provider", client: Client, token: str, required: tuple[str, ...] = ()
) -> dict[str, Any] | None:
    """The claims of `token`, expired or not, with `required` among them; None for anything that is not an ID token of
    ours for `client`."""
    try:
        return verify(
            token,
            keys=provider.ring.verifying(client.signing_algorithm),
            algorithm=client.signing_algorithm,
            issuer=provider.issuer,
            audience=client.client_id,
            required=required,
            even_expired=True,
        )
    except (JoseError, KeyError):  # KeyError: no key of that algorithm is published at all
        return None
