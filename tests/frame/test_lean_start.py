"""The start of the broker is quick and a worker small: what is seldom needed is loaded by the function that needs it."""

import os
import sys
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from broker import schema

Run = Callable[..., CompletedProcess[str]]

SELDOM = ("alembic", "argon2", "holidays", "phonenumbers", "pygments", "pyotp", "rich", "segno", "twilio", "zxcvbn")
LONGEST_START = 1.5
STARTS = 6
LARGEST_WORKER_KIB = 120 * 1024

MEASURE = """
import pathlib, re, sys, time
began = time.process_time()
import wsgi
seconds = time.process_time() - began
client = wsgi.app.test_client()
for path in ("/health/live", "/op/.well-known/openid-configuration", "/aanmelden", "/aanvraag", "/nergens"):
    client.get(path)
kib = re.search("VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]
print(seconds, kib, *sys.modules)
"""


def test_it_is_ready_within_a_second_and_a_half_stays_small_and_loads_nothing_that_is_seldom_needed(
    run_command: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With compiled modules, as an installation has them; the first run makes them. Seconds are the processor's own, the fewest of
    a few starts: while others use the same core, a second of it does less."""
    compiled = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(tmp_path_factory.getbasetemp() / "compiled"),
    }
    starts = []
    for _ in range(STARTS):
        result = run_command(sys.executable, "-c", MEASURE, **compiled)
        assert result.returncode == 0, result.stderr
        seconds, kib, *modules = result.stdout.split()
        starts.append(float(seconds))
    assert set(SELDOM) & set(modules) == set()
    assert min(starts[1:]) < LONGEST_START, starts
    assert int(kib) < LARGEST_WORKER_KIB


def test_the_newest_migration_is_the_one_that_alembic_would_name() -> None:
    """Readiness reads it from the files, as Alembic is large."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert schema.newest_revision() == ScriptDirectory.from_config(config).get_current_head()
