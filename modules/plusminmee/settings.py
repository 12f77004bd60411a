"""The settings of PlusMinMee beside those of the kit: which way its mail leaves.

Owns: their names, meaning, and the refusal of a bad one. Does not own the settings of the kit (modules/kit/settings.py).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from modules.kit import ModuleSettingsError


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """`PLUSMINMEE_SMTP_URL`, smtps://user:password@host:port (smtp:// only on this machine), or `PLUSMINMEE_INBOX_DIR`, a folder
    where every mail becomes a file, for development; exactly one of both. `PLUSMINMEE_MAIL_FROM` is the sender's address.
    """

    smtp_url: str = field(default="", repr=False)
    inbox: Path | None = None
    sender: str = "plusminmee@localhost"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read them.

        Raises:
            ModuleSettingsError: one line that names what is missing or bad.
        """
        values = os.environ if environment is None else environment
        smtp_url, inbox = (values.get(f"PLUSMINMEE_{name}", "").strip() for name in ("SMTP_URL", "INBOX_DIR"))
        if bool(smtp_url) == bool(inbox):
            raise ModuleSettingsError("one of PLUSMINMEE_SMTP_URL and PLUSMINMEE_INBOX_DIR must be set")
        if smtp_url:
            parts = urlsplit(smtp_url)
            here = parts.hostname in ("localhost", "127.0.0.1", "::1")
            if parts.scheme != "smtps" and not (parts.scheme == "smtp" and here):
                raise ModuleSettingsError("PLUSMINMEE_SMTP_URL must begin with smtps:// (smtp:// only on this machine)")
        sender = values.get("PLUSMINMEE_MAIL_FROM", "").strip()
        if smtp_url and not sender:
            raise ModuleSettingsError("PLUSMINMEE_MAIL_FROM is missing")
        return cls(smtp_url=smtp_url, inbox=Path(inbox) if inbox else None, sender=sender or cls.sender)
