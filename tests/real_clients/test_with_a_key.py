"""Clients that prove themselves by key, as Authlib and openid-client make their assertions and proofs."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey

from modules.kit.tokens import SigningKey
from tests.e2e.cast import newcomer
from tests.e2e.http_visitor import HttpVisitor, give_right
from tests.e2e.links import LB_INVOERDER
from tests.e2e.own_house import OwnHouse
from tests.real_clients.conftest import KEY_FILE, SCOPE, install_node, redirect_uri_of_key

CLIENT_ID = "voorbeeld-key"


class ShortLivedAssertions(PrivateKeyJWT):
    """As docs/integrate.md says: Authlib's assertions live an hour, and the broker takes none of more than ten minutes."""

    def sign(self, auth: Any, token_endpoint: str) -> str:
        self.claims = {"exp": int(time.time()) + 60}
        signed: str = super().sign(auth, token_endpoint)
        return signed


@pytest.fixture(scope="session")
def key(real_house: OwnHouse) -> SigningKey:
    """The private key of the client."""
    return SigningKey((real_house.live.house.data / KEY_FILE).read_text())


@pytest.fixture(scope="session")
def metadata(real_house: OwnHouse) -> dict[str, Any]:
    """What discovery says."""
    address = f"{real_house.live.broker}/op/.well-known/openid-configuration"
    found: dict[str, Any] = requests.get(address, timeout=30).json()
    return found


@pytest.fixture(scope="module")
def holder(real_house: OwnHouse) -> HttpVisitor:
    """Somebody with a right, signed in at the broker."""
    return give_right(real_house.live, newcomer("Noor"), LB_INVOERDER)


@pytest.fixture
def authlib(key: SigningKey, metadata: dict[str, Any], real_house: OwnHouse) -> OAuth2Session:
    """Authlib's own client, without a framework."""
    session = OAuth2Session(
        CLIENT_ID,
        ECKey.import_key(key.pem),
        scope=SCOPE,
        redirect_uri=redirect_uri_of_key(real_house.live.house),
        code_challenge_method="S256",
        token_endpoint_auth_method="private_key_jwt",
        revocation_endpoint_auth_method="private_key_jwt",
    )
    session.register_client_auth_method(
        ShortLivedAssertions(metadata["token_endpoint"], headers={"kid": key.thumbprint}, alg="ES256")
    )
    return session


def back_from(holder: HttpVisitor, address: str) -> str:
    """The address that the broker sends this browser back to."""
    answer = holder.browser.get(address, allow_redirects=False, timeout=30)
    assert answer.status_code in (302, 303), answer.text[:2000]
    return answer.headers["Location"]


def test_authlib_signs_in_goes_on_and_lets_go(
    authlib: OAuth2Session, metadata: dict[str, Any], holder: HttpVisitor
) -> None:
    verifier = "een-lange-verifier-van-de-tests-met-genoeg-tekens"
    address, state = authlib.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce="een-nonce"
    )
    back = back_from(holder, address)
    assert parse_qs(urlsplit(back).query)["iss"] == [metadata["issuer"]]
    token = authlib.fetch_token(
        metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    fresh = authlib.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert fresh["refresh_token"] != token["refresh_token"]
    told = authlib.get(metadata["userinfo_endpoint"], timeout=30).json()
    assert told["given_name"] == holder.who.given_name
    said = authlib.introspect_token(metadata["introspection_endpoint"], token=fresh["access_token"]).json()
    assert (said["active"], said["sub"]) == (True, told["sub"])
    assert authlib.revoke_token(metadata["revocation_endpoint"], token=fresh["refresh_token"]).status_code == 200
    over = authlib.introspect_token(metadata["introspection_endpoint"], token=fresh["access_token"]).json()
    assert over == {"active": False}


def test_authlib_calls_for_itself(authlib: OAuth2Session, metadata: dict[str, Any]) -> None:
    authlib.scope = None
    token = authlib.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", audience="cultuurmonitor")
    assert token["token_type"] == "Bearer"
    assert "refresh_token" not in token


def test_openid_client_pushes_its_request_and_binds_its_tokens(
    key: SigningKey, real_house: OwnHouse, holder: HttpVisitor, tmp_path: Path
) -> None:
    """RFC 9126, RFC 7523, RFC 9449 with the broker's nonce, RFC 7662, RFC 7009."""
    house = real_house.live.house
    node = install_node(tmp_path)
    program = subprocess.Popen(
        [node, "bound.js"],
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "ISSUER": f"{real_house.live.broker}/op",
            "CLIENT_ID": CLIENT_ID,
            "KEY_FILE": str(house.data / KEY_FILE),
            "KEY_ID": key.thumbprint,
            "REDIRECT_URI": redirect_uri_of_key(house),
            "SCOPE": SCOPE,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    address = program.stdout.readline().strip()
    if not address:
        pytest.fail(program.communicate(timeout=60)[1])
    said, complaint = program.communicate(f"{back_from(holder, address)}\n", timeout=60)
    assert program.returncode == 0, complaint
    found = json.loads(said)
    assert set(parse_qs(found["address"].lstrip("?"))) == {"client_id", "request_uri"}
    assert found["token_type"] == "dpop"
    assert found["userinfo"]["given_name"] == holder.who.given_name
    assert found["active"]["active"] is True
    assert found["active"]["cnf"]["jkt"]
    assert found["revoked"] == {"active": False}
    assert found["refused"] == "invalid_grant"
