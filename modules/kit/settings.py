"""The settings of one application, from the environment.

Owns: names, meaning, and the refusal to start on a missing or bad one. Does not own what is the same in every installation
(application.py).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_LEAST_SECRET = 32


class ModuleSettingsError(Exception):
    """A setting is missing or bad: one line that names it and never holds its value."""


@dataclass(frozen=True, kw_only=True)
class ModuleSettings:
    """Where the application lives, which broker it trusts, and its secrets.

    With the prefix `CULTUURMONITOR`: `CULTUURMONITOR_ISSUER`, the broker's issuer; `_CLIENT_ID` and `_CLIENT_SECRET`, its
    client there; `_BASE_URL`, its own origin; `_DATABASE_URL`, sqlite:/// or postgresql://; `_SECRET`, at least 32 signs,
    signs cookies and seals tokens; `_TRUSTED_PROXIES`, how many proxies in front set X-Forwarded-For and -Proto.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    base_url: str
    database_url: str = field(repr=False)
    secret: str = field(repr=False)
    trusted_proxies: int = 0

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
        values = os.environ if environment is None else environment

        def read(name: str) -> str:
            value = values.get(f"{prefix}_{name}", "").strip()
            if not value:
                raise ModuleSettingsError(f"{prefix}_{name} is missing")
            return value

        def address(name: str) -> str:
            value = read(name).rstrip("/")
            parts = urlsplit(value)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
                raise ModuleSettingsError(f"{prefix}_{name} must begin with https:// (http:// only on this machine)")
            return value

        base_url = address("BASE_URL")
        if urlsplit(base_url).path:
            raise ModuleSettingsError(f"{prefix}_BASE_URL must have no path")
        database_url = read("DATABASE_URL")
        if not database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ModuleSettingsError(f"{prefix}_DATABASE_URL must begin with sqlite:/// or postgresql://")
        secret = read("SECRET")
        if len(secret) < _LEAST_SECRET:
            raise ModuleSettingsError(f"{prefix}_SECRET must have at least {_LEAST_SECRET} signs")
        proxies = values.get(f"{prefix}_TRUSTED_PROXIES", "0")
        if not proxies.isdigit():
            raise ModuleSettingsError(f"{prefix}_TRUSTED_PROXIES must be a whole number")
        return cls(
            issuer=address("ISSUER"),
            client_id=read("CLIENT_ID"),
            client_secret=read("CLIENT_SECRET"),
            base_url=base_url,
            database_url=database_url,
            secret=secret,
            trusted_proxies=int(proxies),
        )
