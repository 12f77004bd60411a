"""The broker as the application sees it: discovery, the authorization request, every request for tokens, signing out.

Owns: those requests and the cached metadata. Does not own tokens (tokens.py), keys (key_set.py), the proofs that go along
(client_proof.py, dpop.py), nor the browser's part (sign_in.py).
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from modules.kit.client_proof import key_proof, secret_proof
from modules.kit.dpop import Nonces
from modules.kit.outgoing import Answer, BrokerUnreachableError, call, get_json
from modules.kit.settings import ModuleSettings
from modules.kit.tokens import SigningKey

METADATA_SECONDS = 3600
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  a kind of token


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave, not verified yet. `lives` is in seconds; `key` is the one they are bound to (DPoP)."""

    access_token: str = field(repr=False)
    id_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    lives: int = 0
    key: SigningKey | None = field(default=None, repr=False)


class Broker:
    """The broker of these settings. Safe between threads."""

    def __init__(self, settings: ModuleSettings, redirect_uri: str) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri
        self._prove = (
            key_proof(settings.client_id, settings.client_key)
            if settings.client_key is not None
            else secret_proof(settings.client_id, settings.client_secret)
        )
        self.nonces = Nonces()
        self.own_key = SigningKey.new() if settings.dpop else None
        """What the tokens of the application itself are bound to, where they are bound (DPoP)."""
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] | None = None
        self._read_at = 0.0

    @property
    def issuer(self) -> str:
        """The issuer identifier."""
        return self._settings.issuer

    def endpoint(self, name: str) -> str:
        """An address from the discovery document, always at the issuer's own origin.

        Raises:
            BrokerUnreachableError: it cannot be had, is of another issuer, or names an address elsewhere.
        """
        address = self._discovered().get(name)
        if not isinstance(address, str) or urlsplit(address)[:2] != urlsplit(self.issuer)[:2]:
            raise BrokerUnreachableError(f"no {name}")
        return address

    def keys(self) -> list[dict[str, Any]]:
        """The public keys as they are published now."""
        keys = get_json(self.endpoint("jwks_uri")).get("keys")
        if not isinstance(keys, list):
            raise BrokerUnreachableError("no keys")
        return [key for key in keys if isinstance(key, dict)]

    def authorization_url(
        self,
        *,
        scope: str,
        state: str,
        nonce: str,
        verifier: str,
        silent_for: tuple[str, str] | None,
        language: str,
    ) -> str:
        """Where to send the browser (code, PKCE S256). `silent_for` is (target group, organisation code): ask without a
        page, for the same capacity (ACM's `login_hint`)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        if silent_for is not None:
            hint = json.dumps({"cap_hint": silent_for[0], "code_hint": silent_for[1]}, separators=(",", ":"))
            asked |= {"prompt": "none", "login_hint": base64.urlsafe_b64encode(hint.encode()).decode()}
        return f"{self.endpoint('authorization_endpoint')}?{urlencode(asked)}"

    def redeem(self, code: str, verifier: str) -> Tokens:
        """Exchange the code; bound to a new key where the settings ask that.

        Raises:
            BrokerUnreachableError, AnswerRefusedError: see outgoing.py.
        """
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        tokens = self._ask_tokens(asked, SigningKey.new() if self._settings.dpop else None)
        if tokens.id_token is None:
            raise BrokerUnreachableError("no tokens in the answer")
        return tokens

    def refresh(self, refresh_token: str, key: SigningKey | None) -> Tokens:
        """New tokens for the same session. An answer that got lost is asked for again at once: within ten seconds the
        broker gives the same successor, later it would take the token for a stolen one (RFC 9700 §4.14.2).

        Raises:
            BrokerUnreachableError, AnswerRefusedError: see outgoing.py.
        """
        asked = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        try:
            return self._ask_tokens(asked, key)
        except BrokerUnreachableError:
            return self._ask_tokens(asked, key)

    def own_token(self, audience: str) -> Tokens:
        """A token for the application itself, to call the application `audience` (RFC 6749 §4.4).

        Raises:
            BrokerUnreachableError, AnswerRefusedError: see outgoing.py.
        """
        return self._ask_tokens({"grant_type": "client_credentials", "audience": audience}, self.own_key)

    def exchange(self, access_token: str, key: SigningKey | None, audience: str, scope: str) -> Tokens:
        """A token with which to call the application `audience` on behalf of the person of `access_token` (RFC 8693).

        Raises:
            BrokerUnreachableError, AnswerRefusedError: see outgoing.py.
        """
        asked = {
            "grant_type": EXCHANGE,
            "subject_token": access_token,
            "subject_token_type": ACCESS_TOKEN,
            "audience": audience,
            **({"scope": scope} if scope else {}),
        }
        return self._ask_tokens(asked, key)

    def holders(self, subs: Sequence[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Who of these (a hundred at most) has a right in this application now, and whose rests: `sub`, `right` and `organisation`
        of each.

        Raises:
            BrokerUnreachableError, AnswerRefusedError: see outgoing.py.
        """
        proof = self._prove(self.issuer)
        form = {"subs": " ".join(subs), **proof.form}
        endpoint = self.endpoint("holders_endpoint")
        told = call("POST", endpoint, {"Accept": "application/json", **proof.headers}, form=form).granted()
        return _people(told.get("holders")), _people(told.get("resting", []))

    def _ask_tokens(self, asked: dict[str, str], key: SigningKey | None) -> Tokens:
        endpoint = self.endpoint("token_endpoint")

        def send(more: dict[str, str]) -> Answer:
            proof = self._prove(self.issuer)  # an assertion counts once, so each try has its own
            return call(
                "POST", endpoint, {"Accept": "application/json", **proof.headers, **more}, form={**asked, **proof.form}
            )

        answer = send({}) if key is None else self.nonces.call(send, key, "POST", endpoint)
        return _tokens_in(answer.granted(), key)

    def sign_out_url(self, *, id_token: str, back_to: str) -> str:
        """Where to send the browser to sign out at the broker too (RP-initiated logout 1.0)."""
        asked = {
            "id_token_hint": id_token,
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": back_to,
        }
        return f"{self.endpoint('end_session_endpoint')}?{urlencode(asked)}"

    def _discovered(self) -> dict[str, Any]:
        with self._lock:
            if self._metadata is None or time.monotonic() - self._read_at > METADATA_SECONDS:
                try:
                    found = get_json(f"{self.issuer}/.well-known/openid-configuration")
                    if found.get("issuer") != self.issuer:
                        raise BrokerUnreachableError("another issuer")
                except BrokerUnreachableError:
                    # What it said last still holds: its addresses do not move, and a page may not fail on this.
                    if self._metadata is None:
                        raise
                else:
                    self._metadata, self._read_at = found, time.monotonic()
            return self._metadata


def _tokens_in(granted: dict[str, Any], key: SigningKey | None) -> Tokens:
    access_token, id_token, refresh_token = (
        granted.get(name) for name in ("access_token", "id_token", "refresh_token")
    )
    lives = granted.get("expires_in")
    if not isinstance(access_token, str) or not isinstance(id_token, str | None):
        raise BrokerUnreachableError("no tokens in the answer")
    if str(granted.get("token_type", "")).lower() != ("bearer" if key is None else "dpop"):
        raise BrokerUnreachableError("tokens of another type")
    return Tokens(
        access_token=access_token,
        id_token=id_token,
        refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
        lives=lives if type(lives) is int else 0,
        key=key,
    )


def _people(told: object) -> list[dict[str, Any]]:
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise BrokerUnreachableError("no holders in the answer")
    return told
