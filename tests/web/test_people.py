"""Mensen, as an administrator meets it in a browser without JavaScript: the people of an organisation and what can be done."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.suspend_right import Suspension, suspend_right
from broker.audit import AuditEvent
from broker.authentication.client_session import ClientSession
from broker.database import changing_session, perform
from broker.installation import installation
from broker.people.add_person import NewPerson, add_person
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.statements import Statements
from tests.worlds.world import World


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, genk: Organisation, client: Client) -> Person:
    """An administrator of Genk, signed in a moment ago."""
    person = world.administrator_of(genk, "Ilse Maes")
    world.sign_in(client, person)
    return person


def entered(world: World, genk: Organisation, ilse: Person, name: str = "Hanne Smet") -> tuple[Affiliation, str]:
    """Somebody added by number who never signed in, and that number."""
    given, _, family = name.partition(" ")
    number = world.number()
    new = NewPerson(given_name=given, family_name=family, number=number, email="hanne@genk.test")
    person = perform(add_person, installation(), ilse.id, new, genk.id)
    return world.affiliation(person, genk), number


# The list


def test_the_list_shows_who_may_use_what_since_when_by_whom_and_when_it_was_last_used(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    nele = world.person("Nele Vercauteren")
    grant = world.grant(nele, genk, given_by=ilse.id)
    signed_in = world.sign_in(Client(client.application), nele)
    world._keep(
        ClientSession(
            browser_session_id=signed_in.id,
            client_id="test-confidential",
            application_code=grant.application_code,
            person_id=nele.id,
            organisation_id=genk.id,
            provider_code="itsme",
            acr="x",
            level=27,
            amr=[],
            auth_time=clock.now(),
            scopes="openid",
            generation=1,
            created_at=clock.now() - timedelta(days=14),
            expires_at=clock.now() + timedelta(hours=1),
        )
    )
    world.person("Zonder Recht", works_for=genk)
    page = client.get("/mensen").text
    assert "Nele Vercauteren" in page
    assert "door Ilse Maes" in page
    assert "3 november 2026" in page, "last used"
    assert "geen recht" in page
    without = client.get("/mensen?rechten=zonder").text
    assert "Zonder Recht" in without
    assert "Nele Vercauteren" not in without
    assert "Nele Vercauteren" in client.get("/mensen?zoek=vercau").text
    world.grant(world.person("An Baert"), genk)
    assert "niet in de laatste 90 dagen" in client.get("/mensen?zoek=baert").text


def test_people_of_another_organisation_are_neither_listed_nor_found(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    """ID2: 404, as of nobody."""
    gent = world.organisation("Gent")
    job = world.affiliation(world.person("Iemand Anders"), gent)
    assert "Iemand Anders" not in client.get("/mensen").text
    for path in (f"/mensen/{job.id}", f"/mensen/{job.id}/vertrek", f"/mensen/{uuid.uuid4()}"):
        assert client.get(path).status_code == 404


def test_who_administers_nothing_reads_so(world: World, client: Client) -> None:
    world.sign_in(client, world.person())
    assert client.get("/mensen").status_code == 200


# One person


def test_contact_is_changed_on_the_job_only_and_the_old_address_is_told(
    world: World, client: Client, inbox: Inbox, session: Session, genk: Organisation, ilse: Person
) -> None:
    """DG8: the person's own address, which recovers an account, stays as it is."""
    nele = world.person("Nele Vercauteren", email="nele@thuis.test")
    job = world.affiliation(nele, genk, email="nele@genk.test", email_source="proved")
    page = client.get(f"/mensen/{job.id}")
    done = client.submit(
        page,
        {"email": "n.v@genk.test", "telefoon": "0470 12 34 56", "dienst": "jeugd@genk.test"},
        form=f"/mensen/{job.id}/contact",
        follow_redirects=True,
    )
    assert "bewaard" in done.text
    kept = session.get_one(Affiliation, job.id)
    assert (kept.email, kept.email_source, kept.general_email) == ("n.v@genk.test", "entered", "jeugd@genk.test")
    assert session.get_one(Person, nele.id).email == "nele@thuis.test"
    for address in ("nele@genk.test", "nele@thuis.test"):
        mail = inbox.last_to(address)
        assert "n.v@genk.test" not in mail.text, "who reads the old address does not learn the new one"
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "people:affiliation:change_contact")).one()
    assert (event.details["email"], event.details["phone"]) == (True, True), "which, and nothing of what"


def test_contact_that_cannot_be_is_asked_again_and_keeps_what_was_typed(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    job = world.affiliation(world.person(), genk)
    page = client.get(f"/mensen/{job.id}")
    refused = client.submit(page, {"email": "geen adres", "telefoon": "12"}, form=f"/mensen/{job.id}/contact")
    assert refused.status_code == 422
    assert "geen adres" in refused.text
    assert session.get_one(Affiliation, job.id).email == job.email


def test_the_number_is_masked_and_shown_only_with_a_purpose_each_time_audited(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    """DG9."""
    job, number = entered(world, genk, ilse)
    written = f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"
    page = client.get(f"/mensen/{job.id}")
    assert written not in page.text
    refused = client.submit(page, {"waarvoor": ""}, form=f"/mensen/{job.id}/nummer")
    assert refused.status_code == 422
    shown = client.submit(page, {"waarvoor": "mistyped"}, form=f"/mensen/{job.id}/nummer")
    assert written in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert written not in client.get(f"/mensen/{job.id}").text, "not on the next page"
    events = session.scalars(select(AuditEvent).where(AuditEvent.name == "people:number:show")).all()
    assert [event.details["purpose"] for event in events] == ["mistyped"]
    assert number not in str([event.details for event in events])


def test_an_older_sign_in_does_not_show_a_number(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    """DG9: a fresh step-up first."""
    job, _number = entered(world, genk, ilse)
    world.sign_in(client, ilse, auth_time=clock.now() - timedelta(minutes=20))
    page = client.get(f"/mensen/{job.id}")
    answer = client.submit(page, {"waarvoor": "mistyped"}, form=f"/mensen/{job.id}/nummer")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/aanmelden")
    assert session.scalars(select(AuditEvent).where(AuditEvent.name == "people:number:show")).all() == []


def test_after_the_first_sign_in_there_is_no_number_left_to_show(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    """DG9."""
    job, _number = entered(world, genk, ilse)
    page = client.get(f"/mensen/{job.id}")
    with changing_session() as session, session.begin():
        session.get_one(Person, job.person_id).number_sealed = None
    gone = client.submit(page, {"waarvoor": "mistyped"}, form=f"/mensen/{job.id}/nummer")
    assert gone.status_code == 409
    assert "/nummer" not in client.get(f"/mensen/{job.id}").text


def test_who_leaves_loses_the_job_and_all_rights_at_once_after_a_page_that_says_so(
    world: World, client: Client, inbox: Inbox, session: Session, genk: Organisation, ilse: Person
) -> None:
    nele = world.person("Nele Vercauteren")
    grant = world.grant(nele, genk)
    job = world.affiliation(nele, genk)
    page = client.get(f"/mensen/{job.id}/vertrek")
    assert "Invoerder" in page.text
    done = client.submit(page, form=f"/mensen/{job.id}/vertrek", follow_redirects=True)
    assert "Nele Vercauteren werkt hier niet meer." in done.text
    ended = session.get_one(Grant, grant.id)
    assert (ended.end_reason, ended.ended_by) == ("affiliation_ended", ilse.id)
    assert session.get_one(Affiliation, job.id).end_reason == "left"
    assert "werkt niet meer voor deze organisatie" in inbox.last_to(str(nele.email)).text
    assert client.get(f"/mensen/{job.id}").status_code == 404


def test_nobody_reports_their_own_leaving(world: World, client: Client, genk: Organisation, ilse: Person) -> None:
    """DG1: what cannot be done is not offered."""
    job = world.affiliation(ilse, genk)
    assert "/vertrek" not in client.get(f"/mensen/{job.id}").text
    assert "meldt een collega-beheerder" in client.get(f"/mensen/{job.id}/vertrek").text


# One right, from here


def test_suspending_and_resuming_from_the_page_of_a_right(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    grant = world.grant(world.person("Nele Vercauteren"), genk)
    page = client.get(f"/rechten/{grant.id}/schorsen")
    refused = client.submit(page, {"reden": " "}, form=f"/rechten/{grant.id}/schorsen")
    assert refused.status_code == 422
    done = client.submit(
        refused,
        {"reden": "Lang afwezig.", "tot": "31/12/2026"},
        form=f"/rechten/{grant.id}/schorsen",
        follow_redirects=True,
    )
    assert "is geschorst" in done.text
    assert "tot en met 31 december 2026" in done.text
    again = client.get(f"/rechten/{grant.id}/hervatten")
    assert "Lang afwezig." in again.text
    back = client.submit(again, form=f"/rechten/{grant.id}/hervatten", follow_redirects=True)
    assert "werkt weer" in back.text
    assert session.get_one(Grant, grant.id).suspended_from is None


def test_handing_over_from_the_page_of_a_right(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    grant = world.grant(world.person("Nele Vercauteren"), genk)
    tom = world.affiliation(world.person("Tom Bogaert"), genk)
    path = f"/rechten/{grant.id}/overdragen"
    page = client.get(path)
    assert "Ilse Maes</option>" not in page.text, "nobody hands over to themselves"
    refused = client.submit(page, {"collega": "", "tot": "morgen", "reden": "Ziek."}, form=path)
    assert refused.status_code == 422
    assert "Ziek." in refused.text
    done = client.submit(
        refused, {"collega": str(tom.id), "tot": "31/12/2026", "reden": "Ziek."}, form=path, follow_redirects=True
    )
    assert "is overgedragen tot en met 31 december 2026" in done.text
    stands_in = session.scalars(select(Grant).where(Grant.handed_over_from == grant.id)).one()
    assert stands_in.person_id == tom.person_id
    assert "Tom Bogaert, tot en met 31 december 2026" in client.get(f"/rechten/{grant.id}/hervatten").text


@pytest.mark.parametrize("what", ["schorsen", "hervatten", "overdragen"])
def test_ones_own_right_has_no_such_form(
    world: World, client: Client, genk: Organisation, ilse: Person, what: str
) -> None:
    """DG1."""
    grant = world.grant(ilse, genk)
    assert "Een collega-beheerder doet dat" in client.get(f"/rechten/{grant.id}/{what}").text
    foreign = world.grant(world.person(), world.organisation("Gent"))
    assert client.get(f"/rechten/{foreign.id}/{what}").status_code == 404


# What it costs


def many(world: World, genk: Organisation, people: int) -> None:
    """`people` more people at Genk with four rights each, in bulk."""
    now = clock.now()
    persons, jobs, grants = [], [], []
    for number in range(people):
        person_id, job_id = uuid.uuid4(), uuid.uuid4()
        persons.append(
            {
                "id": person_id,
                "sub": person_id.hex + "0" * 8,
                "given_name": f"An{number}",
                "family_name": f"Janssens{number % 97}",
                "name_source": "verified",
                "language": "nl",
                "state": "matched",
                "created_at": now,
            }
        )
        jobs.append({"id": job_id, "person_id": person_id, "organisation_id": genk.id, "valid_from": now})
        grants += [
            {
                "id": uuid.uuid4(),
                "person_id": person_id,
                "organisation_id": genk.id,
                "affiliation_id": job_id,
                "application_code": "cultuurmonitor",
                "right_code": right,
                "context_code": "",
                "given_at": now,
                "valid_from": now,
                "valid_until": now + timedelta(days=300),
            }
            for right in ("een", "twee", "drie", "vier")
        ]
    with changing_session() as session, session.begin():
        session.execute(insert(Person), persons)
        session.execute(insert(Affiliation), jobs)
        session.execute(insert(Grant), grants)


def test_every_page_costs_the_same_with_five_thousand_people_as_with_fifty_and_at_most_twelve_statements(
    world: World, client: Client, statements: Statements, genk: Organisation, ilse: Person
) -> None:
    nele = world.person("Nele Vercauteren")
    grant, job = world.grant(nele, genk), world.affiliation(nele, genk)
    perform(suspend_right, installation(), ilse.id, grant.id, Suspension("Lang afwezig."))
    paths = (
        "/mensen",
        "/mensen?zoek=janssens1&rechten=zonder",
        f"/mensen/{job.id}",
        f"/mensen/{job.id}/vertrek",
        f"/rechten/{grant.id}",
        f"/rechten/{grant.id}/schorsen",
        f"/rechten/{grant.id}/hervatten",
        f"/rechten/{grant.id}/overdragen",
    )

    def costs() -> list[int]:
        counted = []
        for path in paths:
            with statements() as seen:
                assert client.get(path).status_code == 200
            assert len(seen) <= 12, (path, seen)
            counted.append(len(seen) - len(seen.writing))  # that somebody was here is written once a minute
        return counted

    many(world, genk, 50)
    few = costs()
    many(world, genk, 4950)
    assert costs() == few
