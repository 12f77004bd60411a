"""What a provider publishes about itself: its metadata and its keys, fetched through the guarded client and kept.

Owns: how long both are believed. Keys are fresh for an hour; when they cannot be had the last good ones serve for 24 hours
(threats UP8); a token that names a key we do not know fetches them anew, at most once a minute. Metadata is asked again
when a sign-in starts, at most once a minute: that also tells whether the provider is there, before a browser is sent to it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import structlog

from broker import clock
from broker.authentication.upstream_errors import ProviderAnswerError, ProviderDownError
from broker.catalogue.model import IdentityProvider
from broker.http_client import HttpClient, OutgoingError
from broker.keys.jose import JoseError, VerifyingKeys, verifying_keys

FRESH = timedelta(hours=1)
LAST_GOOD = timedelta(hours=24)
NOT_SOONER = timedelta(minutes=1)

# What a provider that is not there does; anything else is an answer, be it a wrong one.
UNREACHABLE = ("unknown_host", "unreachable", "too_slow")
_SILENCE = (*UNREACHABLE, "server_error")

T = TypeVar("T")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What we use of OpenID Connect Discovery 1.0 / RFC 8414. `names_itself`: its answers carry `iss` (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    pushed_request_endpoint: str | None
    names_itself: bool


@dataclass(slots=True)
class _Kept(Generic[T]):
    value: T
    fetched_at: datetime
    tried_at: datetime


class UpstreamDocuments:
    """The documents of every provider, in the memory of this process."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._metadata: dict[str, _Kept[Metadata]] = {}
        self._keys: dict[str, _Kept[VerifyingKeys]] = {}
        self._asked_for_newer: dict[str, datetime] = {}

    def http(self, provider: IdentityProvider) -> HttpClient:
        """The client that may call the addresses of `provider`."""
        return replace(self._http, private_network=True) if provider.private_network else self._http

    def metadata(self, provider: IdentityProvider, *, starting: bool = False) -> Metadata:
        """The metadata of `provider`; with `starting` from this very minute, so that it is there to send somebody to.

        Raises:
            ProviderDownError: it cannot be had, and the last good one is older than 24 hours; or the provider is silent
            now that a sign-in starts.
            ProviderAnswerError: it speaks for another issuer, or lacks an address.
        """
        kept = self._metadata.get(provider.code)
        now = clock.now()
        if kept is not None and (now - kept.tried_at < NOT_SOONER or (not starting and now - kept.fetched_at < FRESH)):
            return kept.value
        try:
            value = self._read_metadata(provider, self.http(provider).get_json(provider.metadata_url))
        except OutgoingError as error:
            if starting and error.code in _SILENCE and (kept is None or _same_host(provider, kept.value)):
                raise ProviderDownError(provider.code, error.code) from error
            return _last_good(kept, provider, error, now)
        self._metadata[provider.code] = _Kept(value, now, now)
        return value

    def doubt(self, provider: IdentityProvider) -> None:
        """Ask the metadata anew when the next sign-in starts, however young they are."""
        kept = self._metadata.get(provider.code)
        if kept is not None:
            kept.tried_at -= NOT_SOONER

    def keys(self, provider: IdentityProvider, metadata: Metadata, kid: str | None) -> VerifyingKeys:
        """The keys of `provider`, holding `kid` where it can be had.

        Raises:
            ProviderDownError: they cannot be had, and the last good ones are older than 24 hours.
            ProviderAnswerError: there is no key in them that can be used.
        """
        kept = self._keys.get(provider.code)
        now = clock.now()
        if kept is not None and self._serve(provider, kept, kid, now):
            return kept.value
        try:
            value = verifying_keys(self.http(provider).get_json(metadata.jwks_uri), provider.signing_algorithm)
        except OutgoingError as error:
            return _last_good(kept, provider, error, now)
        except (JoseError, AttributeError, TypeError) as error:
            raise ProviderAnswerError(provider.code, "keys_unusable") from error
        self._keys[provider.code] = _Kept(value, now, now)
        return value

    def _serve(self, provider: IdentityProvider, kept: _Kept[VerifyingKeys], kid: str | None, now: datetime) -> bool:
        """Whether the keys we have are good enough without asking again."""
        if kid not in kept.value.by_kid:
            asked = self._asked_for_newer.get(provider.code)
            if asked is not None and now - asked < NOT_SOONER:
                return True
            self._asked_for_newer[provider.code] = now
            return False
        return now - kept.fetched_at < FRESH or now - kept.tried_at < NOT_SOONER

    def _read_metadata(self, provider: IdentityProvider, document: dict[str, object]) -> Metadata:
        if document.get("issuer") != provider.issuer:  # RFC 8414, 3.3
            raise ProviderAnswerError(provider.code, "metadata_of_another_issuer")
        metadata = Metadata(
            authorization_endpoint=self._address(provider, document.get("authorization_endpoint")),
            token_endpoint=self._address(provider, document.get("token_endpoint")),
            jwks_uri=self._address(provider, document.get("jwks_uri")),
            userinfo_endpoint=self._optional(provider, document.get("userinfo_endpoint")),
            pushed_request_endpoint=self._optional(provider, document.get("pushed_authorization_request_endpoint")),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )
        _remark_unnamed_origin(provider, metadata)
        return metadata

    def _optional(self, provider: IdentityProvider, value: object) -> str | None:
        return None if value is None else self._address(provider, value)

    def _address(self, provider: IdentityProvider, value: object) -> str:
        schemes = ("https://", "http://") if self._http.development else ("https://",)
        if not isinstance(value, str) or not value.startswith(schemes):
            raise ProviderAnswerError(provider.code, "metadata_incomplete")
        return value


def _last_good(kept: _Kept[T] | None, provider: IdentityProvider, error: OutgoingError, now: datetime) -> T:
    _log.warning("provider_document_not_had", provider=provider.code, reason=error.code)
    if kept is None or now - kept.fetched_at > LAST_GOOD:
        raise ProviderDownError(provider.code, error.code) from error
    kept.tried_at = now
    return kept.value


def _same_host(provider: IdentityProvider, metadata: Metadata) -> bool:
    """Whether the metadata stands where the browser would be sent to; a document on another machine proves nothing of it."""
    return urlsplit(provider.metadata_url).netloc == urlsplit(metadata.authorization_endpoint).netloc


def _remark_unnamed_origin(provider: IdentityProvider, metadata: Metadata) -> None:
    """Chromium sends a form on to origins that our Content-Security-Policy names only: those come from the policy."""
    named = {_origin(each) for each in (provider.issuer, provider.metadata_url, *provider.also_at)}
    if _origin(metadata.authorization_endpoint) not in named:
        _log.warning("provider_at_unnamed_origin", provider=provider.code, expected="its origin under also_at")


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
