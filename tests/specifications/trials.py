"""Somebody who believes nothing in the metadata before having tried it: what one trial needs.

A test file imports `catalogue` and `trial` from here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from broker.catalogue import Catalogue, Client
from broker.people.person import Person
from tests.oidc.conftest import SECRET, Relying, basic
from tests.specifications import machines
from tests.specifications.machines import JWT_BEARER, KEYS, assertion, jwk
from tests.worlds.client import Client as Browser
from tests.worlds.world import World

DISCOVERY = "/op/.well-known/openid-configuration"
ORIGIN = "http://localhost:8000"

machine_catalogue = machines.catalogue


@pytest.fixture(scope="session")
def catalogue(machine_catalogue: Catalogue) -> Catalogue:
    """The catalogue with machines, and clients that ask for one thing each."""
    found = machine_catalogue
    confidential, by_key = found.clients["test-confidential"], found.clients["test-jwt"]
    every_scope = ("openid", "profile", "email", "phone", "vo", "rrn", "offline_access", "cjm_cultuurmonitor")
    clients = [
        replace(by_key, client_id="t-keys", jwks={"keys": [jwk(each) for each in KEYS]}),
        replace(confidential, client_id="t-told", backchannel_logout_uri="http://localhost:8001/afgemeld"),
        replace(
            confidential, client_id="t-scopes", scopes=every_scope, grant_types=("authorization_code", "refresh_token")
        ),
        *(
            replace(
                confidential,
                client_id=f"t-{each.lower()}",
                signing_algorithm=each,
                userinfo_signing_algorithm=each,
                introspection_signing_algorithm=each,
            )
            for each in ("RS256", "ES256")
        ),
    ]
    application = found.applications["cultuurmonitor"]
    own = {each.client_id: each for each in clients}
    application = replace(application, clients={**application.clients, **own})
    return replace(
        found,
        applications={**found.applications, "cultuurmonitor": application},
        clients={**found.clients, **own},
    )


@dataclass
class Trial:
    """One provider, somebody signed in with a right, and applications that come with them. `claimed`: the document."""

    app: Flask
    browser: Browser
    person: Person
    relying: Callable[..., Relying]
    claimed: dict[str, Any]

    def path(self, member: str) -> str:
        """The path of an endpoint in the document."""
        address: str = self.claimed[member]
        assert address.startswith(ORIGIN)
        return address.removeprefix(ORIGIN)

    def prove(self, method: str, member: str, algorithm: str = "ES256") -> tuple[dict[str, str], dict[str, str]]:
        """Form and headers with which a machine proves itself in this way at this endpoint."""
        if method == "client_secret_basic":
            return {}, {"Authorization": basic("test-confidential", SECRET)}
        if method == "client_secret_post":
            return {"client_id": "test-post", "client_secret": SECRET}, {}
        if method == "none":
            return {"client_id": "test-public"}, {}
        text = assertion(algorithm, "t-keys", aud=self.claimed[member])
        return {"client_assertion_type": JWT_BEARER, "client_assertion": text}, {}

    def post(self, member: str, method: str, algorithm: str = "ES256", **form: str) -> TestResponse:
        """POST an endpoint, proving oneself in one way."""
        proof, headers = self.prove(method, member, algorithm)
        return self.app.test_client().post(self.path(member), data=form | proof, headers=headers)


@pytest.fixture
def trial(app: Flask, client: Browser, world: World, relying: Callable[..., Relying]) -> Trial:
    """Everything a trial needs."""
    person = world.person()
    world.grant(person, world.organisation("Gemeente Genk"), "invoerder")
    world.sign_in(client, person)
    return Trial(app, client, person, relying, client.get(DISCOVERY).json)


__all__ = ["DISCOVERY", "ORIGIN", "Client", "Trial", "catalogue", "machine_catalogue", "trial"]
