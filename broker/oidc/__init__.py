"""The broker as OpenID provider: one file an endpoint or grant, the clients, the claims, and signing out.

Owns: the protocol between an application and the broker (RFC 6749, 7636, 7523, 8414, 9068, 9207, OpenID Connect
Core and RP-Initiated Logout), and the pages on the way into an application: capacity, consent, no right. Does not
own signing in (web/, asked for by its address), sessions and codes (authentication/), nor what counts as a right
(access/).

Authlib carries the token endpoint, the client authentication, the code grant and the end of a session; where it
checks first and acts later, or is laxer than we are, its class is replaced by ours of the same name.
"""

from broker.oidc import discovery, jwks, logout, token, userinfo
from broker.oidc.authorize import endpoint as authorize
from broker.oidc.door import blueprint

__all__ = ["authorize", "blueprint", "discovery", "jwks", "logout", "token", "userinfo"]
