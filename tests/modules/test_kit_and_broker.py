"""The kit and the broker together, in one process and on one clock: what one promises, the other relies on.

Every call of the kit goes to the broker's own door; nothing in between is made up.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from broker.access.end_grant import end_own_grant
from broker.access.grant import Grant
from broker.catalogue import Catalogue
from broker.catalogue.model import EventStream
from broker.database import changing_session, perform
from broker.http_client import Answer as HttpAnswer
from broker.http_client import HttpClient
from broker.installation import installation
from broker.notifications.put_change import put_change
from broker.people.organisation import Organisation
from modules.cultuurmonitor import MIGRATIONS
from modules.cultuurmonitor.about import APPLICATION
from modules.kit import (
    Held,
    ModuleSettings,
    call_another,
    claims_now,
    holders_now,
    init_module,
    require_right,
    signed_in,
)
from modules.kit import outgoing as kit_outgoing
from modules.kit.client_key import public_keys
from modules.kit.outgoing import Answer
from modules.kit.tokens import SigningKey
from tests.oidc.conftest import ISSUER, app, client_key
from tests.oidc.conftest import catalogue as door_catalogue
from tests.specifications.receiving import BEARER, BOTH, deliver
from tests.worlds.client import Client
from tests.worlds.world import World

__all__ = ["app", "client_key", "door_catalogue"]

BASE = "http://localhost:8001"
SECRET = "tests only: the secret of the kit at the broker"
KEY = SigningKey.new()
OTHER = "https://jaarboek.voorbeeld.test/telling"
PAGE = "/cultuurmonitor/pagina"
RUN_OUT = timedelta(minutes=5, seconds=1)


@pytest.fixture(scope="session")
def catalogue(door_catalogue: Catalogue) -> Catalogue:
    """With the clients of the kit: one with a secret, one with a key whose tokens are all bound."""
    like = door_catalogue.clients["test-confidential"]
    first = door_catalogue.applications["cultuurmonitor"]
    with_secret = replace(
        like,
        client_id="kit",
        secret_sha256=(sha256(SECRET.encode()).hexdigest(),),
        redirect_uris=(f"{BASE}/cultuurmonitor/aanmelden/terug",),
        post_logout_redirect_uris=(f"{BASE}/cultuurmonitor/",),
        grant_types=("authorization_code", "refresh_token", "client_credentials", "token_exchange"),
        refresh_is_activity=True,
        may_call=("jaarboek",),
        asks_holders=True,
        backchannel_logout_uri=f"{BASE}/cultuurmonitor/afmelden/melding",
        events=EventStream(f"{BASE}/cultuurmonitor/meldingen", BOTH, BEARER),
    )
    with_key = replace(
        with_secret,
        client_id="kit-key",
        authentication="private_key_jwt",
        secret_sha256=(),
        jwks=public_keys(KEY),
        require_dpop=True,
        events=None,
    )
    clients = {each.client_id: each for each in (with_secret, with_key)}
    called = replace(first, code="jaarboek", scope="cjm_jaarboek", claim="cjm_jaarboek_rol_3d", clients={})
    return replace(
        door_catalogue,
        applications={
            **door_catalogue.applications,
            "cultuurmonitor": replace(first, clients={**first.clients, **clients}),
            "jaarboek": called,
        },
        clients={**door_catalogue.clients, **clients},
    )


class Visitor:
    """A browser of somebody who is signed in at the broker, at an application with the kit."""

    def __init__(self, small: Flask, at_broker: Client) -> None:
        self.client = small.test_client()
        self.at_broker = at_broker

    def get(self, path: str, *, follow: bool = True) -> TestResponse:
        """Open a page, by way of the broker and back."""
        response = self.client.get(path, base_url=BASE)
        for _hop in range(8):
            if not follow or response.status_code not in (302, 303):
                break
            address = urlsplit(response.location)
            where = f"{address.path}?{address.query}"
            there = response.location.startswith(ISSUER)
            response = self.at_broker.get(where) if there else self.client.get(where, base_url=BASE)
        return response


@pytest.fixture
def calls(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, str]]]:
    """What the kit asked, of whom; the broker hears it at its door, the other application nods."""
    heard: list[tuple[str, str, dict[str, str]]] = []

    def through(
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        heard.append((method, url, {**headers, **(form or {})}))
        if url == OTHER:
            return Answer(200, {}, b"{}")
        answer = Client(app).open(
            urlsplit(url).path, method=method, headers=dict(headers), data=body if form is None else dict(form)
        )
        return Answer(answer.status_code, dict(answer.headers), answer.data)

    for where in ("outgoing", "broker", "calls"):
        monkeypatch.setattr(f"modules.kit.{where}.call", through)
    assert kit_outgoing.call is through
    return heard


@pytest.fixture
def told() -> list[tuple[Any, ...]]:
    """What the application was told of changed rights."""
    return []


@pytest.fixture
def start(
    calls: object, tmp_path: Path, told: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Flask]]:
    """Starts an application with the kit; its page says whose right counts, and runs what a test gives it. What the broker
    has to tell reaches it.
    """
    started: list[Flask] = []

    def receive(_http: HttpClient, method: str, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        assert url.startswith(BASE)
        answer = started[0].test_client().open(urlsplit(url).path, method=method, headers=dict(headers), data=body)
        return HttpAnswer(answer.status_code, dict(answer.headers), answer.data)

    monkeypatch.setattr(HttpClient, "send", receive)

    def make(client_id: str = "kit", does: Callable[[], Any] = lambda: None) -> Flask:
        small = Flask("small")
        small.testing = True
        bound = client_id == "kit-key"
        settings = ModuleSettings(
            issuer=ISSUER,
            client_id=client_id,
            client_secret="" if bound else SECRET,
            client_key=KEY if bound else None,
            dpop=bound,
            base_url=BASE,
            database_url=f"sqlite:///{tmp_path / client_id}.db",
            secret="tests only: a secret that signs cookies and seals tokens",
            events_secret=BEARER,
        )
        application = replace(
            APPLICATION,
            home="page",
            menu=lambda _: (),
            on_rights_changed=lambda *change: told.append(change),
            idle=timedelta(minutes=90),
            warns_of_end=True,
        )
        init_module(small, application, settings, migrations=MIGRATIONS)

        def page() -> dict[str, Any]:
            person = signed_in()
            rights = sorted(person.rights) if person else None
            return {"who": person.given_name if person else None, "rights": rights, "answer": does()}

        small.add_url_rule(PAGE, "page", require_right(*APPLICATION.right_names)(page))
        small.add_url_rule("/cultuurmonitor/", "start", lambda: "begin")
        started.append(small)
        return small

    yield make
    for small in started:
        small.extensions["kit_database"].engine.dispose()


@pytest.fixture
def nele(world: World, client: Client) -> Client:
    """Somebody with a right, signed in at the broker."""
    person = world.person()
    world.grant(person, world.organisation("Gemeente Genk"), "invoerder")
    world.sign_in(client, person)
    return client


def grants(calls: list[tuple[str, str, dict[str, str]]]) -> list[str]:
    return [sent["grant_type"].rpartition(":")[2] for _, url, sent in calls if url == f"{ISSUER}/v1/token"]


@pytest.mark.parametrize("client_id", ["kit", "kit-key"])
def test_a_session_begins_goes_on_and_is_still_the_same(
    start: Callable[..., Flask],
    nele: Client,
    calls: list[tuple[str, str, dict[str, str]]],
    clock: time_machine.Traveller,
    client_id: str,
) -> None:
    """By secret, and by key with tokens bound to another (RFC 7523, RFC 9449)."""
    visitor = Visitor(start(client_id), nele)
    page = visitor.get(PAGE)
    assert page.status_code == 200, page.text
    assert page.json is not None
    assert page.json["who"]
    calls.clear()
    for _renewal in range(3):
        clock.shift(RUN_OUT)
        assert visitor.get(PAGE, follow=False).status_code == 200
    assert set(grants(calls)) == {"refresh_token"}
    bound = [sent for _, url, sent in calls if url.endswith("/token") and "DPoP" in sent]
    assert bool(bound) is (client_id == "kit-key")


def test_who_keeps_working_here_stays_signed_in_at_the_broker_too(
    start: Callable[..., Flask], nele: Client, clock: time_machine.Traveller
) -> None:
    """Decision 18: a refresh for a page counts as activity there; the broker's own limit is 90 minutes."""
    visitor = Visitor(start(), nele)
    visitor.get(PAGE)
    for _half_hour in range(6):
        clock.shift(timedelta(minutes=30))
        assert visitor.get(PAGE, follow=False).status_code == 200
    assert nele.get("/taken").status_code == 200


def test_who_presses_stay_stays_signed_in_at_the_broker_too(
    start: Callable[..., Flask], nele: Client, still_clock: time_machine.Traveller
) -> None:
    """Issue 5: both count ninety minutes, and what the tool says is left is so at the broker."""
    small = start()
    small.config["WTF_CSRF_ENABLED"] = False
    visitor = Visitor(small, nele)
    visitor.get(PAGE)
    still_clock.shift(timedelta(minutes=4))
    visitor.get(PAGE)
    for _time in range(3):
        left = visitor.client.get("/cultuurmonitor/aangemeld/nog", base_url=BASE)
        assert left.json is not None
        still_clock.shift(timedelta(seconds=left.json["left"] - 30))
        stayed = visitor.client.post("/cultuurmonitor/aangemeld/blijven", base_url=BASE)
        assert stayed.status_code == 200
        assert stayed.json is not None
        assert stayed.json["left"] > 85 * 60
    assert visitor.get(PAGE, follow=False).status_code == 200
    assert nele.get("/mijn-aanvragen").status_code == 200


def test_a_right_that_ends_ends_the_session_at_the_next_renewal(
    start: Callable[..., Flask],
    world: World,
    client: Client,
    clock: time_machine.Traveller,
) -> None:
    person = world.person()
    grant = world.grant(person, world.organisation("Gemeente Genk"), "invoerder")
    world.sign_in(client, person)
    visitor = Visitor(start(does=claims_now), client)
    page = visitor.get(PAGE)
    assert page.json is not None
    assert page.json["answer"]["vo_orgnaam"] == "Gemeente Genk"
    perform(end_own_grant, installation(), person.id, grant.id)
    at_once = visitor.get(PAGE, follow=False)
    assert at_once.json is not None
    assert at_once.json["answer"] is None  # what cannot be undone asks first, and knows at once
    clock.shift(RUN_OUT)
    page = visitor.get(PAGE)
    assert page.status_code == 403
    assert "Uw recht in deze toepassing is gestopt" in page.text


@pytest.mark.parametrize("client_id", ["kit", "kit-key"])
def test_another_application_is_called_with_a_token_for_it(
    start: Callable[..., Flask],
    nele: Client,
    calls: list[tuple[str, str, dict[str, str]]],
    client_id: str,
) -> None:
    """RFC 8693 on behalf of the person, RFC 6749 §4.4 for the application itself."""

    def call_both() -> list[int]:
        return [
            call_another("GET", OTHER, application="jaarboek", on_behalf=on_behalf).status
            for on_behalf in (True, False, False)
        ]

    page = Visitor(start(client_id, call_both), nele).get(PAGE)
    assert page.json is not None
    assert page.json["answer"] == [200, 200, 200]
    assert sorted(set(grants(calls))) == ["authorization_code", "client_credentials", "token-exchange"]
    carried = [sent["Authorization"] for _, url, sent in calls if url == OTHER]
    assert carried[0] != carried[1] == carried[2]
    assert {each.partition(" ")[0] for each in carried} == {"DPoP" if client_id == "kit-key" else "Bearer"}


@pytest.mark.parametrize("client_id", ["kit", "kit-key"])
def test_who_still_has_a_right_is_asked_for_the_application_itself(
    start: Callable[..., Flask], world: World, client_id: str
) -> None:
    """With nobody there, as in the night (decision 2)."""
    genk = world.organisation("Gemeente Genk")
    nele, ilse = world.person("Nele Vercauteren"), world.person("Ilse Maes")
    grant = world.grant(nele, genk, "invoerder")
    small = start(client_id)
    with small.app_context():
        assert holders_now([nele.sub, ilse.sub]) == {Held(nele.sub, "CultuurmonitorInvoerder", genk.code)}
    perform(end_own_grant, installation(), nele.id, grant.id)
    with small.app_context():
        assert holders_now([nele.sub, ilse.sub]) == set()


# What the broker tells by itself


@pytest.mark.parametrize("client_id", ["kit", "kit-key"])
def test_a_right_that_ends_ends_the_session_before_the_next_page(
    start: Callable[..., Flask], world: World, client: Client, told: list[tuple[Any, ...]], client_id: str
) -> None:
    """By a logout token alone, and with events beside it."""
    person = world.person()
    grant = world.grant(person, world.organisation("Gemeente Genk"), "invoerder")
    world.sign_in(client, person)
    visitor = Visitor(start(client_id), client)
    visitor.get(PAGE)
    deliver()
    told.clear()
    perform(end_own_grant, installation(), person.id, grant.id)
    assert visitor.get(PAGE, follow=False).status_code == 200  # not told yet
    deliver()
    assert visitor.get(PAGE, follow=False).status_code == 303
    code = world.fresh(Organisation, grant.organisation_id).code
    assert told == ([(person.sub, code, frozenset())] if client_id == "kit" else [])


def test_a_sign_out_at_the_broker_ends_the_session_and_changes_no_right(
    start: Callable[..., Flask], nele: Client, told: list[tuple[Any, ...]], world: World
) -> None:
    visitor = Visitor(start(), nele)
    visitor.get(PAGE)
    deliver()
    told.clear()
    nele.submit(nele.get("/taken"), form="/afmelden")
    deliver()
    assert visitor.get(PAGE, follow=False).status_code == 303
    assert told == []


def test_signing_out_of_the_application_is_heard_back_without_harm(start: Callable[..., Flask], nele: Client) -> None:
    small = start()
    small.config["WTF_CSRF_ENABLED"] = False
    visitor = Visitor(small, nele)
    visitor.get(PAGE)
    left = visitor.client.post("/cultuurmonitor/afmelden", base_url=BASE)
    there = urlsplit(left.location)
    back = nele.get(f"{there.path}?{there.query}")
    assert back.location == f"{BASE}/cultuurmonitor/"
    outcome = deliver()
    assert visitor.get(PAGE, follow=False).status_code == 303
    assert outcome


def test_another_right_counts_from_the_next_page_on(
    start: Callable[..., Flask], world: World, client: Client, told: list[tuple[Any, ...]]
) -> None:
    """CAEP token-claims-change: no need to wait for the token to run out."""
    person = world.person()
    genk = world.organisation("Gemeente Genk")
    grant = world.grant(person, genk, "invoerder")
    world.sign_in(client, person)
    visitor = Visitor(start(), client)
    page = visitor.get(PAGE)
    assert page.json is not None
    assert page.json["rights"] == ["CultuurmonitorInvoerder"]
    deliver()
    told.clear()
    with changing_session() as session, session.begin():
        found = session.get_one(Grant, grant.id)
        found.right_code = "raadpleger"
        put_change(session, "changed_role", key=str(grant.id), person_id=person.id)
    deliver()
    page = visitor.get(PAGE, follow=False)
    assert page.json is not None, page.text
    assert page.json["rights"] == ["CultuurmonitorRaadpleger"]
    assert told == [(person.sub, genk.code, frozenset({"CultuurmonitorRaadpleger"}))]
