"""The broker as the application sees it: discovery, the authorization request, the exchange of a code, signing out.

Owns: those requests and the cached metadata. Does not own tokens (tokens.py), keys (key_set.py), nor the browser's part
(sign_in.py).
"""

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from modules.kit.outgoing import BrokerUnreachableError, get_json, post_form
from modules.kit.settings import ModuleSettings

METADATA_SECONDS = 3600


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave, not verified yet."""

    id_token: str
    access_token: str


class Broker:
    """The broker of these settings. Safe between threads."""

    def __init__(self, settings: ModuleSettings, redirect_uri: str) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri
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
        """Exchange the code.

        Raises:
            BrokerUnreachableError, AnswerRefusedError: see outgoing.py.
        """
        answer = post_form(
            self.endpoint("token_endpoint"),
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._redirect_uri,
                "code_verifier": verifier,
            },
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
        )
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise BrokerUnreachableError("no tokens in the answer")
        return Tokens(id_token, access_token)

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
