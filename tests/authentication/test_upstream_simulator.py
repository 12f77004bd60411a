"""The three digital keys of `make run`, each spoken to as its policy there says, over real HTTP: itsme (claims by name, a
signed userinfo), eID (private_key_jwt, pushed requests, encrypted ID tokens) and the token (a secret in the form).

What the key's own pages do is tests/modules/test_digital_keys; here is that both sides understand each other.
"""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from broker.catalogue import read_catalogue
from broker.database import db
from modules.digital_keys import create_app as create_digital_keys
from modules.digital_keys.behaviour import Behaviour, behaviours
from modules.digital_keys.settings import KeySettings
from modules.digital_keys.state import State
from modules.tryout.demo_secrets import demo_secrets
from modules.tryout.house import REPOSITORY, House
from modules.tryout.own_policies import write_clients_of_digital_keys, write_policies
from modules.tryout.programs import broker_environment
from tests.authentication.test_sign_in import events, living
from tests.authentication.test_upstream_protocol import number_here
from tests.worlds.browser import free_ports
from tests.worlds.client import Client, forms_of

NUMBER = "85073099833"


@dataclass
class Street:
    """A broker and its digital keys, both listening, and a browser between them."""

    house: House
    browser: Client
    keys: Flask

    @property
    def state(self) -> State:
        """What the digital keys know."""
        found = self.keys.extensions["digital_keys"]
        assert isinstance(found, State)
        return found

    def misbehave(self, code: str, **how: Any) -> None:
        """Spoil one key."""
        behaviours(self.keys)[code] = Behaviour(**how)

    def leave(self, code: str) -> TestResponse:
        """Choose a key at the broker."""
        return self.browser.submit(self.browser.get("/aanmelden?verder=/taken"), form=f"/aanmelden/{code}")

    def sign_in(self, code: str, acr: str | None = None) -> TestResponse:
        """There, picking Nele, and back again; the answer of the last address."""
        away = self.leave(code)
        assert away.status_code == 303, away.text
        if away.location.startswith("/"):
            return self.browser.get(away.location)
        return self.come_back(away.location, acr)

    def come_back(self, address: str, acr: str | None = None) -> TestResponse:
        """Be Nele at the page of the key."""
        there = requests.Session()
        page = there.get(address, timeout=5)
        assert page.status_code == 200, page.text
        (form,) = forms_of(page.text)
        fields = {**form.fields, "person": "nele.vercauteren", "answer": "sign_in", **({"acr": acr} if acr else {})}
        answer = there.post(address, data=fields, timeout=5, allow_redirects=False)
        assert answer.status_code == 303, answer.text
        back = urlsplit(answer.headers["Location"])
        arrived = self.browser.get(f"{back.path}?{back.query}")
        return self.browser.get(arrived.location) if "/gestopt" in (arrived.location or "") else arrived


@pytest.fixture
def street(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[Street]:
    """Both programs with the policies, secrets and registrations that `make run` writes."""
    house = House(free_ports(6), tmp_path / "house")
    house.data.mkdir()
    secrets = demo_secrets(house.data)
    write_policies(house)
    write_clients_of_digital_keys(house, secrets)
    environment = {**os.environ, **broker_environment(house, secrets)}
    catalogue = read_catalogue(
        [REPOSITORY / "policies", house.policies], [REPOSITORY / "forms"], environment, development=True
    )
    app = make_app(catalogue, BROKER_ISSUER=f"{house.broker}/op")
    keys = create_digital_keys(
        KeySettings(base_url=house.digital_keys, data=house.keys, clients=house.keys / "clients.json")
    )
    servers = [
        make_server("localhost", house.port, app, threaded=True),
        make_server("localhost", house.port + 4, keys, threaded=True),
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    with app.app_context():
        yield Street(house, app.test_client(), keys)
    for server in servers:
        server.shutdown()
        server.server_close()


def reason() -> object:
    """Why the last sign-in was refused."""
    return events(db.session(), "authentication:session:refuse")[-1].details["reason"]


@pytest.mark.parametrize(("code", "level"), [("itsme", 27), ("eid", 35), ("token", 26)])
def test_somebody_signs_in_with_each_key_with_name_number_and_level(street: Street, code: str, level: int) -> None:
    answer = street.sign_in(code)
    assert (answer.status_code, answer.location) == (303, "/taken"), answer.text
    (row,) = living(db.session())
    assert (row.provider_code, row.level, row.given_name) == (code, level, "Nele")
    assert number_here() == NUMBER


def test_the_three_keys_are_one_person(street: Street) -> None:
    """UP4: by the number, whatever each key calls it."""
    people = set()
    for code in ("itsme", "eid", "token"):
        assert street.sign_in(code).status_code == 303
        people |= {row.person_id for row in living(db.session())}
        street.browser.submit(street.browser.get("/afmelden"), form="/afmelden")
    assert len(people) == 1


def test_eid_is_sent_a_reference_and_nothing_else(street: Street) -> None:
    """RFC 9126, with the proof of a key that eID fetched from us."""
    address = street.leave("eid").location
    assert address.startswith(f"{street.house.digital_keys}/eid/authorize?")
    assert {part.partition("=")[0] for part in urlsplit(address).query.split("&")} == {"client_id", "request_uri"}


def test_a_request_that_was_answered_is_not_answered_again(street: Street) -> None:
    """RFC 9126, 4: the reference is used once."""
    address = street.leave("eid").location
    assert street.come_back(address).status_code == 303
    assert requests.get(address, timeout=5).status_code == 400


def test_a_key_that_rotates_its_signing_key_loses_nobody(street: Street) -> None:
    """An unknown kid fetches the key set anew."""
    assert street.sign_in("itsme").status_code == 303
    street.browser.submit(street.browser.get("/afmelden"), form="/afmelden")
    street.state.signers["itsme"].rotate()
    assert street.sign_in("itsme").status_code == 303


@pytest.mark.parametrize(
    ("code", "how", "status", "said"),
    [
        ("itsme", {"unsigned_userinfo": True}, 400, "not_three_parts"),
        ("itsme", {"response_issuer": "http://localhost:1/another"}, 400, "response_issuer_wrong"),
        ("itsme", {"response_issuer": None}, 400, "response_issuer_wrong"),
        ("itsme", {"endpoints_down": ("userinfo",)}, 503, "server_error"),
        ("itsme", {"endpoints_down": ("jwks",)}, 503, "server_error"),
        ("eid", {"unencrypted": True}, 400, "not_encrypted"),
        ("eid", {"algorithm": "none"}, 400, "not_base64url"),
        ("eid", {"algorithm": "HS256"}, 400, "algorithm_wrong"),
        ("eid", {"unknown_key": True}, 400, "kid_unknown"),
        ("eid", {"audience": "another"}, 400, "aud_wrong"),
        ("eid", {"nonce": "another"}, 400, "nonce_wrong"),
        ("eid", {"expired": True}, 400, "expired"),
        ("eid", {"issued_in_the_future": True}, 400, "iat_in_future"),
        ("eid", {"huge_key_set": True}, 503, "too_large"),
        ("token", {"issuer": "http://localhost:1/another"}, 400, "iss_wrong"),
        ("token", {"endpoints_down": ("token",)}, 503, "server_error"),
    ],
)
def test_a_key_that_misbehaves_signs_nobody_in(
    street: Street, code: str, how: dict[str, Any], status: int, said: str
) -> None:
    """UP1, UP2, UP8: each way in which the simulator can go wrong; the other keys go on."""
    street.misbehave(code, **how)
    assert street.sign_in(code).status_code == status
    assert reason() == said
    assert living(db.session()) == []
    other = "token" if code != "token" else "eid"
    assert street.sign_in(other).status_code == 303


@pytest.mark.parametrize("endpoint", ["openid-configuration", "par"])
def test_a_key_that_is_down_is_known_before_the_browser_leaves(street: Street, endpoint: str) -> None:
    """UP8."""
    street.misbehave("eid", endpoints_down=(endpoint,))
    away = street.leave("eid")
    assert away.location.startswith("/aanmelden/gestopt")
    assert reason() == "server_error"
    assert 'action="/aanmelden/eid"' not in street.browser.get("/aanmelden").text


def test_a_weak_proof_at_a_strong_key_links_nobody(street: Street) -> None:
    """UP3: the token's password level, with the same number: somebody new, without it."""
    assert street.sign_in("eid").status_code == 303
    (known,) = {row.person_id for row in living(db.session())}
    street.browser.submit(street.browser.get("/afmelden"), form="/afmelden")
    assert street.sign_in("token", acr="urn:be:fedict:iam:fas:Level200").status_code == 303
    (row,) = living(db.session())
    assert row.person_id != known
    assert row.number_sealed is None
