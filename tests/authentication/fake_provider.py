"""A digital-key provider that does as it is told: real HTTP on a loopback port, every lie at the turn of a switch.

Owns the other side of the tests of this folder. `authorize` stands in for the person at the provider's page: it takes the
address the browser was sent to, and gives back the address the browser returns to. What the broker sent is in `calls`.
"""

import base64
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from broker.catalogue.model import IdentityProvider
from broker.keys.jose import SigningKey, new_private_key, sign, signing_key
from broker.text import Text

CLIENT_ID = "poortwachter"
CLIENT_SECRET = "a-secret-of-the-tests-only-and-long"
NUMBER_CLAIM = ("rrn",)
LEVELS = {
    "high": ("urn:be:vlaanderen:authmech:eid", 35),
    "substantial": ("urn:be:vlaanderen:authmech:itsme", 27),
    "code": ("urn:be:vlaanderen:authmech:csamsms", 25),
    "password": ("urn:be:vlaanderen:authmech:password", 10),
    "selfreg": ("urn:be:vlaanderen:authmech:csamselfreg", 5),
}
KEY = signing_key("now", "RS256", new_private_key("RS256"))


@dataclass
class Behaviour:
    """How the provider lies. The default tells the truth."""

    claims: dict[str, Any] = field(default_factory=dict)  # over the ID token; None leaves a claim out
    token: Callable[[dict[str, Any]], str] | None = None  # makes the ID token itself
    key: SigningKey = KEY
    published: list[SigningKey] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    sealed: Callable[[str], str] | None = None  # encrypts the ID token
    userinfo: dict[str, Any] | None = None  # person claims stand there instead of in the ID token
    userinfo_token: Callable[[dict[str, Any]], str] | None = None  # userinfo is the JWT made of them
    par: Callable[[dict[str, str]], tuple[dict[str, Any], int]] | None = None  # what a pushed request is answered
    refuses: dict[str, str] = field(default_factory=dict)  # token or userinfo answer 400 with this error
    down: tuple[str, ...] = ()  # which of openid-configuration, jwks, token, par, userinfo answer 500
    raw: dict[str, bytes] = field(default_factory=dict)  # bodies as they are
    endless: tuple[str, ...] = ()  # which of them never stop
    redirect: str | None = None
    slow: float = 0
    response_issuer: str | None = ""  # "" is the truth, None leaves it out


@dataclass(frozen=True)
class Call:
    """One request of the broker: which endpoint, its form, and how it proved itself in the header."""

    name: str
    form: dict[str, str]
    authorization: str | None


@dataclass
class _Code:
    query: dict[str, str]
    claims: dict[str, Any]


class FakeProvider:
    """One provider; `issuer` is its address. `asked` are the paths that were called, `calls` what was posted there."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.behaviour = Behaviour()
        self.asked: list[str] = []
        self.calls: list[Call] = []
        self._pushed: dict[str, dict[str, str]] = {}
        self._codes: dict[str, _Code] = {}
        self._userinfo: dict[str, dict[str, Any]] = {}
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """Tell the truth again, and forget."""
        self.behaviour = Behaviour()
        self.asked.clear()
        self.calls.clear()

    def policy(self, **changes: Any) -> IdentityProvider:
        """What the policy says of it: a strong key that may assert everything, changed by `changes`."""
        return IdentityProvider(
            **{
                "code": self.code,
                "name": Text(self.code, self.code),
                "hint": Text("Een sleutel van de tests.", "A key of the tests."),
                "issuer": self.issuer,
                "metadata_url": f"{self.issuer}/.well-known/openid-configuration",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "authentication": "client_secret_basic",
                "scope": "openid profile rrn",
                "asserts": frozenset({"name", "national_number"}),
                "number_claim": NUMBER_CLAIM,
                "levels": LEVELS,
                "ceiling": 35,
                "acr_values": "",
                "signing_algorithm": "RS256",
                **changes,
            }
        )

    def authorize(self, address: str, subject: str = "subject-1", **claims: Any) -> str:
        """The person proves who they are; the path and query with which the browser comes back."""
        query = self.request_of(address)
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = uuid.uuid4().hex
        self._codes[code] = _Code(query, {"sub": subject, **claims})
        return self._way_back(query, code=code)

    def cancel(self, address: str, error: str = "access_denied") -> str:
        """The person does not."""
        return self._way_back(self.request_of(address), error=error)

    def request_of(self, address: str) -> dict[str, str]:
        """What the browser brings, or the request that it refers to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return self._pushed.pop(query["request_uri"]) if "request_uri" in query else query

    def _way_back(self, query: dict[str, str], **answer: str) -> str:
        fields = {**answer, "state": query["state"]}
        issuer = self.behaviour.response_issuer
        if issuer is not None:
            fields["iss"] = issuer or self.issuer
        return f"{urlsplit(query['redirect_uri']).path}?{urlencode(fields)}"

    # What the broker calls

    @Request.application
    def _answer(self, request: Request) -> Response:
        name = request.path.rpartition("/")[2]
        self.asked.append(name)
        if request.method == "POST":
            assert all(len(values) == 1 for _, values in request.form.lists()), "a parameter twice"
            self.calls.append(Call(name, request.form.to_dict(), request.headers.get("Authorization")))
        behaviour = self.behaviour
        if behaviour.slow:
            time.sleep(behaviour.slow)
        if name in behaviour.down:
            return Response("down", 500)
        if behaviour.redirect:
            return Response(status=302, headers={"Location": behaviour.redirect})
        if name in behaviour.endless:
            return Response(_without_end(), content_type="application/json")
        if name in behaviour.refuses:
            return _json({"error": behaviour.refuses[name], "error_description": "Bel 0900"}, 400)
        if name in behaviour.raw:
            return Response(behaviour.raw[name], content_type="application/json")
        if name == "openid-configuration":
            return _json(self._metadata())
        if name == "jwks":
            return _json({"keys": [key.public_jwk() for key in behaviour.published or [KEY]]})
        if name == "token":
            return self._redeem(request)
        if name == "par":
            return self._push(request.form.to_dict())
        if name == "userinfo":
            told = self._userinfo[request.headers["Authorization"].removeprefix("Bearer ")]
            if behaviour.userinfo_token:
                return Response(behaviour.userinfo_token(told), content_type="application/jwt")
            return _json(told)
        return Response(status=404)

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "authorization_response_iss_parameter_supported": True,
            **self.behaviour.metadata,
        }

    def _push(self, asked: dict[str, str]) -> Response:
        if self.behaviour.par:
            return _json(*self.behaviour.par(asked))
        reference = f"urn:ietf:params:oauth:request_uri:{uuid.uuid4().hex}"
        self._pushed[reference] = asked
        return _json({"request_uri": reference, "expires_in": 60}, 201)

    def _redeem(self, request: Request) -> Response:
        kept = self._codes.pop(request.form["code"], None)
        challenge = base64.urlsafe_b64encode(sha256(request.form["code_verifier"].encode()).digest()).rstrip(b"=")
        if (
            kept is None
            or challenge.decode() != kept.query["code_challenge"]
            or request.form["redirect_uri"] != kept.query["redirect_uri"]
        ):
            return _json({"error": "invalid_grant"}, 400)
        token = uuid.uuid4().hex
        behaviour = self.behaviour
        claims = self._claims(kept)
        self._userinfo[token] = {"sub": kept.claims["sub"], **(behaviour.userinfo or {})}
        id_token = behaviour.token(claims) if behaviour.token else sign(claims, behaviour.key, "JWT")
        if behaviour.sealed:
            id_token = behaviour.sealed(id_token)
        return _json({"access_token": token, "token_type": "Bearer", "id_token": id_token})

    def _claims(self, kept: _Code) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": kept.query.get("nonce"),
            "acr": "substantial",
            "amr": ["pop", "sc"],
            **kept.claims,
            **self.behaviour.claims,
        }
        return {name: value for name, value in claims.items() if value is not None}


def _without_end() -> Iterator[bytes]:
    yield b'{"keys": ['
    while True:
        yield b'"x", ' * 10_000


def _json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
