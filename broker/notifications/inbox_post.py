"""InboxPost: instead of leaving, every message becomes a file in a folder of this machine. For development and tests only.

A mail is one .eml, an SMS one .json, named by time and message id, so that a repeat of the same message is the same
file. What is in them opens doors, so folder and files are for their owner alone (threats OP3).
"""

import json
import os
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from broker.notifications.post import NotNowError


class InboxPost:
    """The folder of BROKER_INBOX_DIR."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send_mail(self, mail: EmailMessage, recipient: str) -> None:
        """See `Post.send_mail`. The file says for whom it was in X-Delivered-To, as the envelope would."""
        message_id = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        delivered = mail.as_bytes()
        envelope = f"X-Delivered-To: {recipient}\r\n".encode()
        self._keep(f"{_stamp(parsedate_to_datetime(mail['Date']))}-{message_id}.eml", envelope + delivered)

    def send_sms(self, message_id: str, number: str, words: str, written_at: datetime) -> None:
        """Keep one SMS; see `Post.send_mail` for what it raises."""
        content = {"message_id": message_id, "to": number, "text": words, "written_at": written_at.isoformat()}
        self._keep(f"{_stamp(written_at)}-{message_id}.json", json.dumps(content, ensure_ascii=False).encode())

    def close(self) -> None:
        """Nothing is open."""

    def _keep(self, name: str, content: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = self._folder / f".{name}.part"
            file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "wb") as opened:
                opened.write(content)
            unfinished.replace(self._folder / name)  # a reader sees the whole message or none
        except OSError as error:
            raise NotNowError(f"inbox folder ({type(error).__name__})", unreachable=True) from error


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
