"""The statement log shows that every operation locks in one order (lifecycles §13): so two operations never wait for each other."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import time_machine
from flask import current_app
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.accept_invitation import accept_invitation
from broker.access.access_request import AccessRequest
from broker.access.add_colleague import NewColleague, add_colleague
from broker.access.admit_organisation import admit_organisation
from broker.access.apply_catalogue import apply_catalogue
from broker.access.campaign import RecertificationCampaign
from broker.access.carry_out_line import add_newcomer, carry_out_line
from broker.access.carry_out_upload import carry_out_upload
from broker.access.check_upload import check_upload
from broker.access.claim_task import claim_task
from broker.access.close_campaign import close_campaign
from broker.access.confirm_request_email import confirm_request_email
from broker.access.confirm_rights import Confirmation, confirm_rights
from broker.access.decide_doubt import decide_doubt
from broker.access.decide_label import decide_label
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.end_affiliation import end_affiliation
from broker.access.end_grant import end_own_grant
from broker.access.end_label import end_label
from broker.access.end_organisation_rights import end_organisation_rights
from broker.access.expire_requests import expire_request
from broker.access.explain_direct import DirectGrant
from broker.access.follow_retype import follow_retype
from broker.access.give_right import give_right
from broker.access.keep_upload import keep_upload
from broker.access.label import Label
from broker.access.merge_organisation import Merger, merge_organisation
from broker.access.open_doubts import open_doubts
from broker.access.resign_mandate import Resignation, resign_mandate
from broker.access.settle_doubt import RightName
from broker.access.submit_request import ProposedOrganisation, Submission, submit_request
from broker.access.take_back_label import take_back_label
from broker.access.task import Task
from broker.access.upload import UploadLine
from broker.access.upload_content import LineContent
from broker.access.withdraw_request import withdraw_request
from broker.authentication.end_person import end_person
from broker.database import changing_session, db, perform
from broker.people.add_affiliation import add_affiliation
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.end_deputy import end_deputy
from broker.people.end_organisations import end_organisations
from broker.people.living_mandates import living_mandates
from broker.people.mandate import LOCAL_ADMIN
from broker.people.name_deputy import NewDeputy, name_deputy
from broker.people.one_time_link import INVITATION
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.access.changed_policies import under, with_label_for_municipalities
from tests.access.test_campaigns import opened
from tests.worlds.client import ClientForTests
from tests.worlds.world import World

ORDER = (
    "organisations",
    "mandates",
    "deputies",
    "persons",
    "access_requests",
    "labels",
    "tasks",
    "grants",
    "affiliations",
    "client_sessions",
    "authorization_codes",
    "recertification_campaigns",
    "campaign_items",
)
_LOCKING = re.compile(r"FOR (?:NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)")
_FROM = re.compile(r"\bFROM ([a-z_]+)")
_UPDATE = re.compile(r"^UPDATE ([a-z_]+)")

# SQLite has one writer at a time and writes no FOR UPDATE.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass(frozen=True)
class Lock:
    """Rows of `table` that one statement locks; `rows` are the ids in it."""

    table: str
    rows: frozenset[str]
    statement: str


@contextmanager
def locks() -> Iterator[list[Lock]]:
    """Every statement that locks rows, in order."""
    seen: list[Lock] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        locking, updating = _LOCKING.search(statement), _UPDATE.match(statement)
        found = _FROM.search(statement) if locking else updating
        if found is None:
            return
        values = [parameters] if isinstance(parameters, dict) else parameters
        rows = frozenset(str(value) for each in values for value in each.values() if isinstance(value, uuid.UUID))
        seen.append(Lock(found[1], rows, statement))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@contextmanager
def in_order(*expected: str) -> Iterator[None]:
    """What happens inside goes down the list and never back up, and locks at least the tables `expected`.

    A row locked before may be locked or changed again.
    """
    with locks() as seen:
        yield
    locked: list[str] = []
    rows: set[str] = set()
    for lock in seen:
        if lock.table not in ORDER or (lock.table in locked and lock.statement.startswith("UPDATE")):
            continue
        if not (lock.table in locked and lock.rows and lock.rows <= rows):
            later = [other for other in locked if ORDER.index(other) > ORDER.index(lock.table)]
            assert not later, f"{lock.table} after {later}:\n{lock.statement}\nlocked so far: {locked}"
        locked.append(lock.table)
        rows |= lock.rows
    assert set(expected) <= set(locked), f"locked only {locked}"


def change(operation: Callable[[Session], None]) -> None:
    """Change rows directly."""
    with changing_session() as session, session.begin():
        operation(session)
    db.session.rollback()


def test_the_test_sees_somebody_go_back_up_the_list(world: World) -> None:
    world.administrator_of(world.organisation())

    def upwards(session: Session) -> None:
        session.execute(select(Person.id).with_for_update(read=True)).all()
        session.execute(select(Organisation.id).with_for_update(read=True)).all()

    with pytest.raises(AssertionError, match="organisations after"), in_order():
        change(upwards)


@pytest.mark.parametrize("kind", ["gemeente", "brusselse_gemeente"])
@pytest.mark.parametrize("approve", [True, False])
def test_deciding_on_a_request(world: World, kind: str, approve: bool) -> None:
    place = world.organisation(kind=kind)
    ilse = world.administrator_of(place)
    for request in (world.request(world.person(), place), world.typed_request(place)):
        task = world.task(request)
        with in_order("organisations", "mandates", "access_requests", "tasks"):
            perform(decide_request, world.installation, ilse.id, Decision(task.id, approve=approve, reason="Neen."))


def test_a_change_of_role_with_a_job_and_a_label(world: World) -> None:
    place = world.organisation(kind="brusselse_gemeente")
    world.label(place)
    ilse, tom = world.administrator_of(place), world.person("Tom Bogaert", works_for=place)
    world.grant(tom, place, "raadpleger")
    task = world.task(world.request(tom, place, right="invoerder", change_of_role=True))
    elsewhere = ("deputies", "client_sessions", "authorization_codes", "recertification_campaigns", "campaign_items")
    everything = [each for each in ORDER if each not in elsewhere]
    with in_order(*everything):
        perform(decide_request, world.installation, ilse.id, Decision(task.id, approve=True))


def test_a_label_that_ran_out_is_settled_in_its_turn(world: World) -> None:
    place = world.organisation(kind="brusselse_gemeente")
    label = world.label(place)
    change(lambda session: setattr(session.get_one(Label, label.id), "valid_until", clock.now()))
    ilse = world.administrator_of(place)
    task = world.task(world.request(organisation=place))
    with in_order("labels", "tasks"):
        perform(decide_request, world.installation, ilse.id, Decision(task.id, approve=True))
    assert world.fresh(Label, label.id).end_reason == "expired"


@pytest.mark.parametrize("approve", [True, False])
def test_deciding_on_a_label(world: World, approve: bool) -> None:
    place = world.organisation(kind="brusselse_gemeente")
    lies = world.officer_of("EA", "brusselse_gemeente")
    for name in ("Amina Ouali", "Sofie Aerts"):
        world.grant(world.person(name), place)
    perform(follow_retype, world.installation, place.id)
    task_id = db.session.scalars(select(Task.id)).one()
    with in_order("organisations", "mandates", "labels", "tasks", "grants"):
        perform(decide_label, world.installation, lies.id, Decision(task_id, approve=approve, reason="Neen."))


@pytest.mark.parametrize("approve", [True, False])
def test_admitting_an_organisation(world: World, approve: bool) -> None:
    lies = world.officer_of("EA", "economische_actor")
    proposal = ProposedOrganisation("0999000228", "De Nieuwe Zaal", "Markt 1, 3600 Genk", "An Peeters")
    world.request(proposal=proposal, entitlement="CJM_Cultuurmonitor_EA_CompEnt_Invoerder")
    task_id = db.session.scalars(select(Task.id)).one()
    with in_order("mandates", "access_requests", "tasks"):
        perform(admit_organisation, world.installation, lies.id, Decision(task_id, approve=approve, reason="Neen."))


def test_asking_and_proving_the_address(world: World) -> None:
    genk = world.organisation()
    world.administrator_of(genk)
    nele = world.person(email=None)
    submission = Submission(
        submission_id=uuid.uuid4(),
        entitlement_code=world.entitlement_for(genk),
        given_name="Nele",
        family_name="Vercauteren",
        email="nele@voorbeeld.test",
        person_id=nele.id,
        organisation_id=genk.id,
    )
    with in_order("organisations"):
        submitted = perform(submit_request, world.installation, submission)
    token = world.link_token(submitted.request_id)
    with in_order("persons", "access_requests"):
        perform(confirm_request_email, world.installation, token, nele.id)


def test_what_an_applicant_a_colleague_and_the_clock_do(world: World) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    request, other = world.request(organisation=genk), world.request(organisation=genk)
    task = world.task(request)
    with in_order("tasks"):
        perform(claim_task, world.installation, ilse.id, task.id)
    with in_order("access_requests", "tasks"):
        perform(withdraw_request, world.installation, request.id)
    change(lambda session: setattr(session.get_one(AccessRequest, other.id), "decide_before", clock.now()))
    with in_order("access_requests", "tasks"):
        perform(expire_request, world.installation, other.id)


def test_giving_a_right_directly_and_adding_somebody(world: World) -> None:
    place = world.organisation(kind="brusselse_gemeente")
    world.label(place)
    ilse, tom, number = world.administrator_of(place), world.person("Tom Bogaert", works_for=place), world.number()
    world.grant(tom, place, "raadpleger")
    context = world.installation.catalogue.entitlement_codes[world.entitlement_for(place)].context_code
    wish = DirectGrant(place.id, tom.id, "cultuurmonitor", "invoerder", context, change_of_role=True)
    with in_order("organisations", "mandates", "persons", "labels", "grants", "affiliations"):
        perform(give_right, world.installation, ilse.id, wish)
    world.person("Hanne Smet", number=number)
    new = NewColleague(given_name="Hanne", family_name="Smet", number=number, email="hanne@voorbeeld.test")
    with in_order("organisations", "mandates", "persons", "affiliations"):
        perform(add_colleague, world.installation, ilse.id, place.id, new)
    without = replace(new, number="", email="nog@voorbeeld.test")
    job = perform(add_colleague, world.installation, ilse.id, place.id, without)
    perform(give_right, world.installation, ilse.id, replace(wish, person_id=job.person_id, change_of_role=False))
    token = world.link_token(job.id, INVITATION)
    with in_order("organisations", "persons", "grants", "affiliations"):
        perform(accept_invitation, world.installation, token, world.person("Hanne Smet", name_source="verified").id)


def test_giving_a_right_back(world: World) -> None:
    tom = world.person()
    grant = world.grant(tom, world.organisation())
    with in_order("persons", "grants"):
        perform(end_own_grant, world.installation, tom.id, grant.id)


def test_ending_a_label_a_job_and_a_person(world: World) -> None:
    place = world.organisation(kind="brusselse_gemeente")
    label = world.label(place)
    ilse, tom = world.administrator_of(place), world.person("Tom Bogaert", works_for=place)
    for person in (ilse, tom):
        world.grant(person, place, "invoerder")
    world.request(world.person("Nog Iemand", works_for=place), place)
    world.request(tom, place, right="raadpleger", change_of_role=True)
    world.sign_in(ClientForTests(current_app), tom)
    with in_order("organisations", "persons", "labels"):
        perform(end_label, label.id, ended_by=None, reason="Voorbij.")
    job = world.affiliation(ilse, place)
    with in_order("organisations", "mandates", "persons", "grants", "affiliations"):
        perform(end_affiliation, world.installation, job.id, ended_by=None, reason="left")
    with in_order("organisations", "persons", "access_requests", "tasks", "grants", "affiliations"):
        perform(end_person, world.installation, tom.id, "left")


def test_appointing_and_dismissing(world: World) -> None:
    genk = world.organisation()
    karim, hanne = world.administrator_of(genk, head=True), world.person("Hanne Smet")
    appointment = Appointment(person_id=hanne.id, kind=LOCAL_ADMIN, organisation_id=genk.id, evidence="Besluit.")
    with in_order("organisations", "mandates", "persons"), audit.acting(audit.Acting("person", karim.id)):
        mandate = perform(appoint_mandate, world.installation, karim.id, appointment)
    with in_order("organisations", "mandates"):
        perform(dismiss_mandate, world.installation, karim.id, mandate.id, "Andere taken.")
    assert living_mandates(db.session(), person_id=hanne.id) == []
    with in_order("organisations", "persons", "affiliations"):
        perform(add_affiliation, world.installation, karim.id, hanne.id, genk.id)


def test_naming_a_deputy_who_decides_and_stops(world: World) -> None:
    genk = world.organisation()
    ilse, eva = world.administrator_of(genk, head=True), world.person("Eva Janssens", works_for=genk)
    mandate_id = living_mandates(db.session(), person_id=ilse.id)[0].mandate_id
    today = clock.local_date(clock.now())
    wish = NewDeputy(eva.id, today, today)
    with in_order("organisations", "mandates", "deputies", "persons", "affiliations"):
        deputy = perform(name_deputy, world.installation, ilse.id, mandate_id, wish)
    task = world.task(world.request(organisation=genk))
    with in_order("organisations", "mandates", "deputies", "access_requests", "tasks"):
        perform(decide_request, world.installation, eva.id, Decision(task.id, approve=True))
    with in_order("organisations", "deputies"):
        perform(end_deputy, world.installation, eva.id, deputy.id)
    world.deputy_of(ilse, genk, "Tom Bogaert")
    with in_order("organisations", "mandates", "deputies"):
        perform(resign_mandate, world.installation, ilse.id, mandate_id, Resignation(leave_vacant=True))


def test_answering_a_doubt_and_ending_a_label_as_officer(world: World) -> None:
    jette = world.organisation(kind="brusselse_gemeente")
    lies = world.officer_of("EA", "brusselse_gemeente")
    label = world.label(jette)
    vera = world.person("Vera Claes")
    world.affiliation(vera, jette, entered_given_name="Jan", entered_family_name="Peeters")
    world.grant(vera, jette)
    perform(open_doubts, world.installation, vera.id)
    task = world.task(doubted_person_id=vera.id)
    with in_order("organisations", "mandates", "persons", "tasks", "grants", "affiliations"):
        perform(decide_doubt, world.installation, lies.id, Decision(task.id, approve=False), RightName("", ""))
    with in_order("organisations", "mandates", "labels"):
        perform(take_back_label, world.installation, lies.id, label.id, "Voorbij.")


def test_ending_what_is_at_an_ended_organisation(world: World) -> None:
    place = world.organisation(kind="brusselse_gemeente")
    world.label(place)
    world.grant(world.person(), place)
    world.request(organisation=place)
    change(lambda session: end_organisations(session, [session.get_one(Organisation, place.id)], "inactive"))
    with in_order("organisations", "persons", "access_requests", "labels", "tasks", "grants"):
        perform(end_organisation_rights, world.installation, place.id)


def test_following_a_change_of_kind_and_of_policy(world: World) -> None:
    place, genk = world.organisation(kind="brusselse_gemeente"), world.organisation("Genk")
    world.grant(world.person(), place)
    world.grant(world.person(), genk)
    perform(follow_retype, world.installation, place.id)
    change(lambda session: setattr(session.get_one(Organisation, place.id), "organisation_type", "economische_actor"))
    change(lambda session: setattr(session.get_one(Organisation, genk.id), "target_group", "EA"))
    change(lambda session: setattr(session.get_one(Organisation, genk.id), "organisation_type", "economische_actor"))
    with in_order("organisations", "labels", "tasks"):
        perform(follow_retype, world.installation, place.id)
    with in_order("organisations", "grants"):
        perform(follow_retype, world.installation, genk.id)
    aalst = world.organisation("Aalst")
    world.grant(world.person(), aalst)
    stricter = under(world.installation, with_label_for_municipalities(world.installation.catalogue))
    with in_order("organisations", "persons", "grants"):
        assert perform(apply_catalogue, stricter).labels_asked == 1


def test_confirming_and_closing_what_is_to_be_confirmed(world: World) -> None:
    genk = world.organisation()
    ilse, nele, tom = world.administrator_of(genk), world.person(), world.person("Tom Bogaert")
    for person in (nele, tom, world.person("An Baert")):
        world.grant(person, genk)
    campaign = opened(genk, unconfirmed="end")
    with in_order("organisations", "mandates", "recertification_campaigns", "campaign_items"):
        perform(confirm_rights, world.installation, ilse.id, Confirmation(campaign.id, (nele.id,), keep=True))
    everything = ("organisations", "mandates", "persons", "grants", "recertification_campaigns", "campaign_items")
    with in_order(*everything):
        wish = Confirmation(campaign.id, (tom.id,), keep=False, reason="Weg.")
        perform(confirm_rights, world.installation, ilse.id, wish)
    with time_machine.travel(campaign.due_at), in_order(*(each for each in everything if each != "mandates")):
        assert perform(close_campaign, world.installation, campaign.id)


def test_a_merger_with_everything_in_it(world: World) -> None:
    jette, other = (world.organisation(name, kind="brusselse_gemeente") for name in ("Jette", "Ganshoren"))
    lies = world.officer_of("EA", "brusselse_gemeente")
    world.administrator_of(jette)
    karim = world.administrator_of(other, "Karim Benali")
    world.label(jette)
    tom = world.person("Tom Bogaert", works_for=other)
    for person in (tom, world.person("An Baert")):
        world.grant(person, jette)
    world.request(organisation=jette)
    world.typed_request(jette)
    names = "organisations mandates persons access_requests labels tasks grants affiliations"
    with in_order(*names.split()), audit.acting(audit.Acting("person", lies.id)):
        perform(merge_organisation, world.installation, lies.id, Merger(jette.id, other.id, "BVR-1"))
    campaign_id = db.session.scalars(select(RecertificationCampaign.id)).one()
    with in_order("organisations", "mandates", "persons", "grants", "recertification_campaigns", "campaign_items"):
        perform(confirm_rights, world.installation, karim.id, Confirmation(campaign_id, None, keep=True))


def test_a_file_of_rights_from_preview_to_the_last_line(world: World) -> None:
    genk = world.organisation("Genk")
    ilse, nele = world.administrator_of(genk), world.person("Nele Vercauteren", works_for=genk)
    lines = [
        (2, LineContent(email=nele.email or "", application="cultuurmonitor", right="invoerder")),
        (3, LineContent(world.number(), "roos@genk.test", "Roos", "Nieuw", "cultuurmonitor", "invoerder")),
    ]
    with in_order("organisations", "mandates"):
        upload_id = perform(keep_upload, world.installation, ilse.id, genk.id, lines)
    with in_order("persons"):
        perform(check_upload, world.installation, upload_id)
    perform(check_upload, world.installation, upload_id)
    with in_order("organisations", "mandates"):
        perform(carry_out_upload, ilse.id, upload_id, 2)
    for line_id in db.session.scalars(select(UploadLine.id).order_by(UploadLine.number)).all():
        with in_order():
            perform(add_newcomer, world.installation, line_id)
        with in_order("organisations", "mandates", "persons", "grants"):
            perform(carry_out_line, world.installation, line_id)
