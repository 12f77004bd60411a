"""The table of what programs may call: each address with its methods, its function and what it needs."""

from broker.oidc.discovery import discovery
from broker.oidc.event_stream import ssf_configuration
from broker.oidc.holders import holders
from broker.oidc.introspect import introspect, needs_of_introspection
from broker.oidc.jwks import keys
from broker.oidc.machine_door import MachineEndpoint
from broker.oidc.par import par
from broker.oidc.revoke import revoke
from broker.oidc.token import needs_of_token, token
from broker.oidc.userinfo import needs_of_userinfo, userinfo

_METADATA = MachineEndpoint("oidc.discovery", ("GET",), discovery, needs="nothing", origins="all")

ENDPOINTS: dict[str, MachineEndpoint] = {
    "/op/v1/token": MachineEndpoint("oidc.token", ("POST",), token, needs=needs_of_token, origins="public clients"),
    "/op/v1/introspect": MachineEndpoint("oidc.introspect", ("POST",), introspect, needs=needs_of_introspection),
    "/op/v1/revoke": MachineEndpoint("oidc.revoke", ("POST",), revoke, origins="public clients"),
    "/op/v1/holders": MachineEndpoint("oidc.holders", ("POST",), holders),
    "/op/v1/userinfo": MachineEndpoint(
        "oidc.userinfo", ("GET", "POST"), userinfo, needs=needs_of_userinfo, origins="public clients"
    ),
    "/op/v1/par": MachineEndpoint("oidc.par", ("POST",), par, origins="public clients"),
    "/op/v1/keys": MachineEndpoint("oidc.keys", ("GET",), keys, needs="nothing", origins="all"),
    "/op/.well-known/openid-configuration": _METADATA,
    "/.well-known/oauth-authorization-server/op": _METADATA,
    # SSF 1.0, 7.2: the path of the issuer comes after the well-known part, as in RFC 8414.
    "/.well-known/ssf-configuration/op": MachineEndpoint(
        "oidc.ssf_configuration", ("GET",), ssf_configuration, needs="nothing", origins="all"
    ),
}
