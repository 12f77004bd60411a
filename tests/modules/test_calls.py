"""What an application asks by itself: another application, or the broker about the person who is there."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from flask import Flask, request
from werkzeug.serving import make_server

from modules.cultuurmonitor import MIGRATIONS
from modules.cultuurmonitor.about import APPLICATION
from modules.kit import (
    ModuleSettings,
    NobodyThereError,
    OtherUnreachableError,
    call_another,
    claims_now,
    init_module,
    require_right,
)
from modules.kit.client_proof import secret_proof
from modules.kit.outgoing import AnswerRefusedError, BrokerUnreachableError
from tests.modules.conftest import Browser
from tests.modules.fake_broker import NELE, FakeBroker, person


@pytest.fixture
def heard() -> list[dict[str, Any]]:
    """What the other application was asked."""
    return []


@pytest.fixture
def other(heard: list[dict[str, Any]]) -> Iterator[str]:
    """Another application: its address. It refuses the very first token that is a program's."""
    app = Flask("other")

    @app.route("/telling", methods=["GET", "POST"])
    def _count() -> Any:
        heard.append({"method": request.method, "json": request.get_json(silent=True), **dict(request.headers)})
        if "program-1" in request.headers["Authorization"]:
            return "", 401
        return {"count": 3}

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/telling"
    server.shutdown()
    server.server_close()


@pytest.fixture
def start(
    monitor_settings: ModuleSettings, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> Callable[..., Browser]:
    """An application with one page that runs `what`; a browser of Nele there."""

    def make(what: Callable[[], Any], **settings: Any) -> Browser:
        app = Flask("small")
        app.testing = True
        init_module(
            app,
            replace(APPLICATION, home="page", menu=lambda _person: ()),
            replace(monitor_settings, **settings),
            migrations=MIGRATIONS,
        )

        def run() -> Any:
            try:
                return {"answer": what()}
            except (NobodyThereError, AnswerRefusedError, BrokerUnreachableError, OtherUnreachableError) as error:
                return {"answer": f"{type(error).__name__}: {error}"}

        app.add_url_rule("/cultuurmonitor/pagina", "page", require_right(*APPLICATION.right_names)(run))
        app.add_url_rule("/cultuurmonitor/open", "open", run)
        return Browser(app, fake_broker)

    return make


def test_on_behalf_of_the_person_a_token_is_exchanged_each_time(
    start: Callable[..., Browser], other: str, heard: list[dict[str, Any]], fake_broker: FakeBroker
) -> None:
    browser = start(lambda: call_another("POST", other, application="teller", content={"a": 1}).object())
    page = browser.sign_in(person(NELE))
    assert page.json == {"answer": {"count": 3}}
    browser.get("/cultuurmonitor/pagina")
    exchanged = [call for call in fake_broker.token_calls if "token-exchange" in call["grant_type"]]
    assert len(exchanged) == 2
    assert exchanged[0]["audience"] == "teller"
    assert exchanged[0]["subject_token"].count(".") == 2
    assert heard[0]["Authorization"].startswith("Bearer exchanged-")
    assert (heard[0]["method"], heard[0]["json"]) == ("POST", {"a": 1})
    assert heard[0]["X-Request-Id"]


def test_for_itself_the_application_keeps_its_token_until_it_is_refused(
    start: Callable[..., Browser], other: str, heard: list[dict[str, Any]], fake_broker: FakeBroker
) -> None:
    browser = start(lambda: call_another("GET", other, application="teller", on_behalf=False).status)
    fake_broker.token_calls.clear()
    for _time in range(3):
        assert browser.get("/cultuurmonitor/open").json == {"answer": 200}
    assert [call["grant_type"] for call in fake_broker.token_calls] == ["client_credentials"] * 2
    assert fake_broker.token_calls[0]["audience"] == "teller"
    assert "scope" not in fake_broker.token_calls[0]
    assert [call["Authorization"] for call in heard] == ["Bearer program-1"] + ["Bearer program-2"] * 3


def test_on_behalf_of_nobody_nothing_is_asked(start: Callable[..., Browser], other: str) -> None:
    browser = start(lambda: call_another("GET", other, application="teller").status)
    assert browser.get("/cultuurmonitor/open").json == {"answer": "NobodyThereError: "}


def test_a_broker_that_gives_no_token_for_it_is_heard(
    start: Callable[..., Browser], other: str, fake_broker: FakeBroker
) -> None:
    browser = start(lambda: call_another("GET", other, application="teller").status)
    browser.sign_in(person(NELE))
    browser.client.application.extensions["kit"].broker._prove = secret_proof("cultuurmonitor", "another secret")
    assert browser.get("/cultuurmonitor/pagina").json == {"answer": "AnswerRefusedError: invalid_client"}


def test_an_application_that_is_away_is_told_apart(start: Callable[..., Browser]) -> None:
    browser = start(lambda: call_another("GET", "http://127.0.0.1:9/telling", application="teller").status)
    assert browser.sign_in(person(NELE)).json == {"answer": "OtherUnreachableError: ConnectionError"}


def test_with_dpop_the_call_carries_a_proof_for_its_token(
    start: Callable[..., Browser], other: str, heard: list[dict[str, Any]], fake_broker: FakeBroker
) -> None:
    fake_broker.dpop = True
    browser = start(lambda: call_another("GET", other, application="teller").status, dpop=True)
    browser.sign_in(person(NELE))
    assert heard[0]["Authorization"].startswith("DPoP exchanged-")
    assert heard[0]["Dpop"].count(".") == 2


@pytest.mark.parametrize("dpop", [False, True])
def test_before_what_cannot_be_undone_the_broker_says_what_holds_now(
    start: Callable[..., Browser], fake_broker: FakeBroker, dpop: bool
) -> None:
    fake_broker.dpop = dpop
    browser = start(claims_now, dpop=dpop)
    page = browser.sign_in(person(NELE))
    assert page.json is not None
    assert page.json["answer"]["scheme"] == ("DPoP" if dpop else "Bearer")
    assert page.json["answer"]["sub"] == NELE["sub"]
    fake_broker.userinfo_status = 401
    assert browser.get("/cultuurmonitor/pagina").json == {"answer": None}
    fake_broker.userinfo_status = 503
    assert browser.get("/cultuurmonitor/pagina").json == {"answer": "BrokerUnreachableError: status 503"}
