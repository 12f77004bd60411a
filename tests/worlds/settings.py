"""The settings and the catalogue of the tests: those of an installation in development, with nothing left to chance."""

import base64
from pathlib import Path

from broker.catalogue import Catalogue, read_catalogue
from broker.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
ORIGIN = "http://localhost:8000"


def secret_key(letter: str) -> str:
    """32 bytes of one letter in base64url: a key that is plainly of a test."""
    return base64.urlsafe_b64encode(letter.encode() * 32).decode().rstrip("=")


def environment(database_url: str, inbox_dir: Path) -> dict[str, str]:
    """What BROKER_… says in a test."""
    return {
        "BROKER_ENV": "development",
        "BROKER_ISSUER": f"{ORIGIN}/op",
        "BROKER_DATABASE_URL": database_url,
        "BROKER_POLICIES": f"{ROOT / 'policies'}:{ROOT / 'tests' / 'policies'}",
        "BROKER_FORMS": str(ROOT / "forms"),
        "BROKER_SECRET_KEYS": f"test1:{secret_key('a')}",
        "BROKER_INBOX_DIR": str(inbox_dir),
        "BROKER_RATE_LIMITS": "off",
        "BROKER_LOG_LEVEL": "warning",
    }


def read_test_catalogue(folder: Path) -> Catalogue:
    """The catalogue that `environment` names."""
    settings = Settings.from_environment(environment("sqlite:///unused.db", folder))
    return read_catalogue(settings.policies, settings.forms, settings.environment, development=settings.development)
