"""Proofs of possession (RFC 9449): a token that is stolen is of no use without the key it was given to.

Owns: the proofs, and the nonce that each server last asked for (one a server, for this process). Does not own the keys: one a
session, sealed in it (session.py), and one a process for the application's own tokens (broker.py).
"""

import secrets
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from modules.kit.outgoing import Answer
from modules.kit.tokens import SigningKey, hash_of_token

HEADER = "DPoP"
NONCE_HEADER = "DPoP-Nonce"
LONGEST_NONCE = 512


class Nonces:
    """The nonce that each server wants next. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_server: dict[str, str] = {}

    def call(
        self,
        send: Callable[[dict[str, str]], Answer],
        key: SigningKey,
        method: str,
        url: str,
        access_token: str | None = None,
    ) -> Answer:
        """Send with a proof; once more where the server only wanted its new nonce in it.

        Raises:
            BrokerUnreachableError: see outgoing.py.
        """
        answer = self._once(send, key, method, url, access_token)
        if _wants_nonce(answer):
            answer = self._once(send, key, method, url, access_token)
        return answer

    def _once(
        self,
        send: Callable[[dict[str, str]], Answer],
        key: SigningKey,
        method: str,
        url: str,
        access_token: str | None,
    ) -> Answer:
        server = urlsplit(url).netloc
        answer = send({HEADER: proof(key, method, url, self._by_server.get(server), access_token)})
        nonce = answer.headers.get(NONCE_HEADER, "")
        if 0 < len(nonce) <= LONGEST_NONCE:
            with self._lock:
                self._by_server[server] = nonce
        return answer


def proof(key: SigningKey, method: str, url: str, nonce: str | None, access_token: str | None) -> str:
    """A proof for one request; it says nothing of the address's query (RFC 9449 §4.2)."""
    claims: dict[str, object] = {
        "jti": secrets.token_urlsafe(18),
        "htm": method,
        "htu": urlunsplit((*urlsplit(url)[:3], "", "")),
        "iat": int(time.time()),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    if access_token is not None:
        claims["ath"] = hash_of_token(access_token)
    return key.sign(claims, {"typ": "dpop+jwt", "jwk": key.public})


def _wants_nonce(answer: Answer) -> bool:
    """RFC 9449 §8 (in the body) and §9 (in WWW-Authenticate); a server that gives no nonce gets no second request."""
    if answer.status not in (400, 401) or NONCE_HEADER not in answer.headers:
        return False
    return b'"use_dpop_nonce"' in answer.body or "use_dpop_nonce" in answer.headers.get("WWW-Authenticate", "")
