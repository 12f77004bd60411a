"""Every setting of the broker, from the environment, documented here and nowhere else.

Owns: names, meaning, defaults, and the refusal to start on a missing or bad one (one line that names it). `poortwachter settings`
prints this page. Does not own policies (catalogue/) nor what is derived from the secret keys (keys/).
"""

import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from broker.keys import SecretKeysError, parse_secret_keys
from broker.keys.checkpoint_key import checkpoint_seed

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_DEMO_KEY_ID = re.compile(r"demo", re.IGNORECASE)


class SettingsError(Exception):
    """A setting is missing or bad. The message is one line that names it and never holds its value."""


def setting(read: Callable[[str], Any], doc: str, default: Any = dataclasses.MISSING) -> Any:
    """One setting: how it is read, what it means, and what holds when it is not there."""
    return field(metadata={"read": read, "doc": doc, "default": default})


def _folders(value: str) -> tuple[Path, ...]:
    folders = tuple(Path(part) for part in value.split(":") if part)
    for folder in folders:
        if not folder.is_dir():
            raise ValueError(f"the folder {folder} does not exist")
    if not folders:
        raise ValueError("names no folder")
    return folders


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError("must be one of " + ", ".join(choices))
        return value

    return read


def _url(*schemes: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError("must be an address that begins with " + " or ".join(f"{s}://" for s in schemes))
        return value.rstrip("/")

    return read


def _database_url(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(value)

    return read


def _address(value: str) -> str:
    if "@" not in value:
        raise ValueError("must be an e-mail address")
    return value


def _file_to_be(value: str) -> Path:
    path = Path(value)
    if not path.parent.is_dir():
        raise ValueError(f"the folder {path.parent} does not exist")
    return path


def _word(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9+_-]{1,64}", value):
        raise ValueError("must be one word of letters and digits")
    return value


def _secret(value: str) -> str:
    if len(value) < 20:
        raise ValueError("must have at least 20 characters")
    return value


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one installation. Build with `Settings.from_environment`."""

    env: str = setting(
        _one_of("production", "development"),
        "BROKER_ENV: production, or development (allows http and loopback addresses, and settable rate limits; nothing else).",
        "production",
    )
    issuer: str = setting(
        _url("https", "http"), "BROKER_ISSUER: the issuer of the tokens, ending in /op. Pages live at its origin."
    )
    database_url: str = setting(
        _database_url, "BROKER_DATABASE_URL: sqlite:////var/lib/poortwachter/broker.db or postgresql://user@host/name."
    )
    policies: tuple[Path, ...] = setting(
        _folders,
        "BROKER_POLICIES: policy folders joined by ':'; a file in a later one replaces its namesake.",
        "policies",
    )
    forms: tuple[Path, ...] = setting(_folders, "BROKER_FORMS: form folders joined by ':', in the same way.", "forms")
    secret_keys: Mapping[str, bytes] = setting(
        parse_secret_keys,
        "BROKER_SECRET_KEYS: id:key pairs joined by ',', newest first; a key is 32 random bytes in base64url."
        " `poortwachter keys new-secret` makes one.",
    )
    inbox_dir: Path | None = setting(
        Path,
        "BROKER_INBOX_DIR: write every mail as .eml and every SMS as .json here instead of sending it."
        " Development only.",
        None,
    )
    smtp_url: str | None = setting(
        _url("smtp", "smtps"), "BROKER_SMTP_URL: smtp://user:password@host:587 (STARTTLS) or smtps://host:465.", None
    )
    mail_from: str = setting(
        _address, "BROKER_MAIL_FROM: the sender of every mail.", "poortwachter@localhost.localdomain"
    )
    twilio_account_sid: str | None = setting(
        _word, "BROKER_TWILIO_ACCOUNT_SID: the account at Twilio that sends codes by SMS (local accounts).", None
    )
    twilio_auth_token: str | None = setting(_secret, "BROKER_TWILIO_AUTH_TOKEN: its secret.", None)
    twilio_from: str | None = setting(
        _word, "BROKER_TWILIO_FROM: the number that messages come from, or a messaging service (MG…).", None
    )
    twilio_region: str | None = setting(
        _word,
        "BROKER_TWILIO_REGION: where Twilio handles them, with BROKER_TWILIO_EDGE: ie1 stays within the EU.",
        None,
    )
    twilio_edge: str | None = setting(_word, "BROKER_TWILIO_EDGE: where Twilio is reached: dublin, frankfurt…", None)
    twilio_url: str | None = setting(
        _url("https", "http"), "BROKER_TWILIO_URL: another address of Twilio's API; optional.", None
    )
    redis_url: str | None = setting(
        _url("redis", "rediss", "unix"), "BROKER_REDIS_URL: what several nodes share for rate limits; optional.", None
    )
    operator_email: str = setting(
        _address,
        "BROKER_OPERATOR_EMAIL: told of what nobody else can decide.",
        "operator@localhost.localdomain",
    )
    trusted_proxies: int = setting(
        _whole(0, 5), "BROKER_TRUSTED_PROXIES: how many proxies in front set X-Forwarded-For.", "0"
    )
    metrics_token: str | None = setting(
        _secret,
        "BROKER_METRICS_TOKEN: the bearer token that may read /metrics; without it /metrics does not exist.",
        None,
    )
    audit_key: bytes | None = setting(
        checkpoint_seed,
        "BROKER_AUDIT_KEY: the private key (32 bytes in base64url) that signs the checkpoints of the audit; without it, one"
        " derived from BROKER_SECRET_KEYS. `poortwachter audit new-key` makes one.",
        None,
    )
    checkpoint_email: str | None = setting(
        _address, "BROKER_CHECKPOINT_EMAIL: who gets the checkpoint of the audit by mail, every hour; optional.", None
    )
    checkpoint_file: Path | None = setting(
        _file_to_be,
        "BROKER_CHECKPOINT_FILE: a file that every checkpoint is added to, best on another machine; optional.",
        None,
    )
    rate_limits: str = setting(_one_of("on", "off"), "BROKER_RATE_LIMITS: on, or off (development only).", "on")
    log_level: str = setting(
        _one_of("debug", "info", "warning", "error"), "BROKER_LOG_LEVEL: least important line that is logged.", "info"
    )
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def development(self) -> bool:
        """Whether http and loopback addresses are allowed."""
        return self.env == "development"

    @property
    def sends_sms(self) -> bool:
        """Whether a message by SMS can go anywhere."""
        return self.twilio_account_sid is not None or self.inbox_dir is not None

    @property
    def origin(self) -> str:
        """Scheme and host of the issuer: where the pages live."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        """Whether people reach the broker over TLS; decides on __Host- cookies and HSTS."""
        return self.issuer.startswith("https://")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings in `environment` (the process's own by default).

        Raises:
            SettingsError: one line that names the first setting that is missing or bad.
        """
        environ = dict(os.environ if environment is None else environment)
        values: dict[str, Any] = {}
        for each in dataclasses.fields(cls):
            if "read" not in each.metadata:
                continue
            name = f"BROKER_{each.name.upper()}"
            raw = environ.get(name, "")
            default = each.metadata["default"]
            if not raw and default is dataclasses.MISSING:
                raise SettingsError(f"{name} is missing. {each.metadata['doc']}")
            if not raw and default is None:
                values[each.name] = None
                continue
            try:
                values[each.name] = each.metadata["read"](raw or default)
            except (ValueError, SecretKeysError) as error:
                raise SettingsError(f"{name} is bad: {error}.") from error
        settings = cls(
            **values,
            environment={key: value for key, value in environ.items() if key.startswith("BROKER_CLIENT_")},
        )
        settings._refuse_contradictions()
        return settings

    def _refuse_contradictions(self) -> None:
        if not self.issuer.endswith("/op"):
            raise SettingsError("BROKER_ISSUER is bad: it must end in /op.")
        if not self.inbox_dir and not self.smtp_url:
            raise SettingsError("BROKER_SMTP_URL is missing: without it no mail can leave.")
        twilio = (self.twilio_account_sid, self.twilio_auth_token, self.twilio_from)
        if any(twilio) and not all(twilio):
            raise SettingsError("BROKER_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _FROM go together: one of them is missing.")
        if (self.twilio_region is None) != (self.twilio_edge is None):
            raise SettingsError("BROKER_TWILIO_REGION is bad: it goes together with BROKER_TWILIO_EDGE.")
        if self.development:
            return
        if (self.twilio_url or "https://").startswith("http://"):
            raise SettingsError("BROKER_TWILIO_URL is bad: it must begin with https:// in production.")
        if not self.secure:
            raise SettingsError("BROKER_ISSUER is bad: it must begin with https:// in production.")
        if urlsplit(self.issuer).hostname in _LOOPBACK:
            raise SettingsError("BROKER_ISSUER is bad: a loopback address is for development only.")
        if self.inbox_dir:
            raise SettingsError("BROKER_INBOX_DIR is bad: the local inbox is for development only.")
        for name in ("mail_from", "operator_email"):
            if getattr(self, name).endswith("@localhost.localdomain"):
                raise SettingsError(f"BROKER_{name.upper()} is missing: in production it must be a real address.")
        if self.rate_limits == "off":
            raise SettingsError("BROKER_RATE_LIMITS is bad: off is for development only.")
        if any(_DEMO_KEY_ID.match(key_id) for key_id in self.secret_keys):
            raise SettingsError("BROKER_SECRET_KEYS is bad: a demo key is for development only.")


def manual() -> list[tuple[str, str, bool]]:
    """(what it means, its default or '', required) of every setting, in order: the operator's page is made of this."""
    lines = []
    for each in dataclasses.fields(Settings):
        if "doc" in each.metadata:
            default = each.metadata["default"]
            required = default is dataclasses.MISSING
            lines.append((each.metadata["doc"], "" if required or default is None else str(default), required))
    return lines
