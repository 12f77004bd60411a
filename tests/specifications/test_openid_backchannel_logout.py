"""OpenID Connect Back-Channel Logout 1.0, and its road through the outbox (lifecycles §11; threats BC1, BC2, BC4)."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.end_grant import end_own_grant
from broker.access.grant import Grant
from broker.audit import AuditEvent
from broker.authentication.browser_session import BrowserSession
from broker.authentication.end_person_sessions import end_person_sessions
from broker.authentication.settle_sessions import settle_client_sessions, settle_sessions
from broker.authentication.tell_applications import BACKCHANNEL_LOGOUT, LOGOUT
from broker.catalogue import Catalogue
from broker.database import db, perform
from broker.errors import InvalidError, NotFoundError
from broker.installation import installation
from broker.keys.jose import ALGORITHMS
from broker.keys.rotate_signing_key import ensure_signing_keys
from broker.notifications import lanes
from broker.notifications.channels import RECEIVER_PATIENCE
from broker.notifications.deliver import deliver_lane
from broker.notifications.lanes import Lanes
from broker.notifications.outbox_message import OutboxMessage
from broker.notifications.put_for_client import put_for_client
from broker.notifications.requeue_message import requeue_message
from broker.people.person import Person
from tests.notifications.conftest import RecordingPost
from tests.oidc.conftest import ALL, ISSUER, SECRET, Relying, basic
from tests.specifications import receiving
from tests.specifications.receiving import Receiver, deliver, running_receiver, running_worker, to_true_time
from tests.worlds.client import Client
from tests.worlds.world import World

catalogue, receiver, receiver_of_all = receiving.catalogue, receiving.receiver, receiving.receiver_of_all
listening_policies = receiving.listening_policies

Make = Callable[..., Relying]
HERE = "test-confidential"
PATH = f"/{HERE}/logout"
COMMAND = (sys.executable, "-c", "from broker.cli import main; main()")


@pytest.fixture
def nele(world: World, client: Client) -> Person:
    """Signed in, with a right."""
    person = world.person()
    world.grant(person, world.organisation())
    world.sign_in(client, person)
    return person


def end_right(person: Person) -> None:
    grant = db.session.scalars(select(Grant.id).where(Grant.person_id == person.id, Grant.ended_at.is_(None))).one()
    db.session.rollback()
    perform(end_own_grant, installation(), person.id, grant)


def logouts() -> list[OutboxMessage]:
    """The logout messages as they stand now, oldest first."""
    db.session.rollback()
    with Session(db.engine) as reading:
        return list(
            reading.scalars(
                select(OutboxMessage).where(OutboxMessage.channel == LOGOUT).order_by(OutboxMessage.created_at)
            )
        )


def told(number: int = 1, client_id: str = HERE) -> list[uuid.UUID]:
    """So many messages to one client, put as an end of a session would."""

    def put(session: Session) -> list[uuid.UUID]:
        return [
            put_for_client(
                session,
                LOGOUT,
                BACKCHANNEL_LOGOUT,
                client_id,
                key=str(uuid.uuid4()),
                facts={"sid": str(uuid.uuid4()), "sub": "a" * 40},
                subject_id=uuid.uuid4(),
            )
            for _ in range(number)
        ]

    return perform(put)


# What a receiver can do to us


@pytest.mark.parametrize("status", [302, 301, 307, 308])
def test_a_redirect_is_not_followed(app: Flask, receiver: Receiver, status: int) -> None:
    """BC1: 302."""
    receiver.answers[PATH] = (status, {"Location": f"{receiver.url}/elsewhere"}, "")
    told()
    assert deliver().postponed == 1
    assert [each.path for each in receiver.heard] == [PATH]
    [message] = logouts()
    assert (message.status, message.last_error) == ("pending", "redirect")


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.8/logout",
        "http://192.168.1.1/logout",
        "http://0.0.0.0/logout",
        "http://[::ffff:169.254.169.254]/logout",
        "http://user:password@localhost/logout",
        "ftp://localhost/logout",
    ],
)
def test_addresses_inside_are_never_called(
    app: Flask, receiver: Receiver, catalogue: Catalogue, make_app: Callable[..., Flask], address: str
) -> None:
    """BC1: 169.254…, private ranges, and what only looks like an address."""
    inside = make_app(catalogue=_with(catalogue, HERE, backchannel_logout_uri=address))
    with inside.app_context():
        told()
        assert deliver().postponed == 1
        [message] = logouts()
        assert (message.last_error, message.handing_over_at) == ("address_refused", None)


def test_private_ranges_open_for_one_client_only(
    catalogue: Catalogue, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    """BC1: `private_network: true` is of that client; its neighbour stays shut."""
    address = "http://10.255.255.1:9/logout"
    called: list[Any] = []

    def connect(where: Any, **_more: Any) -> Any:
        called.append(where)
        raise ConnectionRefusedError

    open_to_one = _with(catalogue, HERE, backchannel_logout_uri=address, private_network=True)
    both = make_app(catalogue=_with(open_to_one, "rs256", backchannel_logout_uri=address))
    with both.app_context():
        perform(ensure_signing_keys, installation().keys)
        told()
        told(client_id="rs256")
        monkeypatch.setattr("broker.http_client.socket.create_connection", connect)
        deliver()
        assert called == [("10.255.255.1", 9)]
        assert {each.lane: each.last_error for each in logouts()} == {
            f"logout:{HERE}": "unreachable",
            "logout:rs256": "address_refused",
        }


def test_a_name_that_points_inside_at_the_second_look_is_called_where_it_pointed_first(
    app: Flask,
    receiver: Receiver,
    catalogue: Catalogue,
    make_app: Callable[..., Flask],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """BC1: a rebinding resolver. The name is looked up once a call, and that answer is what we connect to."""
    port = int(receiver.url.rpartition(":")[2])
    asked: list[str] = []
    true = socket.getaddrinfo

    def rebinding(host: Any, *rest: Any, **more: Any) -> Any:
        if host != "rebinding.test":
            return true(host, *rest, **more)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    uri = f"http://rebinding.test:{port}{PATH}"
    with make_app(catalogue=_with(catalogue, HERE, backchannel_logout_uri=uri)).app_context():
        told(2)
        delivery = deliver()
        assert (delivery.sent, delivery.postponed) == (1, 1)
        assert len(asked) == 2
        assert [each.last_error for each in logouts() if each.status == "pending"] == ["address_refused"]


def _with(catalogue: Catalogue, client_id: str, **changes: Any) -> Catalogue:
    """`catalogue` with another policy of one client."""
    client = replace(catalogue.clients[client_id], **changes)
    clients = {**catalogue.clients, client_id: client}
    application = catalogue.applications[client.application_code]
    application = replace(application, clients={**application.clients, client_id: client})
    return replace(catalogue, clients=clients, applications={**catalogue.applications, application.code: application})


@pytest.mark.parametrize("body", ["", "x" * 200_000, json.dumps({"error": "secret-of-the-receiver"})])
def test_a_400_is_final_audited_and_its_body_is_kept_nowhere(
    app: Flask, receiver: Receiver, session: Session, capfd: pytest.CaptureFixture[str], body: str
) -> None:
    """Section 2.8: the receiver will never take this token. BC1: its body is neither stored nor logged."""
    receiver.answers[PATH] = (400, {}, body)
    [message_id] = told()
    delivery = deliver()
    [message] = logouts()
    if len(body) > 64 * 1024:
        assert (delivery.postponed, message.last_error) == (1, "too_large")
        return
    assert (delivery.dead, message.status, message.last_error) == (1, "dead", "status_400")
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "notifications:message:refuse")).one()
    assert event.subject_id == message_id
    assert event.details == {"template": BACKCHANNEL_LOGOUT, "client": HERE, "reason": "status_400"}
    written = "".join(capfd.readouterr()) + str(message.facts)
    assert "secret-of-the-receiver" not in written
    assert "eyJ" not in written, "no token either"


@pytest.mark.parametrize("status", [200, 204])
def test_200_and_204_are_the_end_of_it_and_nothing_is_kept(app: Flask, receiver: Receiver, status: int) -> None:
    """Section 2.8."""
    receiver.answers[PATH] = (status, {}, "")
    told()
    assert deliver().sent == 1
    [message] = logouts()
    assert (message.status, message.facts, message.recipient) == ("sent", None, None)


@pytest.mark.parametrize("status", [201, 202, 401, 403, 404, 429, 500, 501, 503])
def test_any_other_answer_is_tried_again(app: Flask, receiver: Receiver, status: int) -> None:
    receiver.answers[PATH] = (status, {}, "")
    told()
    assert deliver().postponed == 1
    [message] = logouts()
    assert (message.status, message.last_error) == ("pending", f"status_{status}")


# Slow, down, killed


def test_a_stalled_receiver_delays_nobody_else(app: Flask, receiver: Receiver) -> None:
    """BC4: a lane for each destination, all at once; what waits for the stalled one waits there."""
    receiver.slow = {"/rs256/logout": 10.0}
    told(3, client_id="rs256")
    told(5)
    began = time.monotonic()
    running = Lanes(installation(), RecordingPost())
    running.start_due()
    receiver.wait_for(PATH, 5, seconds=5.0)
    assert time.monotonic() - began < 3.0
    running.wait_for_all()
    assert {each.last_error for each in logouts() if each.lane == "logout:rs256"} == {"too_slow"}
    assert len(receiver.at("/rs256/logout")) == 1, "one try tells that nobody answers"


def test_lanes_are_bounded_and_changes_of_rights_never_wait_for_a_place(
    app: Flask, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, nele: Person, relying: Make
) -> None:
    """BC4: however many receivers stall."""
    relying(HERE).tokens()
    monkeypatch.setattr(lanes, "AT_ONCE", 2)
    stalled = ("rs256", "active", "test-public")
    for client_id in stalled:
        receiver.slow[f"/{client_id}/logout"] = 10.0
        told(client_id=client_id)
    running = Lanes(installation(), RecordingPost())
    running.start_due()
    until = time.monotonic() + 20
    while len(receiver.heard) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    end_right(nele)
    running.start_due()
    until = time.monotonic() + 2.5
    while not any(each.lane == f"logout:{HERE}" for each in logouts()) and time.monotonic() < until:
        time.sleep(0.05)
    assert any(each.lane == f"logout:{HERE}" for each in logouts())
    assert len(receiver.heard) == 2
    running.stop()


def test_one_lane_keeps_its_order_and_a_subject_is_never_overtaken(
    app: Flask, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    """BC4: a later message about the same thing waits for the earlier one, however often that fails."""
    subject = uuid.uuid4()

    def put(session: Session, name: str) -> None:
        put_for_client(
            session, LOGOUT, BACKCHANNEL_LOGOUT, HERE, key=name, facts={"sid": name, "sub": "s"}, subject_id=subject
        )

    for name in ("first", "second"):
        perform(put, name)
        clock.shift(timedelta(seconds=1))
    receiver.answers[PATH] = (500, {}, "")
    deliver()
    receiver.answers.clear()
    assert deliver().sent == 0
    clock.shift(timedelta(minutes=1))
    assert deliver().sent == 2
    sids = [receiving.verified(app, each.token, HERE, "logout+jwt")["sid"] for each in receiver.heard]
    assert sids == ["first", "first", "second"]


def test_a_receiver_that_was_down_is_told_when_it_is_up_under_the_same_jti(
    app: Flask,
    receiver: Receiver,
    catalogue: Catalogue,
    make_app: Callable[..., Flask],
    still_clock: time_machine.Traveller,
) -> None:
    """Lifecycles §11: retried with back-off; `iat` is of the moment, or it would be too old to be believed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    down = _with(catalogue, HERE, backchannel_logout_uri=f"http://127.0.0.1:{port}{PATH}")
    with make_app(catalogue=down).app_context():
        [message_id] = told()
        assert deliver().postponed == 1
        [message] = logouts()
        assert (message.last_error, message.attempts) == ("unreachable", 1)
        waits = message.next_attempt_at - broker_clock.now()
        assert timedelta(seconds=3) < waits < timedelta(seconds=7)
        still_clock.shift(timedelta(minutes=10))
        with running_receiver(port) as up:
            assert deliver().sent == 1
            [heard] = up.at(PATH)
    claims = receiving.verified(app, heard.token, HERE, "logout+jwt")
    assert claims["jti"] == str(message_id)
    assert abs(claims["iat"] - broker_clock.now().timestamp()) < 5


def test_it_is_given_up_after_a_day_visible_audited_and_can_be_sent_again(
    app: Flask,
    receiver: Receiver,
    clock: time_machine.Traveller,
    session: Session,
    run_command: Callable[..., "subprocess.CompletedProcess[str]"],
) -> None:
    """BC4: back-off to 24 hours, then dead and visible (`outbox list`)."""
    receiver.answers[PATH] = (503, {}, "")
    [message_id] = told()
    began = broker_clock.now()
    while (message := logouts()[0]).status == "pending":
        clock.move_to(max(message.next_attempt_at, broker_clock.now()) + timedelta(seconds=1))
        deliver()
    assert message.attempts == RECEIVER_PATIENCE.attempts == len(receiver.heard)
    assert timedelta(hours=18) < broker_clock.now() - began < timedelta(hours=29)
    jtis = {receiving.verified(app, each.token, HERE, "logout+jwt")["jti"] for each in receiver.heard[-1:]}
    assert jtis == {str(message_id)}
    assert session.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == message_id)).all() == [
        "notifications:message:give_up"
    ]
    session.rollback()
    listed = run_command(*COMMAND, "outbox", "list", "--status", "dead", "--channel", "logout", "--json")
    [shown] = json.loads(listed.stdout)
    assert (shown["id"], shown["lane"], shown["last_error"]) == (str(message_id), f"logout:{HERE}", "status_503")
    receiver.answers.clear()
    perform(requeue_message, message_id)
    assert deliver().sent == 1


def test_all_that_waits_for_a_receiver_that_is_down_is_given_up_in_its_time(
    app: Flask, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    """Each counts the attempts of its lane: a long queue does not live for weeks."""
    receiver.answers[PATH] = (503, {}, "")
    told(3)
    deliver()
    assert [each.attempts for each in logouts()] == [1, 1, 1]
    assert len(receiver.heard) == 1


def test_a_real_worker_killed_between_hand_over_and_mark_repeats_it_under_the_same_jti(
    make_app: Callable[..., Flask],
    receiver: Receiver,
    clock: time_machine.Traveller,
    database_url: str,
    tmp_path: Path,
    repository: Path,
    listening_policies: Path,
    catalogue: Catalogue,
) -> None:
    """Lifecycles §11: kill -9 while the receiver answers; the outcome is unknown, so it is sent again."""
    to_true_time(clock)
    listening = catalogue.clients[HERE]
    known = {**catalogue.clients, "told": replace(listening, client_id="told")}
    app = make_app(catalogue=replace(catalogue, clients=known))
    with app.app_context():
        perform(ensure_signing_keys, installation().keys)
        with running_worker(database_url, tmp_path, repository, listening_policies) as worker:
            receiver.on_heard = lambda heard: os.kill(worker.pid, signal.SIGKILL)
            [message_id] = told(client_id="told")
            receiver.wait_for("/told/logout")
            assert worker.wait(20) == -signal.SIGKILL
        [message] = logouts()
        assert message.status == "leased"
        assert message.handing_over_at is not None
        receiver.on_heard = lambda heard: None
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        perform(lambda session: session.execute(update(OutboxMessage).values(next_attempt_at=long_ago)))
        with running_worker(database_url, tmp_path, repository, listening_policies):
            heard = receiver.wait_for("/told/logout", 2)
            until = time.monotonic() + 10
            while logouts()[0].status != "sent" and time.monotonic() < until:
                time.sleep(0.05)
        assert logouts()[0].status == "sent"
        jtis = {receiving.verified(app, each.token, "told", "logout+jwt")["jti"] for each in heard}
        assert jtis == {str(message_id)}


def test_two_workers_at_once_tell_each_application_once(app: Flask, receiver: Receiver) -> None:
    told(30)
    start = threading.Barrier(3)

    def work() -> None:
        with app.app_context():
            start.wait()
            deliver_lane(installation(), RecordingPost(), f"logout:{HERE}")
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    bodies = [each.body for each in receiver.heard]
    assert len(bodies) == len(set(bodies)) == 30


# The token


@pytest.mark.parametrize("client_id", [HERE, "rs256"])
def test_the_logout_token_says_what_the_specification_asks_and_nothing_else(
    nele: Person, client: Client, relying: Make, receiver: Receiver, app: Flask, client_id: str
) -> None:
    """Section 2.4: iss, sub, aud, iat, exp, jti, events, sid; no nonce; typ logout+jwt; the client's own algorithm."""
    one = relying(client_id)
    sid = one.id_claims(one.tokens())["sid"]
    end_right(nele)
    deliver()
    [heard] = receiver.at(f"/{client_id}/logout")
    claims = receiving.verified(app, heard.token, client_id, "logout+jwt")
    [message] = logouts()
    now = int(broker_clock.now().timestamp())
    assert abs(claims["iat"] - now) < 5
    assert claims == {
        "iss": ISSUER,
        "sub": nele.sub,
        "aud": client_id,
        "iat": claims["iat"],
        "exp": claims["iat"] + 120,
        "jti": str(message.id),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": sid,
    }
    assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert heard.body.count("=") == 1
    header = json.loads(_decoded(heard.token.split(".")[0]))
    assert header["typ"] == "logout+jwt"
    assert header["alg"] in ALGORITHMS


def _decoded(part: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_no_logout_token_passes_for_another_kind_of_token(nele: Person, relying: Make, receiver: Receiver) -> None:
    """BC2: at our own endpoints."""
    one = relying(HERE)
    one.tokens()
    end_right(nele)
    deliver()
    token = receiver.at(PATH)[0].token
    assert one.userinfo(token).status_code == 401
    page = one.browser.get(f"/op/v1/logout?id_token_hint={token}")
    assert "Wilt u zich afmelden?" in page.text


def test_without_a_signing_key_it_waits(app: Flask, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    from broker.keys.jose import JoseError
    from broker.oidc.provider import provider

    def none(_algorithm: str) -> None:
        raise JoseError("no_signing_key")

    monkeypatch.setattr(provider().ring, "signing", none)
    told()
    assert deliver().postponed == 1
    assert logouts()[0].last_error == "no_signing_key"


# When it is sent


def test_it_is_sent_when_a_code_or_a_refresh_token_is_used_twice(
    nele: Person, client: Client, relying: Make, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    """OA3, OA4: whoever has the copy loses it, and the application hears of it."""
    one = relying(HERE)
    code = one.code()
    assert one.redeem(code).status_code == 200
    assert one.redeem(code).status_code == 400
    deliver()
    assert len(receiver.at(PATH)) == 1
    first = relying(HERE).tokens()["refresh_token"]
    assert _refreshed(app=client.application, token=first).status_code == 200
    clock.shift(timedelta(seconds=20))
    assert _refreshed(app=client.application, token=first).status_code == 400
    deliver()
    assert len(receiver.at(PATH)) == 2


def _refreshed(app: Flask, token: str) -> Any:
    return Client(app).post(
        "/op/v1/token",
        data={"grant_type": "refresh_token", "refresh_token": token},
        headers={"Authorization": basic(HERE, SECRET)},
    )


def test_an_application_is_not_told_what_it_did_itself_nor_of_what_it_never_had(
    nele: Person, client: Client, relying: Make, receiver: Receiver
) -> None:
    """RFC 7009, and a code that nobody redeemed."""
    one = relying(HERE)
    one.code()
    tokens = relying(HERE).tokens()
    revoked = Client(client.application).post(
        "/op/v1/revoke", data={"token": tokens["refresh_token"]}, headers={"Authorization": basic(HERE, SECRET)}
    )
    assert revoked.status_code == 200
    end_right(nele)
    deliver()
    assert receiver.at(PATH) == []


def test_an_application_that_goes_on_offline_is_told_of_the_sign_out_and_goes_on(
    app: Flask, nele: Person, client: Client, relying: Make, receiver: Receiver
) -> None:
    """Section 2.7: the session in this browser is over, the refresh tokens with offline_access are not."""
    from broker.authentication.end_session import end_session

    tokens = relying(HERE).tokens(scope=f"{ALL} offline_access")
    row = db.session.scalars(select(BrowserSession)).one()
    db.session.rollback()
    perform(end_session, installation(), row.id, "signed_out")
    deliver()
    assert len(receiver.at(PATH)) == 1
    assert _refreshed(app, tokens["refresh_token"]).status_code == 200
    end_right(nele)
    deliver()
    assert len(receiver.at(PATH)) == 2, "and again when the right ends"


def test_it_is_sent_when_somebody_else_signs_in_in_the_same_browser(
    nele: Person, world: World, client: Client, relying: Make, receiver: Receiver
) -> None:
    from broker.authentication.end_session import end_session

    relying(HERE).tokens()
    row = db.session.scalars(select(BrowserSession)).one()
    db.session.rollback()
    perform(end_session, installation(), row.id, "replaced")
    deliver()
    assert len(receiver.at(PATH)) == 1


def test_the_operator_ends_everything_of_one_person_at_once(
    nele: Person,
    world: World,
    client: Client,
    relying: Make,
    receiver: Receiver,
    app: Flask,
    session: Session,
    run_command: Callable[..., "subprocess.CompletedProcess[str]"],
    clock: time_machine.Traveller,
) -> None:
    """Every browser and offline access as well; others stay; audited with the reason and who did it."""
    offline = relying(HERE).tokens(scope="openid profile vo cjm_cultuurmonitor offline_access")
    elsewhere = app.test_client()
    world.sign_in(elsewhere, nele)
    relying("rs256", browser=elsewhere).tokens()
    tom = world.person("Tom Bogaert")
    world.grant(tom, world.organisation("Peer"))
    others = app.test_client()
    world.sign_in(others, tom)
    toms = relying(HERE, browser=others).tokens()
    assert perform(end_person_sessions, installation(), nele.id, "lost_device") == (2, 2)
    deliver()
    assert {each.path for each in receiver.heard if each.path.endswith("logout")} == {PATH, "/rs256/logout"}
    assert _refreshed(app, offline["refresh_token"]).status_code == 400
    assert relying(HERE).userinfo(toms["access_token"]).status_code == 200
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "authentication:session:end_all")).one()
    assert event.details == {"reason": "lost_device", "sessions": 2, "client_sessions": 2}
    session.rollback()
    to_true_time(clock)
    listed = run_command(*COMMAND, "sessions", "list", "--person", str(nele.id), "--json")
    assert (listed.returncode, listed.stdout.strip()) == (0, "[]"), listed.stderr
    ended = run_command(*COMMAND, "sessions", "end", "--person", str(tom.id), "--reason", "misuse")
    assert ended.returncode == 0, ended.stderr
    session.rollback()
    last = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == tom.id)).all()
    assert any(each.actor_kind == "operator" and each.details.get("reason") == "misuse" for each in last)
    session.rollback()
    with pytest.raises(InvalidError):
        perform(end_person_sessions, installation(), nele.id, "zomaar")
    with pytest.raises(NotFoundError):
        perform(end_person_sessions, installation(), uuid.uuid4(), "misuse")


def test_a_session_that_the_clock_ends_is_told_to_applications_that_report_activity(
    nele: Person, client: Client, relying: Make, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    """Decisions 18: they would have told us of the person; others go on until their own limit, and are told then."""
    relying("active").tokens()
    relying("rs256").tokens()
    relying("test-public").tokens()
    clock.shift(timedelta(minutes=91))
    assert perform(settle_sessions, installation()) == 1
    deliver()
    assert [each.path for each in receiver.heard] == ["/active/logout"]
    assert perform(settle_client_sessions, installation()) == 0
    clock.shift(timedelta(hours=24))
    assert perform(settle_client_sessions, installation()) == 2
    assert perform(settle_client_sessions, installation()) == 0
    deliver()
    assert sorted(each.path for each in receiver.heard[1:]) == ["/rs256/logout", "/test-public/logout"]


def test_who_has_no_address_any_more_is_dropped(
    app: Flask, catalogue: Catalogue, make_app: Callable[..., Flask], receiver: Receiver
) -> None:
    """The address is that of the policy at delivery, never one kept in a row."""
    told()
    with make_app(catalogue=_with(catalogue, HERE, backchannel_logout_uri="")).app_context():
        assert deliver().dropped == 1
    assert receiver.heard == []


def test_no_more_than_one_row_is_written_for_one_session(
    nele: Person, client: Client, relying: Make, receiver: Receiver
) -> None:
    """By whichever of several roads it ended: sign-out and the end of the right at the same moment."""
    relying(HERE).tokens()
    client.submit(client.get("/op/v1/logout"), form="/op/v1/logout/bevestig")
    end_right(nele)
    deliver()
    assert len(logouts()) == len(receiver.at(PATH)) == 1


def test_a_sign_out_costs_few_statements_however_many_applications(
    nele: Person, client: Client, relying: Make, statements: Any
) -> None:
    """The person waits for the sign-out, so it only writes rows."""
    for client_id in (HERE, "rs256", "test-public"):
        relying(client_id).tokens()
    page = client.get("/op/v1/logout")
    with statements() as seen:
        client.submit(page, form="/op/v1/logout/bevestig")
    inserts = [each for each in seen.writing if "outbox_messages" in each]
    assert len(inserts) == 4, "three logout tokens and one event"
    assert len(seen) <= 20, "two of the audit and one or two of the outbox for each session"


def test_discovery_says_so(client: Client) -> None:
    """Section 2.1."""
    document = client.get("/op/.well-known/openid-configuration").json
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True


def test_the_outbox_delivers_in_one_go_what_a_timer_runs(
    nele: Person,
    relying: Make,
    receiver: Receiver,
) -> None:
    """`outbox deliver --once`: the change, and the logout that comes of it."""
    from broker.notifications.worker import Worker

    relying(HERE).tokens()
    end_right(nele)
    delivery = Worker(installation()).work_once()
    assert delivery.sent >= 2
    assert len(receiver.at(PATH)) == 1


@pytest.mark.parametrize("client_id", [HERE, "rs256"])
def test_the_kit_believes_what_the_broker_sends(
    nele: Person, client: Client, relying: Make, receiver: Receiver, client_id: str
) -> None:
    """BC2: the two sides of this repository, which never import each other, mean the same; neither token passes for the
    other."""
    from modules.kit.key_set import KeySet
    from modules.kit.tokens import TokenRefusedError, TokenVerifier, read_key

    one = relying(client_id)
    sid = one.id_claims(one.tokens())["sid"]
    relying(HERE).tokens()
    end_right(nele)
    deliver()
    algorithm: Any = installation().catalogue.clients[client_id].signing_algorithm
    keys = KeySet(lambda: client.get("/op/v1/keys").json["keys"], lambda each: read_key(each, algorithm))
    kit = TokenVerifier(
        issuer=ISSUER, client_id=client_id, audience="cultuurmonitor", find_key=keys.find, algorithm=algorithm
    )
    told = {kit.logout_token(each.token)["sid"] for each in receiver.at(f"/{client_id}/logout")}
    assert sid in told
    for heard in receiver.at(f"/{client_id}/events"):
        claims = kit.event_token(heard.token)
        assert claims["sub_id"]["user"]["sub"] == nele.sub
        with pytest.raises(TokenRefusedError):
            kit.logout_token(heard.token)
