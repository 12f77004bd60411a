"""Who has a right reports a colleague; an administrator sees who has one already and ends or keeps it (seed 000, M7)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.access.report import Report
from broker.access.task import FOR_REPORT, Task
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

WHY = "Tom werkt sinds de zomer in Gent."


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, genk: Organisation) -> Person:
    return world.administrator_of(genk, "Ilse Maes")


@pytest.fixture
def nele_s(world: World, genk: Organisation) -> Grant:
    return world.grant(world.person("Nele Vercauteren"), genk, "invoerder")


@pytest.fixture
def tom_s(world: World, genk: Organisation) -> Grant:
    return world.grant(world.person("Tom Bogaert"), genk, "raadpleger")


def reported(world: World, client: Client, nele_s: Grant, tom_s: Grant, why: str = WHY) -> str:
    world.sign_in(client, world.fresh(Person, nele_s.person_id))
    page = client.get(f"/melden/{nele_s.id}")
    answer = client.submit(
        page, {"collega": str(tom_s.id), "reden": why}, form=f"/melden/{nele_s.id}", follow_redirects=True
    )
    return str(answer.text)


def test_a_report_becomes_a_task_whose_approval_ends_the_right_without_saying_who_reported(
    world: World, client: Client, inbox: Inbox, session: Session, ilse: Person, nele_s: Grant, tom_s: Grant
) -> None:
    assert "Uw melding is verstuurd." in reported(world, client, nele_s, tom_s)
    task = world.task(kind=FOR_REPORT)
    assert WHY not in inbox.last_to(str(ilse.email)).text, "what somebody typed goes in no mail"
    world.sign_in(client, ilse)
    assert "een recht niet meer nodig" in client.get("/taken").text
    page = client.get(f"/taken/{task.id}")
    assert "Heeft Tom Bogaert dit recht nog nodig?" in page.text
    assert WHY in page.text
    form = f"/taken/{task.id}/beslis"
    assert client.submit(page, {"beslissing": "goedkeuren", "reden": ""}, form=form).status_code == 422
    done = client.submit(
        page, {"beslissing": "goedkeuren", "reden": "U werkt hier niet meer."}, form=form, follow_redirects=True
    )
    assert "Het recht is gestopt." in done.text
    assert session.get_one(Grant, tom_s.id).ended_by == ilse.id
    mail = inbox.last_to(str(world.fresh(Person, tom_s.person_id).email))
    assert "U werkt hier niet meer." in mail.text
    assert "Nele" not in mail.text
    assert session.scalars(select(Report.note)).all() == [""], "RE1: the words go when it is settled"


def test_a_report_can_be_left_without_effect(
    world: World, client: Client, session: Session, ilse: Person, nele_s: Grant, tom_s: Grant
) -> None:
    reported(world, client, nele_s, tom_s)
    task = world.task(kind=FOR_REPORT)
    world.sign_in(client, ilse)
    page = client.get(f"/taken/{task.id}")
    client.submit(page, {"beslissing": "afkeuren"}, form=f"/taken/{task.id}/beslis")
    assert session.get_one(Grant, tom_s.id).ended_at is None
    assert session.get_one(Task, task.id).decision == "rejected"


def test_the_same_right_is_reported_once(
    world: World, client: Client, session: Session, ilse: Person, nele_s: Grant, tom_s: Grant
) -> None:
    for _ in range(2):
        assert "Uw melding is verstuurd." in reported(world, client, nele_s, tom_s)
    assert len(session.scalars(select(Task.id).where(Task.kind == FOR_REPORT)).all()) == 1


def test_only_a_holder_reports_and_only_about_the_same_application_there(
    world: World, client: Client, ilse: Person, nele_s: Grant, tom_s: Grant
) -> None:
    """ID2: somebody else's right is no place to report from; who works elsewhere cannot be chosen."""
    elsewhere = world.grant(world.person("Iemand Anders"), world.organisation("Gent"))
    world.sign_in(client, world.fresh(Person, nele_s.person_id))
    page = client.get(f"/melden/{nele_s.id}")
    assert "Tom Bogaert" in page.text
    assert "Iemand Anders" not in page.text
    refused = client.submit(page, {"collega": str(elsewhere.id), "reden": WHY}, form=f"/melden/{nele_s.id}")
    assert refused.status_code == 422
    assert WHY in refused.text
    assert client.get(f"/melden/{tom_s.id}").status_code == 404


def test_five_reports_wait_at_most(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person, nele_s: Grant
) -> None:
    """SR2: nobody floods the administrators."""
    said = [
        reported(world, client, nele_s, world.grant(world.person(f"An Peeters{number}"), genk)) for number in range(6)
    ]
    assert "Er wachten al vijf meldingen" in said[-1]
    assert len(session.scalars(select(Task.id).where(Task.kind == FOR_REPORT)).all()) == 5


def test_the_task_of_a_request_lists_who_has_this_right_already_with_what_can_be_done(
    world: World, client: Client, genk: Organisation, ilse: Person, nele_s: Grant, tom_s: Grant
) -> None:
    """M7: each with End and Hand over; not who has another right, nor at another organisation."""
    world.grant(world.person("Iemand Anders"), world.organisation("Gent"), "invoerder")
    request: AccessRequest = world.request(world.person("Hanne Smet"), genk, right="invoerder")
    world.sign_in(client, ilse)
    page = client.get(f"/taken/{world.task(request).id}").text
    assert "Nele Vercauteren" in page
    assert f'href="/rechten/{nele_s.id}"' in page
    assert f'href="/rechten/{nele_s.id}/overdragen"' in page
    assert "niet in de laatste 90 dagen" in page
    assert "Tom Bogaert" not in page
    assert "Iemand Anders" not in page


def _links(page: str, grant: Grant) -> tuple[bool, bool]:
    """Whether the page leads to ending that right, and to handing it over."""
    return f'href="/rechten/{grant.id}"' in page, f'href="/rechten/{grant.id}/overdragen"' in page


def test_an_officer_in_place_of_administrators_who_are_not_there_ends_a_right_and_hands_nothing_over(
    world: World, client: Client
) -> None:
    """M7: no button that leads nowhere."""
    aalst = world.organisation("Aalst")
    nele_s = world.grant(world.person("Nele Vercauteren"), aalst, "invoerder")
    request: AccessRequest = world.request(world.person("Hanne Smet"), aalst, right="invoerder")
    world.sign_in(client, world.officer_of("LB", "gemeente", "Marc Claes"))
    page = client.get(f"/taken/{world.task(request).id}").text
    assert _links(page, nele_s) == (True, False)
    assert client.get(f"/rechten/{nele_s.id}").status_code == 200


def test_an_officer_who_decides_for_the_only_administrator_leaves_the_rights_of_others_to_that_administrator(
    world: World, client: Client, genk: Organisation, ilse: Person, nele_s: Grant
) -> None:
    """M7, decisions 9: there is an administrator for the others, so the officer is not led to a page that does not exist."""
    request: AccessRequest = world.request(ilse, genk, right="invoerder")
    world.sign_in(client, world.officer_of("LB", "gemeente", "Marc Claes"))
    page = client.get(f"/taken/{world.task(request).id}").text
    assert "Nele Vercauteren" in page
    assert _links(page, nele_s) == (False, False)
    assert client.get(f"/rechten/{nele_s.id}").status_code == 404
