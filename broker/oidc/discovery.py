"""Discovery (OpenID Connect Discovery 1.0, RFC 8414): exactly what is true of this provider. From memory; no
statement."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from broker.keys.jose import ALGORITHMS
from broker.oidc import backchannel_logout, dpop, holders, introspect, revoke
from broker.oidc.authenticate_client import METHODS
from broker.oidc.authorize import metadata as authorization
from broker.oidc.claims import OF_SCOPE
from broker.oidc.machine_door import MachineAnswer, MachineRequest
from broker.oidc.private_key_jwt import ASSERTION_ALGORITHMS

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

_PROTOCOL_CLAIMS = ("iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid")


def discovery(provider: "Provider", request: MachineRequest) -> MachineAnswer:
    """One document at both addresses. It follows from the policies, which one process reads once."""
    return provider.metadata.answer(request, "", lambda: metadata(provider))


def metadata(provider: "Provider") -> dict[str, Any]:
    """The document. Every member stands for something that the tests try out."""
    told: dict[str, Any] = {}
    for members in MEMBERS:
        told |= members(provider)
    return told


def _core(provider: "Provider") -> dict[str, Any]:
    """The issuer, its keys, and the token endpoint."""
    return {
        "issuer": provider.issuer,
        "jwks_uri": provider.address("keys"),
        "token_endpoint": provider.address("token"),
        "grant_types_supported": provider.grant_types,
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "tls_client_certificate_bound_access_tokens": False,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
    }


def _claims(provider: "Provider") -> dict[str, Any]:
    """Which scopes there are, and what they tell."""
    catalogue = provider.installed.catalogue
    scopes = sorted({scope for client in catalogue.clients.values() for scope in client.scopes} | {"openid"})
    rights = {each.scope: each.claim for each in catalogue.applications.values()}
    claims = [name for scope in scopes for name in OF_SCOPE.get(scope, (rights[scope],) if scope in rights else ())]
    return {
        "userinfo_endpoint": provider.address("userinfo"),
        "userinfo_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": scopes,
        "claims_supported": [*claims, *_PROTOCOL_CLAIMS],
        "claim_types_supported": ["normal"],
    }


def _logout(provider: "Provider") -> dict[str, Any]:
    """How a session ends."""
    return {"end_session_endpoint": provider.address("logout"), **backchannel_logout.metadata(provider)}


# Every part of the provider says what it can do; the next one adds its function here.
MEMBERS: tuple[Callable[["Provider"], dict[str, Any]], ...] = (
    _core,
    authorization.metadata,
    _claims,
    introspect.metadata,
    dpop.metadata,
    revoke.metadata,
    holders.metadata,
    _logout,
)
