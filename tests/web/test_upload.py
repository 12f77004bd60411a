"""Bringing a file of rights, as an administrator meets it in a browser without JavaScript."""

import io
from datetime import timedelta

import pytest
import time_machine
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.access.grant import Grant
from broker.access.upload import Upload
from broker.access.work_on_uploads import work_on_uploads
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.web import upload as door
from broker.web.security import LONGER_BODIES
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

HEADS = "E-mailadres;Toepassing;Recht;Context"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short file is dealt with before the page is shown, on however busy a machine."""
    monkeypatch.setattr(door, "_AT_ONCE_SECONDS", 60.0)


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, genk: Organisation, client: Client) -> Person:
    """An administrator of Genk, signed in."""
    person = world.administrator_of(genk, "Ilse Maes")
    world.sign_in(client, person)
    return person


def line(person: Person, right: str = "invoerder") -> str:
    """A line of a file."""
    return f"{person.email};cultuurmonitor;{right};"


def bring(client: Client, *lines: str, organisation: str = "", follow: bool = True) -> TestResponse:
    """The answer to bringing a file with these lines."""
    content = "\r\n".join([HEADS, *lines]).encode("utf-8-sig")
    fields = {
        "csrf_token": client.csrf_token("/lijsten/bestand"),
        "bestand": (io.BytesIO(content), "rechten.csv"),
        "organisatie": organisation,
    }
    return client.post("/lijsten/bestand", data=fields, content_type="multipart/form-data", follow_redirects=follow)


def test_from_the_file_to_the_rights(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    nele, jan = (world.person(name, works_for=genk) for name in ("Nele Vercauteren", "Jan Smets"))
    world.grant(jan, genk, "raadpleger")
    preview = bring(client, line(nele), line(jan), line(nele, "directeur"))
    assert "Dit zou er gebeuren" in preview.text
    assert "heeft al de rol" in preview.text or "Raadpleger" in preview.text
    assert session.scalar(select(func.count()).select_from(Grant)) == 1, "nothing is given yet"
    asked = client.submit(preview, form="/kies", press=("doe", "verder"), follow_redirects=True)
    assert "Dit recht geven?" in asked.text
    done = client.submit(asked, form="/uitvoeren", follow_redirects=True)
    assert "Uw bestand is uitgevoerd" in done.text
    grant = session.scalars(select(Grant).where(Grant.person_id == nele.id)).one()
    assert f"/rechten/{grant.id}" in done.text
    assert "Bleef liggen" in client.get(f"{done.request.path}?toon=weggelaten").text


def test_ticks_are_kept_a_page_at_a_time(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    people = [world.person(f"Persoon {serial}", works_for=genk) for serial in range(53)]
    preview = bring(client, *(line(each) for each in people))
    here = preview.request.path
    assert "53 regels gekozen in het hele bestand" in preview.text
    second = client.get(f"{here}?na=51")
    kept = client.post(
        f"{here}/kies",
        data={
            "csrf_token": client.csrf_token(here),
            "getoond": ["52", "53", "54"],
            "regel": ["53", "2"],
            "doe": "bewaar",
        },
        follow_redirects=True,
    )
    assert "51 regels gekozen in het hele bestand" in kept.text, "only the lines that were shown change"
    assert "Persoon 52" in second.text
    none = client.submit(kept, form="/kies", press=("doe", "niets"), follow_redirects=True)
    assert "0 regels gekozen" in none.text
    asked = client.submit(none, form="/kies", press=("doe", "verder"), follow_redirects=True)
    assert "Er is niets om uit te voeren" in asked.text
    all_of_them = client.submit(none, form="/kies", press=("doe", "alles"), follow_redirects=True)
    assert "53 regels gekozen" in all_of_them.text


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "geen enkele regel"),
        (["x" * 3000], "Regel 2 is te lang"),
        (['a;"b'], "Regel 2 kan niet gelezen worden"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_keeps_nothing(
    client: Client, session: Session, ilse: Person, lines: list[str], said: str
) -> None:
    """CU3."""
    refused = bring(client, *lines)
    assert refused.status_code == 422
    assert said in refused.text
    assert session.scalar(select(func.count()).select_from(Upload)) == 0


def test_no_file_at_all_asks_for_one(client: Client, ilse: Person) -> None:
    page = client.get("/lijsten/bestand")
    refused = client.submit(page, form="/lijsten/bestand")
    assert refused.status_code == 422
    assert "Kies eerst een bestand" in refused.text


def test_only_this_door_takes_a_long_body_and_only_of_somebody_signed_in(
    world: World, client: Client, ilse: Person
) -> None:
    """SR8, CU3."""
    long = b"x" * 300_000
    fields = {"csrf_token": client.csrf_token("/lijsten/bestand"), "bestand": (io.BytesIO(long), "a.csv")}
    assert client.post("/lijsten/bestand", data=fields, content_type="multipart/form-data").status_code == 422
    assert client.post("/lijsten/haal", data={"x": "y" * 70_000}).status_code == 413
    too_long = {"bestand": (io.BytesIO(b"x" * (LONGER_BODIES["/lijsten/bestand"] + 10)), "a.csv")}
    assert client.post("/lijsten/bestand", data=too_long, content_type="multipart/form-data").status_code == 413
    stranger = current_app.test_client()
    again = {"bestand": (io.BytesIO(long), "a.csv")}
    assert stranger.post("/lijsten/bestand", data=again, content_type="multipart/form-data").status_code == 413


def test_carrying_out_asks_a_recent_sign_in(
    world: World, client: Client, session: Session, clock: time_machine.Traveller, genk: Organisation, ilse: Person
) -> None:
    """A cookie alone gives no many rights at once (lifecycles §9)."""
    preview = bring(client, line(world.person(works_for=genk)))
    here = preview.request.path
    token = client.csrf_token(here)
    clock.shift(timedelta(minutes=16))
    asked = client.get(f"{here}/uitvoeren")
    assert "Meld u opnieuw aan" in asked.text
    refused = client.post(f"{here}/uitvoeren", data={"csrf_token": token, "gezien": "1"})
    assert "vers=1" in refused.location
    assert session.scalar(select(func.count()).select_from(Grant)) == 0


def test_somebody_elses_file_is_not_there(world: World, client: Client, genk: Organisation, ilse: Person) -> None:
    """ID2."""
    here = bring(client, line(world.person(works_for=genk))).request.path
    fellow = current_app.test_client()
    assert isinstance(fellow, Client)
    world.sign_in(fellow, world.administrator_of(genk, "Els Collega"))
    token = fellow.csrf_token("/lijsten/bestand")
    assert fellow.get(here).status_code == 404
    assert fellow.get(f"{here}/uitvoeren").status_code == 404
    for action in ("kies", "uitvoeren", "wis"):
        assert fellow.post(f"{here}/{action}", data={"csrf_token": token}).status_code == 404
    assert here not in fellow.get("/lijsten/bestand").text
    assert here in client.get("/lijsten/bestand").text


def test_an_administrator_of_several_says_for_which_one(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    gent = world.organisation("Gent")
    world.administrator_of(gent, person=ilse)
    nele = world.person(works_for=gent)
    assert "Kies eerst een organisatie" in bring(client, line(nele)).text
    assert bring(client, line(nele), organisation=str(world.organisation("Hasselt").id)).status_code == 404
    bring(client, line(nele), organisation=str(gent.id))
    assert session.scalars(select(Upload.organisation_id)).one() == gent.id


def test_a_file_can_be_thrown_away(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    preview = bring(client, line(world.person(works_for=genk)))
    gone = client.submit(preview, form="/wis", follow_redirects=True)
    assert "Het bestand is gewist." in gone.text
    assert session.scalars(select(Upload.close_reason)).one() == "forgotten"
    assert "Dit bestand is gewist" in client.get(preview.request.path).text


def test_a_long_file_is_checked_and_carried_out_by_the_worker_meanwhile(
    world: World, client: Client, genk: Organisation, ilse: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "work_on_upload", lambda *_: None)
    people = [world.person(f"Persoon {serial}", works_for=genk) for serial in range(3)]
    page = bring(client, *(line(each) for each in people))
    assert "0 van 3 regels zijn nagekeken" in page.text
    work_on_uploads(world.installation)
    asked = client.get(f"{page.request.path}/uitvoeren")
    running = client.submit(asked, form="/uitvoeren", follow_redirects=True)
    assert "Uw bestand wordt uitgevoerd" in running.text
    work_on_uploads(world.installation)
    assert "Uw bestand is uitgevoerd" in client.get(page.request.path).text


def test_the_example_holds_every_right_that_can_be_given(client: Client, ilse: Person) -> None:
    answer = client.get("/lijsten/bestand/voorbeeld")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert ";;;;cultuurmonitor;invoerder;cultuurcentra;;" in answer.get_data().decode("utf-8-sig")


def test_each_page_costs_at_most_twelve_statements_whatever_the_length(
    world: World, client: Client, statements: Statements, genk: Organisation, ilse: Person
) -> None:
    nele = world.person("Nele Vercauteren", works_for=genk)
    counts = []
    for length in (50, 5_000):
        here = bring(client, *(line(nele) for _ in range(length))).request.path
        found = []
        for path in ("/lijsten/bestand", here, f"{here}?toon=kan-niet", f"{here}/uitvoeren"):
            with statements() as seen:
                assert client.get(path).status_code == 200
            assert len(seen) <= 12, (path, seen)
            found.append(len(seen))
        counts.append(found)
    assert counts[0] == counts[1]
