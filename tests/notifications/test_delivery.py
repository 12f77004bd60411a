"""The outbox: everything leaves once, whatever is killed, down or slow."""

import os
import signal
import stat
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from broker import clock
from broker.database import db, perform
from broker.installation import Installation, installation
from broker.notifications import OutboxMessage, put_mail, register_precondition
from broker.notifications.deliver import ATTEMPTS, deliver_due
from broker.notifications.inbox_post import InboxPost
from broker.notifications.post import NotNowError
from broker.notifications.put_for_client import put_for_client
from broker.notifications.smtp_post import SmtpPost
from tests.notifications.conftest import RECIPIENT, MailServer, RecordingPost
from tests.worlds.settings import environment

Put = Callable[..., uuid.UUID]
Row = Callable[[uuid.UUID], OutboxMessage]
Clock = time_machine.Traveller


class KilledError(BaseException):
    """The process is gone: nothing after this line is done by it."""


def killed(_mail: EmailMessage) -> None:
    raise KilledError


def not_now(_mail: EmailMessage) -> None:
    raise NotNowError("451 not now")


def test_what_was_in_a_message_is_erased_once_it_is_sent(put: Put, row: Row, recording: RecordingPost) -> None:
    message_id = put()
    assert deliver_due(installation(), recording).sent == 1
    message = row(message_id)
    assert message.status == "sent"
    assert message.sent_at is not None
    assert (message.facts, message.recipient, message.link, message.lease_token) == (None, None, None, None)
    assert recording.recipients == [RECIPIENT]


def test_a_message_is_not_delivered_twice(put: Put, recording: RecordingPost) -> None:
    put()
    deliver_due(installation(), recording)
    assert deliver_due(installation(), recording).sent == 0
    assert len(recording.sent) == 1


def test_the_same_event_writes_one_message_to_one_person(put: Put, recording: RecordingPost) -> None:
    put(key="grant-given:1")
    put(key="grant-given:1")
    deliver_due(installation(), recording)
    assert len(recording.sent) == 1


def test_a_worker_killed_between_acceptance_and_mark_costs_one_repeat_with_the_same_message_id(
    put: Put, row: Row, recording: RecordingPost, clock: Clock
) -> None:
    message_id = put()
    recording.after = killed
    with pytest.raises(KilledError):
        deliver_due(installation(), recording)
    assert row(message_id).handing_over_at is not None

    recording.after = lambda mail: None
    assert deliver_due(installation(), recording).sent == 0, "the lease of the killed worker still holds"
    clock.shift(timedelta(minutes=6))
    assert deliver_due(installation(), recording).sent == 1
    clock.shift(timedelta(hours=1))
    deliver_due(installation(), recording)
    assert recording.sent == [f"<{message_id}@localhost>"] * 2


def test_a_worker_killed_before_acceptance_costs_no_repeat(put: Put, recording: RecordingPost, clock: Clock) -> None:
    put()
    recording.before = killed
    with pytest.raises(KilledError):
        deliver_due(installation(), recording)
    recording.before = lambda mail: None
    clock.shift(timedelta(minutes=6))
    deliver_due(installation(), recording)
    assert len(recording.sent) == 1


def test_a_worker_that_lost_its_lease_marks_nothing(put: Put, row: Row, recording: RecordingPost) -> None:
    message_id = put()

    def somebody_else_takes_it(_mail: EmailMessage) -> None:
        perform(
            lambda session: session.execute(
                update(OutboxMessage).where(OutboxMessage.id == message_id).values(lease_token=uuid.uuid4())
            )
        )

    recording.after = somebody_else_takes_it
    assert deliver_due(installation(), recording).sent == 0
    assert row(message_id).status == "leased"


def test_a_message_is_tried_for_a_day_and_then_given_up_and_kept_for_the_operator(
    put: Put, row: Row, recording: RecordingPost, clock: Clock
) -> None:
    message_id = put()
    began = datetime.now(UTC)
    recording.before = not_now
    attempts = 0
    while row(message_id).status == "pending":
        deliver_due(installation(), recording)
        attempts += 1
        waits = row(message_id).next_attempt_at - datetime.now(UTC)
        clock.shift(max(waits, timedelta(0)) + timedelta(seconds=1))
    message = row(message_id)
    assert attempts == ATTEMPTS
    assert timedelta(hours=19) < datetime.now(UTC) - began < timedelta(hours=29)
    assert (message.status, message.last_error) == ("dead", "451 not now")
    assert message.recipient == RECIPIENT


def test_mail_waits_while_the_server_is_down_and_leaves_when_it_is_up(
    put: Put, row: Row, mail_server: MailServer, clock: Clock
) -> None:
    messages = [put(f"persoon{number}@voorbeeld.test") for number in range(3)]
    post = SmtpPost(mail_server.url, "poortwachter@voorbeeld.test")
    delivery = deliver_due(installation(), post)
    assert (delivery.sent, delivery.postponed, delivery.dead) == (0, 1, 0), "one try tells that nothing can leave"
    assert {row(message).status for message in messages} == {"pending"}
    assert sum(row(message).attempts for message in messages) == 1

    mail_server.start()
    clock.shift(timedelta(minutes=1))
    assert deliver_due(installation(), post).sent == 3
    assert sorted(mail_server.message_ids) == sorted(f"<{message}@localhost>" for message in messages)


def test_a_permanent_refusal_is_final_at_once_and_its_reason_holds_no_address(
    put: Put, row: Row, mail_server: MailServer
) -> None:
    message_id = put()
    mail_server.answer = "550 5.1.1 <ADDRESS> unknown here"
    mail_server.start()
    delivery = deliver_due(installation(), SmtpPost(mail_server.url, "poortwachter@voorbeeld.test"))
    message = row(message_id)
    assert delivery.dead == 1
    assert (message.status, message.last_error, message.attempts) == ("dead", "550 recipient refused", 1)


def test_a_refusal_for_now_is_tried_again(put: Put, row: Row, mail_server: MailServer, clock: Clock) -> None:
    message_id = put()
    mail_server.answer = "450 4.2.0 greylisted"
    mail_server.start()
    post = SmtpPost(mail_server.url, "poortwachter@voorbeeld.test")
    assert deliver_due(installation(), post).postponed == 1
    mail_server.answer = "250 OK"
    clock.shift(timedelta(minutes=1))
    assert deliver_due(installation(), post).sent == 1
    assert row(message_id).status == "sent"


def test_two_workers_at_once_deliver_each_message_once(app: Flask) -> None:
    with app.app_context():
        for number in range(60):
            perform(
                put_mail, "task_digest", f"persoon{number}@voorbeeld.test", key=str(number), facts={"task_count": 1}
            )
    posts = [RecordingPost() for _ in range(4)]
    start = threading.Barrier(len(posts))

    def work(post: RecordingPost) -> None:
        with app.app_context():
            start.wait()
            deliver_due(installation(), post)
            db.session.remove()

    workers = [threading.Thread(target=work, args=(post,)) for post in posts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sent = [message_id for post in posts for message_id in post.sent]
    assert len(sent) == 60
    assert len(set(sent)) == 60


def test_a_message_waits_for_the_earlier_one_about_the_same_thing(
    put: Put, recording: RecordingPost, clock: Clock
) -> None:
    subject = uuid.uuid4()
    first = put(subject_id=subject)
    clock.shift(timedelta(seconds=1))
    second = put(subject_id=subject)
    other = put("karim.benali@voorbeeld.test", subject_id=subject)
    recording.before = lambda mail: not_now(mail) if str(first) in str(mail["Message-ID"]) else None
    deliver_due(installation(), recording)
    assert recording.sent == [f"<{other}@localhost>"]
    recording.before = lambda mail: None
    clock.shift(timedelta(minutes=1))
    deliver_due(installation(), recording)
    assert recording.sent[1:] == [f"<{first}@localhost>", f"<{second}@localhost>"]


def test_what_is_no_longer_true_is_not_sent(put: Put, row: Row, recording: RecordingPost) -> None:
    still_so = uuid.uuid4()

    def holds(_session: Session, _installation: Installation, subject_id: uuid.UUID) -> bool:
        return subject_id == still_so

    register_precondition("test_still_so", holds)
    wanted, unwanted = put(only_if=f"test_still_so:{still_so}"), put(only_if=f"test_still_so:{uuid.uuid4()}")
    delivery = deliver_due(installation(), recording)
    assert (delivery.sent, delivery.dropped) == (1, 1)
    assert row(wanted).status == "sent"
    assert (row(unwanted).status, row(unwanted).facts, row(unwanted).recipient) == ("dropped", None, None)


def test_a_question_that_nobody_answers_keeps_the_message_from_leaving(
    put: Put, row: Row, recording: RecordingPost
) -> None:
    message_id = put(only_if=f"never_registered:{uuid.uuid4()}")
    assert deliver_due(installation(), recording).dead == 1
    assert recording.sent == []
    assert row(message_id).last_error == "cannot be written (UnknownPreconditionError)"


def test_a_message_that_the_database_itself_refuses_holds_up_no_other(
    put: Put, row: Row, recording: RecordingPost
) -> None:
    """Tried again it would be refused again, at every turn of the worker, and all that wait behind it with it."""

    def holds(_session: Session, _installation: Installation, subject_id: uuid.UUID) -> bool:
        raise DataError("SELECT ...", None, ValueError("PostgreSQL text fields cannot contain NUL"))

    register_precondition("test_refused_by_the_database", holds)
    poisoned, other = put(only_if=f"test_refused_by_the_database:{uuid.uuid4()}"), put()
    delivery = deliver_due(installation(), recording)
    assert (delivery.sent, delivery.dead) == (1, 1)
    assert (row(poisoned).status, row(poisoned).last_error) == ("dead", "holds what the database refuses")
    assert row(other).status == "sent"


def test_messages_of_a_worker_that_is_told_to_stop_go_back_without_losing_an_attempt(
    put: Put, row: Row, recording: RecordingPost
) -> None:
    messages = [put(f"persoon{number}@voorbeeld.test") for number in range(3)]
    deliver_due(installation(), recording, stop=lambda: len(recording.sent) >= 1)
    waiting = [row(message) for message in messages if row(message).status == "pending"]
    assert len(waiting) == 2
    assert {message.attempts for message in waiting} == {0}
    deliver_due(installation(), recording)
    assert len(recording.sent) == 3


def test_the_local_inbox_is_for_its_owner_alone(put: Put, tmp_path: Path) -> None:
    """OP3: folder 0700, files 0600, whatever the umask."""
    folder = tmp_path / "post"
    put()
    before = os.umask(0)
    try:
        deliver_due(installation(), InboxPost(folder))
        InboxPost(folder).send_sms("5f0c", "+32470000000", "Uw code is 123456.", clock.now())
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted(folder.iterdir(), key=lambda file: file.suffix)
    assert [file.suffix for file in files] == [".eml", ".json"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_real_worker_killed_while_the_server_takes_a_mail_repeats_it_with_the_same_message_id(
    app: Flask, put: Put, row: Row, mail_server: MailServer, database_url: str, tmp_path: Path, repository: Path
) -> None:
    message_id = put()
    process: subprocess.Popen[bytes] | None = None

    def start() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-c", "from broker.cli import main; main()", "outbox", "deliver", "--once"],
            cwd=repository,
            env={
                **os.environ,
                **environment(database_url, tmp_path),
                "BROKER_INBOX_DIR": "",
                "BROKER_SMTP_URL": mail_server.url,
            },
        )

    def kill() -> None:
        assert process is not None
        process.kill()
        process.wait()

    mail_server.on_data = kill
    mail_server.start()
    _make_due(message_id)
    process = start()
    assert process.wait(60) == -signal.SIGKILL
    assert row(message_id).handing_over_at is not None

    mail_server.on_data = lambda: None
    _make_due(message_id)
    process = start()
    assert process.wait(60) == 0
    assert mail_server.message_ids == [f"<{message_id}@localhost>"] * 2
    assert row(message_id).status == "sent"


def _make_due(message_id: uuid.UUID) -> None:
    """Due for a process that has the true clock, and without the lease of one that is gone."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    perform(
        lambda session: session.execute(
            update(OutboxMessage).where(OutboxMessage.id == message_id).values(next_attempt_at=long_ago)
        )
    )
    assert db.session.scalar(select(OutboxMessage.next_attempt_at)) == long_ago
    db.session.rollback()


def test_a_message_of_a_channel_that_nobody_here_knows_is_left_to_a_worker_that_does(
    app: Flask, recording: RecordingPost
) -> None:
    """A rolling restart: an older worker leaves what only a newer one can hand over."""
    perform(put_for_client, "newer", "something", "client", key="1", facts={})
    deliver_due(installation(), recording)
    row = db.session.scalars(select(OutboxMessage)).one()
    assert (row.status, row.attempts) == ("pending", 0)
    db.session.rollback()
