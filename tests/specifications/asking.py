"""Applications that push and sign their authorization requests: for the tests of RFC 9101, RFC 9126 and what leans on them.

A test file imports `catalogue` from here; `relying` then knows these clients too.
"""

import uuid
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from werkzeug.test import TestResponse

from broker import clock
from broker.catalogue import Catalogue
from broker.installation import installation
from broker.keys.jose import SigningKey, sign
from tests.oidc.conftest import AFTER, BACK, ISSUER, SECRET, Relying, basic
from tests.specifications.holder import Holder, Private, compact
from tests.worlds.client import Client

ENDPOINT = f"{ISSUER}/v1/par"
URN = "urn:ietf:params:oauth:request_uri:"

PS256 = Holder("RS256")
"""A key of `test-ps256`; python-jose cannot make PS256."""


@pytest.fixture(scope="session")
def catalogue(catalogue: Catalogue, client_key: SigningKey) -> Catalogue:
    """The catalogue of the tests of the door, with clients that push, sign, refresh and ask for consent."""
    confidential, by_key = catalogue.clients["test-confidential"], catalogue.clients["test-jwt"]
    offline = (*confidential.scopes, "email", "phone", "offline_access")
    refreshing = ("authorization_code", "refresh_token")
    ps256 = {**PS256.jwk, "kid": "ps-1", "alg": "PS256", "use": "sig"}
    clients = [
        replace(confidential, client_id="test-par", require_par=True),
        replace(by_key, client_id="test-signing", require_signed_request=True),
        replace(by_key, client_id="test-signing-and-pushing", require_signed_request=True, require_par=True),
        replace(by_key, client_id="test-ps256", jwks={"keys": [ps256]}),
        replace(by_key, client_id="test-other-jwt", redirect_uris=("http://localhost:8002/terug",)),
        replace(confidential, client_id="test-offline", scopes=offline, grant_types=refreshing),
        replace(confidential, client_id="test-offline-consent", scopes=offline, grant_types=refreshing, consent="once"),
        replace(confidential, client_id="test-offline-never", scopes=offline),
        replace(confidential, client_id="test-few-scopes", scopes=("openid", "cjm_cultuurmonitor")),
        replace(confidential, client_id="test-query", redirect_uris=(f"{BACK}?soort=a%26b",)),
        replace(confidential, client_id="test-machine", redirect_uris=(), grant_types=("client_credentials",)),
    ]
    assert AFTER in confidential.post_logout_redirect_uris
    application = catalogue.applications["cultuurmonitor"]
    application = replace(application, clients={**application.clients, **{each.client_id: each for each in clients}})
    return replace(
        catalogue,
        applications={**catalogue.applications, "cultuurmonitor": application},
        clients={**catalogue.clients, **application.clients},
    )


def push(app: Relying, headers: dict[str, str] | None = None, **changes: str | None) -> TestResponse:
    """POST the pushed authorization request endpoint with a sound request of `app`, which proves itself as its policy
    says."""
    policy = installation().catalogue.clients[app.client_id]
    body: dict[str, str | None] = {**app.request(), **changes}
    sent = dict(headers or {})
    if policy.authentication == "client_secret_basic":
        sent.setdefault("Authorization", basic(app.client_id, SECRET))
    elif policy.authentication == "client_secret_post":
        body.setdefault("client_secret", SECRET)
    elif policy.authentication == "private_key_jwt":
        body = app.assertion(aud=ENDPOINT) | body
    data = {name: value for name, value in body.items() if value is not None}
    return Client(app.browser.application).post("/op/v1/par", data=data, headers=sent)


def pushed(app: Relying, **changes: str | None) -> str:
    """The reference to a request that was pushed."""
    response = push(app, **changes)
    assert response.status_code == 201, response.text
    found: str = response.json["request_uri"]
    return found


def brought(app: Relying, request_uri: str, **beside: str) -> TestResponse:
    """The browser comes with a reference."""
    query = {"client_id": app.client_id, "request_uri": request_uri} | beside
    return app.browser.get(f"/op/v1/auth?{urlencode(query)}")


def request_object(
    app: Relying, key: SigningKey | None = None, typ: str = "oauth-authz-req+jwt", **changes: Any
) -> str:
    """A sound request of `app` in a signed object, with `changes` to its claims (None leaves one out)."""
    signer = key or app.key
    assert signer is not None
    return sign(object_claims(app, **changes), signer, typ)


def signed_by_hand(app: Relying, key: Private | bytes | None, header: dict[str, Any], **changes: Any) -> str:
    """The same, with exactly this header."""
    return compact(header, object_claims(app, **changes), key)


def object_claims(app: Relying, **changes: Any) -> dict[str, Any]:
    """What a sound object says."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": app.client_id,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid.uuid4()),
        **app.request(),
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def signed(app: Relying, text: str, **beside: str | None) -> TestResponse:
    """The browser comes with a request object."""
    query = {"client_id": app.client_id, "request": text} | beside
    return app.browser.get(f"/op/v1/auth?{urlencode({k: v for k, v in query.items() if v is not None})}")


def way_in(response: TestResponse) -> dict[str, str]:
    """The wish with which the browser is sent to the sign-in page."""
    assert response.headers["Location"].startswith("/aanmelden?"), response.headers["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}
