"""What lies on the disk of the machine is for the broker alone."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.worlds.inbox import Inbox
from tests.worlds.world import World


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_new_database_file_is_readable_by_its_owner_only(
    run_command: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    """OP3."""
    file = tmp_path / "new.db"
    done = run_command(sys.executable, "-c", "import wsgi", BROKER_DATABASE_URL=f"sqlite:///{file}")
    assert done.returncode == 0, done.stderr
    assert mode(file) == 0o600


def test_mails_in_the_local_inbox_are_readable_by_their_owner_only(world: World, inbox: Inbox, inbox_dir: Path) -> None:
    """OP3."""
    world.typed_request(prove=False)
    assert inbox.mails
    assert mode(inbox_dir) == 0o700
    assert {mode(file) for file in inbox_dir.glob("*.eml")} == {0o600}
