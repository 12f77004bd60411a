"""Modules that call each other and the broker by themselves: clients of every kind of proof, for the tests of RFC 6749 and
RFC 7523.

A test file imports `catalogue` from here. Every secret is `SECRET`, unless it says otherwise.
"""

import uuid
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from broker import clock
from broker.catalogue import Catalogue
from tests.oidc.conftest import ISSUER, SECRET, basic
from tests.specifications.holder import Holder, compact

OLD_SECRET = "the-secret-of-before-and-still-valid-0123456789"
ODD_SECRET = "een geheim: met % + / en é, 0123456789abcdef"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

KEYS = {"ES256": Holder("ES256"), "RS256": Holder("RS256"), "PS256": Holder("RS256")}
"""The keys of `m-jwt`, by the algorithm that each signs with; the kid is the algorithm in small letters."""


def jwk(algorithm: str, **changes: Any) -> dict[str, Any]:
    """The public half of one of them."""
    return {**KEYS[algorithm].jwk, "kid": algorithm.lower(), "alg": algorithm, "use": "sig"} | changes


@pytest.fixture(scope="session")
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The catalogue of the tests of the door, with machines."""
    machine = replace(
        catalogue.clients["test-confidential"],
        client_id="m-basic",
        grant_types=("client_credentials",),
        redirect_uris=(),
        post_logout_redirect_uris=(),
        start_uri="",
        scopes=(),
        may_call=("cultuurmonitor",),
    )
    by_key = replace(machine, client_id="m-jwt", authentication="private_key_jwt", secret_sha256=())
    clients = [
        machine,
        replace(machine, client_id="m-rs256", signing_algorithm="RS256"),
        replace(machine, client_id="m-post", authentication="client_secret_post"),
        replace(machine, client_id="m-several", may_call=("cultuurmonitor", "jaarboek")),
        replace(machine, client_id="m-rotating", secret_sha256=(_digest(SECRET), _digest(OLD_SECRET))),
        replace(machine, client_id="m-odd", secret_sha256=(_digest(ODD_SECRET),)),
        replace(machine, client_id="m-public", authentication="none", secret_sha256=()),
        replace(machine, client_id="m-bound", require_dpop=True),
        replace(by_key, jwks={"keys": [jwk(each) for each in KEYS]}),
        replace(by_key, client_id="m-jwt-too", jwks={"keys": [jwk("ES256")]}),
        replace(by_key, client_id="m-uri", jwks_uri="http://127.0.0.1:1/keys"),
    ]
    first = catalogue.applications["cultuurmonitor"]
    own = {each.client_id: each for each in clients}
    jaarboek = replace(
        first,
        code="jaarboek",
        page="https://jaarboek.example/over",
        scope="cjm_jaarboek",
        claim="cjm_jaarboek",
        entitlement_codes={},
        clients={},
    )
    return replace(
        catalogue,
        applications={
            **catalogue.applications,
            "cultuurmonitor": replace(first, clients={**first.clients, **own}),
            "jaarboek": jaarboek,
        },
        clients={**catalogue.clients, **own},
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def ask(app: Flask, who: str | None = "m-basic", headers: dict[str, str] | None = None, /, **form: Any) -> TestResponse:
    """POST the token endpoint for a token of the client itself; `who` proves itself by client_secret_basic."""
    proof = {"Authorization": basic(who, SECRET)} if who else {}
    body = {"grant_type": "client_credentials"} | form
    return app.test_client().post(
        "/op/v1/token",
        data={name: value for name, value in body.items() if value is not None},
        headers=proof | (headers or {}),
    )


def assertion_claims(client_id: str = "m-jwt", **changes: Any) -> dict[str, Any]:
    """What a sound assertion says, with `changes` (None takes a claim out)."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": f"{ISSUER}/v1/token",
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 60,
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def assertion(
    algorithm: str = "ES256",
    client_id: str = "m-jwt",
    header: dict[str, Any] | None = None,
    key: Any = None,
    **changes: Any,
) -> str:
    """A sound assertion of `client_id`, with `header` and `changes` to it, or signed by something else than its key."""
    told = {"alg": algorithm, "kid": algorithm.lower(), "typ": "JWT"} | (header or {})
    signer = KEYS[algorithm].key if key is None else key
    return compact({n: v for n, v in told.items() if v is not None}, assertion_claims(client_id, **changes), signer)


def ask_by(app: Flask, text: str, **form: Any) -> TestResponse:
    """The same as `ask`, by an assertion."""
    return ask(app, None, client_assertion_type=JWT_BEARER, client_assertion=text, **form)
