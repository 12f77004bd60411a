"""What a balancer and Prometheus ask."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from broker import audit, schema
from broker.access.apply_catalogue import apply_catalogue
from broker.database import changing_session, perform
from broker.keys.rotate_signing_key import ensure_signing_keys
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.statements import Statements
from tests.worlds.world import World

TOKEN = "a-token-for-the-figures"


@pytest.fixture
def ready_database(world: World) -> None:
    """Signing keys, and rows that agree with the policies."""
    perform(ensure_signing_keys, world.installation.keys)
    perform(apply_catalogue, world.installation)
    perform(audit.seal_events)


def test_a_living_process_answers_without_its_database(client: Client, statements: Statements) -> None:
    with statements() as seen:
        response = client.get("/health/live")
    assert (response.status_code, response.text) == (200, "ok\n")
    assert len(seen) == 0


@pytest.mark.usefixtures("ready_database")
def test_a_broker_with_everything_is_ready_and_says_which_policies_it_read(client: Client, world: World) -> None:
    response = client.get("/health/ready")
    assert response.status_code == 200, response.text
    assert response.get_json()["catalogue"] == world.installation.catalogue.fingerprint


def test_without_a_signing_key_it_is_not_ready(client: Client, world: World) -> None:
    perform(apply_catalogue, world.installation)
    perform(audit.seal_events)
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.get_json()["failed"] == ["signing_key"]


def test_a_database_behind_its_migrations_is_not_ready(client: Client) -> None:
    with changing_session() as session, session.begin():
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        assert client.get("/health/ready").get_json()["failed"] == ["migrated"]
    finally:
        with changing_session() as session, session.begin():
            session.execute(text(f"UPDATE alembic_version SET version_num = '{schema.newest_revision()}'"))


def test_policies_that_were_not_applied_are_seen(client: Client, world: World) -> None:
    """PF4: rows may still hold what the policies of yesterday said."""
    perform(ensure_signing_keys, world.installation.keys)
    assert client.get("/health/ready").get_json()["failed"] == ["catalogue_applied"]
    perform(apply_catalogue, world.installation)
    assert client.get("/health/ready").status_code == 200


@pytest.mark.usefixtures("ready_database")
def test_mail_that_does_not_leave_is_seen(
    client: Client, world: World, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    world.typed_request(prove=False)
    clock.shift(timedelta(minutes=20))
    perform(audit.seal_events)
    assert client.get("/health/ready").get_json()["failed"] == ["outbox"]
    inbox.deliver()
    assert client.get("/health/ready").status_code == 200


@pytest.mark.usefixtures("ready_database")
def test_an_audit_that_is_not_sealed_is_seen(
    client: Client, world: World, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    """AU3: the lag of the seals is in readiness."""
    world.typed_request(prove=False)
    inbox.deliver()
    clock.shift(timedelta(minutes=2))
    assert client.get("/health/ready").get_json()["failed"] == ["audit_sealed"]
    perform(audit.seal_events)
    assert client.get("/health/ready").status_code == 200


def test_figures_do_not_exist_without_a_token_in_the_settings(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_figures_are_for_who_holds_the_token(make_app: Callable[..., Flask]) -> None:
    client = make_app(BROKER_METRICS_TOKEN=TOKEN).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert "poortwachter_requests_total" in response.text


def test_what_programs_ask_is_counted_as_well(make_app: Callable[..., Flask]) -> None:
    """By the name of the endpoint, whatever method somebody makes up."""
    client = make_app(BROKER_METRICS_TOKEN=TOKEN).test_client()

    def counted(series: str) -> float:
        text_ = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
        found = [line.rpartition(" ")[2] for line in text_.splitlines() if line.startswith(series)]
        return float(found[0]) if found else 0.0

    refused = 'poortwachter_requests_total{endpoint="oidc.token",method="POST",status="401"}'
    before = counted(refused)
    client.post("/op/v1/token", data={"grant_type": "client_credentials"})
    assert counted(refused) == before + 1
    client.open("/op/v1/token", method="MADEUP")
    assert counted('poortwachter_requests_total{endpoint="oidc.token",method="other",status="405"}') >= 1
    assert counted('poortwachter_request_seconds_count{endpoint="oidc.token"}') >= 2


def test_no_figure_names_a_person_or_an_address(make_app: Callable[..., Flask], app: Flask, world: World) -> None:
    client = make_app(BROKER_METRICS_TOKEN=TOKEN).test_client()
    request = world.typed_request(prove=False, name="Hanne Smet", email="hanne@voorbeeld.test")
    client.get(f"/link/{world.link_token(request.id)}")
    client.get("/aanvraag/PW-2026-7F3K22")
    text_ = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    for secret in ("hanne", "Smet", world.link_token(request.id), "PW-2026"):
        assert secret not in text_
    assert "poortwachter_outbox_messages{" in text_
