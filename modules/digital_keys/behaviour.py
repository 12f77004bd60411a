"""How a digital key may misbehave, for tests: set in the process, never by a page or an address.

Owns: the list of faults and where they are kept. Does not own what each endpoint does with them.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal, cast

from flask import Flask


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """The faults of one digital key; without arguments it behaves.

    `down`: every endpoint answers 503; `endpoints_down`: only these do (openid-configuration, jwks, par, token, userinfo).
    `slow_seconds`: every answer to a program waits so long. `nonce`, `audience`, `issuer`, `subject`: put this in the ID
    token. `response_issuer`: put this in the `iss` of the response (a mix-up), None leaves it out. `algorithm`: an unsigned
    token, or one signed with the public key as if it were a shared secret. `unknown_key`: signed with a key that is in no
    key set. `unencrypted`: no encryption, though it was agreed. `unsigned_userinfo`: plain JSON, though a signature was
    agreed. `huge_key_set`: a key set of about a megabyte.
    """

    down: bool = False
    endpoints_down: tuple[str, ...] = ()
    slow_seconds: float = 0
    nonce: str | None = None
    audience: str | None = None
    issuer: str | None = None
    subject: str | None = None
    response_issuer: str | None = ""
    issued_in_the_future: bool = False
    expired: bool = False
    algorithm: Literal["RS256", "HS256", "none"] = "RS256"
    unknown_key: bool = False
    unencrypted: bool = False
    unsigned_userinfo: bool = False
    without_number: bool = False
    without_acr: bool = False
    huge_key_set: bool = False


def behaviours(app: Flask) -> defaultdict[str, Behaviour]:
    """The behaviour by digital key: assign one to spoil it, `.clear()` to make all good."""
    kept = app.extensions.setdefault("digital_keys_behaviour", defaultdict(Behaviour))
    return cast("defaultdict[str, Behaviour]", kept)
