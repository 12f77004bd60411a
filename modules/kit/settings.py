"""The settings of one application, from the environment.

Owns: names, meaning, and the refusal to start on a missing or bad one. Does not own what is the same in every installation
(application.py).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from modules.kit.tokens import Algorithm, SigningKey

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_LEAST_SECRET = 32


class ModuleSettingsError(Exception):
    """A setting is missing or bad: one line that names it and never holds its value."""


@dataclass(frozen=True, kw_only=True)
class ModuleSettings:
    """Where the application lives, which broker it trusts, and its secrets.

    With the prefix `CULTUURMONITOR`: `CULTUURMONITOR_ISSUER`, the broker's issuer; `_CLIENT_ID`, its client there, with
    `_CLIENT_SECRET` or `_CLIENT_KEY_FILE`, a private key in PEM (`python -m modules.kit.client_key FILE` prints what the
    broker's policy needs of it); `_BASE_URL`, its own origin; `_DATABASE_URL`, sqlite:/// or postgresql://; `_SECRET`, at
    least 32 signs, signs cookies and seals tokens; `_TRUSTED_PROXIES`, how many proxies in front set X-Forwarded-For and
    -Proto; `_SIGNING_ALGORITHM`, ES256 (unless told otherwise) or RS256, of every token of the broker; `_DPOP`, `on` binds
    tokens to keys (RFC 9449); `_EVENTS_SECRET`, at least 32 signs, what the broker shows when it sends events.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    client_key: SigningKey | None = field(default=None, repr=False)
    base_url: str
    database_url: str = field(repr=False)
    secret: str = field(repr=False)
    trusted_proxies: int = 0
    signing_algorithm: Algorithm = "ES256"
    dpop: bool = False
    events_secret: str = field(default="", repr=False)

    @property
    def tls(self) -> bool:
        """Whether the application is reached over https."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_environment(cls, prefix: str, environment: Mapping[str, str] | None = None) -> "ModuleSettings":
        """Read the settings.

        Raises:
            ModuleSettingsError: one line that names the first that is missing or bad.
        """
        values = _Values(prefix, os.environ if environment is None else environment)
        key = values.private_key("CLIENT_KEY_FILE")
        if key is not None and values.given("CLIENT_SECRET"):
            raise ModuleSettingsError(f"{prefix}_CLIENT_SECRET must not stand beside {prefix}_CLIENT_KEY_FILE")
        return cls(
            issuer=values.address("ISSUER"),
            client_id=values.needed("CLIENT_ID"),
            client_secret=values.needed("CLIENT_SECRET") if key is None else "",
            client_key=key,
            base_url=values.origin("BASE_URL"),
            database_url=values.database("DATABASE_URL"),
            secret=values.secret("SECRET", values.needed("SECRET")),
            trusted_proxies=values.number("TRUSTED_PROXIES"),
            signing_algorithm="RS256" if values.one_of("SIGNING_ALGORITHM", "ES256", "RS256") == "RS256" else "ES256",
            dpop=values.one_of("DPOP", "off", "on") == "on",
            events_secret=values.secret("EVENTS_SECRET", values.given("EVENTS_SECRET")),
        )


@dataclass(frozen=True)
class _Values:
    """The environment of one application; each reader refuses in one line that names the setting."""

    prefix: str
    environment: Mapping[str, str] = field(repr=False)

    def given(self, name: str) -> str:
        return self.environment.get(f"{self.prefix}_{name}", "").strip()

    def needed(self, name: str) -> str:
        return self.given(name) or self._refuse(name, "is missing")

    def secret(self, name: str, value: str) -> str:
        """Long enough, or not given at all."""
        if 0 < len(value) < _LEAST_SECRET:
            self._refuse(name, f"must have at least {_LEAST_SECRET} signs")
        return value

    def one_of(self, name: str, *choices: str) -> str:
        """The first is what holds unless told otherwise."""
        value = self.given(name) or choices[0]
        return value if value in choices else self._refuse(name, f"must be {' or '.join(choices)}")

    def number(self, name: str) -> int:
        value = self.given(name) or "0"
        return int(value if value.isdigit() else self._refuse(name, "must be a whole number"))

    def address(self, name: str) -> str:
        value = self.needed(name).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            self._refuse(name, "must begin with https:// (http:// only on this machine)")
        return value

    def origin(self, name: str) -> str:
        value = self.address(name)
        return self._refuse(name, "must have no path") if urlsplit(value).path else value

    def database(self, name: str) -> str:
        value = self.needed(name)
        known = value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://"))
        return value if known else self._refuse(name, "must begin with sqlite:/// or postgresql://")

    def private_key(self, name: str) -> SigningKey | None:
        file = self.given(name)
        try:
            return SigningKey(Path(file).read_text()) if file else None
        except (OSError, ValueError, TypeError):
            self._refuse(name, "must name a file with a P-256 or RSA private key in PEM")

    def _refuse(self, name: str, what: str) -> NoReturn:
        raise ModuleSettingsError(f"{self.prefix}_{name} {what}")
