"""How a peer in Python is served: by the gunicorn of the repository with the configuration of the repository, one worker."""

import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.peers_folder import PYTHON_PEERS
from benchmarks.programs import Program, Programs

REPOSITORY = Path(__file__).resolve().parents[2]
PEERS = REPOSITORY / "benchmarks" / "peers"


def gunicorn(programs: Programs, name: str, folder: str, port: int, env: Mapping[str, str]) -> Program:
    """Serve `app:app` of one folder of peers/."""
    return programs.start(
        name,
        [
            *(sys.executable, "-m", "gunicorn", "--config", str(REPOSITORY / "gunicorn.conf.py")),
            *("--chdir", str(PEERS / folder), "app:app"),
        ],
        env={
            "PYTHONPATH": f"{PEERS / folder}:{PYTHON_PEERS}:{REPOSITORY}",  # where the configuration finds its worker
            "GUNICORN_BIND": f"127.0.0.1:{port}",
            "WEB_CONCURRENCY": "1",
            **env,
        },
        cwd=PEERS / folder,
    )
