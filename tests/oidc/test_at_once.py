"""What the broker answers at once, on a thread that waits for nobody; and that it turns back before it waits."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from broker import database, impatient_link
from broker.audit import AuditEvent
from broker.authentication.client_session import ClientSession
from broker.database import BUSY_TIMEOUT_MS, db, reading
from broker.errors import BusyError
from broker.http_client import HttpClient
from broker.people.person import Person
from broker.precompiled import run_text
from serving.at_once import MustWaitError, about_to_wait, answering_at_once, may_wait
from tests.oidc.conftest import SECRET, Relying, basic
from tests.worlds.client import Client

Make = Callable[..., Relying]

AT_ONCE_SECONDS = (
    impatient_link.AT_ONCE_SECONDS
)  # as the broker has it: the other tests are more patient (`patient_link`)


class AtOnce:
    """Asks as the thread with the connections does, and never as another."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, method: str, path: str, data: dict[str, str] | None = None, **headers: str) -> tuple[int, bytes]:
        builder = EnvironBuilder(path=path, method=method, data=data, headers=headers)
        with answering_at_once():
            body, status, _ = run_wsgi_app(self._app, builder.get_environ(), buffered=True)
        return int(status[:3]), b"".join(body)


@pytest.fixture
def at_once(app: Flask, client: Client) -> AtOnce:
    """With the signing keys read, which is the one thing that is read now and then."""
    assert client.get("/op/v1/keys").status_code == 200
    return AtOnce(app)


@pytest.fixture
def on_sqlite(app: Flask) -> bool:
    """PostgreSQL is another program: whatever asks it must wait for it."""
    return bool(db.engine.dialect.name == "sqlite")


@contextmanager
def locked_by_somebody() -> Iterator[None]:
    """Another process writes, and takes its time."""
    other = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def introspection(token: str) -> tuple[str, str, dict[str, str], dict[str, str]]:
    return "POST", "/op/v1/introspect", {"token": token}, {"Authorization": basic("test-confidential", SECRET)}


def authorization(relying: Relying, browser: Client, **changes: str | None) -> tuple[str, dict[str, str]]:
    cookie = browser.get_cookie("poortwachter-sessie")
    assert cookie is not None
    return f"/op/v1/auth?{urlencode(relying.request(**changes))}", {"Cookie": f"{cookie.key}={cookie.value}"}


def test_documents_and_tokens_of_clients_ask_nobody(at_once: AtOnce) -> None:
    for path in ("/op/v1/keys", "/op/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/op"):
        assert at_once("GET", path)[0] == 200, path
    data = {"grant_type": "client_credentials"}
    with pytest.raises(MustWaitError):  # a refusal is written down
        at_once("POST", "/op/v1/token", data, Authorization=basic("test-confidential", SECRET))


def test_what_a_token_is_worth_is_read_at_once(
    app: Flask, at_once: AtOnce, relying: Make, nele: Person, on_sqlite: bool
) -> None:
    """While somebody writes, too."""
    token = relying().tokens()["access_token"]
    method, path, data, headers = introspection(token)
    assert Client(app).post(path, data=data, headers=headers).status_code == 200  # a thread opens the connection
    with locked_by_somebody() if on_sqlite else nullcontext():
        status, body = at_once(method, path, data, **headers)
        assert (status, b'"active":true' in body) == (200, True)
        status, body = at_once("GET", "/op/v1/userinfo", Authorization=f"Bearer {token}")
        assert (status, nele.sub.encode() in body) == (200, True)


def test_postgresql_is_listened_to_for_a_moment_only(
    app: Flask, at_once: AtOnce, relying: Make, nele: Person, on_sqlite: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is another program: slow, or gone, it must not keep everybody waiting. Then it is left alone for a while."""
    if on_sqlite:
        return
    token = relying().tokens()["access_token"]
    method, path, data, headers = introspection(token)
    assert Client(app).post(path, data=data, headers=headers).status_code == 200  # a thread opens the connection
    assert at_once(method, path, data, **headers)[0] == 200
    with db.engine.connect() as other, other.begin():
        other.exec_driver_sql("LOCK TABLE client_sessions IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        with monkeypatch.context() as patch:
            patch.setattr(impatient_link, "AT_ONCE_SECONDS", AT_ONCE_SECONDS)
            with pytest.raises(MustWaitError):
                at_once(method, path, data, **headers)
        assert time.monotonic() - began < 1
    asker = Client(app)
    assert asker.post(path, data=data, headers=headers).status_code == 200
    with pytest.raises(MustWaitError):
        at_once(method, path, data, **headers)
    monkeypatch.setattr(database, "LEFT_ALONE_SECONDS", 0)
    app.extensions["poortwachter_engines"].reading._kept._not_before = 0
    assert asker.post(path, data=data, headers=headers).status_code == 200
    assert at_once(method, path, data, **headers)[0] == 200


def test_a_connection_that_was_cut_is_opened_again_by_a_thread(
    app: Flask, at_once: AtOnce, relying: Make, nele: Person, on_sqlite: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if on_sqlite:
        return
    monkeypatch.setattr(database, "LEFT_ALONE_SECONDS", 0)
    token = relying().tokens()["access_token"]
    method, path, data, headers = introspection(token)
    assert Client(app).post(path, data=data, headers=headers).status_code == 200  # a thread opens the connection
    assert at_once(method, path, data, **headers)[0] == 200
    with answering_at_once(), reading() as kept:
        (pid,) = run_text(kept, "SELECT pg_backend_pid()").fetchone()
    with db.engine.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 10000)")
    for _ in range(2):  # that it is cut is noticed first, and then that it is missing
        with pytest.raises(MustWaitError):
            at_once(method, path, data, **headers)
    assert Client(app).post(path, data=data, headers=headers).status_code == 200
    assert at_once(method, path, data, **headers)[0] == 200


def test_a_sign_in_is_answered_at_once_on_sqlite(
    at_once: AtOnce, relying: Make, client: Client, nele: Person, on_sqlite: bool
) -> None:
    path, headers = authorization(relying(), client)
    if not on_sqlite:
        with pytest.raises(MustWaitError):
            at_once("GET", path, **headers)
        return
    before = db.session.scalar(select(func.count()).select_from(ClientSession))
    assert at_once("GET", path, **headers)[0] == 303
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(ClientSession)) == (before or 0) + 1


def test_it_does_not_wait_for_the_writer_and_nothing_was_changed(
    at_once: AtOnce, relying: Make, client: Client, nele: Person, on_sqlite: bool
) -> None:
    """Then a thread waits, for as long as it may, and does it once."""
    if not on_sqlite:
        return
    tool = relying()
    path, headers = authorization(tool, client)
    code = tool.code()
    before = _written()
    with locked_by_somebody():
        with pytest.raises(MustWaitError):
            at_once("GET", path, **headers)
        with pytest.raises(MustWaitError):
            at_once("POST", "/op/v1/token", _redeeming(tool, code), Authorization=basic("test-confidential", SECRET))
    assert _written() == before
    assert may_wait()
    assert tool.redeem(code).status_code == 200


def test_a_code_is_used_once_however_it_is_asked(
    at_once: AtOnce, relying: Make, client: Client, nele: Person, on_sqlite: bool
) -> None:
    """OA3: at once the first time; the second is a refusal, which is written down by a thread."""
    tool = relying()
    code = tool.code()
    ask = lambda: at_once(  # noqa: E731
        "POST", "/op/v1/token", _redeeming(tool, code), Authorization=basic("test-confidential", SECRET)
    )
    if on_sqlite:
        assert ask()[0] == 200
    else:
        with pytest.raises(MustWaitError):
            ask()
        assert tool.redeem(code).status_code == 200
    assert tool.redeem(code).json == {"error": "invalid_grant", "error_description": "The code cannot be redeemed."}


def test_one_change_in_so_many_is_left_to_a_thread(
    at_once: AtOnce, relying: Make, client: Client, nele: Person, on_sqlite: bool
) -> None:
    """Its commit writes the log of SQLite back into the file, which takes as long as the disk does."""
    if not on_sqlite:
        return
    turned = 0
    for _ in range(database._AT_ONCE_IN_A_ROW + 1):
        path, headers = authorization(relying(), client)
        try:
            at_once("GET", path, **headers)
        except MustWaitError:
            turned += 1
    assert 1 <= turned <= 2


@pytest.mark.parametrize("path", ["/", "/aanmelden", "/taken", "/health/live", "/op/v1/logout", "/nergens"])
def test_a_page_takes_a_thread(at_once: AtOnce, path: str) -> None:
    with pytest.raises(MustWaitError):
        at_once("GET", path)


def test_a_way_into_an_application_that_meets_a_page_takes_a_thread(
    at_once: AtOnce, relying: Make, client: Client, nele: Person
) -> None:
    path, headers = authorization(relying(), client, prompt="login")
    with pytest.raises(MustWaitError):
        at_once("GET", path, **headers)


def test_what_is_used_up_by_itself_takes_a_thread_from_the_start(
    at_once: AtOnce, relying: Make, client: Client, nele: Person
) -> None:
    """OA9: an assertion noted at once and a code then waited for would be an assertion used twice."""
    tool = relying("test-jwt")
    data = {"grant_type": "authorization_code", "code": "none", **tool.assertion()}
    given = {name: value for name, value in data.items() if value is not None}
    with pytest.raises(MustWaitError):
        at_once("POST", "/op/v1/token", given)
    assert tool.redeem(tool.code(), **{k: v for k, v in given.items() if k.startswith("client_")}).status_code == 200


def test_that_somebody_was_here_is_noted_by_a_thread(
    at_once: AtOnce, relying: Make, client: Client, nele: Person, clock: time_machine.Traveller
) -> None:
    clock.shift(61)
    assert client.get("/op/v1/keys").status_code == 200
    path, headers = authorization(relying(), client)
    with pytest.raises(MustWaitError):
        at_once("GET", path, **headers)


def test_a_refusal_is_written_down_by_a_thread(at_once: AtOnce) -> None:
    with pytest.raises(MustWaitError):
        at_once("POST", "/op/v1/introspect", {"token": "x"}, Authorization=basic("test-confidential", "wrong"))
    with pytest.raises(MustWaitError):
        at_once("GET", "/op/v1/userinfo", Authorization="Bearer x")


def test_the_keys_are_read_again_by_a_thread(app: Flask) -> None:
    fresh = AtOnce(app)
    with pytest.raises(MustWaitError):
        fresh("GET", "/op/v1/keys")


def test_nobody_else_is_called_at_once() -> None:
    """BC1: an address of an application may be slow."""
    with answering_at_once(), pytest.raises(MustWaitError):
        HttpClient(development=True).send("GET", "http://127.0.0.1:9/", {})


def test_after_a_change_there_is_no_way_back(app: Flask, on_sqlite: bool) -> None:
    """What follows a change waits where it must: a request is never done twice."""
    if not on_sqlite:
        return

    def nothing(_session: Any) -> str:
        return "done"

    with answering_at_once():
        assert not may_wait()
        assert database.perform(nothing) == "done"
        assert may_wait()
        about_to_wait()
    assert may_wait()


def test_a_connection_that_failed_is_not_kept(app: Flask, on_sqlite: bool) -> None:
    if not on_sqlite:
        return
    with answering_at_once():
        with reading() as first:
            assert first.exec_driver_sql("PRAGMA busy_timeout").scalar() == 0
        with pytest.raises(ZeroDivisionError), reading() as failing:
            _ = 1 / 0
        with reading() as again:
            assert again is not failing
            assert again.exec_driver_sql("SELECT 1").scalar() == 1
    with reading() as usual:
        assert usual.exec_driver_sql("PRAGMA busy_timeout").scalar() == BUSY_TIMEOUT_MS


def test_what_a_thread_may_do_is_as_it_was() -> None:
    about_to_wait()
    assert may_wait()
    with pytest.raises(BusyError), answering_at_once():
        raise BusyError
    assert may_wait()


def _redeeming(tool: Relying, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": tool.redirect_uri,
        "code_verifier": tool.verifier,
    }


def _written() -> tuple[int | None, int | None]:
    db.session.rollback()
    return (
        db.session.scalar(select(func.count()).select_from(AuditEvent)),
        db.session.scalar(select(func.count()).select_from(ClientSession)),
    )
