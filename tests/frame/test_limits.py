"""How often one source may knock."""

from collections.abc import Callable

import pytest
from flask import Flask

from broker.web.limits import LIMITS
from tests.worlds.client import Client

ALLOWED = 60
DOOR = "/link/bevestigen"


def knock(client: Client, times: int, address: str = "203.0.113.9") -> list[int]:
    """The statuses of so many POSTs to the door of the mailed links from one address."""
    token = client.csrf_token("/aanvraag")
    return [
        client.post(DOOR, data={"csrf_token": token}, environ_overrides={"REMOTE_ADDR": address}).status_code
        for _ in range(times)
    ]


def test_too_often_is_a_page_that_says_when_to_come_back(make_app: Callable[..., Flask]) -> None:
    client = make_app(BROKER_RATE_LIMITS="on").test_client()
    statuses = knock(client, ALLOWED + 1)
    assert statuses.index(429) == ALLOWED
    token = client.csrf_token("/aanvraag")
    response = client.post(DOOR, data={"csrf_token": token}, environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert 0 < int(response.headers["Retry-After"]) <= 600
    assert "te vaak" in response.text


def test_another_source_is_not_held_up(make_app: Callable[..., Flask]) -> None:
    client = make_app(BROKER_RATE_LIMITS="on").test_client()
    assert 429 in knock(client, ALLOWED + 1)
    assert 429 not in knock(client, 1, "203.0.113.10")


def test_when_redis_is_down_the_limits_go_on_in_memory(make_app: Callable[..., Flask]) -> None:
    """Rule 7 of the threats."""
    client = make_app(BROKER_RATE_LIMITS="on", BROKER_REDIS_URL="redis://127.0.0.1:1/0").test_client()
    statuses = knock(client, ALLOWED + 2)
    assert 429 in statuses
    assert 500 not in statuses


def test_off_is_off(client: Client) -> None:
    assert 429 not in knock(client, ALLOWED + 1)


@pytest.mark.parametrize("begin", sorted({begin for begin, _, _ in LIMITS}))
def test_every_limit_is_on_a_door_that_exists(app: Flask, begin: str) -> None:
    assert any(rule.rule.startswith(begin) for rule in app.url_map.iter_rules())
