"""Settings: each bad one is a single line that names it, and what belongs to trying out cannot be on in production."""

import re
from pathlib import Path

import pytest

from broker.settings import Settings, SettingsError, manual
from tests.worlds.settings import secret_key

SECRET = secret_key("p")
PRODUCTION = {
    "BROKER_ISSUER": "https://poort.example.be/op",
    "BROKER_DATABASE_URL": "postgresql://broker@db/broker",
    "BROKER_SECRET_KEYS": f"k2026:{SECRET}",
    "BROKER_SMTP_URL": "smtps://mail.example.be:465",
    "BROKER_MAIL_FROM": "poort@example.be",
    "BROKER_OPERATOR_EMAIL": "operator@example.be",
}


def refusal(**changes: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(PRODUCTION | changes)
    return str(caught.value)


def test_production_starts_with_the_six_settings_it_needs() -> None:
    settings = Settings.from_environment(PRODUCTION)
    assert not settings.development
    assert settings.secure
    assert settings.origin == "https://poort.example.be"


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_a_missing_setting_is_named(name: str) -> None:
    assert refusal(**{name: ""}).startswith(f"{name} is missing")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BROKER_ENV", "demo"),
        ("BROKER_ISSUER", "poort.example.be/op"),
        ("BROKER_ISSUER", "https://poort.example.be/"),
        ("BROKER_DATABASE_URL", "mysql://x"),
        ("BROKER_SECRET_KEYS", "k1:too-short"),
        ("BROKER_SECRET_KEYS", SECRET),
        ("BROKER_SECRET_KEYS", f"k1:{SECRET},k1:{SECRET}"),
        ("BROKER_POLICIES", "/nowhere/at/all"),
        ("BROKER_FORMS", ":"),
        ("BROKER_SMTP_URL", "mail.example.be"),
        ("BROKER_MAIL_FROM", "nobody"),
        ("BROKER_REDIS_URL", "http://redis"),
        ("BROKER_TRUSTED_PROXIES", "many"),
        ("BROKER_TRUSTED_PROXIES", "9"),
        ("BROKER_METRICS_TOKEN", "short"),
        ("BROKER_RATE_LIMITS", "maybe"),
        ("BROKER_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it_and_never_holds_a_secret(name: str, value: str) -> None:
    line = refusal(**{name: value})
    assert line.startswith(f"{name} is bad")
    assert "\n" not in line
    assert SECRET not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BROKER_ISSUER", "http://poort.example.be/op"),
        ("BROKER_ISSUER", "https://localhost:8000/op"),
        ("BROKER_ISSUER", "https://127.0.0.1/op"),
        ("BROKER_INBOX_DIR", "/tmp/inbox"),
        ("BROKER_RATE_LIMITS", "off"),
        ("BROKER_SECRET_KEYS", f"demo:{SECRET}"),
        ("BROKER_SECRET_KEYS", f"k1:{SECRET},demo2026:{secret_key('q')}"),
    ],
)
def test_what_is_for_trying_out_refuses_to_start_in_production(name: str, value: str) -> None:
    """OP1: http, loopback, the local inbox, no limits, demo keys."""
    line = refusal(**{name: value})
    assert line.startswith(f"{name} is bad")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BROKER_ISSUER", "http://localhost:8000/op"),
        ("BROKER_INBOX_DIR", "/tmp/inbox"),
        ("BROKER_RATE_LIMITS", "off"),
        ("BROKER_SECRET_KEYS", f"demo:{SECRET}"),
    ],
)
def test_development_allows_it(name: str, value: str) -> None:
    Settings.from_environment(PRODUCTION | {"BROKER_ENV": "development", name: value})


def test_every_setting_is_in_the_manual_under_its_own_name() -> None:
    source = Path(Settings.__module__.replace(".", "/") + ".py")
    text = (Path(__file__).resolve().parents[2] / source).read_text()
    fields = re.findall(r"^    (\w+): [^=]+= setting\(", text, re.M)
    lines = [meaning for meaning, _, _ in manual()]
    assert len(fields) == len(lines) > 10
    for field, line in zip(fields, lines, strict=True):
        assert line.startswith(f"BROKER_{field.upper()}: ")
