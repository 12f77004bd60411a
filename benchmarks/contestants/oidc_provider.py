"""The npm package oidc-provider, in memory and on Redis (peers/oidc_provider)."""

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.by_hand import ask, authorize_path, cookie_header
from benchmarks.contestants.python_peer import PEERS
from benchmarks.door import Addresses, Door, account, new_setup, written
from benchmarks.peers_folder import NODE_PEERS, node_program
from benchmarks.programs import Programs, wait_until_it_answers

# Where a client names no resource its own token would be opaque; these make it a JWT with one algorithm each.
_RESOURCES = {"ES256": "resource=urn:bench:es256&scope=read", "RS256": "resource=urn:bench:rs256&scope=read"}


class OidcProvider:
    """Access tokens of people are opaque: it can introspect no other."""

    without: Mapping[str, str] = {}

    def __init__(self, *, on_redis: bool) -> None:
        self._on_redis = on_redis
        self.name = "oidc-provider-redis" if on_redis else "oidc-provider-memory"
        self.title = f"oidc-provider (Node), {'Redis' if on_redis else 'in memory'}"

    def start(self, programs: Programs, folder: Path, port: int) -> Door:
        """Start it, and Redis before it where it is on Redis."""
        base = f"http://127.0.0.1:{port}"
        setup = new_setup(base, folder / "unused")
        env = {"BENCH_SETUP": str(written(setup, folder)), "NODE_ENV": "production"}
        databases: tuple[int, ...] = ()
        if self._on_redis:
            socket = folder / "redis.sock"
            redis = programs.start(
                "redis",
                [
                    *("redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)),
                    *("--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
                ],
            )
            databases = redis.roots
            env["REDIS_SOCKET"] = str(socket)
        # A module finds its packages beside itself.
        server = NODE_PEERS / "server.js"
        shutil.copyfile(PEERS / "oidc_provider" / "server.js", server)
        program = programs.start(self.name, [node_program(), str(server)], env=env, cwd=NODE_PEERS)
        wait_until_it_answers(program, f"{base}/jwks")
        door = Door(
            base=base,
            issuer=base,
            program=program,
            addresses=Addresses(
                authorize="/auth",
                token="/token",
                introspect="/token/introspection",
                userinfo="/me",
                discovery="/.well-known/openid-configuration",
                jwks="/jwks",
            ),
            code_client=account(setup["code_client"]),
            scope="openid profile email",
            machine_clients={alg: account(each) for alg, each in setup["machine_clients"].items()},
            more_for_machines=_RESOURCES,
            begin_session=lambda number: _begin_session(door, number),
            databases=databases,
            # In memory it holds a thousand things, codes, tokens and sessions together, and forgets the oldest.
            codes_at_once=0 if self._on_redis else 240,
        )
        return door


def _begin_session(door: Door, number: int) -> str:
    """Ask for a code, sign in where it sends us, and come back: what stays is the cookie of the session."""
    answer = ask(door.base, authorize_path(door, secrets.token_hex(12)))
    cookies = answer.cookies
    sign_in = _path(answer.headers["Location"])
    answer = ask(door.base, f"{sign_in}?person=person-{number}", cookie=cookie_header(cookies))
    cookies |= answer.cookies
    answer = ask(door.base, _path(answer.headers["Location"]), cookie=cookie_header(cookies))
    cookies |= answer.cookies
    return cookie_header({name: value for name, value in cookies.items() if name.startswith("_session")})


def _path(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
