"""The log: lines for a machine, and nothing in them that opens a door or names a person."""

import json
import logging
from collections.abc import Callable

import pytest
import structlog
from flask import Flask

from broker.structured_logs import without_secrets
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

NUMBER = "85073099833"


@pytest.mark.parametrize(
    "secret",
    [
        NUMBER,
        "85.07.30-998.33",
        "850730-998-33",
        "85 07 30 998 33",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        "/link/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
        "https://x.example/terug?code=4f3c2b1a&state=zzz",
        "Authorization: Bearer abc.def-ghi",
        "Authorization: Basic dXNlcjpwYXNz",
        "smtp://broker:hunter2hunter2@mail.example:587",
        "postgresql://broker:hunter2hunter2@db/broker",
    ],
)
def test_a_secret_in_any_line_is_taken_out(secret: str) -> None:
    """OP3, TL1."""
    cleaned = without_secrets(f"before {secret} after")
    for piece in ("998", "eyJhbGci", "AbCdEf", "4f3c2b1a", "zzz", "abc.def", "dXNlcjpwYXNz", "hunter2"):
        assert piece not in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith("after")


@pytest.mark.parametrize(
    "plain", ["2026-11-17T08:00:00Z", "0207.451.227", "PW-2026-7F3K22", "/taken?", "12345678901234"]
)
def test_what_an_operator_needs_stays(plain: str) -> None:
    assert without_secrets(plain) == plain


def test_every_line_is_json_with_time_level_and_request_id(
    make_app: Callable[..., Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app(BROKER_LOG_LEVEL="info")
    response = app.test_client().get("/nergens?code=geheim", headers={"X-Request-ID": "abcd1234-test"})
    assert response.headers["X-Request-ID"] == "abcd1234-test"
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    line = next(each for each in lines if each["event"] == "request")
    assert line["request_id"] == "abcd1234-test"
    assert line["path"] == "/nergens"
    assert line["status"] == 404
    assert {"time", "level", "milliseconds", "method"} <= set(line)


@pytest.mark.parametrize("bad", ["x", "a" * 40, "abc def ghi", "<script>alert</script>"])
def test_a_request_id_that_is_none_is_replaced(client: Client, bad: str) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": bad}).headers["X-Request-ID"] != bad


@pytest.mark.parametrize("made", [f"{NUMBER}ec6e20e6c7dded41467ab", f"ab{NUMBER[:6]}-4d53-4000-8000-a{NUMBER}"])
def test_a_request_id_of_our_own_making_stays_whole(app: Flask, capsys: pytest.CaptureFixture[str], made: str) -> None:
    """Somebody reads it out on the telephone; eleven digits in a row are chance there, and stand in many."""
    structlog.get_logger("own").warning("own_line", request_id=made, other=made)
    line = json.loads(capsys.readouterr().err)
    assert line["request_id"] == made
    assert NUMBER not in line["other"]


def test_lines_of_libraries_have_the_same_form_and_are_cleaned_too(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("some.library").warning("number %s", NUMBER)
    structlog.get_logger("own").warning("own_line", number=NUMBER, nested={"list": [NUMBER]})
    captured = capsys.readouterr().err
    assert NUMBER not in captured
    assert [json.loads(line)["level"] for line in captured.splitlines()] == ["warning", "warning"]


def test_the_whole_story_of_a_link_leaves_no_token_number_or_address_in_the_log(
    make_app: Callable[..., Flask], app: Flask, world: World, inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """TL1, OP3: every line of a request with a mailed link, at the most talkative level."""
    talkative = make_app(BROKER_LOG_LEVEL="debug")
    client = talkative.test_client()
    request = world.typed_request(world.organisation(), number=NUMBER, email="hanne@voorbeeld.test", prove=False)
    token = world.link_token(request.id)
    client.get(inbox.last_to("hanne@voorbeeld.test").path, follow_redirects=True)
    client.get(f"/link/{token}x", follow_redirects=True)
    written = capsys.readouterr()
    for secret in (token, NUMBER, "85.07.30", "hanne@voorbeeld.test", "Hanne"):
        assert secret not in written.err
        assert secret not in written.out


def test_the_request_id_goes_into_audit_and_outbox(client: Client, world: World, statements: object) -> None:
    """Issue 2: a request id carried into outbox and audit."""
    from sqlalchemy import select

    from broker import audit
    from broker.audit.audit_event import AuditEvent
    from broker.database import db
    from broker.notifications.outbox_message import OutboxMessage

    with audit.acting(audit.Acting(kind="applicant", source_address="203.0.113.9", request_id="abcd1234-test")):
        world.typed_request(world.organisation(), prove=False)
    assert set(db.session.scalars(select(OutboxMessage.request_id))) == {"abcd1234-test"}
    assert set(db.session.scalars(select(AuditEvent.request_id))) == {"abcd1234-test"}
