"""DPoP (RFC 9449): the sender of a request proves that it holds the key to which a token is, or will be, bound.

Owns: what a proof must say, its nonce, and that it is used once. A nonce is a keyed hash of the running five minutes, so that
every node knows every node's and none has to be kept; it is asked of every proof, as nothing else tells a fresh proof from one
made beforehand. Does not own which tokens are bound (the grants, by `request.dpop_jkt`), nor the signature (`jose`).
"""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from broker import clock
from broker.authentication.single_use import use_once
from broker.database import perform
from broker.keys.jose import VERIFIED_ALGORITHMS, JoseError, verify_own_key
from serving.at_once import about_to_wait

if TYPE_CHECKING:
    from broker.catalogue import Client
    from broker.oidc.machine_door import MachineRequest
    from broker.oidc.provider import Provider

PROOF_ALGORITHMS = VERIFIED_ALGORITHMS
PROOF_TYPE = "dpop+jwt"
PROOF_LIFE = 60
NONCE_STEP = 300
_LONGEST_JTI = 255
_DEFAULT_PORTS = {"http": 80, "https": 443}


class InvalidDPoPProofError(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """The proof proves nothing (RFC 9449, 5)."""

    error = "invalid_dpop_proof"


class UseDPoPNonceError(OAuth2Error):  # type: ignore[misc]
    """The proof lacks a nonce of ours that still counts; the answer brings one (RFC 9449, 8)."""

    error = "use_dpop_nonce"

    def __init__(self, nonce: tuple[str, str]) -> None:
        super().__init__(description="Make the proof again with this nonce.")
        self._nonce = nonce

    def get_headers(self) -> list[tuple[str, str]]:
        """With the nonce."""
        return [*super().get_headers(), self._nonce]


def possession(provider: "Provider", request: "MachineRequest", endpoint: str, client: "Client") -> str | None:
    """The thumbprint of the key that `client` proved to hold; None where it sent no proof and need not.

    Raises:
        InvalidRequestError: no proof, where a token is asked and the policy requires one.
        InvalidDPoPProofError: a proof that proves nothing.
        UseDPoPNonceError: a proof without a nonce that counts.
    """
    proved = proved_key(provider, request, endpoint)
    if proved is None and client.require_dpop and endpoint == "token":
        raise InvalidRequestError(description="This client proves possession of a key (DPoP).")
    return proved


def proved_key(
    provider: "Provider", request: "MachineRequest", endpoint: str, access_token: str | None = None
) -> str | None:
    """The thumbprint of the key in the proof of `request`; None where it has no DPoP header. Uses the proof up: one
    statement. With `access_token` the proof must be one for that token (RFC 9449, 7).

    Raises:
        InvalidDPoPProofError: it proves nothing.
        UseDPoPNonceError: it has no nonce of ours that counts.
    """
    proof = request.headers.get("DPoP")
    if proof is None:
        return None
    try:
        claims, jkt = verify_own_key(proof, PROOF_TYPE)
    except JoseError as error:
        raise _refused(error.reason) from error
    reason = _misfit(claims, request.method, provider.address(endpoint), access_token)
    if reason:
        raise _refused(reason)
    if not _nonce_counts(provider, claims.get("nonce")):
        raise UseDPoPNonceError(nonce_header(provider))
    about_to_wait()  # a change of its own, before whatever is asked
    expires_at = datetime.fromtimestamp(claims["iat"], UTC) + timedelta(seconds=PROOF_LIFE)
    if not perform(use_once, "dpop", jkt, claims["jti"], expires_at):
        raise _refused("used_before")
    return jkt


def nonce_header(provider: "Provider") -> tuple[str, str]:
    """The header with the nonce that counts now; every answer to a proof brings it, so that nobody has to ask twice."""
    return ("DPoP-Nonce", _nonce(provider, _step()))


def metadata(_provider: "Provider") -> dict[str, Any]:
    """What discovery says of it (RFC 9449, 5.1)."""
    return {"dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS)}


def _misfit(claims: dict[str, Any], method: str, address: str, access_token: str | None) -> str | None:
    """What does not fit, as a code (RFC 9449, 4.3)."""
    jti, iat, htu = claims.get("jti"), claims.get("iat"), claims.get("htu")
    if not isinstance(jti, str) or not jti.isascii() or not 0 < len(jti) <= _LONGEST_JTI:
        return "jti_wrong"
    if claims.get("htm") != method:
        return "htm_wrong"
    if not isinstance(htu, str) or _normal(htu) != _normal(address):
        return "htu_wrong"
    now = clock.now().timestamp()
    if type(iat) is not int or not now - PROOF_LIFE <= iat <= now + PROOF_LIFE:  # compared, as no sum holds any number
        return "iat_wrong"
    if access_token is None:
        return None
    return None if claims.get("ath") == _hash(access_token) else "ath_wrong"


def _normal(address: str) -> tuple[str, str, int | None, str] | None:
    """An address as it is compared: without query and fragment, scheme and host in small letters, the port always there."""
    try:
        parts = urlsplit(address)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname or "", port, parts.path) if "@" not in parts.netloc else None


def _hash(access_token: str) -> str:
    return base64.urlsafe_b64encode(sha256(access_token.encode()).digest()).rstrip(b"=").decode()


def _step() -> int:
    return int(clock.now().timestamp()) // NONCE_STEP


def _nonce(provider: "Provider", step: int) -> str:
    return provider.installed.keys.private_hash(str(step), "dpop nonce")


def _nonce_counts(provider: "Provider", given: Any) -> bool:
    """Whether it is that of these five minutes, or of those before."""
    step = _step()
    if not isinstance(given, str) or not given.isascii():
        return False
    return any(hmac.compare_digest(given, _nonce(provider, each)) for each in (step, step - 1))


def _refused(reason: str) -> InvalidDPoPProofError:
    return InvalidDPoPProofError(description=f"Proof refused: {reason}.")
