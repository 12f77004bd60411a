"""Signing in at an upstream provider: OpenID Connect code flow with PKCE S256, by Authlib, as its client.

Owns: the address the browser is sent to, turning what comes back into a `ProvedSignIn`, and which providers did not answer
a moment ago. Authlib's client checks neither `aud` of the ID token nor `iss` of the answer (libraries §1); here the first
is done by `broker.keys.jose`, the second before the code is used (RFC 9207). Keeps no state of a sign-in: that is
SignInAttempt.
"""

import hmac
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from broker import clock
from broker.authentication.browser_session import ABSOLUTE
from broker.authentication.levels import acr_values, proved_level
from broker.authentication.start_sign_in import StartedSignIn
from broker.authentication.take_sign_in import TakenSignIn
from broker.authentication.upstream_claims import Told, identity_of, lacking, proved_at
from broker.authentication.upstream_documents import UNREACHABLE, Metadata, UpstreamDocuments
from broker.authentication.upstream_errors import ProviderAnswerError, ProviderDownError
from broker.catalogue.model import IdentityProvider
from broker.keys.decryption import decrypt
from broker.keys.jose import CLOCK_SKEW, JoseError, kid_of, verify
from broker.people.link_identity import UpstreamIdentity
from broker.settings import Settings

if TYPE_CHECKING:
    from broker.authentication.upstream_client import ProviderClient

DOWN_FOR = timedelta(seconds=30)

_CODE = re.compile(r"[\x21-\x7e]{1,4096}", re.ASCII)  # RFC 6749, appendix A.11, and no longer than an address can be


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
    """The providers of one installation, as one process knows them."""

    def __init__(self, settings: Settings, documents: UpstreamDocuments) -> None:
        self._settings = settings
        self._documents = documents
        self._down_until: dict[str, datetime] = {}

    def is_down(self, provider: IdentityProvider) -> bool:
        """Whether `provider` did not answer us a moment ago: not worth offering while others do (threats UP8)."""
        until = self._down_until.get(provider.code)
        return until is not None and clock.now() < until

    def address(
        self, provider: IdentityProvider, started: StartedSignIn, *, level: int, fresh: bool, language: str
    ) -> str:
        """Where to send the browser. To be had before anything is written about the sign-in: it says whether the provider
        is there.

        `level`: ask for at least this one. `fresh`: ask that the person proves it anew (OpenID Connect Core 3.1.2.1).

        Raises:
            ProviderDownError: it does not answer, or did not a moment ago.
            ProviderAnswerError: its metadata is wrong, or it refuses the request that was pushed to it.
        """
        if self.is_down(provider):
            raise ProviderDownError(provider.code, "down_a_moment_ago")
        # Asking for a max_age makes the provider say when the person proved it (OpenID Connect Core 3.1.2.1), so that a
        # sign-in of this morning is never taken for one of now, whatever address the person came back to.
        oldest = int(ABSOLUTE.total_seconds())
        asked: dict[str, str] = {"nonce": started.nonce, "ui_locales": language, "max_age": str(oldest)}
        if values := acr_values(provider, level):
            asked["acr_values"] = values
        if fresh:
            asked |= {"prompt": "login", "max_age": "0"}
        if provider.requested_claims:
            asked["claims"] = _claims_parameter(provider)
        with self._watched(provider):
            metadata = self._documents.metadata(provider, starting=True)
            client = self._client(provider, metadata)
            return client.address(state=started.state, verifier=started.verifier, asked=asked)

    def check_sender(self, provider: IdentityProvider, issuer: str | None) -> None:
        """The answer comes from the provider the browser was sent to (RFC 9207, 2.4); before its code is used.

        Raises:
            ProviderAnswerError: another `iss`, or none where the provider says it names itself.
        """
        if issuer is None and not self._documents.metadata(provider).names_itself:
            return
        if issuer != provider.issuer:
            raise ProviderAnswerError(provider.code, "response_issuer_wrong")

    def prove(self, provider: IdentityProvider, taken: TakenSignIn, code: str, language: str) -> ProvedSignIn:
        """Redeem `code` and check all that comes with it.

        Raises:
            ProviderDownError: the provider does not answer in time.
            ProviderAnswerError: it refused the code, or its ID token fails a check (threats UP2).
        """
        if not _CODE.fullmatch(code):
            raise ProviderAnswerError(provider.code, "code_wrong")
        with self._watched(provider, on_behalf_of_visitor=True):
            metadata = self._documents.metadata(provider)
            client = self._client(provider, metadata)
            tokens = client.redeem(code, taken.verifier)
            told = Told(self._id_token(provider, metadata, tokens.get("id_token"), taken))
            if metadata.userinfo_endpoint and lacking(provider, told):
                found = self._userinfo(client, provider, metadata, tokens.get("access_token"))
                if found.get("sub") != told.id_token["sub"]:  # OpenID Connect Core 5.3.2
                    raise ProviderAnswerError(provider.code, "userinfo_of_another")
                told = Told(told.id_token, found)
        acr, level = proved_level(provider, told.id_token.get("acr"))
        amr = told.id_token.get("amr")
        return ProvedSignIn(
            identity=identity_of(provider, told, level, language),
            acr=acr,
            amr=tuple(each for each in amr if isinstance(each, str)) if isinstance(amr, list) else (),
            auth_time=proved_at(provider, told, taken),
        )

    @contextmanager
    def _watched(self, provider: IdentityProvider, *, on_behalf_of_visitor: bool = False) -> Iterator[None]:
        """Remember for a moment that the provider was down; and that it is there, when it answered.

        With what a visitor gave us in the question, only silence counts: a code that makes a provider stumble must not take
        it from everybody else. Its metadata are then asked anew at the next sign-in.
        """
        try:
            yield
        except ProviderDownError as error:
            if on_behalf_of_visitor and error.facts["reason"] not in UNREACHABLE:
                self._documents.doubt(provider)
            else:
                self._down_until[provider.code] = clock.now() + DOWN_FOR
            raise
        self._down_until.pop(provider.code, None)

    def _client(self, provider: IdentityProvider, metadata: Metadata) -> "ProviderClient":
        from broker.authentication.upstream_client import ProviderClient  # brings `requests` along

        return ProviderClient(
            provider, metadata, self._documents.http(provider), callback_uri(self._settings, provider.code)
        )

    def _id_token(
        self, provider: IdentityProvider, metadata: Metadata, token: object, taken: TakenSignIn
    ) -> dict[str, Any]:
        """The claims of the ID token, after the checks of OpenID Connect Core 3.1.3.7."""
        claims = self._verified(provider, metadata, token, id_token=True)
        if not hmac.compare_digest(claims["nonce"].encode(), taken.nonce.encode()):
            raise ProviderAnswerError(provider.code, "nonce_wrong")
        if not 0 < len(claims["sub"]) <= 255:
            raise ProviderAnswerError(provider.code, "sub_wrong")
        return claims

    def _userinfo(
        self, client: "ProviderClient", provider: IdentityProvider, metadata: Metadata, access_token: object
    ) -> dict[str, Any]:
        """The claims of userinfo, in the form that was agreed."""
        if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
            raise ProviderAnswerError(provider.code, "access_token_wrong")
        answer = client.userinfo(metadata.userinfo_endpoint or "", access_token)
        if provider.userinfo != "plain":
            return self._verified(provider, metadata, answer.text.strip(), id_token=False)
        try:
            found = answer.json()
        except (ValueError, RecursionError) as error:
            raise ProviderAnswerError(provider.code, "userinfo_unreadable") from error
        if not isinstance(found, dict):
            raise ProviderAnswerError(provider.code, "userinfo_unreadable")
        return found

    def _verified(
        self, provider: IdentityProvider, metadata: Metadata, token: object, *, id_token: bool
    ) -> dict[str, Any]:
        """The claims of an ID token or userinfo that the provider signed for us, and encrypted where that was agreed. Only
        an ID token has to say when it was made and until when it holds.
        """
        signed = token if isinstance(token, str) else ""
        agreed = provider.encryption if id_token or provider.userinfo == "encrypted" else None
        try:
            if agreed is not None:
                signed = decrypt(signed, keys=agreed.keys, alg=agreed.alg, enc=agreed.enc)
            keys = self._documents.keys(provider, metadata, kid_of(signed))
            return verify(
                signed,
                keys=keys,
                algorithm=keys.algorithm,
                issuer=provider.issuer,
                audience=provider.client_id,
                required=("sub", "nonce") if id_token else ("sub",),
                skew=CLOCK_SKEW,
                timeless=not id_token,
            )
        except JoseError as error:
            raise ProviderAnswerError(provider.code, error.reason) from error


def _claims_parameter(provider: IdentityProvider) -> str:
    """OpenID Connect Core 5.5."""
    wanted = {
        place: {name: {"essential": True} if essential else None for name, essential in claims.items()}
        for place, claims in provider.requested_claims.items()
    }
    return json.dumps(wanted, separators=(",", ":"))
