"""A mail server that remembers, posts that fail as told, and messages to deliver."""

import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage, Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select

from broker.database import db, perform
from broker.notifications import OutboxMessage, put_mail

RECIPIENT = "nele.vercauteren@voorbeeld.test"


@dataclass
class MailServer:
    """An SMTP server on this machine. `answer` is said to every recipient, `on_data` is called before a mail is accepted."""

    port: int
    answer: str = "250 OK"
    received: list[Message] = field(default_factory=list)
    on_data: Callable[[], None] = lambda: None
    _controller: Controller | None = None

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer.replace("ADDRESS", address)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.received.append(message_from_bytes(envelope.content))
        self.on_data()
        return "250 taken"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def message_ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.received]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """Not started yet: `start()` and `stop()` are the test's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = MailServer(free.getsockname()[1])
    yield server
    server.stop()


@dataclass
class RecordingPost:
    """Takes every mail, unless `fails` raises something for it, before or after it was taken."""

    before: Callable[[EmailMessage], None] = lambda mail: None
    after: Callable[[EmailMessage], None] = lambda mail: None
    sent: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    def send_mail(self, mail: EmailMessage, recipient: str) -> None:
        self.before(mail)
        self.sent.append(str(mail["Message-ID"]))
        self.recipients.append(recipient)
        self.after(mail)

    def close(self) -> None:
        pass


@pytest.fixture
def recording() -> RecordingPost:
    return RecordingPost()


@pytest.fixture
def put(app: Flask) -> Callable[..., uuid.UUID]:
    """Puts one mail in the outbox and gives its id; every call another mail."""

    def put_one(recipient: str = RECIPIENT, **more: Any) -> uuid.UUID:
        key = more.pop("key", str(uuid.uuid4()))
        perform(put_mail, "task_digest", recipient, key=key, facts={"task_count": 3}, **more)
        newest = db.session.scalars(select(OutboxMessage).where(OutboxMessage.idempotency_key.startswith(key))).one()
        db.session.rollback()
        return newest.id

    return put_one


@pytest.fixture
def row(app: Flask) -> Callable[[uuid.UUID], OutboxMessage]:
    """The message as it stands in the database now."""

    def read(message_id: uuid.UUID) -> OutboxMessage:
        db.session.rollback()
        found = db.session.get(OutboxMessage, message_id, populate_existing=True)
        assert found is not None
        db.session.expunge(found)
        return found

    return read
