"""Checkpoints leave the machine, signed by a key of their own; and a role that cannot change the audit (AU1, AU2)."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from broker import audit
from broker.audit.restricted_role import restrict_sql
from broker.audit.verify import read_checkpoint
from broker.database import db, perform
from broker.installation import Installation
from broker.keys.checkpoint_key import CheckpointKey, checkpoint_seed, new_checkpoint_seed, signature_fits
from broker.notifications.tell_checkpoint import checkpoint_key, tell_checkpoint
from tests.worlds.world import World

Run = Callable[..., "CompletedProcess[str]"]
COMMAND = (sys.executable, "-c", "from broker.cli import main; main()")
ROLE = f"poortwachter_{os.getpid()}"  # a server has its roles together, and the tests run in several processes


def with_settings(world: World, **changes: Any) -> Installation:
    return replace(world.installation, settings=replace(world.installation.settings, **changes))


def test_the_checkpoint_of_the_hour_goes_to_the_log_the_file_and_the_address(
    world: World, inbox: Any, tmp_path: Path
) -> None:
    """AU1: sent outside by mail, log and file, signed with a key of its own."""
    key = checkpoint_seed(new_checkpoint_seed())
    file = tmp_path / "checkpoints"
    ours = with_settings(world, audit_key=key, checkpoint_file=file, checkpoint_email="auditor@voorbeeld.test")
    perform(audit.record, "access:request:approve")
    perform(audit.seal_events)
    told = [tell_checkpoint(ours), tell_checkpoint(ours)]
    assert file.read_text().split() == told
    fits = partial(signature_fits, CheckpointKey(key).public)
    assert read_checkpoint(file.read_text(), fits).count == 1
    [mail] = inbox.mails_to("auditor@voorbeeld.test")
    assert told[0] in mail.text.replace("\n", "")


def test_a_file_that_cannot_be_written_does_not_stop_the_worker(world: World, tmp_path: Path) -> None:
    told = tell_checkpoint(with_settings(world, checkpoint_file=tmp_path))
    assert told, "the log has it"


def test_without_a_key_of_its_own_it_is_derived_and_stays_the_same_when_secrets_are_added(world: World) -> None:
    keys = world.installation.keys
    again = replace(world.installation, keys=type(keys)({"nieuw": bytes(32), **keys.secrets}))
    assert checkpoint_key(again).public == checkpoint_key(world.installation).public


@pytest.mark.parametrize("bad", ["kort", "x" * 44, "!" * 43])
def test_a_bad_key_is_refused_at_the_start_and_not_shown(bad: str) -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        checkpoint_seed(bad)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_checkpoint_file_in_a_folder_that_is_not_there_is_refused_at_the_start(
    run_command: Run, tmp_path: Path
) -> None:
    answer = run_command(*COMMAND, "database", "check", BROKER_CHECKPOINT_FILE=str(tmp_path / "weg" / "x"))
    assert answer.returncode != 0
    assert "BROKER_CHECKPOINT_FILE" in answer.stderr


@pytest.fixture
def as_role(app: Flask) -> Iterator[Session]:
    """A session of the restricted role, on the database of the test."""
    owner = db.engine
    with owner.begin() as connection:
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {ROLE}")
        connection.exec_driver_sql(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'proef'")
        for statement in restrict_sql(ROLE):
            connection.exec_driver_sql(statement)
    url = make_url(owner.url).set(username=ROLE, password="proef")
    engine = create_engine(url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()
        with owner.begin() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {ROLE}")
            connection.exec_driver_sql(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_role_of_the_broker_adds_to_the_audit_and_seals_it(as_role: Session) -> None:
    """AU2."""
    audit.record(as_role, "access:request:approve")
    as_role.commit()
    assert audit.seal_events(as_role) == 1
    as_role.commit()
    as_role.execute(text("DELETE FROM audit_sources"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET name = 'a:b:c'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events CASCADE",
        "UPDATE audit_seals SET digest = ''",
        "DELETE FROM audit_seals",
        "UPDATE audit_sources SET address = ''",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "DROP TABLE audit_seals",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_the_role_of_the_broker_can_change_nothing_of_it(as_role: Session, statement: str) -> None:
    """AU2: whoever has the password of the broker can neither change the audit nor take its triggers away."""
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        as_role.execute(text(statement))
    as_role.rollback()


def test_the_command_says_what_sqlite_cannot(app: Flask, run_command: Run) -> None:
    answer = run_command(*COMMAND, "database", "restrict", "pieter")
    assert answer.returncode == 1
    expected = "SQLite has no roles" if db.engine.dialect.name == "sqlite" else 'role "pieter" does not exist'
    assert expected in answer.stderr
    assert run_command(*COMMAND, "database", "restrict", "x; DROP").returncode == 2
