"""The ways out for a mail: SMTP, or a folder of this machine to look at.

Owns: handing over one message, within ten seconds. Does not own what is in it, nor trying again (send_letters.py).
"""

import os
import smtplib
from collections.abc import Callable
from datetime import UTC
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from modules.plusminmee.settings import MailSettings

PATIENCE_SECONDS = 10

HandOver = Callable[[EmailMessage], None]
"""Raises OSError (smtplib's errors are) when it did not go."""


def way_out(settings: MailSettings) -> HandOver:
    """What these settings say."""
    if settings.inbox is not None:
        folder = settings.inbox
        return lambda message: _keep(folder, message)
    return lambda message: _send(settings.smtp_url, message)


def _send(smtp_url: str, message: EmailMessage) -> None:
    parts = urlsplit(smtp_url)
    secure = parts.scheme == "smtps"
    connect = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with connect(parts.hostname or "", parts.port or (465 if secure else 25), timeout=PATIENCE_SECONDS) as server:
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _keep(folder: Path, message: EmailMessage) -> None:
    """A file for its owner alone; a reader sees the whole message or none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    moment = parsedate_to_datetime(message["Date"]).astimezone(UTC)
    name = f"{moment:%Y%m%dT%H%M%SZ}-{str(message['Message-ID']).strip('<>').partition('@')[0]}.eml"
    unfinished = folder / f".{name}.part"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(f"X-Delivered-To: {message['To']}\r\n".encode() + message.as_bytes())
    unfinished.replace(folder / name)
