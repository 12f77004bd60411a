"""Authlib's plain Flask provider on SQLite, as its documentation builds it (peers/authlib_plain)."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.by_hand import ask, cookie_header
from benchmarks.contestants.python_peer import gunicorn
from benchmarks.door import Addresses, Door, account, new_setup, written
from benchmarks.programs import Programs, wait_until_it_answers


class AuthlibPlain:
    """Clients, codes and tokens as rows, through the ORM."""

    name = "authlib-plain"
    title = "Authlib, plain Flask, SQLite"
    without: Mapping[str, str] = {}

    def start(self, programs: Programs, folder: Path, port: int) -> Door:
        """Start it."""
        base = f"http://127.0.0.1:{port}"
        setup = new_setup(base, folder / "authlib.db")
        setup["code_client"]["scope"] = "openid profile email"
        env = {"BENCH_SETUP": str(written(setup, folder)), "AUTHLIB_INSECURE_TRANSPORT": "1"}
        program = gunicorn(programs, self.name, "authlib_plain", port, env)
        wait_until_it_answers(program, f"{base}/jwks")
        return Door(
            base=base,
            issuer=base,
            program=program,
            addresses=Addresses(
                "/authorize", "/token", "/introspect", "/userinfo", "/.well-known/openid-configuration", "/jwks"
            ),
            code_client=account(setup["code_client"]),
            scope="openid profile email",
            machine_clients={alg: account(each) for alg, each in setup["machine_clients"].items()},
            more_for_machines={"ES256": "scope=read", "RS256": "scope=read"},
            begin_session=lambda number: cookie_header(ask(base, f"/login/{number}").cookies),
        )
