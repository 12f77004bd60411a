"""An application at the broker's door: clients of every kind, and one that walks through the flow as its policy has
it."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker import clock as broker_clock
from broker.catalogue import Catalogue
from broker.database import changing_session, db, perform
from broker.installation import installation
from broker.keys.jose import Algorithm, SigningKey, new_private_key, sign, signing_key, verify
from broker.keys.rotate_signing_key import ensure_signing_keys
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client
from tests.worlds.world import World

ISSUER = "http://localhost:8000/op"
BACK = "http://localhost:8001/terug"
AFTER = "http://localhost:8001/"
SECRET = "a-secret-of-the-tests-only-0123456789"
ALL = "openid profile vo cjm_cultuurmonitor"


@pytest.fixture(scope="session")
def client_key() -> SigningKey:
    """The key with which `test-jwt` proves itself."""
    return signing_key("client-1", "ES256", new_private_key("ES256"))


@pytest.fixture(scope="session")
def catalogue(catalogue: Catalogue, client_key: SigningKey) -> Catalogue:
    """The test catalogue with a client of every kind; a person may have a role at several organisations (decisions
    6)."""
    addresses = {"redirect_uris": (BACK,), "post_logout_redirect_uris": (AFTER,)}
    confidential = replace(
        catalogue.clients["test-confidential"], secret_sha256=(sha256(SECRET.encode()).hexdigest(),), **addresses
    )
    public = replace(catalogue.clients["test-public"], **addresses)
    clients = [
        public,
        confidential,
        replace(public, client_id="test-other", redirect_uris=("http://localhost:8002/terug",)),
        replace(confidential, client_id="test-post", authentication="client_secret_post", signing_algorithm="RS256"),
        replace(confidential, client_id="test-acm", pkce="optional"),
        replace(
            confidential,
            client_id="test-jwt",
            authentication="private_key_jwt",
            secret_sha256=(),
            jwks={"keys": [client_key.public_jwk()]},
        ),
        replace(confidential, client_id="test-anybody", access="any_person"),
        replace(confidential, client_id="test-consent", consent="once"),
    ]
    application = replace(
        catalogue.applications["cultuurmonitor"],
        one_role_per="person_and_organisation",
        clients={each.client_id: each for each in clients},
    )
    return replace(
        catalogue,
        applications={**catalogue.applications, "cultuurmonitor": application},
        clients={**catalogue.clients, **application.clients},
    )


@pytest.fixture
def app(app: Flask) -> Flask:
    """The broker, with its signing keys."""
    perform(ensure_signing_keys, installation().keys)
    return app


@dataclass
class Relying:
    """An application that sends `browser` to the broker and takes what comes back."""

    browser: Client
    client_id: str = "test-confidential"
    key: SigningKey | None = None
    redirect_uri: str = BACK
    verifier: str = field(default_factory=lambda: token_urlsafe(48))
    state: str = "een-staat"
    nonce: str | None = "een-nonce"

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of a sound request, with `changes` (None leaves one out)."""
        challenge = base64.urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        parameters = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": ALL,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        } | changes
        return {name: value for name, value in parameters.items() if value is not None}

    def authorize(self, **changes: str | None) -> TestResponse:
        """GET the authorization endpoint."""
        return self.browser.get(f"/op/v1/auth?{urlencode(self.request(**changes))}")

    def code(self, **changes: str | None) -> str:
        """The code of a request that needs no page."""
        response = self.authorize(**changes)
        answer = answer_of(response)
        assert "code" in answer, f"no code but {response.status_code} {answer or response.text[:400]}"
        return answer["code"]

    def redeem(self, code: str, proof: str | None = None, **changes: str | None) -> TestResponse:
        """POST the token endpoint, proving itself as its policy says, and its key by `proof` (RFC 9449)."""
        body: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        headers = {"DPoP": proof} if proof else {}
        policy = installation().catalogue.clients[self.client_id]
        if policy.authentication == "client_secret_basic":
            headers["Authorization"] = basic(self.client_id, SECRET)
        elif policy.authentication == "client_secret_post":
            body |= {"client_id": self.client_id, "client_secret": SECRET}
        elif policy.authentication == "private_key_jwt":
            body |= self.assertion()
        else:
            body["client_id"] = self.client_id
        data = {name: value for name, value in (body | changes).items() if value is not None}
        return Client(self.browser.application).post("/op/v1/token", data=data, headers=headers)

    def assertion(self, key: SigningKey | None = None, **changes: Any) -> dict[str, str | None]:
        """A client assertion (RFC 7523), with `changes` to its claims."""
        signer = key or self.key
        assert signer is not None
        now = int(broker_clock.now().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": f"{ISSUER}/v1/token",
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + 60,
        } | changes
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": sign({k: v for k, v in claims.items() if v is not None}, signer, "JWT"),
        }

    def tokens(self, **changes: str | None) -> dict[str, Any]:
        """The whole way: code and tokens."""
        response = self.redeem(self.code(**changes))
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json
        return found

    def userinfo(self, access_token: str) -> TestResponse:
        """GET userinfo."""
        return Client(self.browser.application).get(
            "/op/v1/userinfo", headers={"Authorization": f"Bearer {access_token}"}
        )

    def id_claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """The verified claims of the ID token."""
        return self._claims(tokens["id_token"], self.client_id, "JWT")

    def access_claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """The verified claims of the access token."""
        return self._claims(tokens["access_token"], "cultuurmonitor", "at+jwt")

    def _claims(self, token: str, audience: str, typ: str) -> dict[str, Any]:
        jwks = Client(self.browser.application).get("/op/v1/keys").json
        signed_with = installation().catalogue.clients[self.client_id].signing_algorithm
        algorithm: Algorithm = "ES256" if signed_with == "ES256" else "RS256"
        return verify(token, keys=jwks, algorithm=algorithm, issuer=ISSUER, audience=audience, typ=typ)


@pytest.fixture
def relying(client: Client, client_key: SigningKey) -> Callable[..., Relying]:
    """Makes an application for this test's browser: `relying("test-public")`."""

    def make(client_id: str = "test-confidential", browser: Client = client, **columns: Any) -> Relying:
        return Relying(browser, client_id, client_key, **columns)

    return make


@pytest.fixture
def nele(world: World, client: Client) -> Person:
    """Somebody signed in, with a right."""
    person = world.person("Nele Vercauteren")
    world.grant(person, world.organisation("Gemeente Genk"), "invoerder")
    world.sign_in(client, person)
    return person


@pytest.fixture
def kaai(world: World) -> Organisation:
    """An economische actor, which needs a label and has it."""
    organisation = world.organisation("De Kaai", kind="economische_actor")
    world.label(organisation)
    return organisation


@pytest.fixture
def amina(world: World, client: Client, kaai: Organisation) -> Person:
    """Has a right there, and is signed in."""
    person = world.person("Amina Ouali")
    world.grant(person, kaai)
    world.sign_in(client, person)
    return person


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction of somebody else, committed at the end."""
    with changing_session() as session, session.begin():
        yield session
    db.session.rollback()


def answer_of(response: TestResponse) -> dict[str, str]:
    """What the client hears at its redirect URI; empty when the browser was not sent there."""
    location = response.headers.get("Location", "")
    if not location.startswith(("http://localhost:8001/", "http://localhost:8002/")):
        return {}
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def basic(client_id: str, secret: str) -> str:
    """The Authorization header of client_secret_basic."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def login_hint(**hint: str) -> str:
    """ACM's form."""
    return base64.b64encode(json.dumps(hint).encode()).decode()
