"""After a decision an administrator erases what the applicant wrote; and whom somebody replaces, and the address of a service."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.access_request import AccessRequest
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.end_right import end_right
from broker.access.forget_typed import forget_typed
from broker.access.grant import Grant
from broker.audit import AuditEvent
from broker.database import perform
from broker.errors import ConflictError, NotFoundError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.retention.closed_requests import APPROVED_REQUESTS
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

WHY = "Ik werk sinds kort in het centrum."


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, client: Client, genk: Organisation) -> Person:
    person = world.administrator_of(genk, "Ilse Maes")
    world.sign_in(client, person)
    return person


def approved(world: World, genk: Organisation, ilse: Person) -> tuple[AccessRequest, uuid.UUID]:
    request = world.typed_request(genk, answers={"message": WHY}, phone="+32470123456")
    task = world.task(request)
    perform(decide_request, installation(), ilse.id, Decision(task.id, approve=True))
    return request, task.id


def test_motivation_and_contact_go_at_once_and_the_decision_stays(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    """W11."""
    request, task_id = approved(world, genk, ilse)
    page = client.get(f"/taken/{task_id}")
    assert WHY in page.text
    done = client.submit(page, form=f"/taken/{task_id}/wis", follow_redirects=True)
    assert "zijn gewist" in done.text
    assert WHY not in done.text
    assert "Wis motivatie" not in done.text
    kept = session.get_one(AccessRequest, request.id)
    assert (kept.answers, kept.phone, kept.email, kept.number_masked) == ({}, None, "", None)
    assert (kept.status, kept.full_name, kept.closed_at is not None) == ("approved", request.full_name, True)
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:request:forget_typed")).one()
    assert event.subject_id == request.id


def test_before_the_decision_nothing_is_erased_and_elsewhere_there_is_no_such_task(
    world: World, genk: Organisation, ilse: Person
) -> None:
    """ID2."""
    task = world.task(world.typed_request(genk))
    with pytest.raises(ConflictError):
        perform(forget_typed, installation(), ilse.id, task.id)
    karim = world.administrator_of(world.organisation("Gent"), "Karim Benali")
    with pytest.raises(NotFoundError):
        perform(forget_typed, installation(), karim.id, task.id)


def test_what_was_erased_still_ends_in_the_retention_and_its_person_still_hears_of_the_end(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller, genk: Organisation, ilse: Person
) -> None:
    """RE1: the name goes at its time; and the mail about the end goes to the address of the job."""
    request, task_id = approved(world, genk, ilse)
    perform(forget_typed, installation(), ilse.id, task_id)
    grant = session.scalars(select(Grant)).one()
    session.rollback()
    perform(end_right, installation(), ilse.id, grant.id, "Het stopt.")
    inbox.deliver()
    assert any("Het stopt." in mail.text for mail in inbox.mails_to(request.email))
    clock.shift(timedelta(days=400))
    before = broker_clock.now() - timedelta(days=365)
    assert session.scalars(APPROVED_REQUESTS.due(before)).all() == [request.id]


def test_the_address_of_the_service_reads_along_with_what_begins_and_what_ends(
    world: World, inbox: Inbox, session: Session, genk: Organisation, ilse: Person
) -> None:
    """M9: and stands in the mail to the owner; no reason of anybody leaves that way (C3)."""
    service = "jeugd@genk.test"
    request = world.request(world.person("Hanne Smet"), genk, answers={"general_email": service})
    perform(decide_request, installation(), ilse.id, Decision(world.task(request).id, approve=True))
    job = session.scalars(select(Affiliation).where(Affiliation.general_email == service)).one()
    assert job.organisation_id == genk.id
    assert "toegekend" in inbox.last_to(service).text
    owner = installation().catalogue.applications["cultuurmonitor"].notify_grants[0]
    assert service in inbox.last_to(owner).text
    grant = session.scalars(select(Grant)).one()
    session.rollback()
    perform(end_right, installation(), ilse.id, grant.id, "Een vertrouwelijke reden.")
    told = inbox.last_to(service).text
    assert "beëindigd" in told
    assert "vertrouwelijke" not in told


def test_the_form_asks_whom_one_replaces_and_the_task_says_it(
    world: World, client: Client, session: Session, genk: Organisation
) -> None:
    """M7."""
    world.sign_in(client, world.person("Hanne Smet"))
    path = f"/user/aanvraag?dg=LB&ec={world.entitlement_for(genk)}&oc={genk.code}"
    page = client.get(path, follow_redirects=True)
    typed = {
        "email": "hanne@genk.test",
        "centre": "De Werf",
        "organisation": genk.code,
        "replaces_whom": "iemand",
        "replaces_until": "31/12/2026",
    }
    asking = ("doe", "verder")
    refused = client.submit(page, typed, form="aanvraag", press=asking, follow_redirects=True)
    assert "Vul in wie u vervangt" in refused.text
    check = client.submit(
        refused, {**typed, "replaces_name": "Tom Bogaert"}, form="aanvraag", press=asking, follow_redirects=True
    )
    assert "Tom Bogaert, tot en met 31/12/2026" in check.text
