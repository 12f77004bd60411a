"""Two strong digital keys and a weak one, on real ports, for the tests of this folder; and a browser that goes there and back."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from broker.catalogue import Catalogue
from broker.people.link_identity import UpstreamIdentity
from tests.authentication.fake_provider import FakeProvider
from tests.worlds.client import Client
from tests.worlds.settings import read_test_catalogue

COOKIE = "poortwachter-sessie"


@pytest.fixture(scope="session")
def running() -> Iterator[dict[str, FakeProvider]]:
    """The providers, started once."""
    providers = {code: FakeProvider(code) for code in ("itsme", "eid", "weak")}
    yield providers
    for provider in providers.values():
        provider.stop()


@pytest.fixture
def providers(running: dict[str, FakeProvider]) -> dict[str, FakeProvider]:
    """The providers, telling the truth."""
    for provider in running.values():
        provider.reset()
    return running


@pytest.fixture(scope="session")
def catalogue(running: dict[str, FakeProvider], tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """itsme and eID may say everything; the weak one may say a name, and no more than a password proves it."""
    policies = read_test_catalogue(tmp_path_factory.mktemp("catalogue"))
    return replace(
        policies,
        identity_providers={
            "itsme": running["itsme"].policy(ceiling=27),
            "eid": running["eid"].policy(),
            "weak": running["weak"].policy(asserts=frozenset({"name"}), ceiling=10),
        },
        applications={
            "cultuurmonitor": replace(
                policies.applications["cultuurmonitor"], sign_in=("itsme", "eid"), minimum_level=25
            ),
            "jeugdmonitor": replace(policies.applications["jeugdmonitor"], sign_in=("itsme",), minimum_level=25),
        },
    )


@pytest.fixture
def itsme(providers: dict[str, FakeProvider]) -> FakeProvider:
    """The provider at /aanmelden/itsme."""
    return providers["itsme"]


@pytest.fixture
def eid(providers: dict[str, FakeProvider]) -> FakeProvider:
    """The provider at /aanmelden/eid, the only one that reaches level 35."""
    return providers["eid"]


@pytest.fixture
def weak(providers: dict[str, FakeProvider]) -> FakeProvider:
    """The provider at /aanmelden/weak."""
    return providers["weak"]


class Traveller:
    """One browser on its way to a provider and back."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def leave(self, provider: FakeProvider, query: str = "") -> TestResponse:
        """Choose the key on the page; the answer sends the browser away, or is the page that says why not."""
        page = self.client.get(f"/aanmelden{query}")
        return self._shown(self.client.submit(page, form=f"/aanmelden/{provider.code}"))

    def arrive(self, back: str) -> TestResponse:
        """Come back; the answer leads on, or is the page that says why not."""
        return self._shown(self.client.get(back))

    def _shown(self, answer: TestResponse) -> TestResponse:
        if answer.status_code == 303 and answer.location.startswith("/aanmelden/gestopt"):
            return self.client.get(answer.location)
        return answer

    def sign_in(
        self,
        provider: FakeProvider,
        subject: str = "subject-1",
        *,
        query: str = "",
        given_name: str = "Nele",
        family_name: str = "Vercauteren",
        **claims: Any,
    ) -> TestResponse:
        """There and back again; the answer of the last address."""
        away = self.leave(provider, query)
        assert away.status_code == 303, away.text
        back = provider.authorize(away.location, subject, given_name=given_name, family_name=family_name, **claims)
        return self.arrive(back)

    @property
    def cookie(self) -> str | None:
        """The value of the session's cookie."""
        kept = self.client.get_cookie(COOKIE)
        return kept.value if kept else None


@pytest.fixture
def traveller(client: Client) -> Traveller:
    """A browser that is not signed in."""
    return Traveller(client)


@pytest.fixture
def with_policy(
    make_app: Callable[..., Flask], catalogue: Catalogue, providers: dict[str, FakeProvider]
) -> Iterator[Callable[..., Traveller]]:
    """A browser at a broker whose policy of itsme is changed: `with_policy(par="required")`."""
    with ExitStack() as contexts:

        def make(**changes: Any) -> Traveller:
            changed = {**catalogue.identity_providers, "itsme": providers["itsme"].policy(ceiling=27, **changes)}
            app = make_app(replace(catalogue, identity_providers=changed))
            contexts.enter_context(app.app_context())
            return Traveller(app.test_client())

        yield make


@pytest.fixture
def identity(catalogue: Catalogue) -> Callable[..., UpstreamIdentity]:
    """What a provider proved of Nele Vercauteren, changed by what is given."""

    def make(provider: str = "itsme", **changes: Any) -> UpstreamIdentity:
        return UpstreamIdentity(
            **{
                "provider_code": provider,
                "issuer": catalogue.identity_providers[provider].issuer,
                "subject": "subject-1",
                "given_name": "Nele",
                "family_name": "Vercauteren",
                "number": None,
                "level": 27,
                **changes,
            }
        )

    return make
