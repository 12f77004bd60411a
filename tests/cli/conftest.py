"""The `poortwachter` command on the database of the test, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.cli import main
from tests.worlds.settings import environment

Command = Callable[..., Result]


@pytest.fixture
def poortwachter(database_url: str, inbox_dir: Path) -> Command:
    """Runs `poortwachter …`; keywords are settings, `typed` is what standard input holds."""

    def run(*words: str, typed: str | bytes | None = None, **settings: str) -> Result:
        result = CliRunner().invoke(
            main,
            [str(word) for word in words],
            input=typed,
            env=environment(database_url, inbox_dir) | settings,
            prog_name="poortwachter",
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
