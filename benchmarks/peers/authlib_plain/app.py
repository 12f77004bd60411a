"""A provider as Authlib's documentation builds one with Flask: clients, codes and tokens are rows of SQLite, reached by the ORM.

Two additions, so that every path can be asked: access tokens of a client itself are JWTs by Authlib's own generator (RFC 9068),
with ES256 or RS256 by client, and a session can be begun without a password. BENCH_SETUP names the file with keys, clients and
people.
"""

import json
import os
from pathlib import Path
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.integrations.sqla_oauth2 import (
    OAuth2AuthorizationCodeMixin,
    OAuth2ClientMixin,
    OAuth2TokenMixin,
    create_bearer_token_validator,
    create_query_client_func,
    create_query_token_func,
    create_save_token_func,
)
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oidc.core import UserInfo, UserInfoEndpoint
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request, session
from flask_sqlalchemy import SQLAlchemy
from joserfc.jwk import KeySet
from sqlalchemy import event

SETUP: dict[str, Any] = json.loads(Path(os.environ["BENCH_SETUP"]).read_text())
ISSUER = SETUP["base"]
KEYS = KeySet.import_key_set(SETUP["keys"])
KEY_OF = {key["alg"]: KeySet.import_key_set({"keys": [key]}) for key in SETUP["keys"]["keys"]}

db = SQLAlchemy()


class User(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy makes the base at run time
    """Somebody who signs in."""

    id = db.Column(db.Integer, primary_key=True)
    sub = db.Column(db.String(40), unique=True)
    given_name = db.Column(db.String(80))
    family_name = db.Column(db.String(80))
    email = db.Column(db.String(120))

    def get_user_id(self) -> int:
        """What Authlib calls a user by."""
        key: int = self.id
        return key


class Client(db.Model, OAuth2ClientMixin):  # type: ignore[name-defined,misc]
    """An application."""

    id = db.Column(db.Integer, primary_key=True)


class Code(db.Model, OAuth2AuthorizationCodeMixin):  # type: ignore[name-defined,misc]
    """An authorization code."""

    __table_args__ = (db.Index("ix_code_nonce", "client_id", "nonce"),)

    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
    user = db.relationship(User)


class Token(db.Model, OAuth2TokenMixin):  # type: ignore[name-defined,misc]
    """An access token with its refresh token."""

    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
    user = db.relationship(User)

    def get_user(self) -> User | None:
        """Whose it is."""
        return db.session.get(User, self.user_id)

    def get_client(self) -> Client | None:
        """Which application has it."""
        return db.session.query(Client).filter_by(client_id=self.client_id).first()


def claims(user: User, scope: str) -> UserInfo:
    """What is told of `user`."""
    return UserInfo(
        sub=user.sub,
        given_name=user.given_name,
        family_name=user.family_name,
        name=f"{user.given_name} {user.family_name}",
        email=user.email,
    ).filter(scope)


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """Codes as rows."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = request.payload.data
        db.session.add(
            Code(
                code=code,
                client_id=request.client.client_id,
                redirect_uri=request.payload.redirect_uri,
                scope=request.scope,
                nonce=asked.get("nonce"),
                user_id=request.user.id,
                code_challenge=asked.get("code_challenge"),
                code_challenge_method=asked.get("code_challenge_method"),
            )
        )
        db.session.commit()

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found = db.session.query(Code).filter_by(code=code, client_id=client.client_id).first()
        return found if found and not found.is_expired() else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        db.session.delete(authorization_code)
        db.session.commit()

    def authenticate_user(self, authorization_code: Code) -> User | None:
        return db.session.get(User, authorization_code.user_id)


class IdToken(OpenIDCode):  # type: ignore[misc]
    """ID tokens with ES256."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        found = db.session.query(Code).filter_by(client_id=request.payload.client_id, nonce=nonce).first()
        return found is not None

    def resolve_client_private_key(self, _client: Client) -> KeySet:
        return KEY_OF["ES256"]

    def get_client_algorithm(self, _client: Client) -> str:
        return "ES256"

    def get_client_claims(self, _client: Client) -> dict[str, str]:
        return {"iss": ISSUER}

    def generate_user_info(self, user: User, scope: str) -> UserInfo:
        return claims(user, scope)


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """Refresh tokens that are replaced at each use."""

    INCLUDE_NEW_REFRESH_TOKEN = True
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        found = db.session.query(Token).filter_by(refresh_token=refresh_token).first()
        return found if found and not found.is_revoked() else None

    def authenticate_user(self, refresh_token: Token) -> User | None:
        return db.session.get(User, refresh_token.user_id)

    def revoke_old_credential(self, refresh_token: Token) -> None:
        refresh_token.refresh_token_revoked_at = refresh_token.access_token_revoked_at = 1
        db.session.add(refresh_token)
        db.session.commit()


class OwnToken(JWTBearerTokenGenerator):  # type: ignore[misc]
    """JWTs with one algorithm."""

    def get_jwks(self) -> KeySet:
        return KEY_OF[self.alg]


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """RFC 7662, for the client that has the token."""

    query_token = staticmethod(create_query_token_func(db.session, Token))

    def check_permission(self, token: Token, client: Client, _request: Any) -> bool:
        return bool(token.client_id == client.client_id)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        return {
            "active": True,
            "client_id": token.client_id,
            "token_type": token.token_type,
            "scope": token.get_scope(),
            "sub": token.user.sub,
            "aud": token.client_id,
            "iss": ISSUER,
            "exp": token.issued_at + token.expires_in,
            "iat": token.issued_at,
        }


class About(UserInfoEndpoint):  # type: ignore[misc]
    """OpenID userinfo."""

    def get_issuer(self) -> str:
        return str(ISSUER)

    def generate_user_info(self, user: User, scope: str) -> UserInfo:
        return claims(user, scope)


app = Flask(__name__)
app.secret_key = SETUP["cookie_key"]
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{SETUP['database']}"
app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
db.init_app(app)
server = AuthorizationServer(
    app, create_query_client_func(db.session, Client), create_save_token_func(db.session, Token)
)
_own = {alg: OwnToken(ISSUER, alg) for alg in KEY_OF}
_alg_of = {client["client_id"]: alg for alg, client in SETUP["machine_clients"].items()}
server.register_token_generator("client_credentials", lambda **about: _own[_alg_of[about["client"].client_id]](**about))
server.register_grant(CodeGrant, [IdToken(require_nonce=True), CodeChallenge(required=True)])
server.register_grant(RefreshGrant)
server.register_grant(grants.ClientCredentialsGrant)
server.register_endpoint(Introspection)
protector = ResourceProtector()
protector.register_token_validator(create_bearer_token_validator(db.session, Token)())
server.register_endpoint(About(resource_protector=protector))


def fill() -> None:
    """The tables, the clients and the people of the setup."""

    @event.listens_for(db.engine, "connect")
    def _wal(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    db.create_all()
    if db.session.query(Client).first() is not None:
        return
    code = SETUP["code_client"]
    one = Client(client_id=code["client_id"], client_secret=code["client_secret"])
    one.set_client_metadata(
        {
            "redirect_uris": [code["redirect_uri"]],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": code["scope"],
            "token_endpoint_auth_method": "client_secret_basic",
        }
    )
    db.session.add(one)
    for each in SETUP["machine_clients"].values():
        own = Client(client_id=each["client_id"], client_secret=each["client_secret"])
        own.set_client_metadata(
            {
                "grant_types": ["client_credentials"],
                "scope": "read",
                "token_endpoint_auth_method": "client_secret_basic",
            }
        )
        db.session.add(own)
    db.session.add_all(User(**person) for person in SETUP["people"])
    db.session.commit()


with app.app_context():
    fill()
    db.session.remove()
    db.engine.dispose()


@app.get("/login/<int:number>")
def login(number: int) -> Response:
    """Begin the session of one person; stands in for whatever asks a password."""
    session["id"] = number
    return jsonify(signed_in=True)


@app.get("/authorize")
def authorize() -> Response:
    """The authorization endpoint, for somebody who is signed in and has agreed before."""
    user = db.session.get(User, session["id"])
    grant = server.get_consent_grant(end_user=user)
    answer: Response = server.create_authorization_response(grant=grant, grant_user=user)
    return answer


@app.post("/token")
def token() -> Response:
    """The token endpoint."""
    answer: Response = server.create_token_response()
    return answer


@app.post("/introspect")
def introspect() -> Response:
    """The introspection endpoint."""
    answer: Response = server.create_endpoint_response("introspection")
    return answer


@app.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """The userinfo endpoint."""
    answer: Response = server.create_endpoint_response("userinfo", request)
    return answer


@app.get("/jwks")
def jwks() -> Response:
    """The public keys."""
    return jsonify(KEYS.as_dict(private=False))


@app.get("/.well-known/openid-configuration")
def discovery() -> Response:
    """What this provider can do."""
    return jsonify(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        userinfo_endpoint=f"{ISSUER}/userinfo",
        introspection_endpoint=f"{ISSUER}/introspect",
        jwks_uri=f"{ISSUER}/jwks",
        response_types_supported=["code"],
        grant_types_supported=["authorization_code", "refresh_token", "client_credentials"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256", "ES256"],
        token_endpoint_auth_methods_supported=["client_secret_basic"],
        code_challenge_methods_supported=["S256"],
        scopes_supported=["openid", "profile", "email"],
        claims_supported=["sub", "name", "given_name", "family_name", "email"],
    )
