"""An application behind Poortwachter in Flask: Authlib for the sign-in, joserfc (which it brings) for the logout token."""

import os
import secrets
import time

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, redirect, request, session, url_for
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ISSUER, CLIENT_ID, BASE_URL = os.environ["ISSUER"], os.environ["CLIENT_ID"], os.environ["BASE_URL"]
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
RENEW_SECONDS = 60  # before the access token runs out

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
app.config.update(SESSION_COOKIE_NAME="flask_example", SESSION_COOKIE_SAMESITE="Lax")
broker = OAuth(app).register(
    "poortwachter",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_id=CLIENT_ID,
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={
        "scope": os.environ["SCOPE"],
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": "client_secret_basic",
    },
)
sessions: dict[str, dict] = {}  # in memory: enough for one process


@app.get("/")
def page():
    kept = renewed(session.get("id", ""))
    if kept is None:
        return broker.authorize_redirect(f"{BASE_URL}/callback")
    claims = kept["claims"]
    shown = {name: claims[name] for name in ("given_name", "family_name", "vo_orgcode", "sid")}
    return shown | {"rights": claims.get(os.environ["RIGHTS_CLAIM"], [])}


@app.get("/callback")
def come_back():
    if request.args.get("iss") != ISSUER:  # RFC 9207, which Authlib leaves to us
        abort(400)
    token = broker.authorize_access_token(
        claims_options={  # Authlib checks the audience only when it is told to
            "iss": {"essential": True, "value": ISSUER},
            "aud": {"essential": True, "value": CLIENT_ID},
        }
    )
    session["id"] = secrets.token_urlsafe(32)
    sessions[session["id"]] = {"token": token, "claims": token["userinfo"]}
    return redirect(url_for("page"))


def renewed(key):
    """The session of this page request, with new tokens when the access token nearly runs out; a refusal ends it."""
    kept = sessions.get(key)
    if kept is None or time.time() < kept["token"]["expires_at"] - RENEW_SECONDS:
        return kept
    try:
        token = broker.fetch_access_token(grant_type="refresh_token", refresh_token=kept["token"]["refresh_token"])
    except OAuthError as error:
        if error.error != "invalid_grant":
            raise
        sessions.pop(key, None)
        return None
    kept["claims"] = broker.parse_id_token(token, nonce=None) if "id_token" in token else kept["claims"]
    kept["token"] = {**kept["token"], **token}
    return sessions.get(key)  # None when somebody signed out meanwhile


@app.post("/sign-out")
def sign_out():
    kept = sessions.pop(session.pop("id", ""), None)
    if kept is None:
        return redirect(url_for("signed_out"))
    return broker.logout_redirect(
        post_logout_redirect_uri=f"{BASE_URL}/signed-out", id_token_hint=kept["token"]["id_token"]
    )


@app.get("/signed-out")
def signed_out():
    return {"said": "Signed out."}


@app.post("/backchannel-logout")
def hear_logout():
    """OpenID Back-Channel Logout 1.0, section 2.6."""
    try:
        keys = KeySet.import_key_set(broker.fetch_jwk_set())
        token = jwt.decode(request.form.get("logout_token", ""), keys, algorithms=["ES256"])
        claims = token.claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": CLIENT_ID},
            exp={"essential": True},
            jti={"essential": True},
            iat={"essential": True},
        ).validate(claims)
        good = (
            token.header.get("typ") == "logout+jwt"
            and abs(time.time() - claims["iat"]) <= 120
            and LOGOUT_EVENT in claims.get("events", {})
            and "nonce" not in claims
            and ("sid" in claims or "sub" in claims)
        )
    except (JoseError, ValueError):
        good = False
    if not good:
        return {"error": "invalid_request"}, 400, {"Cache-Control": "no-store"}
    name = "sid" if "sid" in claims else "sub"
    for key, kept in list(sessions.items()):
        if kept["claims"].get(name) == claims[name]:
            del sessions[key]
    return "", 200, {"Cache-Control": "no-store"}


@app.errorhandler(requests.RequestException)
def broker_is_away(_error):
    return {"said": "Try again in a few minutes."}, 503
