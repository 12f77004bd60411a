"""A bare Flask view under the broker's own gunicorn.conf.py: what the ground allows."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.contestants.python_peer import gunicorn
from benchmarks.door import Account, Addresses, Door
from benchmarks.programs import Programs, wait_until_it_answers


class BareFlask:
    """Whatever the path, it answers the same kilobyte."""

    name = "bare-flask"
    title = "bare Flask view"
    without: Mapping[str, str] = {}

    def start(self, programs: Programs, folder: Path, port: int) -> Door:
        """Start it."""
        base = f"http://127.0.0.1:{port}"
        program = gunicorn(programs, self.name, "bare_flask", port, {})
        wait_until_it_answers(program, f"{base}/bare")
        nobody = Account("nobody", "nothing")
        return Door(
            base=base,
            issuer=base,
            program=program,
            addresses=Addresses(*(["/bare"] * 6)),
            code_client=nobody,
            scope="openid",
            machine_clients={"ES256": nobody, "RS256": nobody},
            begin_session=lambda _number: "",
        )
