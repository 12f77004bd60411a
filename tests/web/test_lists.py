"""Lists to take along, and the yearly report: who may have them, what stands in them, and that no cell is a formula."""

import csv
import io
import re
import uuid
import zipfile
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker import clock as broker_clock
from broker.access.end_right import end_right
from broker.access.give_grant import role_key
from broker.access.grant import Grant
from broker.audit import AuditEvent
from broker.database import changing_session, perform
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

_NUMBER = re.compile(r"\b\d{2}[.]?\d{2}[.]?\d{2}[-]?\d{3}[.]?\d{2}\b")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, genk: Organisation, client: Client) -> Person:
    """An administrator of Genk, signed in."""
    person = world.administrator_of(genk, "Ilse Maes")
    world.sign_in(client, person)
    return person


def taken(client: Client, which: str, form: str = "csv", organisation: str = "") -> TestResponse:
    """The answer to taking a list along."""
    token = client.csrf_token("/lijsten")
    fields = {"csrf_token": token, "lijst": which, "vorm": form, "organisatie": organisation}
    return client.post("/lijsten/haal", data=fields, buffered=True)


def reported(client: Client, year: str = "", organisation: str = "") -> TestResponse:
    """The answer to asking the yearly report."""
    token = client.csrf_token("/lijsten")
    return client.post("/lijsten/verslag", data={"csrf_token": token, "jaar": year, "organisatie": organisation})


def lines_of(answer: TestResponse) -> list[list[str]]:
    """The lines of a CSV, the heads first."""
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))


def cells_of(answer: TestResponse) -> list[list[str]]:
    """The texts of an XLSX, the heads first, read as the standard says."""
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as folder:
        assert folder.testzip() is None
        for name in folder.namelist():
            ElementTree.fromstring(folder.read(name))
        sheet = ElementTree.fromstring(folder.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{_MAIN}f")), "no cell is a formula"
    return [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{_MAIN}row")]


def test_somebody_who_administers_nothing_takes_nothing(world: World, client: Client, genk: Organisation) -> None:
    world.sign_in(client, world.person(works_for=genk))
    assert "Haal als" not in client.get("/lijsten").text
    token = client.csrf_token("/afmelden")
    asked = {"csrf_token": token, "lijst": "people", "vorm": "csv"}
    assert client.post("/lijsten/haal", data=asked).status_code == 404
    assert client.post("/lijsten/verslag", data={"csrf_token": token}).status_code == 404


@pytest.mark.parametrize(
    ("which", "form", "elsewhere"),
    [("people", "csv", "gent"), ("people", "csv", "zomaar"), ("persons", "csv", ""), ("people", "pdf", "")],
)
def test_another_organisation_list_or_form_is_not_there(
    world: World, client: Client, session: Session, ilse: Person, which: str, form: str, elsewhere: str
) -> None:
    """ID2."""
    gent = str(world.organisation("Gent").id) if elsewhere == "gent" else elsewhere
    assert taken(client, which, form, gent).status_code == 404
    assert reported(client, organisation=gent or str(uuid.uuid4())).status_code == 404
    assert session.scalar(select(AuditEvent).where(AuditEvent.name == "access:list:take")) is None


def test_a_list_asks_a_recent_sign_in(
    world: World, client: Client, clock: time_machine.Traveller, ilse: Person
) -> None:
    """RE5: a cookie alone takes no names along."""
    token = client.csrf_token("/lijsten")
    clock.shift(timedelta(minutes=16))
    page = client.get("/lijsten")
    assert "Meld u opnieuw aan" in page.text
    assert "Haal als" not in page.text
    refused = client.post("/lijsten/haal", data={"csrf_token": token, "lijst": "people", "vorm": "csv"})
    assert refused.status_code == 303
    assert "vers=1" in refused.location
    assert client.get("/lijsten/haal").location == "/lijsten"


def test_the_report_asks_a_recent_sign_in_as_well_and_stands_in_the_audit(
    world: World, client: Client, session: Session, clock: time_machine.Traveller, genk: Organisation, ilse: Person
) -> None:
    """RE5: it names as many people as a list does, so reading it asks the same and leaves the same."""
    assert reported(client, organisation=str(genk.id)).status_code == 200
    [event] = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:list:take"))
    assert (event.subject_id, event.organisation_id) == (ilse.id, genk.id)
    assert (event.details["list"], event.details["form"]) == ("report", "page")
    token = client.csrf_token("/lijsten")
    clock.shift(timedelta(minutes=16))
    assert "Toon het verslag" not in client.get("/lijsten").text
    refused = client.post("/lijsten/verslag", data={"csrf_token": token})
    assert "vers=1" in refused.location
    assert client.get("/lijsten/verslag").location == "/lijsten"


def test_people_come_with_what_belongs_to_the_job_alone(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    nele = world.person("Nele Vercauteren", email="nele.thuis@voorbeeld.test")
    world.affiliation(nele, genk, email="nele@genk.test", phone="+3289654321")
    world.grant(nele, genk)
    world.person("Piet Elders", works_for=world.organisation("Gent"))
    answer = taken(client, "people")
    heads, *lines = lines_of(answer)
    assert [line[:2] for line in lines] == [["Maes", "Ilse"], ["Vercauteren", "Nele"]]
    found = dict(zip(heads, lines[1], strict=True))
    assert (found["E-mailadres"], found["Telefoon"]) == ("nele@genk.test", "'+3289654321")
    assert (found["Aantal rechten"], found["Meldde zich al aan"]) == ("1", "ja")
    assert "nele.thuis" not in answer.text
    assert answer.headers["Content-Disposition"] == "attachment; filename=mensen-2026-11-17.csv"


def test_somebody_added_by_number_keeps_the_name_that_was_typed(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    """DG2: a list does not tell how the owner of a number is called."""
    known = world.person("Echte Naam")
    world.affiliation(known, genk, entered_given_name="Getypte", entered_family_name="Persoon")
    world.grant(known, genk)
    for which in ("people", "rights"):
        answer = taken(client, which)
        assert ["Persoon", "Getypte"] in [line[:2] for line in lines_of(answer)]
        assert "Echte" not in answer.text
        assert "Nog niet aangemeld" in answer.text or which == "people"


def test_rights_come_with_their_dates_and_codes_and_who_gave_them(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    world.grant(world.person("Nele Vercauteren"), genk, "invoerder", given_by=ilse.id)
    ended = world.grant(world.person("Jan Weg"), genk)
    perform(end_right, world.installation, ilse.id, ended.id, "Weg.")
    heads, *lines = lines_of(taken(client, "rights"))
    assert len(lines) == 1, "what ended stands in the history"
    found = dict(zip(heads, lines[0], strict=True))
    assert (found["Stand"], found["Gegeven door"], found["Sinds"]) == ("Loopt", "Ilse Maes", "2026-11-17")
    assert (found["Code van de toepassing"], found["Code van het recht"]) == ("cultuurmonitor", "invoerder")
    assert found["Tot en met"] == "2027-11-17"


def test_tasks_and_history_say_what_happened_and_who_did_it(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    world.request(world.person("Nele Vercauteren"), genk)
    ended = world.grant(world.person("Jan Weg"), genk)
    perform(end_right, world.installation, ilse.id, ended.id, "Weg.")
    heads, *lines = lines_of(taken(client, "tasks"))
    found = dict(zip(heads, lines[0], strict=True))
    assert (found["Waarover"], found["Stand"], found["Familienaam"]) == ("Aanvraag", "Open", "Vercauteren")
    heads, *lines = lines_of(taken(client, "history"))
    told = {line[heads.index("Wat")]: dict(zip(heads, line, strict=True)) for line in lines}
    assert told["Een recht stopte"]["Over wie"] == "Jan Weg"
    assert told["Een aanvraag werd verstuurd"]["Over wie"] == "Nele Vercauteren"
    taken_along = told["Een lijst werd meegenomen"]
    assert taken_along["Door wie"] == "Ilse Maes"


def test_history_of_another_organisation_stays_there(world: World, client: Client, ilse: Person) -> None:
    """ID2."""
    world.request(world.person("Piet Elders"), world.organisation("Gent"))
    assert "Piet Elders" not in taken(client, "history").text


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "＝1+1", "\tx", "a\x00b", "_x0041_", "<b>&", "'"]
)
def test_no_cell_is_ever_a_formula(world: World, client: Client, genk: Organisation, ilse: Person, name: str) -> None:
    """CU3: whatever somebody is called."""
    if "\x00" in name:
        name = name.replace("\x00", "\x01")
    world.person("Nele X", works_for=genk, family_name=name)
    found = next(line[0] for line in lines_of(taken(client, "people"))[1:] if line[1] == "Nele")
    assert found.lstrip("'") == name.replace("\x01", "").lstrip("'")
    assert not found.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    sheet = next(line[0] for line in cells_of(taken(client, "people", "xlsx"))[1:] if line[1] == "Nele")
    assert sheet.replace("_x005F_", "_") == name.replace("\x01", "")


def test_both_forms_hold_the_same_and_no_number_of_anybody(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    world.grant(world.person("Zoë D’Hondt", number=world.number()), genk)
    for which in ("people", "rights", "tasks", "history"):
        plain, sheet = lines_of(taken(client, which)), cells_of(taken(client, which, "xlsx"))
        assert plain[0] == sheet[0]
        assert abs(len(plain) - len(sheet)) <= 1, "only that the list was taken comes between"
        assert not _NUMBER.search("\n".join(";".join(line) for line in plain))


def test_a_list_in_english_has_english_heads(world: World, client: Client, genk: Organisation) -> None:
    world.sign_in(client, world.administrator_of(genk, person=world.person("Ann Lee", language="en")))
    assert lines_of(taken(client, "people"))[0][:3] == ["Surname", "First name", "Email address"]


def many_rights(world: World, place: Organisation, count: int) -> None:
    """So many people with a right, written at once."""
    application = world.installation.catalogue.applications["cultuurmonitor"]
    now = broker_clock.now()
    people, jobs, grants = [], [], []
    for serial in range(count):
        person, job = uuid.uuid4(), uuid.uuid4()
        people.append(
            {
                "id": person,
                "sub": person.hex + "0" * 8,
                "given_name": f"Voornaam{serial}",
                "family_name": f"Familie{serial % 997}",
                "name_source": "verified",
                "language": "nl",
                "state": "matched",
                "created_at": now,
            }
        )
        jobs.append({"id": job, "person_id": person, "organisation_id": place.id, "valid_from": now})
        grants.append(
            {
                "id": uuid.uuid4(),
                "person_id": person,
                "organisation_id": place.id,
                "affiliation_id": job,
                "application_code": "cultuurmonitor",
                "right_code": "invoerder",
                "context_code": "cultuurcentra",
                "role_key": role_key(application, person, place.id),
                "given_at": now,
                "valid_from": now,
                "valid_until": now + timedelta(days=300),
                "end_notices": 0,
            }
        )
    with changing_session() as writing, writing.begin():
        for table, rows in ((Person, people), (Affiliation, jobs), (Grant, grants)):
            writing.execute(insert(table), rows)


def test_a_list_longer_than_one_batch_holds_everybody_once(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    many_rights(world, genk, 5_200)
    for which in ("people", "rights"):
        names = [tuple(line[:2]) for line in lines_of(taken(client, which))[1:]]
        assert len(names) == len(set(names)) == 5_200 + (which == "people")


def test_the_report_says_who_decides_who_may_what_and_what_happened(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    world.grant(world.person("Nele Vercauteren"), genk, "invoerder", given_by=ilse.id)
    page = reported(client)
    assert "Jaarverslag 2026 van Genk" in page.text
    for each in ("Ilse Maes", "lokale beheerder", "Nele Vercauteren", "Klopt dit nog?", "17 november 2027"):
        assert each in page.text, each
    assert "Jaarverslag 2025" in reported(client, "2025").text
    assert "Jaarverslag 2026" in reported(client, "9999").text


def test_each_page_costs_the_same_for_five_thousand_people_as_for_fifty(
    world: World, client: Client, statements: Statements, genk: Organisation, ilse: Person
) -> None:
    counts: list[list[int]] = []
    for more in (50, 4_950):
        many_rights(world, genk, more)
        found = []
        token = client.csrf_token("/lijsten")
        pages = (
            lambda: client.get("/lijsten"),
            lambda: client.post("/lijsten/verslag", data={"csrf_token": token}),  # noqa: B023 (called at once)
        )
        for page in pages:
            with statements() as seen:
                assert page().status_code == 200
            found.append(len(seen))
        assert max(found) <= 12, found
        counts.append(found)
    assert counts[0] == counts[1]
