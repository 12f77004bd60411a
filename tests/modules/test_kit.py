"""The parts of the kit that no page shows: settings, outgoing calls, keys, sealing."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, redirect
from werkzeug.serving import make_server

from modules.kit import ModuleSettings, ModuleSettingsError
from modules.kit import outgoing as kit_outgoing
from modules.kit.broker import Broker
from modules.kit.key_set import KeySet
from modules.kit.outgoing import AnswerRefusedError, BrokerUnreachableError, call, get_json
from modules.kit.sealing import seal, unseal

GOOD = {
    "CULTUURMONITOR_ISSUER": "https://broker.voorbeeld.test/op",
    "CULTUURMONITOR_CLIENT_ID": "cultuurmonitor",
    "CULTUURMONITOR_CLIENT_SECRET": "a secret of the client",
    "CULTUURMONITOR_BASE_URL": "https://cultuurmonitor.voorbeeld.test/",
    "CULTUURMONITOR_DATABASE_URL": "sqlite:////var/lib/cultuurmonitor.db",
    "CULTUURMONITOR_SECRET": "s" * 32,
}


def test_settings_come_from_the_environment() -> None:
    settings = ModuleSettings.from_environment("CULTUURMONITOR", GOOD)
    assert settings.base_url == "https://cultuurmonitor.voorbeeld.test"
    assert settings.tls
    assert "a secret" not in repr(settings)
    assert "ssss" not in repr(settings)


@pytest.mark.parametrize("name", list(GOOD))
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(ModuleSettingsError, match=f"^{name} is missing$"):
        ModuleSettings.from_environment("CULTUURMONITOR", {**GOOD, name: " "})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CULTUURMONITOR_ISSUER", "http://broker.voorbeeld.test/op"),
        ("CULTUURMONITOR_BASE_URL", "http://cultuurmonitor.voorbeeld.test"),
        ("CULTUURMONITOR_BASE_URL", "https://cultuurmonitor.voorbeeld.test/pad"),
        ("CULTUURMONITOR_DATABASE_URL", "mysql://x"),
        ("CULTUURMONITOR_SECRET", "short-and-known"),
        ("CULTUURMONITOR_TRUSTED_PROXIES", "two"),
        ("CULTUURMONITOR_SIGNING_ALGORITHM", "HS256"),
        ("CULTUURMONITOR_DPOP", "maybe"),
        ("CULTUURMONITOR_EVENTS_SECRET", "short-and-known"),
    ],
)
def test_a_bad_setting_is_named_and_its_value_is_not_told(name: str, value: str) -> None:
    with pytest.raises(ModuleSettingsError, match=f"^{name} must") as raised:
        ModuleSettings.from_environment("CULTUURMONITOR", {**GOOD, name: value})
    assert value not in str(raised.value)


def test_plain_http_is_for_this_machine_only() -> None:
    local = {
        **GOOD,
        "CULTUURMONITOR_ISSUER": "http://localhost:8000/op",
        "CULTUURMONITOR_BASE_URL": "http://127.0.0.1:8001",
    }
    assert not ModuleSettings.from_environment("CULTUURMONITOR", local).tls


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """A server that answers badly in several ways."""
    app = Flask("elsewhere")

    @app.get("/good")
    def _good() -> dict[str, str]:
        return {"all": "well"}

    @app.get("/moved")
    def _moved() -> Any:
        return redirect("/good")

    @app.get("/huge")
    def _huge() -> Response:
        return Response('{"x":"' + "x" * 200_000 + '"}', mimetype="application/json")

    @app.get("/drip")
    def _drip() -> Response:
        def slowly() -> Iterator[str]:
            yield "{"
            for _part in range(50):
                time.sleep(0.1)
                yield " "

        return Response(slowly(), mimetype="application/json")

    @app.get("/list")
    def _list() -> Response:
        return Response("[]", mimetype="application/json")

    @app.get("/page")
    def _page() -> str:
        return "<html>"

    @app.post("/refused")
    def _refused() -> tuple[dict[str, str], int]:
        return {"error": "invalid_grant"}, 400

    @app.get("/op/.well-known/openid-configuration")
    def _discovery() -> dict[str, str]:
        return {"issuer": f"{origin}/op", "jwks_uri": "http://169.254.169.254/keys"}

    server = make_server("127.0.0.1", 0, app, threaded=True)
    origin = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield origin
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["moved", "huge", "drip", "list", "page", "absent"])
def test_no_answer_of_a_broker_can_hold_a_page_up(elsewhere: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """BC1, UP8: no redirects, 64 kB, three seconds over all (here half a second)."""
    before = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(kit_outgoing, "LIMIT_SECONDS", 0.5)
        with pytest.raises(BrokerUnreachableError):
            get_json(f"{elsewhere}/{path}")
    assert time.monotonic() - before < 4
    assert get_json(f"{elsewhere}/good") == {"all": "well"}


def test_a_refusal_of_the_broker_is_told_apart_from_a_fault(elsewhere: str) -> None:
    with pytest.raises(AnswerRefusedError, match="invalid_grant"):
        call("POST", f"{elsewhere}/refused", {}, form={}).granted()


def test_a_discovery_document_cannot_send_us_elsewhere(elsewhere: str) -> None:
    """BC1."""
    settings = ModuleSettings(
        issuer=f"{elsewhere}/op", client_id="x", client_secret="y", base_url="", database_url="", secret=""
    )
    with pytest.raises(BrokerUnreachableError):
        Broker(settings, "").keys()


def test_keys_are_asked_once_a_minute_at_most_and_the_last_good_ones_serve_for_a_day() -> None:
    """UP8, OA11."""
    now = [0.0]
    asked = []
    published: list[dict[str, Any]] | None = [{"kid": "one"}]

    def fetch() -> list[dict[str, Any]]:
        asked.append(now[0])
        if published is None:
            raise BrokerUnreachableError("down")
        return published

    keys = KeySet(fetch, lambda key: (key["kid"], key["kid"].upper()), clock=lambda: now[0])
    assert keys.find("one") == "ONE"
    assert keys.find("two") is None
    assert len(asked) == 1
    now[0] = 61
    published = [{"kid": "two"}]
    assert keys.find("two") == "TWO"
    assert keys.find("one") is None
    assert len(asked) == 2
    published = None
    now[0] = 20 * 3600
    assert keys.find("two") == "TWO"
    with pytest.raises(BrokerUnreachableError):  # a new key, for all we know
        keys.find("three")
    now[0] = 25 * 3600
    with pytest.raises(BrokerUnreachableError):
        keys.find("two")


def test_a_known_key_does_not_wait_for_a_broker_that_hangs() -> None:
    """UP8: one request asks for new keys; the others go on with those of five minutes ago."""
    now = [0.0]
    hang, hanging = threading.Event(), threading.Event()

    def fetch() -> list[dict[str, Any]]:
        if now[0]:
            hanging.set()
            assert hang.wait(10)
        return [{"kid": "one"}]

    keys = KeySet(fetch, lambda key: (key["kid"], key["kid"].upper()), clock=lambda: now[0])
    assert keys.find("one") == "ONE"
    now[0] = 400
    asking = threading.Thread(target=keys.find, args=("one",))
    asking.start()
    assert hanging.wait(10)
    assert keys.find("one") == "ONE"
    hang.set()
    asking.join()


def test_two_requests_with_a_new_key_wait_for_the_one_that_fetches_it() -> None:
    """OA11: neither is refused because the other was first."""
    published: list[dict[str, Any]] = [{"kid": "one"}]
    asked = []

    def fetch() -> list[dict[str, Any]]:
        asked.append(1)
        time.sleep(0.2)
        return published

    keys = KeySet(fetch, lambda key: (key["kid"], key["kid"].upper()))
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(keys.find("one"))) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["ONE"] * 4
    assert len(asked) == 1


def test_what_is_sealed_opens_only_with_the_same_secret_browser_and_purpose() -> None:
    sealed = seal("secret", "browser", "session", {"token": "t"})
    assert "token" not in sealed
    assert unseal("secret", "browser", "session", sealed) == {"token": "t"}
    for other in (("other", "browser", "session"), ("secret", "other", "session"), ("secret", "browser", "form")):
        assert unseal(*other, sealed) is None
