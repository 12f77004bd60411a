"""The worker and its command line: patient, gentle when told to stop, and open to the operator about what it gave up."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from broker.audit import AuditEvent, AuditSeal, record
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, NotFoundError
from broker.installation import installation
from broker.notifications import OutboxMessage, register_housekeeping
from broker.notifications.deliver import deliver_due
from broker.notifications.requeue_message import requeue_message
from broker.notifications.worker import Worker
from tests.notifications.conftest import RECIPIENT, MailServer, RecordingPost
from tests.worlds.settings import environment

Put = Callable[..., uuid.UUID]
Row = Callable[[uuid.UUID], OutboxMessage]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
COMMAND = (sys.executable, "-c", "from broker.cli import main; main()")


def dead_message(put: Put, mail_server: MailServer) -> uuid.UUID:
    from broker.notifications.smtp_post import SmtpPost

    message_id = put()
    mail_server.answer = "550 no"
    mail_server.start()
    deliver_due(installation(), SmtpPost(mail_server.url, "poortwachter@voorbeeld.test"))
    return message_id


def test_one_round_delivers_seals_and_keeps_house(app: Flask, put: Put, row: Row, inbox_dir: Path) -> None:
    done: list[str] = []

    def broken_job() -> None:
        raise LookupError

    register_housekeeping("test_job", 3600, lambda: done.append("job"))
    register_housekeeping("test_broken_job", 3600, broken_job)
    message_id = put()
    perform(record, "access:request:approve")
    worker = Worker(installation())
    worker.work_once()
    worker.work_once()
    assert done == ["job"], "it is not due again within the hour, and a broken job keeps nothing from happening"
    assert row(message_id).status == "sent"
    assert len(list(inbox_dir.glob("*.eml"))) == 1
    assert db.session.scalar(select(func.count()).select_from(AuditSeal)) == db.session.scalar(
        select(func.count()).select_from(AuditEvent)
    )


def test_a_locked_database_is_waited_out(app: Flask, put: Put, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    message_id = put()
    worker = Worker(installation())
    real, rounds = worker.look_once, 0

    def sometimes_busy() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise BusyError
        real()

    pauses: list[float] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        time.sleep(min(seconds, 0.05))
        return rounds > 100 or (rounds >= 2 and row(message_id).status == "sent")

    monkeypatch.setattr(worker, "look_once", sometimes_busy)
    worker.run(wait)
    assert row(message_id).status == "sent"
    assert 5.0 in pauses, "it let the database be for a while"


def test_a_dead_message_is_shown_without_its_words_and_can_be_sent_again(
    app: Flask,
    put: Put,
    row: Row,
    mail_server: MailServer,
    recording: RecordingPost,
    run_command: Run,
    clock: time_machine.Traveller,
) -> None:
    message_id = dead_message(put, mail_server)
    listed = run_command(*COMMAND, "outbox", "list", "--status", "dead", "--json")
    assert listed.returncode == 0, listed.stderr
    (shown,) = json.loads(listed.stdout)
    assert (shown["id"], shown["last_error"]) == (str(message_id), "550 recipient refused")
    assert RECIPIENT not in listed.stdout

    requeued = run_command(*COMMAND, "outbox", "requeue", str(message_id))
    assert requeued.returncode == 0, requeued.stderr
    clock.shift(timedelta(days=3650))  # the command has the true clock
    assert deliver_due(installation(), recording).sent == 1
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.name == "notifications:message:requeue")).one()
    assert event.subject_id == message_id
    assert event.actor_kind == "operator"
    assert event.actor_label is not None


def test_only_a_dead_message_can_be_sent_again(put: Put) -> None:
    message_id = put()
    with pytest.raises(ConflictError):
        perform(requeue_message, message_id)
    with pytest.raises(NotFoundError):
        perform(requeue_message, uuid.uuid4())


def test_the_worker_ends_by_itself_when_it_is_told_to(
    app: Flask, database_url: str, tmp_path: Path, repository: Path
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "outbox", "deliver"],
            cwd=repository,
            env={**os.environ, **environment(database_url, tmp_path / "post"), "BROKER_LOG_LEVEL": "info"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    until = time.monotonic() + 60
    while b"audit_checkpoint" not in log.read_bytes() and time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0, log.read_text()
    assert b"worker_stopped" in log.read_bytes()


def test_no_recipient_and_no_link_stand_in_the_log(
    app: Flask, put: Put, capfd: pytest.CaptureFixture[str], recording: RecordingPost
) -> None:
    """OP3, TL1: what the worker writes down names the message, not the person."""
    put()
    deliver_due(installation(), recording)
    written = capfd.readouterr()
    assert RECIPIENT not in written.out + written.err
