"""How an application proves itself and its tokens: private_key_jwt (RFC 7523) and DPoP (RFC 9449)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from flask import Flask
from sqlalchemy import select

from modules.cultuurmonitor import create_app
from modules.kit import ModuleSettings, ModuleSettingsError
from modules.kit.client_key import public_keys
from modules.kit.session_tables import sessions
from modules.kit.settings import ModuleSettings as Settings
from modules.kit.tokens import SigningKey
from tests.modules.conftest import Browser
from tests.modules.fake_broker import NELE, FakeBroker, Key, person
from tests.modules.test_kit import GOOD

PAGE = "/cultuurmonitor/centra"
KEYS = {
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "RSA": rsa.generate_private_key(65537, 2048),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "RSA of 1024 bits": rsa.generate_private_key(65537, 1024),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def pem_of(kind: str) -> str:
    return (
        KEYS[kind]
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


@pytest.fixture
def start(
    monitor_settings: ModuleSettings, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> Callable[..., tuple[Flask, Browser]]:
    """Starts a Cultuurmonitor with other settings; gives it and a browser."""

    def make(**settings: object) -> tuple[Flask, Browser]:
        app = create_app(replace(monitor_settings, **settings))  # type: ignore[arg-type]
        return app, Browser(app, fake_broker)

    return make


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_a_key_can_take_the_place_of_the_secret(
    start: Callable[..., tuple[Flask, Browser]], fake_broker: FakeBroker, clock: time_machine.Traveller, kind: str
) -> None:
    key = SigningKey(pem_of(kind))
    (fake_broker.client_key,) = public_keys(key)["keys"]
    fake_broker.grants_refresh = True
    _app, browser = start(client_secret="", client_key=key)
    assert browser.sign_in(person(NELE)).status_code == 200
    clock.shift(timedelta(minutes=6))
    assert browser.get(PAGE, follow=False).status_code == 200
    first, second = fake_broker.proofs
    assert first["jti"] != second["jti"]
    assert 0 < first["exp"] - first["iat"] <= 600
    assert all("client_secret" not in call for call in fake_broker.token_calls)


def test_an_assertion_names_its_key_as_the_policy_does() -> None:
    (published,) = public_keys(SigningKey(pem_of("P-256")))["keys"]
    assert published.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    (published,) = public_keys(SigningKey(pem_of("RSA")))["keys"]
    assert published.keys() == {"kty", "n", "e", "kid", "alg", "use"}


def test_the_thumbprint_is_that_of_the_specification() -> None:
    """RFC 7638 §3.1 in its own way of counting: only the parts of the key, in order, without spaces."""
    key = SigningKey(pem_of("P-256"))
    assert list(key.public) == sorted(key.public)
    assert len(key.thumbprint) == 43


@pytest.mark.parametrize("kind", ["P-384", "RSA of 1024 bits", "Ed25519"])
def test_a_key_of_another_kind_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        SigningKey(pem_of(kind))


def test_the_key_comes_from_a_file_that_the_setting_names(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(pem_of("P-256"))
    environment = {name: value for name, value in GOOD.items() if not name.endswith("CLIENT_SECRET")}
    environment["CULTUURMONITOR_CLIENT_KEY_FILE"] = str(tmp_path / "key.pem")
    settings = Settings.from_environment("CULTUURMONITOR", environment)
    assert settings.client_key is not None
    assert "PRIVATE" not in repr(settings)
    for change in (
        {"CULTUURMONITOR_CLIENT_SECRET": "both"},
        {"CULTUURMONITOR_CLIENT_KEY_FILE": str(tmp_path / "absent.pem")},
        {"CULTUURMONITOR_CLIENT_KEY_FILE": __file__},
    ):
        with pytest.raises(ModuleSettingsError, match=r"CLIENT_(SECRET|KEY_FILE) must"):
            Settings.from_environment("CULTUURMONITOR", environment | change)


def test_with_dpop_every_token_is_bound_to_a_key_of_its_session(
    start: Callable[..., tuple[Flask, Browser]], fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    fake_broker.dpop = fake_broker.grants_refresh = True
    app, browser = start(dpop=True)
    assert browser.sign_in(person(NELE)).status_code == 200
    clock.shift(timedelta(minutes=6))
    assert browser.get(PAGE, follow=False).status_code == 200
    signed_in, refreshed = fake_broker.proofs
    assert signed_in["jwk"] == refreshed["jwk"]
    other = Browser(app, fake_broker)
    other.sign_in(person(NELE))
    assert fake_broker.proofs[-1]["jwk"] != signed_in["jwk"]
    with app.extensions["kit_database"].engine.connect() as connection:
        assert "PRIVATE" not in str(connection.execute(select(sessions)).all())


def test_a_nonce_that_the_broker_asks_is_put_in_and_remembered(
    start: Callable[..., tuple[Flask, Browser]], fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    """RFC 9449 §8."""
    fake_broker.dpop = fake_broker.grants_refresh = True
    fake_broker.dpop_nonce = "first"
    _app, browser = start(dpop=True)
    assert browser.sign_in(person(NELE)).status_code == 200
    assert [proof.get("nonce") for proof in fake_broker.proofs] == [None, "first"]
    clock.shift(timedelta(minutes=6))
    assert browser.get(PAGE, follow=False).status_code == 200
    fake_broker.dpop_nonce = "second"
    clock.shift(timedelta(minutes=6))
    assert browser.get(PAGE, follow=False).status_code == 200
    assert [proof.get("nonce") for proof in fake_broker.proofs] == [None, "first", "first", "first", "second"]


def test_tokens_that_are_not_bound_although_we_asked_are_not_taken(
    start: Callable[..., tuple[Flask, Browser]], fake_broker: FakeBroker
) -> None:
    _app, browser = start(dpop=True)
    assert browser.sign_in(person(NELE)).status_code == 503


def test_another_algorithm_is_a_setting(start: Callable[..., tuple[Flask, Browser]], fake_broker: FakeBroker) -> None:
    _app, strict = start()
    fake_broker.key = Key("key-rsa", "RS256")
    fake_broker.published = [fake_broker.key]
    assert strict.sign_in(person(NELE)).status_code == 400
    _app, browser = start(signing_algorithm="RS256")
    assert browser.sign_in(person(NELE)).status_code == 200
