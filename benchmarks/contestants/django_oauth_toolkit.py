"""django-oauth-toolkit on SQLite (peers/django_oauth_toolkit)."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.by_hand import ask, cookie_header
from benchmarks.contestants.python_peer import gunicorn
from benchmarks.door import Addresses, Door, account, new_setup, public_keys, written
from benchmarks.programs import Programs, wait_until_it_answers


class DjangoOAuthToolkit:
    """ID tokens are RS256: it knows no other asymmetric algorithm."""

    name = "django-oauth-toolkit"
    title = "django-oauth-toolkit, SQLite"
    without: Mapping[str, str] = {}

    def start(self, programs: Programs, folder: Path, port: int) -> Door:
        """Start it."""
        base = f"http://127.0.0.1:{port}"
        setup = new_setup(base, folder / "django.db")
        env = {"BENCH_SETUP": str(written(setup, folder)), "DJANGO_SETTINGS_MODULE": "provider_settings"}
        program = gunicorn(programs, self.name, "django_oauth_toolkit", port, env)
        wait_until_it_answers(program, f"{base}/o/.well-known/jwks.json")
        issuer = f"{base}/o"
        return Door(
            base=base,
            issuer=issuer,
            program=program,
            addresses=Addresses(
                authorize="/o/authorize/",
                token="/o/token/",
                introspect="/o/introspect/",
                userinfo="/o/userinfo/",
                discovery="/o/.well-known/openid-configuration",
                jwks="/o/.well-known/jwks.json",
            ),
            code_client=account(setup["code_client"]),
            scope="openid profile email",
            machine_clients={alg: account(each) for alg, each in setup["machine_clients"].items()},
            more_for_machines={"ES256": "scope=read", "RS256": "scope=read"},
            begin_session=lambda number: cookie_header(ask(base, f"/login/{number}").cookies),
            unpublished_keys={alg: public_keys(setup, alg) for alg in setup["machine_clients"]},
            id_token_algorithm="RS256",
        )
