"""ClientKeys: the public keys that clients sign with, from their policy or from where the policy says they are published.

Owns: how long published keys are believed. Fresh for an hour; a token signed with a key we do not know fetches them anew, at
most once a minute; when they cannot be had the last good ones serve for 24 hours. Fetched through the guarded client only
(threats BC1). Does not own what the signed token must say.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from broker import clock
from broker.catalogue import Client
from broker.http_client import HttpClient, OutgoingError
from broker.keys.jose import (
    VERIFIED_ALGORITHMS,
    JoseError,
    ReadToken,
    VerifiedAlgorithm,
    VerifyingKeys,
    read_token,
    verify,
    verifying_keys,
)
from serving.at_once import about_to_wait

FRESH = timedelta(hours=1)
LAST_GOOD = timedelta(hours=24)
NOT_SOONER = timedelta(minutes=1)

log = structlog.get_logger("broker.oidc")

Keys = Mapping[VerifiedAlgorithm, VerifyingKeys]


@dataclass(slots=True)
class _Published:
    """What one address gave last. Without `fetched_at` it gave nothing yet. `lock`: one thread asks, for all."""

    keys: Keys = field(default_factory=dict)
    fetched_at: datetime | None = None
    tried_at: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def serves(self, algorithm: VerifiedAlgorithm, kid: str, longest: timedelta) -> bool:
        """Whether this key is among them, and they are not older than `longest`."""
        known = self.keys.get(algorithm)
        return (
            self.fetched_at is not None
            and clock.now() - self.fetched_at < longest
            and known is not None
            and kid in known.by_kid
        )

    def may_ask(self) -> bool:
        """Whether the last try is long enough ago."""
        return self.tried_at is None or clock.now() - self.tried_at >= NOT_SOONER


class ClientKeys:
    """The keys of every client of one installation, constructed once. `client_for` makes the guarded client for one."""

    def __init__(self, client_for: Callable[[Client], HttpClient]) -> None:
        self._client_for = client_for
        self._of_policy: dict[str, Keys] = {}
        self._published: dict[str, _Published] = {}

    def verify(
        self,
        client: Client,
        token: str | ReadToken,
        *,
        audience: str | Collection[str],
        typ: str | None = None,
        required: tuple[str, ...] = (),
        even_expired: bool = False,
        timeless: bool = False,
    ) -> dict[str, Any]:
        """The claims of a token that `client` signed, with the checks of `jose.verify`; `iss` is the client, and every
        audience must be us.

        Raises:
            JoseError: the first check that failed, or `keys_unreachable`.
        """
        read = read_token(token) if isinstance(token, str) else token
        algorithm, kid = read.algorithm, read.kid
        if algorithm is None or kid is None:
            raise JoseError("algorithm_wrong" if algorithm is None else "kid_missing")
        keys = self._keys(client, algorithm, kid).get(algorithm)
        if keys is None:
            raise JoseError("algorithm_wrong")
        return verify(
            read,
            keys=keys,
            algorithm=algorithm,
            issuer=client.client_id,
            audience=audience,
            typ=typ,
            required=required,
            even_expired=even_expired,
            timeless=timeless,
            by_client=True,
        )

    def _keys(self, client: Client, algorithm: VerifiedAlgorithm, kid: str) -> Keys:
        if not client.jwks_uri:
            found = self._of_policy.get(client.client_id)
            if found is None:
                found = self._of_policy[client.client_id] = _by_algorithm(client.jwks or {})
            return found
        published = self._published.setdefault(client.client_id, _Published())
        if not published.serves(algorithm, kid, FRESH) and published.may_ask():
            self._ask(client, published, patient=not published.serves(algorithm, kid, LAST_GOOD))
        if published.fetched_at is None or clock.now() - published.fetched_at >= LAST_GOOD:
            raise JoseError("keys_unreachable")
        return published.keys

    def _ask(self, client: Client, published: _Published, *, patient: bool) -> None:
        """Fetch the keys, unless another thread does so already: then wait for it, where `patient`."""
        about_to_wait()
        if not published.lock.acquire(blocking=patient):
            return
        try:
            if published.may_ask():
                self._fetch(client, published)
                published.tried_at = clock.now()
        finally:
            published.lock.release()

    def _fetch(self, client: Client, published: _Published) -> None:
        try:
            keys = _by_algorithm(self._client_for(client).get_json(client.jwks_uri))
        except (OutgoingError, JoseError) as error:
            code = error.code if isinstance(error, OutgoingError) else error.reason
            log.warning("client_keys_unreachable", client_id=client.client_id, code=code)
            return
        published.keys, published.fetched_at = keys, clock.now()


def _by_algorithm(jwks: Mapping[str, Any]) -> Keys:
    """The keys of a set, by what they may sign with.

    Raises:
        JoseError: the set holds none that may be used, or one that cannot be read.
    """
    if not isinstance(jwks.get("keys"), list | tuple):
        raise JoseError("no_usable_key")
    found: dict[VerifiedAlgorithm, VerifyingKeys] = {}
    for algorithm in VERIFIED_ALGORITHMS:
        try:
            found[algorithm] = verifying_keys(jwks, algorithm)
        except JoseError as error:
            if error.reason != "no_usable_key":
                raise
    if not found:
        raise JoseError("no_usable_key")
    return found
