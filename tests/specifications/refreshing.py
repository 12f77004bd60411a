"""Applications that refresh, for the tests of refresh tokens and of taking them back.

A test file imports `catalogue` from here, and `relying` then knows these clients too. All secrets are `SECRET`. Their
refresh tokens live for one hour, for four in all, and for thirty days offline.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from broker.authentication.client_session import ClientSession
from broker.catalogue import Catalogue
from broker.database import db
from broker.installation import installation
from tests.oidc.conftest import SECRET, Relying, basic
from tests.worlds.client import Client

SLIDING = timedelta(hours=1)
ABSOLUTE = timedelta(hours=4)
OFFLINE = timedelta(days=30)
ALL = "openid profile vo cjm_cultuurmonitor"
ALL_OFFLINE = f"{ALL} offline_access"


@pytest.fixture(scope="session")
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The catalogue of the tests of the door, with these."""
    grants = ("authorization_code", "refresh_token")
    scopes = ("openid", "profile", "email", "vo", "rrn", "cjm_cultuurmonitor", "offline_access")
    confidential = replace(
        catalogue.clients["test-confidential"], client_id="refreshes", grant_types=grants, scopes=scopes
    )
    public = replace(catalogue.clients["test-public"], client_id="public", grant_types=grants, scopes=scopes)
    clients = [
        confidential,
        public,
        replace(confidential, client_id="stranger"),
        replace(confidential, client_id="active", refresh_is_activity=True),
        replace(confidential, client_id="asks", consent="once"),
        replace(confidential, client_id="rs256", signing_algorithm="RS256"),
        replace(confidential, client_id="anybody", access="any_person"),
        replace(confidential, client_id="never", grant_types=("authorization_code",)),
    ]
    application = catalogue.applications["cultuurmonitor"]
    application = replace(
        application,
        clients={**application.clients, **{each.client_id: each for each in clients}},
        lifetimes=replace(
            application.lifetimes,
            refresh=int(SLIDING.total_seconds()),
            refresh_absolute=int(ABSOLUTE.total_seconds()),
            offline=int(OFFLINE.total_seconds()),
        ),
    )
    return replace(
        catalogue,
        applications={**catalogue.applications, "cultuurmonitor": application},
        clients={**catalogue.clients, **application.clients},
    )


def posted(app: Relying, endpoint: str, headers: dict[str, str] | None = None, **body: str | None) -> TestResponse:
    """POST `body` to an endpoint as this client."""
    proof: dict[str, str] = {}
    if installation().catalogue.clients[app.client_id].authentication == "none":
        body = {"client_id": app.client_id} | body
    else:
        proof = {"Authorization": basic(app.client_id, SECRET)}
    data = {name: value for name, value in body.items() if value is not None}
    return Client(app.browser.application).post(f"/op/v1/{endpoint}", data=data, headers=proof | (headers or {}))


def refreshed(
    app: Relying, refresh_token: str | None, headers: dict[str, str] | None = None, **changes: str | None
) -> TestResponse:
    """POST a refresh token to the token endpoint."""
    return posted(app, "token", headers, grant_type="refresh_token", refresh_token=refresh_token, **changes)


def revoked(app: Relying, token: str | None, **changes: str | None) -> TestResponse:
    """POST a token to the revocation endpoint."""
    return posted(app, "revoke", token=token, **changes)


def refuses(answer: TestResponse, error: str = "invalid_grant") -> bool:
    """Whether the token endpoint refused with this error and gave nothing."""
    told: dict[str, Any] = answer.json
    return answer.status_code == 400 and told["error"] == error and "access_token" not in told


def the_session() -> ClientSession:
    """The only ClientSession, as it is now."""
    db.session.rollback()
    row = db.session.scalars(select(ClientSession)).one()
    db.session.expunge(row)
    db.session.rollback()
    return row
