"""Signing in at an upstream provider: OpenID Connect code flow with PKCE S256, by Authlib, as its client.

Owns: the address the browser is sent to, and turning what comes back into a `ProvedSignIn`. Authlib's client checks
neither `aud` of the ID token nor `iss` of the answer (libraries §1); here the first is done by `broker.keys.jose`, the
second before the code is used (RFC 9207). Keeps no state of its own: that is SignInAttempt.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException

from broker import clock
from broker.authentication.levels import acr_values, proved_level
from broker.authentication.start_sign_in import StartedSignIn
from broker.authentication.take_sign_in import TakenSignIn
from broker.authentication.upstream_documents import Metadata, UpstreamDocuments
from broker.authentication.upstream_errors import ProviderAnswerError, ProviderDownError
from broker.catalogue.model import IdentityProvider
from broker.http_client import GuardedAdapter, OutgoingError
from broker.keys.jose import CLOCK_SKEW, JoseError, kid_of, verify
from broker.people.identifiers import IdentifierError, clean_line, national_number
from broker.people.link_identity import ASSERTS_NAME, ASSERTS_NUMBER, UpstreamIdentity
from broker.settings import Settings

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ProvedSignIn:
    """A sign-in that passed every check: who, and how strongly, when."""

    identity: UpstreamIdentity
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime


def callback_uri(settings: Settings, provider_code: str) -> str:
    """The redirect URI registered at this provider and at no other (threats UP1); from BROKER_ISSUER only (OA12)."""
    return f"{settings.origin}/aanmelden/{provider_code}/terug"


class Upstream:
    """The providers of one installation."""

    def __init__(self, settings: Settings, documents: UpstreamDocuments) -> None:
        self._settings = settings
        self._documents = documents

    def ready(self, provider: IdentityProvider) -> Metadata:
        """Make sure that `provider` can be used, before anything is written about it.

        Raises:
            ProviderDownError, ProviderAnswerError: as `UpstreamDocuments.metadata`.
        """
        return self._documents.metadata(provider)

    def address(
        self, provider: IdentityProvider, started: StartedSignIn, *, level: int, fresh: bool, language: str
    ) -> str:
        """Where to send the browser.

        `level`: ask for at least this one. `fresh`: ask that the person proves it anew (OpenID Connect Core 3.1.2.1).
        """
        asked: dict[str, str] = {"nonce": started.nonce, "ui_locales": language}
        if values := acr_values(provider, level):
            asked["acr_values"] = values
        if fresh:
            asked |= {"prompt": "login", "max_age": "0"}
        address, _ = self._client(provider).create_authorization_url(
            self.ready(provider).authorization_endpoint, state=started.state, code_verifier=started.verifier, **asked
        )
        return str(address)

    def check_sender(self, provider: IdentityProvider, issuer: str | None) -> None:
        """The answer comes from the provider the browser was sent to (RFC 9207, 2.4); before its code is used.

        Raises:
            ProviderAnswerError: another `iss`, or none where the provider says it names itself.
        """
        if issuer is None and not self.ready(provider).names_itself:
            return
        if issuer != provider.issuer:
            raise ProviderAnswerError(provider.code, "response_issuer_wrong")

    def prove(self, provider: IdentityProvider, taken: TakenSignIn, code: str, language: str) -> ProvedSignIn:
        """Redeem `code` and check all that comes with it.

        Raises:
            ProviderDownError: the provider does not answer in time.
            ProviderAnswerError: it refused the code, or its ID token fails a check (threats UP2).
        """
        metadata = self.ready(provider)
        client = self._client(provider)
        tokens = self._redeem(client, provider, metadata, taken, code)
        claims = self._checked(provider, metadata, str(tokens.get("id_token", "")), taken)
        if _lacking(provider, claims) and metadata.userinfo_endpoint:
            claims = self._with_userinfo(client, provider, metadata.userinfo_endpoint, claims)
        acr, level = proved_level(provider, _text(claims, "acr"))
        amr = claims.get("amr")
        return ProvedSignIn(
            identity=_identity(provider, claims, level, language),
            acr=acr,
            amr=tuple(each for each in amr if isinstance(each, str)) if isinstance(amr, list) else (),
            auth_time=_auth_time(provider, claims, taken),
        )

    def _client(self, provider: IdentityProvider) -> OAuth2Session:
        client = OAuth2Session(
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            token_endpoint_auth_method=provider.authentication,
            scope=provider.scope,
            redirect_uri=callback_uri(self._settings, provider.code),
            code_challenge_method="S256",
            trust_env=False,
        )
        adapter = GuardedAdapter(self._documents.http)
        client.mount("https://", adapter)
        client.mount("http://", adapter)
        return client

    def _redeem(
        self, client: OAuth2Session, provider: IdentityProvider, metadata: Metadata, taken: TakenSignIn, code: str
    ) -> dict[str, Any]:
        try:
            return dict(
                client.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=taken.verifier,
                )
            )
        except (OutgoingError, RequestException) as error:
            reason = error.code if isinstance(error, OutgoingError) else "token_endpoint"
            _log.warning("provider_down", provider=provider.code, reason=reason)
            raise ProviderDownError(provider.code, reason) from error
        except (OAuthError, ValueError, KeyError, TypeError) as error:
            raise ProviderAnswerError(provider.code, "code_refused") from error

    def _checked(
        self, provider: IdentityProvider, metadata: Metadata, id_token: str, taken: TakenSignIn
    ) -> dict[str, Any]:
        """The claims of the ID token, after the checks of OpenID Connect Core 3.1.3.7."""
        keys = self._documents.keys(provider, metadata, kid_of(id_token))
        try:
            claims = verify(
                id_token,
                keys=keys,
                algorithm=keys.algorithm,
                issuer=provider.issuer,
                audience=provider.client_id,
                required=("sub", "nonce"),
            )
        except JoseError as error:
            raise ProviderAnswerError(provider.code, error.reason) from error
        if not hmac.compare_digest(claims["nonce"].encode(), taken.nonce.encode()):
            raise ProviderAnswerError(provider.code, "nonce_wrong")
        if not 0 < len(claims["sub"]) <= 255:
            raise ProviderAnswerError(provider.code, "sub_wrong")
        return claims

    def _with_userinfo(
        self, client: OAuth2Session, provider: IdentityProvider, address: str, claims: dict[str, Any]
    ) -> dict[str, Any]:
        """The claims of the ID token, completed from userinfo; what the signed token says is never replaced."""
        try:
            answer = client.get(address)
            answer.raise_for_status()
            found = answer.json()
        except OutgoingError as error:
            raise ProviderDownError(provider.code, error.code) from error
        except (RequestException, OAuthError, ValueError) as error:
            raise ProviderAnswerError(provider.code, "userinfo_unreadable") from error
        if not isinstance(found, dict) or found.get("sub") != claims["sub"]:  # OpenID Connect Core 5.3.2
            raise ProviderAnswerError(provider.code, "userinfo_of_another")
        wanted = ("given_name", "family_name", provider.number_claim)
        return {**{name: found[name] for name in wanted if name in found}, **claims}


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None


def _lacking(provider: IdentityProvider, claims: dict[str, Any]) -> bool:
    """Whether something that this provider asserts is not in the ID token."""
    wanted: list[str] = []
    if ASSERTS_NAME in provider.asserts:
        wanted += ["given_name", "family_name"]
    if ASSERTS_NUMBER in provider.asserts:
        wanted.append(provider.number_claim)
    return any(_text(claims, name) is None for name in wanted)


def _identity(provider: IdentityProvider, claims: dict[str, Any], level: int, language: str) -> UpstreamIdentity:
    family_name = _name(provider, claims, "family_name")
    if ASSERTS_NAME in provider.asserts and not family_name:
        raise ProviderAnswerError(provider.code, "name_missing")
    return UpstreamIdentity(
        provider_code=provider.code,
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        given_name=_name(provider, claims, "given_name"),
        family_name=family_name,
        number=_number(provider, claims),
        level=level,
        language=language,
    )


def _name(provider: IdentityProvider, claims: dict[str, Any], claim: str) -> str:
    try:
        return clean_line(_text(claims, claim) or "")
    except IdentifierError as error:
        raise ProviderAnswerError(provider.code, "name_unreadable") from error


def _number(provider: IdentityProvider, claims: dict[str, Any]) -> str | None:
    """The rijksregisternummer, where this provider may assert one; a wrong one is refused rather than left out."""
    given = _text(claims, provider.number_claim) if ASSERTS_NUMBER in provider.asserts else None
    if given is None:
        return None
    try:
        return national_number(given)
    except IdentifierError as error:
        raise ProviderAnswerError(provider.code, "number_wrong") from error


def _auth_time(provider: IdentityProvider, claims: dict[str, Any], taken: TakenSignIn) -> datetime:
    """When the person proved it. Where a fresh proof was asked, an older or unnamed moment is refused."""
    now = clock.now()
    said = claims.get("auth_time")
    if said is None:
        if taken.fresh:
            raise ProviderAnswerError(provider.code, "auth_time_missing")
        return now
    moment = min(datetime.fromtimestamp(said, UTC), now)
    if taken.fresh and moment < taken.started_at - timedelta(seconds=CLOCK_SKEW):
        raise ProviderAnswerError(provider.code, "not_fresh")
    return moment
