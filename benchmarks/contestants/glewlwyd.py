"""Debian's glewlwyd, a provider in C, on SQLite: set up through its own API, one OpenID plugin for each algorithm.

Its slow hash of client secrets (PBKDF2) is turned down to one round: it would be all that is measured. Access tokens are JWTs.
"""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet

from benchmarks.by_hand import ask, cookie_header
from benchmarks.door import REDIRECT_URI, Account, Addresses, Door, new_setup
from benchmarks.peers_folder import MissingPeerError
from benchmarks.programs import Programs, wait_until_it_answers

_TABLES = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
_MODULES = Path("/usr/lib/glewlwyd")
_FIRST_PASSWORD = "password"  # of the account that a new installation has
_VISITORS = 8
_SESSION = "GLEWLWYD2_SESSION_ID"
_SCOPE = "openid read"


class Glewlwyd:
    """Discovery, keys and tokens are those of its ES256 plugin; RS256 tokens come from the other one."""

    name = "glewlwyd"
    title = "glewlwyd (C), SQLite"
    without: Mapping[str, str] = {}

    def start(self, programs: Programs, folder: Path, port: int) -> Door:
        """Start it and tell it keys, clients and people."""
        base = f"http://127.0.0.1:{port}"
        setup = new_setup(base, folder / "glewlwyd.db")
        _make_database(Path(setup["database"]))
        config = folder / "glewlwyd.conf"
        config.write_text(_configuration(base, port, folder))
        program = programs.start(self.name, ["glewlwyd", "--config-file", str(config)], cwd=folder)
        wait_until_it_answers(program, f"{base}/config/")
        _fill(base, setup)
        code = setup["code_client"]
        return Door(
            base=base,
            issuer=f"{base}/api/es256",
            program=program,
            addresses=_addresses("es256"),
            code_client=Account(code["client_id"], code["client_secret"]),
            scope=_SCOPE,
            machine_clients={
                alg: Account(each["client_id"], each["client_secret"]) for alg, each in setup["machine_clients"].items()
            },
            more_for_machines={"ES256": "scope=read", "RS256": "scope=read"},
            more_for_authorize="&g_continue",
            token_address_of={"RS256": _addresses("rs256").token},
            jwks_address_of={"RS256": _addresses("rs256").jwks},
            issuer_of={"RS256": f"{base}/api/rs256"},
            begin_session=lambda number: _sign_in(base, f"person-{number}", _password(number), _SCOPE),
        )


def _addresses(plugin: str) -> Addresses:
    api = f"/api/{plugin}"
    return Addresses(
        authorize=f"{api}/auth",
        token=f"{api}/token",
        introspect=f"{api}/introspect",
        userinfo=f"{api}/userinfo",
        discovery=f"{api}/.well-known/openid-configuration",
        jwks=f"{api}/jwks",
    )


def _make_database(file: Path) -> None:
    if not _TABLES.exists():
        raise MissingPeerError(f"{_TABLES} is not on this machine")
    with sqlite3.connect(file) as database:
        database.executescript(_TABLES.read_text())
        database.execute("PRAGMA journal_mode=WAL")
    database.close()


def _configuration(base: str, port: int, folder: Path) -> str:
    return f"""
port={port}
bind_address="127.0.0.1"
external_url="{base}"
login_url="login.html"
api_prefix="api"
log_mode="console"
log_level="WARNING"
cookie_secure=0
session_key="{_SESSION}"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{_MODULES}/user"
client_module_path="{_MODULES}/client"
user_auth_scheme_module_path="{_MODULES}/scheme"
plugin_module_path="{_MODULES}/plugin"
hash_algorithm="SHA256"
database = {{
  type = "sqlite3"
  path = "{folder / "glewlwyd.db"}"
}}
"""


def _fill(base: str, setup: dict[str, Any]) -> None:
    admin = _sign_in(base, "admin", _FIRST_PASSWORD, "")
    for kind in ("client", "user"):
        module = ask(base, f"/api/mod/{kind}/database", cookie=admin).json
        module["parameters"]["pbkdf2-iterations"] = 1
        _told(base, admin, "PUT", f"/api/mod/{kind}/database", module)
    _told(base, admin, "PUT", "/api/mod/reload/", None)
    _told(
        base,
        admin,
        "POST",
        "/api/scope/",
        {"name": "read", "display_name": "Read", "password_required": True, "password_max_age": 0},
    )
    _told(
        base,
        admin,
        "PUT",
        "/api/scope/openid",
        {"display_name": "OpenID", "password_required": True, "password_max_age": 0},
    )
    for algorithm in ("ES256", "RS256"):
        _told(base, admin, "POST", "/api/mod/plugin/", _plugin(base, setup, algorithm))
    code = setup["code_client"]
    _told(
        base,
        admin,
        "POST",
        "/api/client/",
        _client(code, ["code", "refresh_token"]) | {"redirect_uri": [REDIRECT_URI]},
    )
    for own in setup["machine_clients"].values():
        _told(base, admin, "POST", "/api/client/", _client(own, ["client_credentials"]))
    for person in setup["people"][:_VISITORS]:
        name, password = person["sub"], _password(person["id"])
        _told(
            base,
            admin,
            "POST",
            "/api/user/",
            {
                "username": name,
                "name": f"{person['given_name']} {person['family_name']}",
                "email": person["email"],
                "password": password,
                "scope": ["openid", "read", "g_profile"],
                "enabled": True,
            },
        )
        own = _sign_in(base, name, password, _SCOPE)
        _told(base, own, "PUT", f"/api/auth/grant/{code['client_id']}", {"scope": _SCOPE})


def _client(known: dict[str, str], ways: list[str]) -> dict[str, Any]:
    return {
        "client_id": known["client_id"],
        "name": known["client_id"],
        "password": known["client_secret"],
        "confidential": True,
        "enabled": True,
        "authorization_type": ways,
        "token_endpoint_auth_method": ["client_secret_basic"],
        "scope": ["read"],
    }


def _plugin(base: str, setup: dict[str, Any], algorithm: str) -> dict[str, Any]:
    keys = [key for key in setup["keys"]["keys"] if key["alg"] == algorithm]
    name = algorithm.lower()
    return {
        "module": "oidc",
        "name": name,
        "display_name": name,
        "enabled": True,
        "parameters": {
            "iss": f"{base}/api/{name}",
            "subject-type": "public",
            "jwks-private": json.dumps(KeySet.import_key_set({"keys": keys}).as_dict(private=True)),
            "jwt-type": "ecdsa" if algorithm == "ES256" else "rsa",
            "jwt-key-size": "256",
            "access-token-duration": 3600,
            "refresh-token-duration": 28800,
            "code-duration": 300,
            "refresh-token-rolling": True,
            "refresh-token-one-use": "always",
            "allow-non-oidc": True,
            "auth-type-code-enabled": True,
            "auth-type-client-enabled": True,
            "auth-type-refresh-enabled": True,
            "auth-type-token-enabled": False,
            "auth-type-none-enabled": False,
            "auth-type-password-enabled": False,
            "jwks-show": True,
            "pkce-allowed": True,
            "pkce-method-plain-allowed": False,
            "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True,
            "session-management-allowed": False,
            "name-claim": "mandatory",
            "email-claim": "mandatory",
            "scope-claim": "no",
            "allowed-scope": ["openid", "read"],
        },
    }


def _sign_in(base: str, name: str, password: str, scope: str) -> str:
    """The Cookie header of a new session of `name`."""
    answer = ask(base, "/api/auth/", send_json={"username": name, "password": password})
    if answer.status != 200:
        raise MissingPeerError(f"glewlwyd lets nobody in: {answer.status} {answer.body[:300]}")
    return cookie_header({_SESSION: answer.cookies[_SESSION]})


def _password(number: int) -> str:
    return f"a-password-of-the-benchmarks-{number}"


def _told(base: str, cookie: str, method: str, path: str, body: dict[str, Any] | None) -> None:
    answer = ask(base, path, method=method, send_json=body, cookie=cookie)
    if answer.status >= 300:
        raise MissingPeerError(f"glewlwyd refuses {method} {path}: {answer.status} {answer.body[:500]}")
