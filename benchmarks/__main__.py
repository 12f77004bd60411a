"""`make bench`, which is `python -m benchmarks`: put the peers there, measure, write the page.

--quick          one round of one second: a few minutes
--only a,b       these paths only; the page is not written
--among a,b      these contestants only; the page is not written
--page           only write the page and its picture again, from benchmarks/results.json
"""

import argparse
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks import machine, report
from benchmarks.by_hand import UnsoundAnswerError
from benchmarks.contestants import ALL
from benchmarks.paths import PATHS
from benchmarks.peers_folder import (
    PYTHON_PEERS,
    MissingPeerError,
    install_debian_program,
    install_node_peers,
    install_python_peers,
)
from benchmarks.programs import DidNotStartError
from benchmarks.rotation import FULL, QUICK, Run, run, seconds_to_start, where_time_goes
from benchmarks.wrk import WrongAnswerError


def main() -> int:
    """0 when the run was made, 1 when it could not be; one clear line then."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the broker beside its peers.")
    parser.add_argument("--quick", action="store_true", help="one round of one second")
    parser.add_argument("--only", default="", help="paths, joined by commas")
    parser.add_argument("--among", default="", help="contestants, joined by commas")
    parser.add_argument("--page", action="store_true", help="only write the page again from results.json")
    given = parser.parse_args()
    if given.page:
        found, of_machine, versions, seconds = report.read()
        report.write(found, of_machine, versions, seconds)
        return 0
    try:
        return _measure(given)
    except (
        WrongAnswerError,
        UnsoundAnswerError,
        DidNotStartError,
        MissingPeerError,
        machine.UnfitMachineError,
    ) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _measure(given: argparse.Namespace) -> int:
    began = time.monotonic()
    missing = _install()
    contestants = [make for make in ALL if not given.among or make().name in given.among.split(",")]
    paths = [path for path in PATHS if not given.only or path.name in given.only.split(",")]
    whole = not given.among and not given.only
    found = run(contestants, paths, QUICK if given.quick else FULL, in_process=whole)
    for why in missing:
        print(why)
    if whole:
        seconds_to_start(found)
        where_time_goes(found)
        report.write(found, machine.in_plain_words(), _versions(), time.monotonic() - began)
        print(f"Written: {', '.join(str(_short(each)) for each in (report.PAGE, report.PICTURE, report.RESULTS))}")
    _print(found)
    return 0


def _install() -> list[str]:
    """Put everything there; what is missing for one peer only is told and leaves that peer out."""
    install_debian_program("wrk", "wrk")
    install_python_peers()
    missing = []
    for program, packages in (
        ("redis-server", ("redis-server",)),
        ("glewlwyd", ("glewlwyd", "dbconfig-no-thanks")),
    ):
        try:
            install_debian_program(program, *packages)
        except MissingPeerError as error:
            missing.append(str(error))
    try:
        install_node_peers()
    except MissingPeerError as error:
        missing.append(str(error))
    return missing


def _print(found: Run) -> None:
    figures = found.figures
    for path in PATHS:
        measured = [name for name in found.titles if figures.has(path.name, name)]
        if measured:
            print(f"\n{path.title}")
        for name in measured:
            ratio = figures.ratio(path.name, name, "bare-flask")
            beside = "" if ratio is None else f"  {ratio:6.2f} × bare Flask"
            print(
                f"  {figures.rate(path.name, name):9,.0f} /cpu s  {figures.rate_by_the_clock(path.name, name):9,.0f} /s"
                f"  median {figures.median_us(path.name, name) / 1000:7.2f} ms{beside}  {found.titles[name]}"
            )
    for each in found.left_out:
        print(f"left out: {each['contestant']} {each['path']}: {each['reason']}")


def _versions() -> dict[str, str]:
    shared = {name: version(name) for name in ("gunicorn", "flask", "authlib", "cryptography", "sqlalchemy")}
    peers = {
        line.split("==")[0]: line.split("==")[1].split()[0]
        for line in (Path(__file__).parent / "requirements-peers.txt").read_text().splitlines()
        if line.startswith(("django", "pyjwt"))
    }
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    debian = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "wrk", "redis-server", "glewlwyd"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    named = {line.split()[0]: line.split()[1] for line in debian.splitlines() if len(line.split()) == 2}
    return shared | peers | {"Node.js": node.lstrip("v"), "oidc-provider": _oidc_provider()} | named


def _oidc_provider() -> str:
    package = (Path(__file__).parent / "peers" / "oidc_provider" / "package.json").read_text()
    return package.split('"oidc-provider": "')[1].split('"')[0]


def _short(file: Path) -> Path:
    return file.relative_to(report.REPOSITORY)


if __name__ == "__main__":
    sys.path.insert(0, str(PYTHON_PEERS))
    sys.exit(main())
