"""More applications for the tests of a specification: three that call each other, and clients that ask for one thing each.

A test file imports `catalogue` from here, and `relying` then knows these clients too. All secrets are `SECRET`.
"""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from broker.catalogue import Application, Catalogue, Client
from broker.oidc.token_exchange_grant import ACCESS_TOKEN, TokenExchangeGrant
from tests.oidc.conftest import SECRET, basic

EVERY_SCOPE = ("openid", "profile", "email", "phone", "vo", "rrn", "cjm_cultuurmonitor")


@pytest.fixture(scope="session")
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The catalogue of the tests of the door, with more."""
    confidential, public = catalogue.clients["test-confidential"], catalogue.clients["test-public"]
    code = ("authorization_code", "token_exchange")
    clients = [
        replace(confidential, client_id="test-scopes", scopes=EVERY_SCOPE),
        replace(confidential, client_id="test-caller", scopes=EVERY_SCOPE, grant_types=code, may_call=("jaarboek",)),
        replace(confidential, client_id="test-colleague", grant_types=code, may_call=("jaarboek",)),
        replace(public, client_id="test-public-caller", grant_types=code, may_call=("jaarboek",)),
        replace(public, client_id="test-bound", require_dpop=True),
        replace(
            confidential,
            client_id="test-signed",
            signing_algorithm="RS256",
            userinfo_signing_algorithm="ES256",
            introspection_signing_algorithm="ES256",
        ),
        replace(
            confidential,
            client_id="test-refresh",
            grant_types=("authorization_code", "refresh_token"),
            scopes=(*EVERY_SCOPE, "offline_access"),
        ),
        replace(public, client_id="test-public-refresh", grant_types=("authorization_code", "refresh_token")),
        replace(
            confidential,
            client_id="test-machine",
            grant_types=("client_credentials",),
            redirect_uris=(),
            start_uri="",
            may_call=("jaarboek", "cultuurmonitor"),
        ),
    ]
    first = catalogue.applications["cultuurmonitor"]
    applications = [
        replace(first, clients={**first.clients, **{each.client_id: each for each in clients}}),
        _application(first, "jaarboek", confidential, may_call=("archief",)),
        _application(first, "archief", confidential, may_call=("jaarboek",)),
    ]
    return replace(
        catalogue,
        applications={**catalogue.applications, **{each.code: each for each in applications}},
        clients={
            **catalogue.clients,
            **{each.client_id: each for own in applications for each in own.clients.values()},
        },
    )


def _application(like: Application, code: str, confidential: Client, **changes: Any) -> Application:
    """An application without people, that is called and calls another."""
    client = replace(
        confidential,
        client_id=code,
        application_code=code,
        redirect_uris=(),
        start_uri=f"https://{code}.example/",
        scopes=("openid", f"cjm_{code}"),
        grant_types=("token_exchange",),
        **changes,
    )
    return replace(
        like,
        code=code,
        page=f"https://{code}.example/over",
        scope=f"cjm_{code}",
        claim=f"cjm_{code}_rol_3d",
        entitlement_codes={},
        labels={},
        clients={code: client},
    )


def asked_of(app: Flask, client_id: str, token: str, **headers: str) -> TestResponse:
    """POST introspection as `client_id`."""
    return app.test_client().post(
        "/op/v1/introspect", data={"token": token}, headers={"Authorization": basic(client_id, SECRET)} | headers
    )


def exchanged(
    app: Flask, client_id: str, token: str, headers: dict[str, str] | None = None, **changes: Any
) -> TestResponse:
    """POST the token endpoint as `client_id`, which calls the Jaarboek on behalf of the person in `token`."""
    body = {
        "grant_type": TokenExchangeGrant.GRANT_TYPE,
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        "audience": "jaarboek",
    } | changes
    return app.test_client().post(
        "/op/v1/token",
        data={name: value for name, value in body.items() if value is not None},
        headers={"Authorization": basic(client_id, SECRET)} | (headers or {}),
    )
