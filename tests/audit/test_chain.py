"""The audit: append-only, chained, and whoever cuts or rewrites is found out."""

import json
import sys
import threading
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from broker import audit
from broker.audit import AuditEvent, AuditSeal, AuditSource
from broker.audit.append_only import install_sql, remove_sql
from broker.audit.verify import CheckpointError, make_checkpoint, read_checkpoint, verify_audit
from broker.database import changing_session, db, perform
from broker.keys.checkpoint_key import CheckpointKey, checkpoint_seed, signature_fits

Run = Callable[..., "CompletedProcess[str]"]
COMMAND = (sys.executable, "-c", "from broker.cli import main; main()")
HERE = audit.Acting(kind="applicant", source_address="198.51.100.7")


KEY = CheckpointKey(bytes(range(32)))
sign = KEY.sign
fits = partial(signature_fits, KEY.public)


def happen(times: int = 1) -> None:
    for _ in range(times):
        perform(audit.record, "access:request:approve", subject_id=uuid.uuid4(), details={"right": "invoerder"})


def seal_all() -> None:
    while perform(audit.seal_events):
        pass


def without_triggers(*statements: str) -> None:
    """What somebody does who owns the database."""
    dialect = db.engine.dialect.name
    with changing_session() as session, session.begin():
        for statement in (*remove_sql(dialect), *statements, *install_sql(dialect)):
            session.execute(text(statement))
    db.session.rollback()


@pytest.fixture
def chain(app: Flask) -> None:
    with audit.acting(HERE):
        happen(5)
    seal_all()


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET name = 'access:request:reject'",
        "DELETE FROM audit_events",
        "UPDATE audit_seals SET digest = ''",
        "DELETE FROM audit_seals",
        "UPDATE audit_sources SET address = '203.0.113.1'",
    ],
)
def test_the_database_itself_refuses_to_change_what_happened(statement: str) -> None:
    """AU2: triggers on both databases."""
    with changing_session() as session, pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(statement))


@pytest.mark.usefixtures("chain")
def test_a_sound_chain_is_found_sound() -> None:
    result = verify_audit(db.session())
    assert (result.sound, result.sealed, result.unsealed) == (True, 5, 0)


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "UPDATE audit_events SET actor_kind = 'person'"
            " WHERE id = (SELECT event_id FROM audit_seals WHERE sequence = 3)",
            "seal 3",
        ),
        ("DELETE FROM audit_seals WHERE sequence = 3", "seal 3 is missing"),
        ("UPDATE audit_sources SET address = '203.0.113.1'", "source address"),
    ],
)
def test_a_change_in_the_middle_is_found(statement: str, finding: str) -> None:
    """AU2: even by who takes the triggers away first."""
    without_triggers(statement)
    result = verify_audit(db.session())
    assert not result.sound
    assert any(finding in each for each in result.findings), result.findings


@pytest.mark.usefixtures("chain")
def test_a_cut_off_tail_is_found_with_a_checkpoint_that_was_kept_outside() -> None:
    """AU1: without the checkpoint the shorter chain looks sound."""
    kept = read_checkpoint(make_checkpoint(db.session(), sign), fits)
    db.session.rollback()
    without_triggers(
        "CREATE TABLE last_event AS SELECT event_id FROM audit_seals WHERE sequence = 5",
        "DELETE FROM audit_seals WHERE sequence = 5",
        "DELETE FROM audit_sources WHERE event_id IN (SELECT event_id FROM last_event)",
        "DELETE FROM audit_events WHERE id IN (SELECT event_id FROM last_event)",
        "DROP TABLE last_event",
    )
    assert verify_audit(db.session()).sound
    result = verify_audit(db.session(), kept)
    assert result.findings == ["the checkpoint has 5 seals, the chain only 4"]


@pytest.mark.usefixtures("chain")
def test_a_chain_written_anew_is_found_with_a_checkpoint() -> None:
    """AU1: whoever holds the database can make a chain that fits in itself, not one that fits what was kept outside."""
    kept = read_checkpoint(make_checkpoint(db.session(), sign), fits)
    db.session.rollback()
    without_triggers("UPDATE audit_events SET actor_kind = 'person'", "DELETE FROM audit_seals")
    seal_all()
    assert verify_audit(db.session()).sound
    result = verify_audit(db.session(), kept)
    assert result.findings == ["seal 5 is not the one of the checkpoint: the chain was rewritten"]


@pytest.mark.usefixtures("chain")
def test_a_checkpoint_of_somebody_else_is_refused() -> None:
    """AU1: only who holds our key makes a checkpoint."""
    for other in (CheckpointKey(bytes(32)).sign, lambda _form: "", lambda form: f"forged:{form}"):
        with pytest.raises(CheckpointError, match="not ours"):
            read_checkpoint(make_checkpoint(db.session(), other), fits)
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        read_checkpoint("boodschappenlijst", fits)


@pytest.mark.usefixtures("chain")
def test_a_file_that_every_checkpoint_was_added_to_is_read_from_its_end() -> None:
    first = make_checkpoint(db.session(), sign)
    db.session.rollback()
    happen()
    seal_all()
    last = make_checkpoint(db.session(), sign)
    assert read_checkpoint(f"{first}\n{last}\n", fits).count == 6


@pytest.mark.usefixtures("chain")
def test_the_chain_goes_on_from_a_checkpoint() -> None:
    kept = read_checkpoint(make_checkpoint(db.session(), sign), fits)
    db.session.rollback()
    happen(3)
    assert verify_audit(db.session(), kept).unsealed == 3
    db.session.rollback()
    seal_all()
    result = verify_audit(db.session(), kept)
    assert (result.sound, result.sealed) == (True, 8)


def test_events_that_commit_late_are_sealed_as_well(app: Flask) -> None:
    """AU3: an event is chosen because it has no seal, not because it is later than the last one."""
    if db.engine.dialect.name == "sqlite":
        happen()
        seal_all()
        happen()
        seal_all()
    else:
        with changing_session() as slow, slow.begin():
            audit.record(slow, "access:request:approve")
            slow.flush()
            happen()
            seal_all()
        assert audit.seconds_unsealed(db.session()) > 0
        db.session.rollback()
        seal_all()
    result = verify_audit(db.session())
    assert (result.sound, result.sealed, result.unsealed) == (True, 2, 0)
    assert audit.seconds_unsealed(db.session()) == 0


def test_sealers_and_operations_at_once_leave_one_chain_without_a_gap(app: Flask) -> None:
    """AU3: two sealers and two writers at the same time."""
    start = threading.Barrier(4)

    def write() -> None:
        with app.app_context():
            start.wait()
            happen(15)
            db.session.remove()

    def seal() -> None:
        with app.app_context():
            start.wait()
            for _ in range(10):
                perform(audit.seal_events)
            db.session.remove()

    threads = [threading.Thread(target=work) for work in (write, write, seal, seal)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_all()
    result = verify_audit(db.session())
    assert (result.sound, result.sealed, result.unsealed) == (True, 30, 0)
    numbers = db.session.scalars(select(AuditSeal.sequence).order_by(AuditSeal.sequence)).all()
    assert list(numbers) == list(range(1, 31))


@pytest.mark.usefixtures("chain")
def test_a_source_address_can_be_erased_and_the_chain_stays_sound() -> None:
    """AU4: the address stands beside the event; only its salted digest is in the chain."""
    with changing_session() as session, session.begin():
        session.execute(text("DELETE FROM audit_sources"))
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(AuditSource)) == 0
    assert verify_audit(db.session()).sound


@pytest.mark.parametrize("detail", ["Nele Vercauteren", "nele@voorbeeld.test", "want ze werkt er niet", "a" * 201])
def test_an_event_takes_no_personal_data_and_no_free_text(app: Flask, detail: str) -> None:
    """AU4: ids and codes only."""
    with pytest.raises(ValueError, match="not a code"):
        perform(audit.record, "access:request:reject", details={"reason": detail})


def test_an_event_has_a_name_of_three_parts(app: Flask) -> None:
    with pytest.raises(ValueError, match="room:subject:action"):
        perform(audit.record, "approved")


def test_the_commands_list_verify_and_make_checkpoints(app: Flask, run_command: Run, tmp_path: Path) -> None:
    subject = uuid.uuid4()
    perform(audit.record, "access:grant:give", subject_id=subject, details={"right": "invoerder"})
    happen()
    seal_all()
    listed = run_command(*COMMAND, "audit", "list", "--name", "access:grant:", "--subject", str(subject), "--json")
    assert listed.returncode == 0, listed.stderr
    (shown,) = json.loads(listed.stdout)
    assert (shown["name"], shown["details"]) == ("access:grant:give", {"right": "invoerder"})

    made = run_command(*COMMAND, "audit", "checkpoint")
    assert made.returncode == 0, made.stderr
    file = tmp_path / "checkpoint"
    file.write_text(made.stdout)
    public = run_command(*COMMAND, "audit", "public-key").stdout.strip()
    by_auditor = run_command(*COMMAND, "audit", "verify", "--checkpoint", str(file), "--public-key", public)
    assert by_auditor.returncode == 0, by_auditor.stderr
    other = CheckpointKey(checkpoint_seed(run_command(*COMMAND, "audit", "new-key").stdout)).public
    not_ours = run_command(*COMMAND, "audit", "verify", "--checkpoint", str(file), "--public-key", other)
    assert not_ours.returncode == 1
    assert "not ours" in not_ours.stderr
    verified = run_command(*COMMAND, "audit", "verify", "--checkpoint", str(file))
    assert verified.returncode == 0, verified.stderr
    assert "2 events, all as they were written" in verified.stdout

    without_triggers("UPDATE audit_events SET actor_kind = 'person'")
    refused = run_command(*COMMAND, "audit", "verify")
    assert refused.returncode == 1
    assert "seal 1 does not fit event" in refused.stderr
    file.write_text("iets anders")
    assert run_command(*COMMAND, "audit", "verify", "--checkpoint", str(file)).returncode == 1


def test_an_event_without_its_seal_is_no_fault(app: Flask) -> None:
    happen(2)
    result = verify_audit(db.session())
    assert (result.sound, result.sealed, result.unsealed) == (True, 0, 2)
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 2
