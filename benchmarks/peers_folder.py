"""Where the peers are put, and putting them there: packages of PyPI and npm in var/bench, programs by Debian's packages.

What is not there and cannot be had is said; a peer that needs it is left out of the run, with that reason.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / "var" / "bench"
PYTHON_PEERS = FOLDER / "python"
NODE_PEERS = FOLDER / "oidc_provider"

_REQUIREMENTS = REPOSITORY / "benchmarks" / "requirements-peers.txt"
_NODE_PACKAGE = REPOSITORY / "benchmarks" / "peers" / "oidc_provider"
_OLDEST_NODE = 20


class MissingPeerError(Exception):
    """A peer cannot be had here. The message says what is missing."""


def install_python_peers() -> None:
    """Packages that the repository itself has no use for, in a folder of their own."""
    mark = PYTHON_PEERS / ".installed"
    wanted = _digest(_REQUIREMENTS)
    if mark.exists() and mark.read_text() == wanted:
        return
    shutil.rmtree(PYTHON_PEERS, ignore_errors=True)
    uv = Path(sys.executable).parent / "uv"
    _run(
        *(str(uv), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(PYTHON_PEERS)),
        *("--no-deps", "--require-hashes", "--requirements", str(_REQUIREMENTS)),
    )
    mark.write_text(wanted)


def install_node_peers() -> None:
    """The packages of peers/oidc_provider/package-lock.json."""
    node_program()
    mark = NODE_PEERS / ".installed"
    wanted = _digest(_NODE_PACKAGE / "package-lock.json")
    if mark.exists() and mark.read_text() == wanted:
        return
    shutil.rmtree(NODE_PEERS, ignore_errors=True)
    NODE_PEERS.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_NODE_PACKAGE / name, NODE_PEERS / name)
    if shutil.which("npm") is None:
        raise MissingPeerError("npm is not on this machine")
    _run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", cwd=NODE_PEERS)
    mark.write_text(wanted)


def node_program() -> str:
    """Node.js, new enough."""
    node = shutil.which("node")
    if node is None:
        raise MissingPeerError("Node.js is not on this machine")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < _OLDEST_NODE:
        raise MissingPeerError(f"Node.js {version} is too old: {_OLDEST_NODE} or later is needed")
    return node


def install_debian_program(program: str, *packages: str) -> str:
    """The path of `program`, installed first where it lacks and that may be done."""
    found = shutil.which(program)
    if found is None:
        print(f"Installing Debian's {packages[0]}.", flush=True)
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*as_root, "apt-get", "update", "-qq"], env=quiet, capture_output=True, check=False)
        subprocess.run(
            [*as_root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
            env=quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        found = shutil.which(program)
    if found is None:
        raise MissingPeerError(f"{program} is not on this machine. As root: apt-get install {packages[0]}")
    return found


def _run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MissingPeerError(f"{command[0]} did not succeed: {(done.stderr or done.stdout).strip()[-500:]}")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
