"""A broker small enough to lie: its own keys, real HTTP, and every token as a test wants it.

Owns: discovery, key set, authorize (always says yes, or what `error` says), token, logout. Knows nothing of the real broker,
as the applications know nothing of it either.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, Response, jsonify, redirect, request
from jose import jwk, jws
from werkzeug.serving import BaseWSGIServer, make_server

ORG = "0999001218"
OTHER_ORG = "0999003493"
INVOERDER = "CultuurmonitorInvoerder"
RAADPLEGER = "CultuurmonitorRaadpleger"

NELE = {
    "sub": "a" * 40,
    "vo_id": "11111111-1111-4111-8111-111111111111",
    "given_name": "Nele",
    "family_name": "Vercauteren",
}
ILSE = {"sub": "b" * 40, "vo_id": "22222222-2222-4222-8222-222222222222", "given_name": "Ilse", "family_name": "Maes"}


def person(
    who: dict[str, str],
    right: str | None = INVOERDER,
    organisation: str = ORG,
    organisation_name: str = "Gemeente Genk",
) -> dict[str, Any]:
    """The person claims of an access token (DESIGN §4)."""
    rights = [f"{right}-cultuurcentra:{organisation}"] if right else []
    return {
        **who,
        "vo_doelgroepcode": "LB",
        "vo_doelgroepnaam": "Lokale besturen",
        "vo_orgcode": organisation,
        "vo_orgnaam": organisation_name,
        "cjm_cultuurmonitor_rol_3d": rights,
    }


class Key:
    """An ES256 key pair under a key id."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        private = ec.generate_private_key(ec.SECP256R1())
        self._key = jwk.construct(
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode(),
            algorithm="ES256",
        )
        self.public_der = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public_pem = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def public(self) -> dict[str, str]:
        """As published."""
        parts = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in self._key.public_key().to_dict().items()
        }
        return {**parts, "kid": self.kid, "use": "sig", "alg": "ES256"}

    def sign(self, claims: dict[str, Any], typ: str | None = None, **header: Any) -> str:
        """A token with these claims; `header` may add or replace what stands in the header."""
        headers = {"kid": self.kid, **({"typ": typ} if typ else {}), **header}
        token: str = jws.sign(claims, self._key, headers=headers, algorithm="ES256")
        return token


class FakeBroker:
    """The broker of one test. Set `person`, `error`, `id_token_changes`, `access_token_changes`, `tokens` before signing in."""

    def __init__(self) -> None:
        self.key = Key("key-1")
        self.published = [self.key]
        self.person: dict[str, Any] = person(NELE)
        self.error: str | None = None
        self.response_issuer: str | None = None
        self.id_token_changes: dict[str, Any] = {}
        self.access_token_changes: dict[str, Any] = {}
        self.access_token_headers: dict[str, Any] = {}
        self.access_token_type = "at+jwt"
        self.id_token_type = "JWT"
        self.replaced_access_token: str | None = None
        self.replaced_id_token: str | None = None
        self.lifetime = 300
        self.down = False
        self.key_set_calls = 0
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self.app = self._build()
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.issuer = f"{self.origin}/op"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()

    def authorize(self, location: str) -> str:
        """What the browser does at the broker: the address that it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        self.asked.append(asked)
        answer = {"state": asked["state"], "iss": self.response_issuer or self.issuer}
        if self.error:
            answer["error"] = self.error
        else:
            code = secrets.token_urlsafe(16)
            self._codes[code] = asked
            answer["code"] = code
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def access_token(self, **changes: Any) -> str:
        """An access token for the person of now."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "cultuurmonitor",
            "client_id": "cultuurmonitor",
            "iat": now,
            "exp": now + self.lifetime,
            "jti": secrets.token_hex(8),
            **self.person,
            **self.access_token_changes,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.key.sign(claims, self.access_token_type, **self.access_token_headers)

    def id_token(self, nonce: str, access_token: str) -> str:
        """An ID token for the person of now."""
        now = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "aud": "cultuurmonitor",
            "azp": "cultuurmonitor",
            "sub": self.person["sub"],
            "given_name": self.person["given_name"],
            "family_name": self.person["family_name"],
            "iat": now,
            "exp": now + self.lifetime,
            "nonce": nonce,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            "sid": "session-1",
            **self.id_token_changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.key.sign(claims, self.id_token_type)

    def _build(self) -> Flask:
        app = Flask("fake_broker")

        @app.before_request
        def _down() -> tuple[str, int] | None:
            return ("", 503) if self.down else None

        @app.get("/op/.well-known/openid-configuration")
        def _discovery() -> Response:
            return jsonify(
                issuer=self.issuer,
                authorization_endpoint=f"{self.issuer}/v1/auth",
                token_endpoint=f"{self.issuer}/v1/token",
                jwks_uri=f"{self.issuer}/v1/keys",
                end_session_endpoint=f"{self.issuer}/v1/logout",
            )

        @app.get("/op/v1/keys")
        def _keys() -> Response:
            self.key_set_calls += 1
            return jsonify(keys=[key.public() for key in self.published])

        @app.get("/op/v1/auth")
        def _auth() -> Any:
            return redirect(self.authorize(request.url))

        @app.get("/op/v1/logout")
        def _logout() -> Any:
            return redirect(request.args["post_logout_redirect_uri"])

        @app.post("/op/v1/token")
        def _token() -> tuple[Response, int]:
            asked = self._codes.pop(request.form.get("code", ""), None)
            # RFC 6749 §2.3.1: both halves of the Basic credentials are form-encoded first.
            if request.authorization is None or unquote_plus(request.authorization.password or "") != CLIENT_SECRET:
                return jsonify(error="invalid_client"), 401
            digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if asked is None or asked["code_challenge"] != challenge:
                return jsonify(error="invalid_grant"), 400
            access_token = self.replaced_access_token or self.access_token()
            id_token = self.replaced_id_token or self.id_token(asked["nonce"], access_token)
            return jsonify(access_token=access_token, id_token=id_token, token_type="Bearer", expires_in=300), 200

        return app


CLIENT_SECRET = "a secret/of+the module: tests only"


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Header, claims and signature of a token."""
    header, claims, signature = token.split(".")
    return _read(header), _read(claims), signature


def put_together(header: dict[str, Any], claims: dict[str, Any], signature: str) -> str:
    """A token of these three, whether or not they belong together."""
    return f"{_write(header)}.{_write(claims)}.{signature}"


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _write(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
