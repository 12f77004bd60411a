"""The mailbox of everybody: delivers the outbox into a folder and reads what is there."""

import json
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Flask

from broker.database import db
from broker.installation import installation
from broker.notifications.deliver import deliver_due
from broker.notifications.inbox_post import InboxPost


@dataclass(frozen=True)
class Mail:
    """One mail that left."""

    to: str
    subject: str
    text: str
    html: str
    message: EmailMessage

    @property
    def links(self) -> list[str]:
        """The addresses in the plain text, in order."""
        return re.findall(r"https?://[^\s<>]+", self.text)

    @property
    def path(self) -> str:
        """The path of the first address that leads to the broker: what a client can `get`."""
        return next("/" + link.split("/", 3)[3] for link in self.links if "localhost:8000/" in link)


class Inbox:
    """`deliver()` sends what is due; `mails`, `mails_to(address)` and `last_to(address)` deliver first, then read."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self._app = app
        self._folder = folder

    def deliver(self) -> None:
        """Everything in the outbox that is due leaves, into the folder."""
        with self._app.app_context():
            deliver_due(installation(), InboxPost(self._folder))
        db.session.rollback()

    @property
    def mails(self) -> list[Mail]:
        """Every mail, oldest first."""
        self.deliver()
        return [
            _read(file) for file in sorted(self._folder.glob("*.eml"), key=lambda f: (f.stat().st_mtime_ns, f.name))
        ]

    def mails_to(self, address: str) -> list[Mail]:
        """Every mail to `address`, oldest first."""
        return [mail for mail in self.mails if mail.to == address]

    def last_to(self, address: str) -> Mail:
        """The newest mail to `address`."""
        found = self.mails_to(address)
        assert found, f"no mail to {address}; there are mails to {sorted({mail.to for mail in self.mails})}"
        return found[-1]


def read_mails(folder: Path) -> list[Mail]:
    """The mails that lie in `folder`, oldest first."""
    return [_read(file) for file in sorted(folder.glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name))]


def read_texts(folder: Path) -> list[tuple[str, str]]:
    """The messages by SMS that lie in `folder`, oldest first: to which number, and the words."""
    files = sorted(folder.glob("*.json"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    return [(message["to"], message["text"]) for message in (json.loads(file.read_text()) for file in files)]


def _read(file: Path) -> Mail:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)

    def part(kind: str) -> str:
        found = message.get_body((kind,))
        return str(found.get_content()) if found is not None else ""

    return Mail(str(message["X-Delivered-To"]), str(message["Subject"]), part("plain"), part("html"), message)
