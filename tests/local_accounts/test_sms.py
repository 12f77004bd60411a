"""Codes by SMS leave by Twilio or into the inbox, to Belgian and Dutch mobiles only, and what goes wrong is told (PW5, BC1)."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import create_app
from broker.catalogue import Catalogue
from broker.database import changing_session
from broker.notifications import OutboxMessage, twilio_post
from broker.people.identifiers import IdentifierError
from broker.people.mobile_number import masked_mobile, mobile_number
from broker.settings import Settings, SettingsError
from tests.local_accounts.conftest import Member, events
from tests.worlds.settings import environment


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0470 12 34 56", "+32470123456"),
        ("+32 470/12.34.56", "+32470123456"),
        ("06 12345678", "+31612345678"),
        ("06-12345678", "+31612345678"),
        ("0031612345678", "+31612345678"),
    ],
)
def test_a_belgian_or_dutch_mobile_is_taken(typed: str, kept: str) -> None:
    assert mobile_number(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "085 1234567",
        "097 12345678901",
        "+31 97 01234567",
        "+33612345678",
        "02 553 42 26",
        "+1 202 555 0142",
        "0900 12345",
        "",
        "abc",
    ],
)
def test_no_other_number_is(typed: str) -> None:
    """PW5: companies, machines, landlines, premium numbers and other countries."""
    with pytest.raises(IdentifierError):
        mobile_number(typed)


def test_a_number_is_masked_as_its_owner_knows_it() -> None:
    assert masked_mobile("+32470123418") == "04•• •• •• 18"
    assert masked_mobile("+31612345678") == "06 •• •• •• 78"


class FakeTwilio:
    """What speaks Twilio's API on this machine; `answers` are (status, code) in turn, the last one for good."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, int]] = [(201, 0)]
        self.asked: list[dict[str, str]] = []
        self.authorizations: list[str] = []
        self.answering = Event()
        self.answering.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.asked.append({name: values[0] for name, values in parse_qs(body).items()} | {"path": self.path})
                outer.authorizations.append(self.headers["Authorization"])
                outer.answering.wait(timeout=30)
                status, code = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                said: dict[str, Any] = {"sid": "SM1", "status": "queued"}
                if status >= 400:
                    said = {"code": code, "message": "no", "status": status}
                answer = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """No longer."""
        self.answering.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    """Twilio, answering."""
    fake = FakeTwilio()
    yield fake
    fake.stop()


@pytest.fixture
def app(make_app: Callable[..., Flask], twilio: FakeTwilio) -> Iterator[Flask]:
    """The broker with an account at Twilio."""
    app = make_app(
        BROKER_TWILIO_ACCOUNT_SID="AC0123456789abcdef",
        BROKER_TWILIO_AUTH_TOKEN="the-token-of-the-tests-only",
        BROKER_TWILIO_FROM="MG0123456789abcdef",
        BROKER_TWILIO_URL=twilio.url,
    )
    with app.app_context():
        yield app


def start(member: Member) -> str:
    """A right password, and what the page then says."""
    assert member.type_password().location == "/aanmelden/account/code"
    member.inbox.deliver()
    return member.client.get("/aanmelden/account/code").text


@pytest.fixture
def member(invited: Member, twilio: FakeTwilio, clock: time_machine.Traveller) -> Member:
    """Sanne, whose number is proved by what Twilio was asked to send."""
    invited.set_password(invited.password)
    invited.inbox.deliver()
    assert invited.type_code(twilio.asked[-1]["Body"][:6]).status_code == 303
    invited.client.delete_cookie("poortwachter-apparaat")
    clock.shift(timedelta(hours=2))
    twilio.asked.clear()
    return invited


def test_a_code_leaves_by_twilio(member: Member, twilio: FakeTwilio) -> None:
    start(member)
    (asked,) = twilio.asked
    assert asked["path"] == "/2010-04-01/Accounts/AC0123456789abcdef/Messages.json"
    assert asked["To"] == "+32470123418"
    assert asked["MessagingServiceSid"] == "MG0123456789abcdef"
    assert asked["Body"].endswith("is uw code voor Buurtwerk. Ze werkt 5 minuten. Geef ze aan niemand door.")
    assert twilio.authorizations[-1].startswith("Basic ")
    assert member.type_code(asked["Body"][:6]).location == "/mijn-profiel"


def test_an_unknown_number_is_told_and_not_tried_again(member: Member, twilio: FakeTwilio, session: Session) -> None:
    twilio.answers = [(400, 21211)]
    assert "De sms kon niet worden bezorgd op dit nummer." in start(member)
    member.inbox.deliver()
    assert len(twilio.asked) == 1
    (refused,) = events(session, "notifications:message:refuse")
    assert "+32" not in str(refused.details)
    assert refused.details["reason"] == "sms_400_21211"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_too_many_requests_or_a_fault_of_theirs(
    member: Member, twilio: FakeTwilio, clock: time_machine.Traveller, status: int
) -> None:
    """429 was certainly not taken and is tried again; of a fault nobody knows, so the person hears at once to ask for another."""
    twilio.answers = [(status, 20429 if status == 429 else 0), (201, 0)]
    unsure = "Wij weten niet of de sms is aangekomen."
    assert ("De sms-dienst antwoordt nog niet." if status == 429 else unsure) in start(member)
    clock.shift(timedelta(seconds=30))
    member.inbox.deliver()
    page = member.client.get("/aanmelden/account/code").text
    if status == 429:
        assert len(twilio.asked) == 2
        assert "antwoordt nog niet" not in page
    else:
        assert len(twilio.asked) == 1
        assert unsure in page


def test_down_is_told_and_a_code_that_ran_out_never_leaves(
    member: Member, twilio: FakeTwilio, clock: time_machine.Traveller, session: Session
) -> None:
    twilio.stop()
    assert "De sms-dienst antwoordt nog niet." in start(member)
    clock.shift(timedelta(minutes=6))
    member.inbox.deliver()
    session.rollback()
    last = session.scalars(
        select(OutboxMessage).where(OutboxMessage.channel == "sms").order_by(OutboxMessage.created_at)
    ).all()[-1]
    assert last.status == "dropped"
    assert last.recipient is None


def test_no_answer_in_time_may_have_been_sent_and_is_not_sent_again(
    member: Member, twilio: FakeTwilio, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    twilio.answering.clear()
    with monkeypatch.context() as patch:
        patch.setattr(twilio_post, "SECONDS", 0.2)
        assert "Wij weten niet of de sms is aangekomen." in start(member)
    twilio.answering.set()
    clock.shift(timedelta(seconds=30))
    member.inbox.deliver()
    assert len(twilio.asked) == 1
    assert "Wij weten niet of de sms is aangekomen." in member.client.get("/aanmelden/account/code").text
    clock.shift(timedelta(seconds=60))
    member.client.submit(member.client.get("/aanmelden/account/code"), form="/opnieuw")
    member.inbox.deliver()
    assert member.type_code(twilio.asked[-1]["Body"][:6]).location == "/mijn-profiel"


def test_a_hand_over_that_was_cut_short_is_not_repeated(member: Member, twilio: FakeTwilio, session: Session) -> None:
    """Lifecycles §11: a code may have arrived; the person asks for another."""
    assert member.type_password().status_code == 303
    from broker import clock as broker_clock

    with changing_session() as changing, changing.begin():
        changing.execute(
            update(OutboxMessage)
            .where(OutboxMessage.channel == "sms", OutboxMessage.status == "pending")
            .values(handing_over_at=broker_clock.now())
        )
    member.inbox.deliver()
    assert twilio.asked == []
    assert "Wij weten niet of de sms is aangekomen." in member.client.get("/aanmelden/account/code").text


def settings(tmp_path_factory: pytest.TempPathFactory, **changes: str) -> Settings:
    """Settings with what is given."""
    return Settings.from_environment(environment("sqlite:///unused.db", tmp_path_factory.mktemp("inbox")) | changes)


def test_half_of_an_account_at_twilio_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(SettingsError, match="go together"):
        settings(tmp_path_factory, BROKER_TWILIO_ACCOUNT_SID="AC1")
    with pytest.raises(SettingsError, match="BROKER_TWILIO_EDGE"):
        settings(tmp_path_factory, BROKER_TWILIO_REGION="ie1")


def test_local_accounts_without_a_way_for_codes_do_not_start(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue
) -> None:
    without = settings(tmp_path_factory, BROKER_INBOX_DIR="", BROKER_SMTP_URL="smtp://localhost")
    with pytest.raises(SettingsError, match="BROKER_TWILIO_ACCOUNT_SID"):
        create_app(without, catalogue)
