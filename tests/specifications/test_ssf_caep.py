"""Shared Signals Framework 1.0 with CAEP 1.0: security events (RFC 8417), pushed (RFC 8935)."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.decide_label import decide_label
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.end_grant import end_own_grant
from broker.access.end_label import end_label
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.open_task import open_label_task
from broker.audit import AuditEvent
from broker.authentication.verify_stream import verify_stream
from broker.catalogue import Catalogue
from broker.catalogue.model import EventStream
from broker.database import changing_session, db, perform
from broker.errors import ConflictError, NotFoundError
from broker.installation import installation
from broker.keys.jose import kid_of
from broker.notifications.outbox_message import OutboxMessage
from broker.oidc.event_words import _WORDS, words_of
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, Relying
from tests.specifications import receiving
from tests.specifications.receiving import BEARER, Heard, Receiver, deliver
from tests.worlds.client import Client
from tests.worlds.world import World

catalogue, receiver, receiver_of_all = receiving.catalogue, receiving.receiver, receiving.receiver_of_all

Make = Callable[..., Relying]
HERE, ALSO = "test-confidential", "events-anybody"
PATH, ALSO_PATH = f"/{HERE}/events", f"/{ALSO}/events"
CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
REVOKED, CHANGED = f"{CAEP}session-revoked", f"{CAEP}token-claims-change"
VERIFICATION = "https://schemas.openid.net/secevent/ssf/event-type/verification"
CLAIM = "cjm_cultuurmonitor_rol_3d"
COMMAND = (sys.executable, "-c", "from broker.cli import main; main()")


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def nele(world: World, genk: Organisation) -> Person:
    """Has a right; is not signed in."""
    person = world.person()
    world.grant(person, genk, "invoerder")
    return person


def claims_of(heard: Heard) -> dict[str, Any]:
    """The claims of an event, its signature verified with the published keys."""
    payload = heard.body.split(".")[1]
    import base64

    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    published = {key["kid"] for key in _jwks()["keys"]}
    assert kid_of(heard.body) in published
    return claims


def _jwks() -> dict[str, Any]:
    from broker.oidc.provider import provider

    return provider().ring.jwks()


def events(receiver: Receiver, kind: str, path: str = PATH) -> list[dict[str, Any]]:
    """The claims of every event of this kind that came in, in order."""
    return [claims for claims in map(claims_of, receiver.at(path)) if kind in claims["events"]]


def give_back(person: Person) -> None:
    grant = db.session.scalars(select(Grant.id).where(Grant.person_id == person.id, Grant.ended_at.is_(None))).one()
    db.session.rollback()
    perform(end_own_grant, installation(), person.id, grant)


def subject(person: Person, place: Organisation, sid: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "format": "complex",
        "user": {"format": "iss_sub", "iss": ISSUER, "sub": person.sub},
        "tenant": {"format": "opaque", "id": place.code},
    }
    return found | ({"session": {"format": "opaque", "id": sid}} if sid else {})


# What goes wrong at the receiver


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"err": "invalid_key", "description": "secret-of-the-receiver"}', "status_400:invalid_key"),
        ('{"err": "authentication_failed"}', "status_400:authentication_failed"),
        ('{"err": "<script>"}', "status_400:other"),
        ('{"err": 7}', "status_400:other"),
        ("[]", "status_400:none"),
        ("", "status_400:none"),
        ("{" * 3000, "status_400:none"),
    ],
)
def test_a_refusal_is_final_and_audited_by_its_code_alone(
    nele: Person,
    genk: Organisation,
    receiver: Receiver,
    session: Session,
    capfd: pytest.CaptureFixture[str],
    body: str,
    reason: str,
) -> None:
    """RFC 8935 §2.4: the error code of the RFC and nothing else of the answer (BC1)."""
    receiver.answers = {PATH: (400, {"Content-Type": "application/json"}, body)}
    give_back(nele)
    deliver()
    found = session.scalars(select(AuditEvent).where(AuditEvent.name == "notifications:message:refuse")).all()
    assert {each.details["reason"] for each in found} == {reason}
    assert {each.details["client"] for each in found} == {HERE}
    written = "".join(capfd.readouterr()) + str([each.details for each in found])
    assert "secret-of-the-receiver" not in written
    assert BEARER not in written


@pytest.mark.parametrize("status", [302, 401, 403, 404, 429, 500, 503])
def test_any_other_answer_is_tried_again_and_the_event_stays_the_same(
    nele: Person, receiver: Receiver, clock: time_machine.Traveller, status: int
) -> None:
    receiver.answers = {PATH: (status, {"Location": "/elsewhere"}, "")}
    give_back(nele)
    deliver()
    assert receiver.at("/elsewhere") == []
    receiver.answers.clear()
    clock.shift(timedelta(minutes=1))
    deliver()
    by_jti: dict[str, set[str]] = {}
    for claims in map(claims_of, receiver.at(PATH)):
        by_jti.setdefault(claims["jti"], set()).add(json.dumps([claims["sub_id"], claims["events"]], sort_keys=True))
    assert all(len(said) == 1 for said in by_jti.values())
    assert len(receiver.at(PATH)) > len(by_jti)


def test_a_stream_that_stalls_holds_up_no_logout_of_the_same_client(
    nele: Person, world: World, client: Client, relying: Make, receiver: Receiver
) -> None:
    """BC4: a lane for each channel and client."""
    world.sign_in(client, nele)
    relying(HERE).tokens()
    receiver.answers = {PATH: (503, {}, "")}
    give_back(nele)
    deliver()
    assert len(receiver.at(f"/{HERE}/logout")) == 1


# The events


def test_the_end_of_a_session_names_person_organisation_and_session(
    nele: Person, genk: Organisation, world: World, client: Client, relying: Make, receiver: Receiver
) -> None:
    """CAEP 1.0, session-revoked; RFC 8417: typ secevent+jwt, jti, iat, aud, no exp, no sub."""
    world.sign_in(client, nele)
    one = relying(HERE)
    sid = one.id_claims(one.tokens())["sid"]
    client.submit(client.get("/op/v1/logout"), form="/op/v1/logout/bevestig")
    deliver()
    [heard] = receiver.at(PATH)
    assert heard.headers["Content-Type"] == "application/secevent+jwt"
    assert heard.headers["Accept"] == "application/json"
    assert heard.headers["Authorization"] == f"Bearer {BEARER}"
    claims = claims_of(heard)
    now = int(broker_clock.now().timestamp())
    assert abs(claims["iat"] - now) < 5
    assert abs(claims["events"][REVOKED]["event_timestamp"] - now) < 5
    assert claims["events"][REVOKED]["event_timestamp"] <= claims["iat"]
    assert claims == {
        "iss": ISSUER,
        "aud": HERE,
        "iat": claims["iat"],
        "jti": claims["jti"],
        "sub_id": subject(nele, genk, sid),
        "events": {
            REVOKED: {
                "event_timestamp": claims["events"][REVOKED]["event_timestamp"],
                "initiating_entity": "user",
                "reason_admin": {"nl": "De persoon meldde zich af.", "en": "The person signed out."},
            }
        },
    }
    import base64

    header = json.loads(base64.urlsafe_b64decode(heard.body.split(".")[0] + "=="))
    assert header["typ"] == "secevent+jwt"


def test_a_right_that_ends_is_told_of_somebody_who_is_not_signed_in_as_well(
    nele: Person, genk: Organisation, receiver: Receiver
) -> None:
    """Decisions 2: subject = sub and organisation; nothing is left, and no session of theirs can be."""
    give_back(nele)
    deliver()
    [changed] = events(receiver, CHANGED)
    assert changed["sub_id"] == subject(nele, genk)
    event = changed["events"][CHANGED]
    assert event["claims"] == {CLAIM: []}
    assert event["initiating_entity"] == "user"
    assert event["reason_admin"]["en"] == "The person gave the right back."
    [revoked] = events(receiver, REVOKED)
    assert revoked["sub_id"] == subject(nele, genk)
    assert len(events(receiver, CHANGED, ALSO_PATH)) == 1, "every client of the application that asked"


def test_a_right_that_ends_in_a_session_is_told_once_of_that_session(
    nele: Person, genk: Organisation, world: World, client: Client, relying: Make, receiver: Receiver
) -> None:
    world.sign_in(client, nele)
    one = relying(HERE)
    sid = one.id_claims(one.tokens())["sid"]
    give_back(nele)
    deliver()
    [revoked] = events(receiver, REVOKED)
    assert revoked["sub_id"] == subject(nele, genk, sid)
    assert revoked["events"][REVOKED]["reason_admin"]["nl"] == "De persoon gaf het recht terug."
    assert len(events(receiver, CHANGED)) == 1


def test_a_right_that_is_given_is_told_with_what_a_token_would_say(
    world: World, genk: Organisation, receiver: Receiver
) -> None:
    """token-claims-change: given."""
    ilse = world.administrator_of(genk)
    tom = world.person("Tom Bogaert", works_for=genk)
    request = world.request(tom, genk, right="raadpleger")
    perform(decide_request, installation(), ilse.id, Decision(world.task(request).id, approve=True))
    deliver()
    [changed] = events(receiver, CHANGED)
    assert changed["sub_id"] == subject(tom, genk)
    event = changed["events"][CHANGED]
    assert event["claims"] == {CLAIM: [f"CultuurmonitorRaadpleger-cultuurcentra:{genk.code}"]}
    assert event["initiating_entity"] == "admin"
    assert events(receiver, REVOKED) == []


def test_a_change_of_role_is_told_once_and_ends_no_session_where_a_stream_tells_it(
    nele: Person, world: World, genk: Organisation, client: Client, relying: Make, receiver: Receiver
) -> None:
    """token-claims-change: the old right and the new one at the same instant; her session goes on with the new one.
    Without such a stream it ends (test_rights_that_narrow)."""
    ilse = world.administrator_of(genk)
    world.sign_in(client, nele)
    one = relying(HERE)
    tokens = one.tokens()
    request = world.request(nele, genk, right="raadpleger", change_of_role=True)
    perform(decide_request, installation(), ilse.id, Decision(world.task(request).id, approve=True))
    deliver()
    [changed] = events(receiver, CHANGED)
    assert changed["events"][CHANGED]["claims"] == {CLAIM: [f"CultuurmonitorRaadpleger-cultuurcentra:{genk.code}"]}
    assert changed["events"][CHANGED]["reason_admin"]["en"] == "The role has changed."
    assert receiver.at(f"/{HERE}/logout") == []
    assert one.userinfo(tokens["access_token"]).json[CLAIM] == [f"CultuurmonitorRaadpleger-cultuurcentra:{genk.code}"]


def test_a_label_tells_of_every_right_that_starts_or_stops_with_it(world: World, receiver: Receiver) -> None:
    """Lifecycles §4: approved, every right counts; ended, none does, and nobody has to be signed in for it."""
    kaai = world.organisation("De Kaai", kind="economische_actor")
    officer = world.officer_of("EA", "economische_actor")
    people = [world.person(f"Iemand {number}") for number in range(3)]
    for person in people:
        world.grant(person, kaai)
    label = world.label(kaai, approved=False)
    with changing_session() as changing, changing.begin():
        open_label_task(
            changing,
            world.installation,
            changing.get_one(Label, label.id),
            changing.get_one(Organisation, kaai.id),
        )
    task = world.task(label_id=label.id)
    perform(decide_label, installation(), officer.id, Decision(task.id, approve=True))
    deliver()
    started = events(receiver, CHANGED)
    assert {each["sub_id"]["user"]["sub"] for each in started} == {person.sub for person in people}
    assert all(len(each["events"][CHANGED]["claims"][CLAIM]) == 1 for each in started)
    assert events(receiver, REVOKED) == []
    receiver.forget()
    perform(end_label, label.id, ended_by=None, reason="Voorbij.")
    deliver()
    stopped = events(receiver, CHANGED)
    assert {each["sub_id"]["user"]["sub"] for each in stopped} == {person.sub for person in people}
    assert all(each["events"][CHANGED]["claims"] == {CLAIM: []} for each in stopped)
    assert len(events(receiver, REVOKED)) == 3


def test_what_the_clock_ends_is_told_too(
    world: World, genk: Organisation, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    """OA2, decisions 2."""
    from broker.notifications.housekeeping import Housekeeping

    nele = world.person()
    world.grant(nele, genk, valid_until=broker_clock.now() + timedelta(minutes=1))
    clock.shift(timedelta(minutes=2))
    Housekeeping.begin().run_due()
    db.session.rollback()
    deliver()
    [changed] = events(receiver, CHANGED)
    assert changed["events"][CHANGED]["initiating_entity"] == "policy"
    assert changed["events"][CHANGED]["claims"] == {CLAIM: []}


def test_events_about_one_person_arrive_in_their_order(
    nele: Person, world: World, genk: Organisation, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    """A later one waits for the earlier one, also where that is retried."""
    receiver.answers = {PATH: (500, {}, "")}
    give_back(nele)
    deliver()
    clock.shift(timedelta(seconds=1))
    ilse = world.administrator_of(genk)
    request = world.request(nele, genk, right="raadpleger")
    perform(decide_request, installation(), ilse.id, Decision(world.task(request).id, approve=True))
    deliver()
    receiver.forget()
    for _ in range(4):
        clock.shift(timedelta(minutes=1))
        deliver()
    said = [claims["events"][CHANGED]["reason_admin"]["en"] for claims in events(receiver, CHANGED)]
    assert said == ["The person gave the right back.", "A right was given."]


def test_only_what_was_asked_is_sent(
    nele: Person, catalogue: Catalogue, make_app: Callable[..., Flask], receiver: Receiver
) -> None:
    """The policy's `requested`, at the moment of delivery too."""
    client = catalogue.clients[HERE]
    assert client.events is not None
    stream = replace(client.events, requested=("session-revoked",), secret=None)
    told = {
        **catalogue.clients,
        HERE: replace(client, events=stream),
        ALSO: replace(catalogue.clients[ALSO], events=None),
    }
    application = replace(
        catalogue.applications["cultuurmonitor"],
        clients={name: each for name, each in told.items() if each.application_code == "cultuurmonitor"},
    )
    fewer = replace(catalogue, clients=told, applications={**catalogue.applications, "cultuurmonitor": application})
    give_back(nele)
    with make_app(catalogue=fewer).app_context():
        deliver()
    [heard] = receiver.at(PATH)
    assert REVOKED in claims_of(heard)["events"]
    assert "Authorization" not in heard.headers


def test_an_event_holds_no_name_number_or_address(
    nele: Person, world: World, client: Client, relying: Make, receiver: Receiver
) -> None:
    """AU4's rule for events that leave: ids, codes, and sentences of ours."""
    world.sign_in(client, nele)
    relying(HERE).tokens()
    give_back(nele)
    deliver()
    for claims in map(claims_of, receiver.at(PATH)):
        said = json.dumps(claims)
        for private in (nele.given_name, nele.family_name, nele.email, str(nele.id), "Genk"):
            assert str(private) not in said


def test_every_reason_has_words_and_an_initiator_that_caep_knows() -> None:
    for reason, (initiator, words) in _WORDS.items():
        assert initiator in ("admin", "user", "policy", "system"), reason
        assert words.nl.endswith(".")
        assert words.en.endswith(".")
    assert words_of("a code of a newer worker")[0] == "system"


def test_every_reason_that_the_broker_gives_is_one_of_them(repository: Any) -> None:
    """What is told is never "something has changed"."""
    import re

    told = (
        r'tell_rights_changed\([^)]*?"([a-z_]+)"|revoke_client_sessions\([^)]*?"([a-z_]+)"|reason="([a-z_]+)", cause='
    )
    found = set()
    for file in (repository / "broker").rglob("*.py"):
        for match in re.findall(told, file.read_text(encoding="utf-8"), re.S):
            found |= {each for each in match if each}
    found -= {"revoked_by_client"}
    assert found
    assert found <= set(_WORDS), found - set(_WORDS)


# The transmitter


def test_the_transmitter_says_what_is_there_and_no_more(client: Client) -> None:
    """SSF 1.0, 7: at the address that follows from the issuer; no stream is managed by an API, so none is named."""
    answer = client.get("/.well-known/ssf-configuration/op")
    assert answer.status_code == 200
    assert answer.json == {
        "spec_version": "1_0",
        "issuer": ISSUER,
        "jwks_uri": f"{ISSUER}/v1/keys",
        "delivery_methods_supported": ["urn:ietf:rfc:8935"],
        "default_subjects": "ALL",
    }
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = client.get("/.well-known/ssf-configuration/op", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.post("/.well-known/ssf-configuration/op").status_code == 405


def test_a_verification_event_shows_that_a_stream_works(app: Flask, receiver: Receiver, session: Session) -> None:
    """SSF 1.0, 8.1.4: with a state of its own, whatever the client asked for."""
    message_id = perform(verify_stream, installation(), HERE)
    assert deliver().sent == 1
    [claims] = [claims_of(each) for each in receiver.at(PATH)]
    assert claims["sub_id"] == {"format": "opaque", "id": HERE}
    assert list(claims["events"]) == [VERIFICATION]
    assert len(claims["events"][VERIFICATION]["state"]) >= 16
    assert claims["jti"] == str(message_id)
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:event_stream:verify")).one()
    assert event.details == {"client": HERE}
    with pytest.raises(NotFoundError):
        perform(verify_stream, installation(), "unknown")
    with pytest.raises(ConflictError):
        perform(verify_stream, installation(), "rs256")


def test_the_operator_verifies_a_stream_from_the_command_line(
    app: Flask, run_command: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Any, session: Session
) -> None:
    folder = tmp_path / "own"
    (folder / "clients").mkdir(parents=True)
    client = {
        "client_id": "stream",
        "name": {"nl": "s", "en": "s"},
        "redirect_uris": ["http://localhost:8001/terug"],
        "start_uri": "http://localhost:8001/",
        "authentication": "none",
        "scopes": ["openid"],
        "events": {"endpoint": "http://localhost:9/events", "requested": ["session-revoked"]},
    }
    (folder / "clients" / "own.yaml").write_text(json.dumps({"application": "cultuurmonitor", "clients": [client]}))
    policies = f"policies:tests/policies:{folder}"
    listed = run_command(*COMMAND, "events", "list", "--json", BROKER_POLICIES=policies)
    assert any(each["client"] == "stream" for each in json.loads(listed.stdout)), listed.stderr
    done = run_command(*COMMAND, "events", "verify", "stream", BROKER_POLICIES=policies)
    assert done.returncode == 0, done.stderr
    message_id = uuid.UUID(done.stdout.split()[0])
    assert session.get_one(OutboxMessage, message_id).lane == "event:stream"
    session.rollback()
    refused = run_command(*COMMAND, "events", "verify", "test-public", BROKER_POLICIES=policies)
    assert (refused.returncode, refused.stderr.strip()) == (1, "This client asked for no events.")


def test_the_bearer_of_a_receiver_stands_in_no_repr() -> None:
    """It is a secret of somebody else."""
    assert BEARER not in repr(EventStream("https://example.org", ("session-revoked",), BEARER))
