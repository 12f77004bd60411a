"""The Cultuurmonitor as the broker sees it: a client with its own secret, that takes a code and gets tokens for it.

Owns the way from a signed-in person to verified claims, so that a test can read what stands in a token.
"""

import base64
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from jose import jwt

from modules.tryout.demo_secrets import demo_secrets
from tests.e2e.http_visitor import HttpVisitor
from tests.worlds.browser import Live

_SCOPES = "openid profile vo cjm_cultuurmonitor"


def claims_of(visitor: HttpVisitor) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the ID token and the access token say of `visitor`, who is signed in: both verified against the broker's keys."""
    live = visitor.live
    redirect_uri = f"{live.cultuurmonitor}/cultuurmonitor/aanmelden/terug"
    verifier, nonce, state = token_urlsafe(48), token_urlsafe(16), token_urlsafe(16)
    query = {
        "client_id": "cultuurmonitor",
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": _SCOPES,
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    back = visitor.browser.get(f"{live.broker}/op/v1/auth?{urlencode(query)}", allow_redirects=False, timeout=30)
    assert back.status_code in (302, 303), f"{back.status_code} {back.text[:500]}"
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()}
    assert back.headers["Location"].startswith(redirect_uri)
    assert (answer["state"], answer["iss"]) == (state, f"{live.broker}/op")
    tokens = requests.post(
        f"{live.broker}/op/v1/token",
        data={
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        },
        auth=("cultuurmonitor", demo_secrets(live.house.data)["BROKER_CLIENT_CULTUURMONITOR"]),
        timeout=30,
    )
    assert tokens.status_code == 200, tokens.text
    received = tokens.json()
    common: dict[str, Any] = {"algorithms": ["ES256"], "audience": "cultuurmonitor", "issuer": f"{live.broker}/op"}
    key = _key_of(live, received["id_token"])
    id_claims = jwt.decode(received["id_token"], key, access_token=received["access_token"], **common)
    assert id_claims["nonce"] == nonce
    return id_claims, jwt.decode(received["access_token"], _key_of(live, received["access_token"]), **common)


def _key_of(live: Live, token: str) -> dict[str, Any]:
    """The published key that `token` says it was signed with."""
    keys = requests.get(f"{live.broker}/op/v1/keys", timeout=30).json()["keys"]
    (key,) = [each for each in keys if each["kid"] == jwt.get_unverified_header(token)["kid"]]
    return dict(key)
