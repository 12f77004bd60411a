"""What somebody reads when something cannot be done."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import create_engine, update

from broker import database
from broker.access.access_request import AccessRequest
from broker.access.withdraw_request import withdraw_request
from broker.errors import (
    BusyError,
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooManyError,
)
from broker.text import Text
from tests.worlds.client import Client
from tests.worlds.world import World

SENTENCE = Text("Dit is de zin.", "This is the sentence.")


@pytest.fixture
def raising(app: Flask) -> Callable[[Exception], Client]:
    """A client of an app whose page /-/raise raises what is given."""

    def prepare(error: Exception) -> Client:
        @app.get("/-/raise")
        def fail() -> str:
            raise error

        return app.test_client()

    app._got_first_request = False
    return prepare


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("gone", SENTENCE), 404),
        (ForbiddenError("no", SENTENCE), 403),
        (ConflictError("decided", SENTENCE), 409),
        (InvalidError("wrong", SENTENCE, {"email": Text("Vul in.", "Fill in.")}), 422),
        (InvalidError("wrong", SENTENCE, malformed=True), 400),
        (TooManyError("often", SENTENCE, retry_after=900), 429),
    ],
)
def test_a_domain_error_is_a_page_with_its_own_sentence(
    raising: Callable[[Exception], Client], error: DomainError, status: int
) -> None:
    response = raising(error).get("/-/raise", headers={"Accept": "text/html"})
    assert response.status_code == status
    assert SENTENCE.nl in response.text
    assert str(status) not in re.sub(r"<svg.*?</svg>|<code>.*?</code>|\?v=\w+|\d+ \d+", "", response.text, flags=re.S)
    assert response.headers["X-Request-ID"] in response.text, "the code for the telephone"
    assert "1700" in response.text


def test_a_domain_error_is_a_problem_document_for_a_program(raising: Callable[[Exception], Client]) -> None:
    """RFC 9457."""
    error = InvalidError("wrong", SENTENCE, {"email": Text("Vul in.", "Fill in.")})
    response = raising(error).get("/-/raise", headers={"Accept": "application/json", "Accept-Language": "en"})
    assert response.content_type == "application/problem+json"
    document = response.get_json()
    assert document["status"] == 422
    assert document["code"] == "wrong"
    assert document["detail"] == SENTENCE.en
    assert document["errors"] == {"email": "Fill in."}


def test_who_is_too_early_hears_when_to_come_back(raising: Callable[[Exception], Client]) -> None:
    response = raising(TooManyError("often", SENTENCE, retry_after=900)).get("/-/raise")
    assert response.headers["Retry-After"] == "900"


def test_busy_says_that_nothing_changed_and_when_to_try_again(raising: Callable[[Exception], Client]) -> None:
    response = raising(BusyError()).get("/-/raise")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "Er is niets veranderd" in response.text


def test_a_mistake_of_ours_tells_nothing_of_itself(
    raising: Callable[[Exception], Client], capsys: pytest.CaptureFixture[str]
) -> None:
    response = raising(ValueError("85.07.30-998.33 of table persons")).get("/-/raise")
    assert response.status_code == 500
    assert "persons" not in response.text
    assert "Traceback" not in response.text
    assert response.headers["X-Request-ID"] in response.text
    logged = capsys.readouterr().err
    assert response.headers["X-Request-ID"] in logged
    assert "ValueError" in logged
    assert "85.07.30" not in logged


def test_the_page_is_in_the_language_of_the_visitor(client: Client) -> None:
    assert "This page does not exist" in client.get("/nergens", headers={"Accept-Language": "en"}).text
    assert "Deze pagina bestaat niet" in client.get("/nergens", headers={"Accept-Language": "fr"}).text


def test_a_page_that_cannot_be_dressed_is_still_a_page(app: Flask, client: Client) -> None:
    def broken() -> None:
        raise RuntimeError

    app.jinja_env.globals["look_frame"] = broken
    response = client.get("/nergens")
    assert response.status_code == 404
    assert "<h1>Deze pagina bestaat niet</h1>" in response.text
    assert "1700" in response.text


def test_a_locked_database_is_a_clear_page_and_loses_nothing(
    app: Flask, client: Client, world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad input of issue 2, "database locked": the page says so, and the same form goes through a moment later."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(database, "LOCK_TIMEOUT_MS", 50)
    request = world.request(organisation=world.organisation())

    @app.post("/-/withdraw")
    def withdraw() -> str:
        database.perform(withdraw_request, world.installation, request.id)
        return "done"

    world.sign_in(client, world.person())
    form = {"csrf_token": client.csrf_token("/afmelden")}
    database.db.engine.dispose()  # connections to come wait as short as said above
    other = create_engine(database_url)
    with other.connect() as somebody_else:
        somebody_else.execute(update(AccessRequest).values(closed_at=AccessRequest.closed_at))
        response = client.post("/-/withdraw", data=form)
        assert response.status_code == 503
        assert "Er is niets veranderd" in response.text
        assert int(response.headers["Retry-After"]) > 0
    assert world.fresh(AccessRequest, request.id).status == "open"
    other.dispose()
    assert client.post("/-/withdraw", data=form).text == "done"
    assert world.fresh(AccessRequest, request.id).status == "withdrawn"
