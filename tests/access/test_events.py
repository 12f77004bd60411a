"""Every operation that changes something says so in the audit, by name, and in ids and codes only (AU4)."""

import importlib
import inspect
import pkgutil
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import access, audit, people
from broker import clock as broker_clock
from broker.access.admit_organisation import admit_organisation
from broker.access.announce_ends import announce_ends
from broker.access.apply_catalogue import apply_catalogue
from broker.access.appoint_head_administrator import NewHead, appoint_head_administrator
from broker.access.change_last_day import LastDay, change_last_day
from broker.access.claim_task import claim_task, release_task
from broker.access.confirm_request_email import confirm_request_email, refuse_confirmation
from broker.access.decide_label import close_changed_pool, decide_label
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.end_affiliation import end_affiliation
from broker.access.end_grant import end_own_grant
from broker.access.end_label import end_label
from broker.access.end_organisation_rights import end_organisation_rights
from broker.access.end_right import end_right
from broker.access.end_self_decided import end_self_decided
from broker.access.expire_requests import expire_request, forget_unproved
from broker.access.follow_retype import follow_retype
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.remind_deciders import remind_deciders
from broker.access.resend_tracking import resend_tracking
from broker.access.settle_doubt import RightName, settle_doubt
from broker.access.settle_run_out import settle_run_out_grants, settle_run_out_labels
from broker.access.submit_request import ProposedOrganisation, Submission, submit_request
from broker.access.task import Task
from broker.access.withdraw_request import withdraw_request
from broker.audit import AuditEvent
from broker.database import changing_session, db, perform
from broker.keys import Keys
from broker.people.add_affiliation import add_affiliation
from broker.people.add_person import NewPerson, add_person
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.end_organisations import end_organisations
from broker.people.hold_person import hold_person
from broker.people.import_organisations import import_organisations
from broker.people.link_identity import UpstreamIdentity, link_identity
from broker.people.living_mandates import living_mandates
from broker.people.mandate import HEAD_LOCAL_ADMIN, LOCAL_ADMIN
from broker.people.organisation import Organisation
from broker.people.organisation_file import read_organisation_file
from broker.people.person import Person
from broker.people.raise_number_hashes import raise_number_hashes
from tests.people.organisation_files import ETTERBEEK, GENK, csv_file
from tests.worlds.world import World

# What a file writes that changes rows or tells people; a file without any of it only reads.
_CHANGES = re.compile(
    r"audit\.record\(|put_mail\(|session\.add\(|with_for_update\(key_share=True|\bto_change\(|\b(?:insert|update|delete)\("
)
# Parts of the operations below, which no door calls.
PARTS = {
    "administered_grant",
    "ask_label",
    "end_grant",
    "end_organisations",
    "end_person_rights",
    "give_grant",
    "open_request",
    "tell_givers_of_doubt",
    "tell_last_day",
}

Run = Callable[[], Any]
PROPOSAL = ProposedOrganisation("0999000228", "De Nieuwe Zaal", "Markt 1, 3600 Genk", "An Peeters")


def change(operation: Callable[[Session], Any]) -> None:
    """Change rows directly."""
    with changing_session() as session, session.begin():
        operation(session)
    db.session.rollback()


class Prepared:
    """A scenario for each operation: what to prepare, and the call that is looked at."""

    def __init__(self, world: World, clock: time_machine.Traveller) -> None:
        self.world = world
        self.clock = clock
        self.inst = world.installation

    def _submission(self, person: Person, place: Organisation) -> Submission:
        return Submission(
            submission_id=uuid.uuid4(),
            entitlement_code=self.world.entitlement_for(place),
            given_name=person.given_name,
            family_name=person.family_name,
            email=person.email or "nele@voorbeeld.test",
            person_id=person.id,
            organisation_id=place.id,
        )

    def submit_request(self) -> Run:
        wish = self._submission(self.world.person(), self.world.organisation())
        return lambda: perform(submit_request, self.inst, wish)

    def submit_request_to_prove(self) -> Run:
        wish = self._submission(self.world.person(email=None), self.world.organisation())
        return lambda: perform(submit_request, self.inst, wish)

    def confirm_request_email(self) -> Run:
        nele = self.world.person(email=None)
        request = self.world.request(nele, self.world.organisation(), prove=False)
        token = self.world.link_token(request.id)
        return lambda: perform(confirm_request_email, self.inst, token, nele.id)

    def refuse_confirmation(self) -> Run:
        token = self.world.link_token(self.world.typed_request(prove=False).id)
        return lambda: perform(refuse_confirmation, self.inst, token)

    def end_label(self) -> Run:
        kaai = self.world.organisation("De Kaai", kind="economische_actor")
        label = self.world.label(kaai)
        self.world.grant(self.world.person(), kaai)
        return lambda: perform(end_label, label.id, ended_by=None, reason="Niets meer ingevuld.")

    def end_affiliation(self) -> Run:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        self.world.grant(ilse, place)
        job = self.world.affiliation(ilse, place)
        return lambda: perform(end_affiliation, self.inst, job.id, ended_by=None, reason="left")

    def settle_run_out_grants(self) -> Run:
        self.world.grant(
            self.world.person(), self.world.organisation(), valid_until=broker_clock.now() + timedelta(days=1)
        )
        self.clock.shift(timedelta(days=2))
        return lambda: perform(settle_run_out_grants)

    def settle_run_out_labels(self) -> Run:
        label = self.world.label(self.world.organisation("De Kaai", kind="economische_actor"))
        until = broker_clock.now() + timedelta(days=1)
        change(lambda session: setattr(session.get_one(Label, label.id), "valid_until", until))
        self.clock.shift(timedelta(days=2))
        return lambda: perform(settle_run_out_labels)

    def resend_tracking(self) -> Run:
        request = self.world.request()
        self.clock.shift(timedelta(hours=1))
        return lambda: perform(resend_tracking, self.inst, request.number, request.email)

    def withdraw_request(self) -> Run:
        request = self.world.request()
        return lambda: perform(withdraw_request, self.inst, request.id)

    def expire_request(self) -> Run:
        request = self.world.request()
        change(lambda session: setattr(session.get_one(type(request), request.id), "decide_before", broker_clock.now()))
        return lambda: perform(expire_request, self.inst, request.id)

    def forget_unproved(self) -> Run:
        self.world.typed_request(prove=False)
        self.clock.shift(timedelta(days=2))
        return lambda: perform(forget_unproved)

    def claim_task(self) -> Run:
        ilse, task = self._task()
        return lambda: perform(claim_task, self.inst, ilse.id, task.id)

    def release_task(self) -> Run:
        ilse, task = self._task()
        perform(claim_task, self.inst, ilse.id, task.id)
        return lambda: perform(release_task, self.inst, ilse.id, task.id)

    def _task(self) -> tuple[Person, Task]:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        return ilse, self.world.task(self.world.request(organisation=place))

    def _right(self) -> tuple[Person, Grant]:
        place = self.world.organisation()
        return self.world.administrator_of(place), self.world.grant(self.world.person(), place)

    def end_right(self) -> Run:
        ilse, grant = self._right()
        return lambda: perform(end_right, self.inst, ilse.id, grant.id, "Werkt hier niet meer.")

    def change_last_day_earlier(self) -> Run:
        return self._change_last_day(30)

    def change_last_day_later(self) -> Run:
        return self._change_last_day(500)

    def _change_last_day(self, days: int) -> Run:
        ilse, grant = self._right()
        assert grant.valid_until is not None
        day = broker_clock.local_date(broker_clock.now()) + timedelta(days=days)
        wish = LastDay(day, "Zo is het.", broker_clock.last_day(grant.valid_until))
        return lambda: perform(change_last_day, self.inst, ilse.id, grant.id, wish)

    def announce_ends(self) -> Run:
        _ilse, grant = self._right()
        self.clock.shift(timedelta(days=340))
        return lambda: perform(announce_ends, self.inst, grant.organisation_id)

    def remind_deciders(self) -> Run:
        _ilse, task = self._task()
        self.clock.shift(timedelta(days=40))
        return lambda: perform(remind_deciders, self.inst, task.id)

    def hold_person(self) -> Run:
        person = self.world.person()
        return lambda: perform(hold_person, person.id, "2026/14")

    def decide_request_approve(self) -> Run:
        ilse, task = self._task()
        return lambda: perform(decide_request, self.inst, ilse.id, Decision(task.id, approve=True))

    def decide_request_typed_with_label(self) -> Run:
        place = self.world.organisation(kind="brusselse_gemeente")
        jan = self.world.administrator_of(place)
        task = self.world.task(self.world.typed_request(place))
        return lambda: perform(decide_request, self.inst, jan.id, Decision(task.id, approve=True))

    def decide_request_change_of_role(self) -> Run:
        place = self.world.organisation()
        ilse, tom = self.world.administrator_of(place), self.world.person(works_for=place)
        self.world.grant(tom, place, "raadpleger")
        task = self.world.task(self.world.request(tom, place, right="invoerder", change_of_role=True))
        return lambda: perform(decide_request, self.inst, ilse.id, Decision(task.id, approve=True))

    def decide_request_reject(self) -> Run:
        ilse, task = self._task()
        return lambda: perform(decide_request, self.inst, ilse.id, Decision(task.id, False, "Ruben doet dit al."))

    def _label_task(self) -> tuple[Organisation, uuid.UUID]:
        place = self.world.organisation(kind="brusselse_gemeente")
        self.world.grant(self.world.person(), place)
        perform(follow_retype, self.inst, place.id)
        task_id = db.session.scalars(select(Task.id)).one()
        db.session.rollback()
        return place, task_id

    def decide_label_approve(self) -> Run:
        lies = self.world.officer_of("EA", "brusselse_gemeente")
        _, task_id = self._label_task()
        return lambda: perform(decide_label, self.inst, lies.id, Decision(task_id, approve=True))

    def decide_label_reject(self) -> Run:
        lies = self.world.officer_of("EA", "brusselse_gemeente")
        _, task_id = self._label_task()
        return lambda: perform(decide_label, self.inst, lies.id, Decision(task_id, False, "Nog niet."))

    def close_changed_pool(self) -> Run:
        place, task_id = self._label_task()
        change(lambda s: setattr(s.get_one(Organisation, place.id), "organisation_type", "economische_actor"))
        return lambda: perform(close_changed_pool, self.inst, task_id)

    def follow_retype(self) -> Run:
        place = self.world.organisation(kind="brusselse_gemeente", target_group="EA")
        self.world.grant(self.world.person(), place, label_code=None)
        return lambda: perform(follow_retype, self.inst, place.id)

    def apply_catalogue(self) -> Run:
        self.world.grant(self.world.person(), self.world.organisation(), role_key=None)
        return lambda: perform(apply_catalogue, self.inst)

    def _admission(self) -> tuple[Person, uuid.UUID]:
        officer = self.world.officer_of("EA", "economische_actor")
        self.world.request(proposal=PROPOSAL, entitlement="CJM_Cultuurmonitor_EA_CompEnt_Invoerder")
        task_id = db.session.scalars(select(Task.id)).one()
        db.session.rollback()
        return officer, task_id

    def admit_organisation_approve(self) -> Run:
        officer, task_id = self._admission()
        return lambda: perform(admit_organisation, self.inst, officer.id, Decision(task_id, approve=True))

    def admit_organisation_refuse(self) -> Run:
        officer, task_id = self._admission()
        return lambda: perform(admit_organisation, self.inst, officer.id, Decision(task_id, False, "Geen centrum."))

    def end_own_grant(self) -> Run:
        tom = self.world.person()
        grant = self.world.grant(tom, self.world.organisation())
        return lambda: perform(end_own_grant, self.inst, tom.id, grant.id)

    def end_self_decided(self) -> Run:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        other = self.world.person("Ilse Tweede", email=ilse.email)
        self.world.grant(other, place, given_by=ilse.id)
        return lambda: perform(end_self_decided, self.inst, other.id)

    def end_organisation_rights(self) -> Run:
        place = self.world.organisation(kind="brusselse_gemeente")
        self.world.label(place)
        self.world.grant(self.world.person(), place)
        self.world.request(organisation=place)
        change(lambda s: end_organisations(s, [s.get_one(Organisation, place.id)], "inactive"))
        return lambda: perform(end_organisation_rights, self.inst, place.id)

    def appoint_head_administrator(self) -> Run:
        place, officer = self.world.organisation(), self.world.officer_of("LB", "gemeente")
        head = NewHead(
            given_name="Hanne",
            family_name="Smet",
            number=self.world.number(),
            email="hanne@voorbeeld.test",
            evidence="Besluit van 3 november.",
        )
        return lambda: perform(appoint_head_administrator, self.inst, officer.id, place.id, head)

    def appoint_mandate(self) -> Run:
        place = self.world.organisation()
        karim, ilse = self.world.administrator_of(place, head=True), self.world.person()
        wish = Appointment(person_id=ilse.id, kind=LOCAL_ADMIN, organisation_id=place.id)
        return lambda: perform(appoint_mandate, self.inst, karim.id, wish)

    def dismiss_mandate(self) -> Run:
        place = self.world.organisation()
        karim, ilse = self.world.administrator_of(place, head=True), self.world.administrator_of(place)
        mandate_id = living_mandates(db.session(), person_id=ilse.id)[0].mandate_id
        return lambda: perform(dismiss_mandate, self.inst, karim.id, mandate_id, "Andere taken.")

    def add_person(self) -> Run:
        new = NewPerson(given_name="Hanne", family_name="Smet", number=self.world.number(), email="h@voorbeeld.test")
        return lambda: perform(add_person, self.inst, None, new)

    def _doubted(self) -> Person:
        hanne = self.world.person("Hanne Smet", state="doubted", email=None)
        self.world.grant(hanne, self.world.organisation())
        return hanne

    def settle_doubt_by_a_name(self) -> Run:
        hanne = self._doubted()
        return lambda: perform(settle_doubt, self.inst, hanne.id, RightName("Hanna", "Smets"))

    def settle_doubt_by_a_number(self) -> Run:
        hanne = self._doubted()
        return lambda: perform(settle_doubt, self.inst, hanne.id, None)

    def raise_number_hashes(self) -> Run:
        self.world.person()
        newer = replace(self.inst, keys=Keys({"test2": b"b" * 32, **self.inst.settings.secret_keys}))
        return lambda: perform(raise_number_hashes, newer)

    def add_affiliation(self) -> Run:
        person, place = self.world.person(), self.world.organisation()
        return lambda: perform(add_affiliation, self.inst, None, person.id, place.id)

    def import_organisations(self) -> Run:
        def bring(*lines: str) -> Any:
            file = read_organisation_file(csv_file(*lines), self.inst.catalogue)
            return perform(import_organisations, self.inst, None, file)

        bring(GENK, ETTERBEEK)
        ended, retyped = (
            GENK.replace(",1,invented", ",0,invented"),
            ETTERBEEK.replace("Etterbeek,Etterbeek", "Nieuw,Neuf"),
        )
        return lambda: bring(ended, retyped, "agb,LB,AGB Aalst,,,,0999000426,,,1,invented")

    def link_identity(self) -> Run:
        number = self.world.number()
        self.world.person("Hanne Smet", number=number, state="unlinked", email=None)
        identity = UpstreamIdentity(
            provider_code="itsme",
            issuer="http://localhost:8004/itsme",
            subject="een-subject",
            given_name="Hanne",
            family_name="Smet",
            number=number,
            level=27,
            language="nl",
        )
        return lambda: perform(link_identity, self.inst, identity)


OPENED = {"access:request:submit", "access:task:open", "people:link:issue"}
DECIDED = {"access:task:decide"}

EVENTS: dict[str, set[str]] = {
    "submit_request": {"access:request:start", *OPENED},
    "submit_request_to_prove": {"access:request:start", "people:link:issue"},
    "confirm_request_email": {"people:link:use", "people:person:prove_email", *OPENED},
    "refuse_confirmation": {"people:link:use", "access:request:cancel"},
    "resend_tracking": {"people:link:issue"},
    "withdraw_request": {"access:request:withdraw"},
    "expire_request": {"access:request:expire"},
    "forget_unproved": {"access:request:forget"},
    "claim_task": {"access:task:claim"},
    "release_task": {"access:task:release"},
    "decide_request_approve": {*DECIDED, "access:request:approve", "people:affiliation:add", "access:grant:give"},
    "decide_request_typed_with_label": {
        *DECIDED,
        "access:request:approve",
        "people:person:add",
        "people:affiliation:add",
        "access:grant:give",
        "access:label:ask",
        "access:task:open",
    },
    "decide_request_change_of_role": {
        *DECIDED,
        "access:request:approve",
        "access:grant:end",
        "access:grant:change_role",
    },
    "decide_request_reject": {*DECIDED, "access:request:reject"},
    "decide_label_approve": {*DECIDED, "access:label:approve"},
    "decide_label_reject": {*DECIDED, "access:label:reject", "access:grant:end"},
    "close_changed_pool": {"access:task:close", "access:label:end", "access:label:ask", "access:task:open"},
    "follow_retype": {"access:grant:follow_policy", "access:label:ask", "access:task:open"},
    "apply_catalogue": {"access:grant:follow_policy", "catalogue:policies:load"},
    "admit_organisation_approve": {
        *DECIDED,
        "access:organisation:admit",
        "access:request:readdress",
        "access:task:open",
    },
    "admit_organisation_refuse": {*DECIDED, "access:organisation:refuse"},
    "end_own_grant": {"access:grant:end"},
    "end_self_decided": {"access:grant:end"},
    "end_organisation_rights": {"access:request:cancel", "access:label:end", "access:grant:end"},
    "end_label": {"access:label:end"},
    "end_affiliation": {"people:affiliation:end", "people:mandate:dismiss", "access:grant:end"},
    "settle_run_out_grants": {"access:grant:expire"},
    "settle_run_out_labels": {"access:label:expire"},
    "appoint_head_administrator": {"people:person:add", "people:affiliation:add", "people:mandate:appoint"},
    "appoint_mandate": {"people:affiliation:add", "people:mandate:appoint"},
    "dismiss_mandate": {"people:mandate:dismiss"},
    "add_person": {"people:person:add"},
    "settle_doubt_by_a_name": {"people:person:settle_doubt"},
    "settle_doubt_by_a_number": {"people:person:settle_doubt", "access:grant:end"},
    "end_right": {"access:grant:end"},
    "change_last_day_earlier": {"access:grant:shorten"},
    "change_last_day_later": {"access:grant:extend"},
    "announce_ends": {"access:grant:announce_end"},
    "remind_deciders": {"access:task:remind", "access:task:escalate"},
    "hold_person": {"people:person:hold"},
    "raise_number_hashes": {"people:person:raise_hashes"},
    "add_affiliation": {"people:affiliation:add"},
    "import_organisations": {
        "people:organisation:add",
        "people:organisation:change",
        "people:organisation:end",
    },
    "link_identity": {"people:person:link"},
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_operation_writes_its_events_and_no_others(
    world: World, session: Session, clock: time_machine.Traveller, name: str
) -> None:
    """AU4: ids and codes only, who did it, and never a name, address or number."""
    run = getattr(Prepared(world, clock), name)()
    before = set(session.scalars(select(AuditEvent.id)))
    session.rollback()
    actor = uuid.uuid4()
    with audit.acting(audit.Acting("person", actor)):
        run()
    events = [each for each in session.scalars(select(AuditEvent)) if each.id not in before]
    assert {each.name for each in events} == EVENTS[name]
    assert {(each.actor_kind, each.actor_id) for each in events} == {("person", actor)}
    written = " ".join(str(value) for each in events for value in each.details.values())
    for person in session.scalars(select(Person)):
        assert person.family_name not in written
    assert "@" not in written
    assert "voorbeeld" not in written


def test_every_operation_of_the_rooms_is_looked_at() -> None:
    """AU4: an operation that nobody put in the table is found here."""
    missed = set()
    for room in (access, people):
        for found in pkgutil.iter_modules(room.__path__):
            module = importlib.import_module(f"{room.__name__}.{found.name}")
            operation = getattr(module, found.name, None)
            if not inspect.isfunction(operation) or "session" not in inspect.signature(operation).parameters:
                continue
            if _CHANGES.search(inspect.getsource(module)) and not any(each.startswith(found.name) for each in EVENTS):
                missed.add(found.name)
    assert missed == PARTS


def test_a_head_is_appointed_with_the_events_of_each_part(world: World) -> None:
    """The kinds of mandate are one operation; its event names which."""
    place, officer = world.organisation(), world.officer_of("LB", "gemeente")
    wish = Appointment(
        person_id=world.person().id, kind=HEAD_LOCAL_ADMIN, organisation_id=place.id, evidence="Besluit."
    )
    perform(appoint_mandate, world.installation, officer.id, wish)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.name == "people:mandate:appoint")).one()
    assert (event.details["kind"], event.organisation_id) == (HEAD_LOCAL_ADMIN, place.id)
