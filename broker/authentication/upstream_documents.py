"""What a provider publishes about itself: its metadata and its keys, fetched through the guarded client and kept.

Owns: how long both are believed. Fresh for an hour; when the provider cannot be reached the last good ones serve for 24
hours (threats UP8). A token signed with a key we do not know fetches the keys anew, at most once a minute.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog

from broker import clock
from broker.authentication.upstream_errors import ProviderAnswerError, ProviderDownError
from broker.catalogue.model import IdentityProvider
from broker.http_client import HttpClient, OutgoingError
from broker.keys.jose import Algorithm, JoseError, VerifyingKeys, verifying_keys

FRESH = timedelta(hours=1)
LAST_GOOD = timedelta(hours=24)
NOT_SOONER = timedelta(minutes=1)

T = TypeVar("T")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What we use of OpenID Connect Discovery 1.0 / RFC 8414. `names_itself`: its answers carry `iss` (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    names_itself: bool


@dataclass(slots=True)
class _Kept(Generic[T]):
    value: T
    fetched_at: datetime
    tried_at: datetime

    def serves(self, instant: datetime, *, wanted_newer: bool) -> bool:
        """Good enough without asking again."""
        if instant - self.tried_at < NOT_SOONER:
            return True
        return not wanted_newer and instant - self.fetched_at < FRESH


class UpstreamDocuments:
    """The documents of every provider, in the memory of this process."""

    def __init__(self, http: HttpClient) -> None:
        self.http = http
        self._metadata: dict[str, _Kept[Metadata]] = {}
        self._keys: dict[str, _Kept[VerifyingKeys]] = {}

    def metadata(self, provider: IdentityProvider) -> Metadata:
        """The metadata of `provider`.

        Raises:
            ProviderDownError: it cannot be had, and the last good one is older than 24 hours.
            ProviderAnswerError: it speaks for another issuer, or lacks an address.
        """
        kept = self._metadata.get(provider.code)
        now = clock.now()
        if kept is not None and kept.serves(now, wanted_newer=False):
            return kept.value
        try:
            value = self._read_metadata(provider, self.http.get_json(provider.metadata_url))
        except OutgoingError as error:
            return _last_good(kept, provider, error, now)
        self._metadata[provider.code] = _Kept(value, now, now)
        return value

    def keys(self, provider: IdentityProvider, metadata: Metadata, kid: str | None) -> VerifyingKeys:
        """The keys of `provider`, holding `kid` where it can be had.

        Raises:
            ProviderDownError: they cannot be had, and the last good ones are older than 24 hours.
            ProviderAnswerError: there is no key in them that can be used.
        """
        kept = self._keys.get(provider.code)
        now = clock.now()
        if kept is not None and kept.serves(now, wanted_newer=kid not in kept.value.by_kid):
            return kept.value
        try:
            value = verifying_keys(self.http.get_json(metadata.jwks_uri), _algorithm(provider))
        except OutgoingError as error:
            return _last_good(kept, provider, error, now)
        except (JoseError, AttributeError, TypeError) as error:
            raise ProviderAnswerError(provider.code, "keys_unusable") from error
        self._keys[provider.code] = _Kept(value, now, now)
        return value

    def _read_metadata(self, provider: IdentityProvider, document: dict[str, object]) -> Metadata:
        if document.get("issuer") != provider.issuer:  # RFC 8414, 3.3
            raise ProviderAnswerError(provider.code, "metadata_of_another_issuer")
        userinfo = document.get("userinfo_endpoint")
        return Metadata(
            authorization_endpoint=self._address(provider, document.get("authorization_endpoint")),
            token_endpoint=self._address(provider, document.get("token_endpoint")),
            jwks_uri=self._address(provider, document.get("jwks_uri")),
            userinfo_endpoint=None if userinfo is None else self._address(provider, userinfo),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )

    def _address(self, provider: IdentityProvider, value: object) -> str:
        schemes = ("https://", "http://") if self.http.development else ("https://",)
        if not isinstance(value, str) or not value.startswith(schemes):
            raise ProviderAnswerError(provider.code, "metadata_incomplete")
        return value


def _last_good(kept: _Kept[T] | None, provider: IdentityProvider, error: OutgoingError, now: datetime) -> T:
    _log.warning("provider_document_not_had", provider=provider.code, reason=error.code)
    if kept is None or now - kept.fetched_at > LAST_GOOD:
        raise ProviderDownError(provider.code, error.code) from error
    kept.tried_at = now
    return kept.value


def _algorithm(provider: IdentityProvider) -> Algorithm:
    return "ES256" if provider.signing_algorithm == "ES256" else "RS256"
