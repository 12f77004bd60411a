"""One application with the kit calls another one with the kit, on behalf of its user or for itself, through the real broker.

RFC 8693 (who acts), RFC 6750 (how the token comes), RFC 9068 (what it says). Owns the called half; test_calls and
test_kit_and_broker own the calling one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from broker.keys.jose import sign
from broker.oidc.provider import provider
from modules.cultuurmonitor import MIGRATIONS
from modules.cultuurmonitor.about import APPLICATION
from modules.kit import ModuleSettings, call_another, called_by, caller_here, init_module
from modules.kit.called import read_caller
from modules.kit.outgoing import Answer, BrokerUnreachableError
from modules.kit.tokens import TokenRefusedError
from tests.modules.test_kit_and_broker import (
    PAGE,
    Visitor,
    app,
    catalogue,
    client_key,
    door_catalogue,
    nele,
    start,
    told,
)
from tests.oidc.conftest import ISSUER
from tests.specifications.holder import decoded
from tests.worlds.client import Client

__all__ = ["app", "catalogue", "client_key", "door_catalogue", "nele", "start", "told"]

YEARBOOK = "http://localhost:8003"
COUNT, ONLY_PEOPLE, ONLY_PROGRAMS, FOR_OTHERS = (
    f"{YEARBOOK}/jaarboek/{name}" for name in ("telling", "mensen", "zelf", "anderen")
)


@pytest.fixture
def yearbook(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The application that is called: it says who called it."""
    called = Flask("jaarboek")
    called.testing = True
    settings = ModuleSettings(
        issuer=ISSUER,
        client_id="jaarboek",
        client_secret="not used: it only verifies",
        base_url=YEARBOOK,
        database_url=f"sqlite:///{tmp_path / 'yearbook.db'}",
        secret="tests only: another secret that signs cookies",
    )
    about = replace(APPLICATION, code="jaarboek", path="", accent="cultuurmonitor", home="start", menu=lambda _: ())
    init_module(called, about, settings, migrations=MIGRATIONS)
    called.add_url_rule("/jaarboek/", "start", lambda: "begin")

    def say() -> dict[str, Any]:
        caller = caller_here()
        return {
            "client": caller.client_id,
            "sub": caller.sub,
            "organisation": caller.organisation_code,
            "chain": list(caller.chain),
            "scopes": sorted(caller.scopes),
            "rights": caller.claims.get("cjm_cultuurmonitor_rol_3d"),
        }

    for address, guard in (
        (COUNT, called_by("kit", "kit-key")),
        (ONLY_PEOPLE, called_by("kit", on_behalf=True)),
        (ONLY_PROGRAMS, called_by("kit", on_behalf=False)),
        (FOR_OTHERS, called_by("another")),
    ):
        called.add_url_rule(urlsplit(address).path, address, guard(say), methods=["GET", "POST"])
    called.add_url_rule("/jaarboek/formulier", "form", lambda: "gedaan", methods=["POST"])
    yield called
    called.extensions["kit_database"].engine.dispose()


@pytest.fixture
def calls(app: Flask, yearbook: Flask, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the yearbook was asked, with its headers; the broker and it are asked at their own doors."""
    heard: list[dict[str, str]] = []

    def through(
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        there = url.startswith(YEARBOOK)
        if there:
            heard.append(dict(headers))
        browser = yearbook.test_client() if there else Client(app)
        answer = browser.open(
            urlsplit(url).path, method=method, headers=dict(headers), data=body if form is None else dict(form)
        )
        return Answer(answer.status_code, dict(answer.headers), answer.data)

    for where in ("outgoing", "broker", "calls"):
        monkeypatch.setattr(f"modules.kit.{where}.call", through)
    return heard


def called_from(
    start: Callable[..., Flask], nele: Client, address: str = COUNT, client_id: str = "kit", **how: Any
) -> tuple[int, dict[str, Any]]:
    """What the yearbook answers when a page of the Cultuurmonitor calls it."""

    def does() -> tuple[int, dict[str, Any]]:
        answer = call_another("POST", address, application="jaarboek", **how)
        return answer.status, answer.object()

    page = Visitor(start(client_id, does), nele).get(PAGE)
    assert page.json is not None, page.text
    status, said = page.json["answer"]
    return status, said


def test_on_behalf_of_its_user_one_application_calls_another_which_knows_both(
    start: Callable[..., Flask], nele: Client, calls: list[dict[str, str]]
) -> None:
    """A POST without any form token; the rights are those in the application where she signed in."""
    status, said = called_from(start, nele, content={"a": 1})
    assert status == 200
    assert said["client"] == "kit"
    assert len(said["sub"]) == 40
    assert said["chain"] == ["kit"]
    assert said["rights"] == [f"CultuurmonitorInvoerder-cultuurcentra:{said['organisation']}"]
    assert "openid" not in said["scopes"]


def test_for_itself_it_is_nobody_else(start: Callable[..., Flask], nele: Client, calls: list[dict[str, str]]) -> None:
    """OA8: a program's token is never a person's."""
    status, said = called_from(start, nele, on_behalf=False)
    assert (status, said["client"], said["sub"], said["chain"]) == (200, "kit", None, ["kit"])


@pytest.mark.parametrize(
    ("address", "on_behalf", "status"),
    [
        (ONLY_PEOPLE, True, 200),
        (ONLY_PEOPLE, False, 403),
        (ONLY_PROGRAMS, True, 403),
        (ONLY_PROGRAMS, False, 200),
        (FOR_OTHERS, True, 403),
        (FOR_OTHERS, False, 403),
    ],
)
def test_who_may_call_and_for_whom_is_the_word_of_the_one_that_is_called(
    start: Callable[..., Flask],
    nele: Client,
    calls: list[dict[str, str]],
    address: str,
    on_behalf: bool,
    status: int,
) -> None:
    answer, said = called_from(start, nele, address, on_behalf=on_behalf)
    assert answer == status
    assert said == {"error": "access_denied"} if status == 403 else said["client"] == "kit"


def test_a_token_that_is_bound_to_a_key_is_no_bearer_token(
    start: Callable[..., Flask], nele: Client, calls: list[dict[str, str]], yearbook: Flask
) -> None:
    """RFC 9449 §7.2: neither with its proof, which is not verified here, nor as if it were not bound."""
    assert called_from(start, nele, client_id="kit-key") == (401, {"error": "invalid_token"})
    scheme, _, token = calls[0]["Authorization"].partition(" ")
    assert scheme == "DPoP"
    assert asked(yearbook, token).status_code == 401


def asked(yearbook: Flask, token: str | None, path: str = COUNT) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return yearbook.test_client().post(urlsplit(path).path, headers=headers)


def test_without_a_good_token_nothing_opens(
    start: Callable[..., Flask], nele: Client, calls: list[dict[str, str]], yearbook: Flask, app: Flask
) -> None:
    """RFC 6750 §3; nor does the token that the other application has for itself, which is for another audience."""
    called_from(start, nele)
    token = calls[0]["Authorization"].partition(" ")[2]
    with app.app_context():
        key = provider().ring.signing("ES256")
        claims = decoded(token)
        of_our_key = [
            sign(claims | changes, key, typ)
            for changes, typ in (
                ({}, "JWT"),
                ({"aud": "cultuurmonitor"}, "at+jwt"),
                ({"aud": ["jaarboek", "cultuurmonitor"]}, "at+jwt"),
                ({"iss": "https://elsewhere.example/op"}, "at+jwt"),
                ({"exp": claims["iat"] - 1}, "at+jwt"),
                ({"act": {"sub": "another"}}, "at+jwt"),
                ({"act": None}, "at+jwt"),
                ({"act": "kit"}, "at+jwt"),
            )
        ]
        assert asked(yearbook, sign(claims, key, "at+jwt")).status_code == 200, "it falls on nothing else"
    for spoilt in (*of_our_key, token[:-8] + "AAAAAAAA", "x", "a.b.c"):
        answer = asked(yearbook, spoilt)
        assert (answer.status_code, answer.json) == (401, {"error": "invalid_token"})
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    none = asked(yearbook, None)
    assert (none.status_code, none.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_form_of_a_browser_still_needs_its_token(yearbook: Flask, calls: list[dict[str, str]]) -> None:
    """Only the views that programs call are without."""
    asked(yearbook, "x")
    assert yearbook.test_client().post("/jaarboek/formulier").status_code == 400


def test_when_the_keys_cannot_be_had_it_is_not_the_callers_fault(
    yearbook: Flask, calls: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_about: Any, **_more: Any) -> Any:
        raise BrokerUnreachableError("away")

    monkeypatch.setattr("modules.kit.tokens.TokenVerifier.token_of_another", away)
    assert (asked(yearbook, "x").status_code, asked(yearbook, "x").json) == (503, {"error": "temporarily_unavailable"})


def test_a_chain_of_calls_is_told_with_the_last_caller_first() -> None:
    """RFC 8693 §4.1."""
    claims = {"client_id": "b", "sub": "0" * 40, "act": {"sub": "b", "act": {"sub": "a"}}}
    assert read_caller(claims).chain == ("b", "a")
    endless: dict[str, Any] = {"sub": "b"}
    for _link in range(9):
        endless = {"sub": "b", "act": endless}
    for act in (endless, {"sub": "b", "act": "a"}, {"sub": "b", "act": {"sub": 5}}, {"act": {"sub": "b"}}):
        with pytest.raises(TokenRefusedError):
            read_caller({**claims, "act": act})


def test_somebody_has_to_be_named() -> None:
    with pytest.raises(ValueError, match="name the clients"):
        called_by()
