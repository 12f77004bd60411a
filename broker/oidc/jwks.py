"""/op/v1/keys: the public keys (RFC 7517). From memory; no statement."""

from typing import TYPE_CHECKING

from broker.oidc.machine_door import MachineAnswer, MachineRequest

if TYPE_CHECKING:
    from broker.oidc.provider import Provider


def keys(provider: "Provider", request: MachineRequest) -> MachineAnswer:
    """Announced, signing and retired keys. A key is announced for longer than this answer may be kept (threats
    OA11)."""
    published = provider.ring.jwks()
    version = tuple(each["kid"] for each in published["keys"])
    return provider.key_set.answer(request, version, lambda: published)
