"""A broker small enough to lie: its own keys, real HTTP, and every token as a test wants it.

Owns: discovery, key set, authorize (always says yes, or what `error` says), every grant of the token endpoint, userinfo, logout,
logout tokens and events. Knows nothing of the real broker, as the applications know nothing of it either.
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
from cryptography.hazmat.primitives.asymmetric import ec, rsa
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
    """A key pair under a key id."""

    def __init__(self, kid: str, algorithm: str = "ES256") -> None:
        self.kid = kid
        self.algorithm = algorithm
        private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = (
            ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else rsa.generate_private_key(65537, 2048)
        )
        self._key = jwk.construct(
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode(),
            algorithm=algorithm,
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
        return {**parts, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def sign(self, claims: dict[str, Any], typ: str | None = None, **header: Any) -> str:
        """A token with these claims; `header` may add or replace what stands in the header."""
        headers = {"kid": self.kid, **({"typ": typ} if typ else {}), **header}
        token: str = jws.sign(claims, self._key, headers=headers, algorithm=self.algorithm)
        return token


class FakeBroker:
    """The broker of one test. Set `person`, `error`, `grants_refresh`, `id_token_changes`, … before signing in."""

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
        self.sid = "session-1"
        self.client_key: dict[str, str] | None = None
        self.grants_refresh = False
        self.refresh_refused: str | None = None
        self.lost_answers = 0
        self.slow_seconds = 0.0
        self.asked_for_tokens = threading.Event()
        self.may_give_tokens = threading.Event()
        self.may_give_tokens.set()
        self.userinfo_status = 200
        self.dpop = False
        self.dpop_nonce: str | None = None
        self.proofs: list[dict[str, Any]] = []
        self.token_calls: list[dict[str, str]] = []
        self.holders: list[dict[str, Any]] = []
        self.resting: list[dict[str, Any]] = []
        self.holders_refused: str | None = None
        self.holders_down_after: int | None = None
        self.holder_calls: list[list[str]] = []
        self._families: dict[str, dict[str, float]] = {}
        self.key_set_calls = 0
        self.key_set_down = False
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self.app = self._build()
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.issuer = f"{self.origin}/op"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

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
            "sid": self.sid,
            **self.person,
            **self.access_token_changes,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.key.sign(claims, self.access_token_type, **self.access_token_headers)

    def id_token(self, nonce: str | None, access_token: str) -> str:
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
            "sid": self.sid,
            **self.id_token_changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.key.sign(claims, self.id_token_type)

    def logout_token(self, typ: str | None = "logout+jwt", key: Key | None = None, **changes: Any) -> str:
        """A logout token for the session of now; a change to None leaves that claim out."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "cultuurmonitor",
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            "sid": self.sid,
            "sub": self.person["sub"],
            **changes,
        }
        return (key or self.key).sign({name: value for name, value in claims.items() if value is not None}, typ)

    def event(self, kind: str, typ: str | None = "secevent+jwt", key: Key | None = None, **changes: Any) -> str:
        """A security event (CAEP) about the person of now, at their organisation."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "cultuurmonitor",
            "iat": now,
            "jti": secrets.token_hex(8),
            "sub_id": {
                "format": "complex",
                "user": {"format": "iss_sub", "iss": self.issuer, "sub": self.person["sub"]},
                "tenant": {"format": "opaque", "id": self.person["vo_orgcode"]},
            },
            "events": {f"https://schemas.openid.net/secevent/caep/event-type/{kind}": {"event_timestamp": now}},
            **changes,
        }
        return (key or self.key).sign({name: value for name, value in claims.items() if value is not None}, typ)

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
                userinfo_endpoint=f"{self.issuer}/v1/userinfo",
                end_session_endpoint=f"{self.issuer}/v1/logout",
                holders_endpoint=f"{self.issuer}/v1/holders",
            )

        @app.get("/op/v1/keys")
        def _keys() -> Any:
            self.key_set_calls += 1
            if self.key_set_down:
                return jsonify(), 503
            return jsonify(keys=[key.public() for key in self.published])

        @app.get("/op/v1/auth")
        def _auth() -> Any:
            return redirect(self.authorize(request.url))

        @app.get("/op/v1/logout")
        def _logout() -> Any:
            return redirect(request.args["post_logout_redirect_uri"])

        @app.get("/op/v1/userinfo")
        def _userinfo() -> Any:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if self.dpop:
                self._check_proof(token)
            return jsonify(scheme=scheme, **self.person), self.userinfo_status

        @app.post("/op/v1/holders")
        def _holders() -> Any:
            if not self._client_is_known():
                return jsonify(error="invalid_client"), 401
            asked = request.form["subs"].split()
            assert 1 <= len(asked) <= 100
            self.holder_calls.append(asked)
            told = [each for each in self.holders if each["sub"] in asked]
            if self.holders_down_after is not None and len(self.holder_calls) > self.holders_down_after:
                return "", 503
            if self.holders_refused is not None:
                return jsonify(error=self.holders_refused), 400
            return jsonify(holders=told, resting=[each for each in self.resting if each["sub"] in asked])

        @app.post("/op/v1/token")
        def _token() -> Any:
            self.asked_for_tokens.set()
            time.sleep(self.slow_seconds)
            self.may_give_tokens.wait(_LONGEST_WAIT_SECONDS)
            if not self._client_is_known():
                return jsonify(error="invalid_client"), 401
            if self.dpop and not self._check_proof():
                return jsonify(error="use_dpop_nonce"), 400, {"DPoP-Nonce": self.dpop_nonce or ""}
            self.token_calls.append(request.form.to_dict())
            answer: tuple[dict[str, Any], int] = {
                "authorization_code": self._redeem,
                "refresh_token": self._refresh,
                "client_credentials": lambda: (self._own_token("program"), 200),
                "urn:ietf:params:oauth:grant-type:token-exchange": lambda: (self._own_token("exchanged"), 200),
            }[request.form["grant_type"]]()
            if self.lost_answers:
                self.lost_answers -= 1
                return "", 502
            return answer

        return app

    def _client_is_known(self) -> bool:
        if self.client_key is None:
            # RFC 6749 §2.3.1: both halves of the Basic credentials are form-encoded first.
            given = request.authorization.password if request.authorization else None
            return unquote_plus(given or "") == CLIENT_SECRET
        assertion = request.form.get("client_assertion", "")
        claims = json.loads(jws.verify(assertion, self.client_key, algorithms=["ES256", "RS256"]))
        self.proofs.append(claims)
        return claims["iss"] == claims["sub"] == "cultuurmonitor" and claims["aud"] == self.issuer

    def _check_proof(self, access_token: str | None = None) -> bool:
        """RFC 9449 §4.3; False only where a nonce is wanted and lacks."""
        proof = request.headers["DPoP"]
        header, claims, _ = parts_of(proof)
        jws.verify(proof, header["jwk"], algorithms=["ES256"])
        assert header["typ"] == "dpop+jwt"
        assert "d" not in header["jwk"]
        assert (claims["htm"], claims["htu"]) == (request.method, f"{self.origin}{request.path}")
        assert abs(claims["iat"] - time.time()) < 60
        assert claims["jti"] not in [before["jti"] for before in self.proofs]
        if access_token is not None:
            half = hashlib.sha256(access_token.encode()).digest()
            assert claims["ath"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        self.proofs.append({**claims, "jwk": header["jwk"]})
        return self.dpop_nonce is None or claims.get("nonce") == self.dpop_nonce

    def _redeem(self) -> tuple[dict[str, Any], int]:
        asked = self._codes.pop(request.form.get("code", ""), None)
        digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge:
            return {"error": "invalid_grant"}, 400
        family = secrets.token_hex(4)
        self._families[family] = {"generation": 0, "rotated_at": 0.0, "revoked": 0}
        return self._tokens(asked["nonce"], f"{family}.0"), 200

    def _refresh(self) -> tuple[dict[str, Any], int]:
        """Rotation as the broker has it: the one before the last, within ten seconds, gets the same successor."""
        family, _, generation = request.form["refresh_token"].partition(".")
        found = self._families[family]
        if self.refresh_refused or found["revoked"]:
            return {"error": self.refresh_refused or "invalid_grant"}, 400
        if int(generation) == found["generation"]:
            found["generation"] += 1
            found["rotated_at"] = time.time()
        elif int(generation) != found["generation"] - 1 or time.time() - found["rotated_at"] > 10:
            found["revoked"] = 1
            return {"error": "invalid_grant"}, 400
        return self._tokens(None, f"{family}.{int(found['generation'])}"), 200

    def _tokens(self, nonce: str | None, refresh_token: str) -> dict[str, Any]:
        access_token = self.replaced_access_token or self.access_token()
        return {
            "access_token": access_token,
            "id_token": self.replaced_id_token or self.id_token(nonce, access_token),
            "token_type": "DPoP" if self.dpop else "Bearer",
            "expires_in": 300,
            **({"refresh_token": refresh_token} if self.grants_refresh else {}),
        }

    def _own_token(self, kind: str) -> dict[str, Any]:
        return {
            "access_token": f"{kind}-{len(self.token_calls)}",
            "token_type": "DPoP" if self.dpop else "Bearer",
            "expires_in": 300,
        }


_LONGEST_WAIT_SECONDS = 2.5  # the applications give up after three
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
