"""django-oauth-toolkit on SQLite: its settings; `DJANGO_SETTINGS_MODULE=provider_settings`.

As its documentation sets it up, with OpenID Connect. Two additions: access tokens of a client itself are JWTs (its generator is a
setting), and a session can be begun without a password. Client secrets are not hashed: its slow hash would be all that is measured.
BENCH_SETUP names the file with keys, clients and people.
"""

import json
import os
import time
import uuid
from pathlib import Path
from typing import Any

import jwt
from jwcrypto.jwk import JWK
from oauthlib.common import generate_token

SETUP: dict[str, Any] = json.loads(Path(os.environ["BENCH_SETUP"]).read_text())
_PEM = {key["alg"]: JWK(**key).export_to_pem(private_key=True, password=None) for key in SETUP["keys"]["keys"]}

DEBUG = False
SECRET_KEY = SETUP["cookie_key"]
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "addresses"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "oauth2_provider",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": SETUP["database"],
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "transaction_mode": "IMMEDIATE",
        },
    }
}
LOGGING = {"version": 1, "disable_existing_loggers": True}
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": _PEM["RS256"].decode(),
    "SCOPES": {"openid": "Sign in", "profile": "Name", "email": "Address", "read": "Read"},
    "PKCE_REQUIRED": True,
    "OAUTH2_VALIDATOR_CLASS": "validator.Validator",
    "ACCESS_TOKEN_GENERATOR": "provider_settings.access_token",
    "REFRESH_TOKEN_GENERATOR": "oauthlib.oauth2.rfc6749.tokens.random_token_generator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 300,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
}

_keys = {alg: jwt.get_algorithm_by_name(alg).prepare_key(pem) for alg, pem in _PEM.items()}
_alg_of = {client["client_id"]: alg for alg, client in SETUP["machine_clients"].items()}


def access_token(request: Any, refresh_token: bool = False) -> str:
    """A JWT for a client that asks for itself; for others what oauthlib makes by itself."""
    algorithm = _alg_of.get(request.client.client_id)
    if algorithm is None:
        return str(generate_token())
    now = int(time.time())
    return jwt.encode(
        {
            "iss": f"{SETUP['base']}/o",
            "sub": request.client.client_id,
            "client_id": request.client.client_id,
            "aud": "bench",
            "scope": " ".join(request.scopes),
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + 300,
        },
        _keys[algorithm],
        algorithm=algorithm,
        headers={"typ": "at+jwt", "kid": algorithm.lower()},
    )
