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
from broker.access.accept_charter import accept_charter
from broker.access.accept_invitation import accept_invitation
from broker.access.add_colleague import NewColleague, add_colleague
from broker.access.admit_organisation import admit_organisation
from broker.access.announce_ends import announce_ends
from broker.access.answer_facts import Answers, answer_facts, refuse_facts
from broker.access.apply_catalogue import apply_catalogue
from broker.access.appoint_head_administrator import NewHead, appoint_head_administrator
from broker.access.ask_facts import Question, ask_facts
from broker.access.campaign import RecertificationCampaign
from broker.access.carry_out_line import add_newcomer, carry_out_line, refuse_line
from broker.access.carry_out_upload import carry_out_upload
from broker.access.change_contact import WorkContact, change_contact
from broker.access.change_last_day import LastDay, change_last_day
from broker.access.check_upload import check_upload
from broker.access.claim_task import claim_task, release_task
from broker.access.close_asked_facts import close_run_out
from broker.access.close_campaign import close_campaign
from broker.access.close_upload import close_upload, forget_upload
from broker.access.close_vacancy import close_vacancy
from broker.access.confirm_request_email import confirm_request_email, refuse_confirmation
from broker.access.confirm_rights import Confirmation, confirm_rights
from broker.access.count_role_elsewhere import count_role_elsewhere
from broker.access.decide_doubt import decide_doubt
from broker.access.decide_label import close_changed_pool, decide_label
from broker.access.decide_nomination import decide_nomination
from broker.access.decide_report import decide_report
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.end_affiliation import end_affiliation
from broker.access.end_grant import end_own_grant
from broker.access.end_label import end_label
from broker.access.end_organisation_rights import end_organisation_rights
from broker.access.end_right import end_right
from broker.access.end_self_decided import end_self_decided
from broker.access.expire_requests import expire_request, forget_unproved
from broker.access.explain_direct import DirectGrant
from broker.access.follow_names_at_work import follow_names_at_work
from broker.access.follow_retype import follow_retype
from broker.access.forget_typed import forget_typed
from broker.access.give_right import give_right
from broker.access.grant import Grant
from broker.access.hand_over import HandOver, hand_over
from broker.access.holders_of import holders_of
from broker.access.invite_colleague import invite_colleague
from broker.access.keep_upload import keep_upload
from broker.access.label import Label
from broker.access.lapse_nominations import lapse_nomination
from broker.access.leave_organisation import leave_organisation
from broker.access.look_up_administrators import look_up_administrators
from broker.access.look_up_request import look_up_request
from broker.access.merge_organisation import Merger, merge_organisation
from broker.access.nominate_colleague import NamedColleague, nominate_colleague
from broker.access.nomination import Nomination
from broker.access.open_campaign import open_campaign
from broker.access.open_doubts import open_doubts
from broker.access.read_answer import erase_answer, read_answer
from broker.access.remind_campaign import remind_campaign
from broker.access.remind_deciders import remind_deciders
from broker.access.report_colleague import report_colleague
from broker.access.resend_tracking import resend_tracking, resend_tracking_for_caller
from broker.access.resign_mandate import Resignation, resign_mandate
from broker.access.resume_right import resume_right
from broker.access.send_announcement import Draft, send_announcement
from broker.access.send_link import send_link
from broker.access.settle_doubt import RightName, settle_doubt
from broker.access.settle_run_out import settle_run_out_grants, settle_run_out_labels
from broker.access.settle_suspensions import settle_suspensions
from broker.access.show_number import show_number
from broker.access.spread_announcement import spread_announcement
from broker.access.submit_request import ProposedOrganisation, Submission, submit_request
from broker.access.suspend_right import Suspension, suspend_right, write_suspension
from broker.access.take_back_label import take_back_label
from broker.access.take_list import take_list
from broker.access.task import Task
from broker.access.tell_reciprocal import tell_reciprocal
from broker.access.upload import UploadLine
from broker.access.upload_content import LineContent
from broker.access.vacancy import tell_vacancy
from broker.access.withdraw_request import withdraw_request
from broker.audit import AuditEvent
from broker.database import changing_session, db, perform
from broker.keys import Keys
from broker.people.add_affiliation import add_affiliation
from broker.people.add_person import NewPerson, add_person
from broker.people.affiliation import Affiliation
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.choose_language import choose_language
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.end_deputy import end_deputy
from broker.people.end_organisations import end_organisations
from broker.people.hold_person import hold_person
from broker.people.import_organisations import import_organisations
from broker.people.link_identity import UpstreamIdentity, link_identity
from broker.people.living_deputies import living_deputies
from broker.people.living_mandates import living_mandates
from broker.people.look_up import look_up
from broker.people.mandate import (
    APPLICATION_OWNER,
    HEAD_LOCAL_ADMIN,
    HELPDESK,
    HELPDESK_SCOPE,
    LOCAL_ADMIN,
    Mandate,
)
from broker.people.name_deputy import NewDeputy, name_deputy
from broker.people.one_time_link import ASK_NUMBER, INVITATION
from broker.people.organisation import Organisation
from broker.people.organisation_file import read_organisation_file
from broker.people.person import Person
from broker.people.raise_number_hashes import raise_number_hashes
from broker.people.settle_run_out_deputies import settle_run_out_deputies
from broker.text import Text
from tests.access.test_campaigns import opened
from tests.people.organisation_files import ETTERBEEK, GENK, csv_file
from tests.worlds.world import World

# What a file writes that changes rows or tells people; a file without any of it only reads.
_CHANGES = re.compile(
    r"audit\.record\(|put_mail\(|session\.add\(|with_for_update\(key_share=True|\bto_change\(|\b(?:insert|update|delete)\("
)
# Parts of the operations below, which no door calls.
PARTS = {
    "absent_longer",
    "add_local_account",
    "administered_grant",
    "ask_label",
    "copy_request",
    "end_account_of_leaver",
    "end_grant",
    "end_deputyships",
    "end_local_account",
    "end_organisations",
    "end_person_rights",
    "give_grant",
    "move_right",
    "open_request",
    "settle_nomination",
    "tell_given_directly",
    "tell_last_day",
    "tell_owner",
    "tell_owner_of_request",
    "tell_service",
    "tell_suspension",
}

Run = Callable[[], Any]
PROPOSAL = ProposedOrganisation("0999000228", "De Nieuwe Zaal", "Markt 1, 3600 Genk", "An Peeters")


def _open_task() -> uuid.UUID:
    found = db.session.scalars(select(Task.id).where(Task.closed_at.is_(None))).one()
    db.session.rollback()
    return found


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
        return lambda: perform(settle_run_out_grants, self.inst)

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

    def _mandated(self, kind: str, scope: str, **columns: Any) -> Person:
        person = self.world.person()
        now = broker_clock.now()
        change(
            lambda session: session.add(
                Mandate(person_id=person.id, kind=kind, scope_key=scope, valid_from=now, **columns)
            )
        )
        return person

    def resend_tracking_for_caller(self) -> Run:
        hilde, request = self._mandated(HELPDESK, HELPDESK_SCOPE), self.world.request()
        self.clock.shift(timedelta(hours=1))
        return lambda: perform(resend_tracking_for_caller, self.inst, hilde.id, request.number)

    def look_up_request(self) -> Run:
        hilde, request = self._mandated(HELPDESK, HELPDESK_SCOPE), self.world.request()
        return lambda: perform(look_up_request, self.inst, hilde.id, request.number)

    def look_up_administrators(self) -> Run:
        hilde, place = self._mandated(HELPDESK, HELPDESK_SCOPE), self.world.organisation()
        return lambda: perform(look_up_administrators, self.inst, hilde.id, place.id)

    def _announcement(self) -> tuple[Person, Draft]:
        self.world.grant(self.world.person(), self.world.organisation())
        lut = self._mandated(APPLICATION_OWNER, "app:cultuurmonitor", application_code="cultuurmonitor")
        return lut, Draft("cultuurmonitor", "Onderhoud", "Zaterdag is alles dicht.")

    def send_announcement(self) -> Run:
        lut, draft = self._announcement()
        return lambda: perform(send_announcement, self.inst, lut.id, draft)

    def spread_announcement(self) -> Run:
        lut, draft = self._announcement()
        announcement_id = perform(send_announcement, self.inst, lut.id, draft)
        return lambda: perform(spread_announcement, self.inst, announcement_id)

    def accept_charter(self) -> Run:
        nele = self.world.person()
        charter = self.inst.catalogue.applications["jeugdmonitor"].charter
        assert charter is not None
        return lambda: perform(accept_charter, self.inst, nele.id, "jeugdmonitor", charter.version)

    def choose_language(self) -> Run:
        nele = self.world.person()
        return lambda: perform(choose_language, self.inst, nele.id, "en")

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

    def give_right(self) -> Run:
        place = self.world.organisation()
        ilse, nele = self.world.administrator_of(place), self.world.person(works_for=place)
        wish = DirectGrant(place.id, nele.id, "cultuurmonitor", "invoerder", "cultuurcentra")
        return lambda: perform(give_right, self.inst, ilse.id, wish)

    def add_colleague(self) -> Run:
        place = self.world.organisation()
        ilse, number = self.world.administrator_of(place), self.world.number()
        new = NewColleague(given_name="Hanne", family_name="Smet", number=number, email="hanne@voorbeeld.test")
        return lambda: perform(add_colleague, self.inst, ilse.id, place.id, new)

    def _invited(self) -> tuple[Person, Affiliation]:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        new = NewColleague(given_name="Hanne", family_name="Smet", number="", email="hanne@voorbeeld.test")
        return ilse, perform(add_colleague, self.inst, ilse.id, place.id, new)

    def invite_colleague(self) -> Run:
        ilse, job = self._invited()
        return lambda: perform(invite_colleague, self.inst, ilse.id, job.id)

    def accept_invitation(self) -> Run:
        ilse, job = self._invited()
        wish = DirectGrant(job.organisation_id, job.person_id, "cultuurmonitor", "invoerder", "cultuurcentra")
        perform(give_right, self.inst, ilse.id, wish)
        hanne, token = (
            self.world.person("Hanne Smet", name_source="verified"),
            self.world.link_token(job.id, INVITATION),
        )
        return lambda: perform(accept_invitation, self.inst, token, hanne.id)

    def look_up(self) -> Run:
        place = self.world.organisation()
        ilse, number = self.world.administrator_of(place), self.world.number()
        return lambda: perform(look_up, self.inst, ilse.id, place, number)

    def count_role_elsewhere(self) -> Run:
        place = self.world.organisation()
        ilse, nele = self.world.administrator_of(place), self.world.person(works_for=place)
        return lambda: perform(count_role_elsewhere, self.inst, ilse.id, place.id, nele.id)

    def send_link(self) -> Run:
        place = self.world.organisation()
        ilse, code = self.world.administrator_of(place), self.world.entitlement_for(place)
        return lambda: perform(send_link, self.inst, ilse.id, place.id, code, "hanne@voorbeeld.test")

    def follow_names_at_work(self) -> Run:
        place, nele = self.world.organisation(), self.world.person(name_source="verified")
        self.world.affiliation(nele, place, entered_given_name="Nele", entered_family_name="Vercauteren")
        return lambda: perform(follow_names_at_work, self.inst, nele.id)

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

    def forget_typed(self) -> Run:
        ilse, task = self._task()
        perform(decide_request, self.inst, ilse.id, Decision(task.id, approve=True))
        return lambda: perform(forget_typed, self.inst, ilse.id, task.id)

    def _report(self) -> tuple[Person, Run, Grant]:
        place = self.world.organisation()
        ilse, nele = self.world.administrator_of(place), self.world.person()
        own, tom_s = self.world.grant(nele, place), self.world.grant(self.world.person("Tom Bogaert"), place)
        return ilse, lambda: perform(report_colleague, self.inst, nele.id, own.id, tom_s.id, "Weg."), tom_s

    def report_colleague(self) -> Run:
        return self._report()[1]

    def decide_report(self) -> Run:
        ilse, report, _tom_s = self._report()
        report()
        decision = Decision(_open_task(), approve=True, reason="Werkt elders.")
        return lambda: perform(decide_report, self.inst, ilse.id, decision)

    def _nominate(self) -> tuple[Person, Run]:
        """Fatima of a municipality names Sanne of the police, in an application that takes local accounts."""
        applications = dict(self.inst.catalogue.applications)
        clients = applications["cultuurmonitor"].clients
        applications["plusminmee"] = replace(applications["plusminmee"], clients=clients)
        inst = replace(self.inst, catalogue=replace(self.inst.catalogue, applications=applications))
        fatima, police = self.world.person(), self.world.organisation("Politie", "politie", target_group="NL")
        joost = self.world.administrator_of(police, "Joost de Wit")
        here = self.world.organisation("Gemeente Elzevoorde", target_group="NL")
        self.world.grant(fatima, here, entitlement="PMM_NL_Beheerder_Gemeente")
        named = NamedColleague("Sanne", "Bakker", "sanne@voorbeeld.test", "Zij werkt mee.")
        return joost, lambda: perform(nominate_colleague, inst, fatima.id, "plusminmee", police.id, named)

    def nominate_colleague(self) -> Run:
        return self._nominate()[1]

    def decide_nomination(self) -> Run:
        joost, nominate = self._nominate()
        nominate()
        decision = Decision(_open_task(), approve=False, reason="Zij werkt elders.")
        return lambda: perform(decide_nomination, self.inst, joost.id, decision)

    def lapse_nomination(self) -> Run:
        self._nominate()[1]()
        nomination_id = db.session.scalars(select(Nomination.id)).one()
        db.session.rollback()
        return lambda: perform(lapse_nomination, nomination_id)

    def hand_over(self) -> Run:
        ilse, grant = self._right()
        tom = self.world.affiliation(
            self.world.person("Tom Bogaert"), self.world.fresh(Organisation, grant.organisation_id)
        )
        day = broker_clock.local_date(broker_clock.now()) + timedelta(days=5)
        wish = HandOver(grant.id, tom.id, day, "Lang afwezig.")
        return lambda: perform(hand_over, self.inst, ilse.id, wish)

    def leave_organisation(self) -> Run:
        ilse, grant = self._right()
        return lambda: perform(leave_organisation, self.inst, ilse.id, grant.affiliation_id)

    def change_contact(self) -> Run:
        ilse, grant = self._right()
        contact = WorkContact("nele@genk.test", "", "")
        return lambda: perform(change_contact, self.inst, ilse.id, grant.affiliation_id, contact)

    def show_number(self) -> Run:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        new = NewPerson(given_name="Hanne", family_name="Smet", number=self.world.number())
        hanne = perform(add_person, self.inst, ilse.id, new, place.id)
        job = self.world.affiliation(hanne, place)
        return lambda: perform(show_number, self.inst, ilse.id, job.id, "mistyped")

    def _asked(self) -> tuple[Person, uuid.UUID]:
        """A question to an applicant without a number."""
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        request = self.world.typed_request(place, with_number=False)
        question = Question({"number": "Om te koppelen"}, self.world.task(request).id)
        return ilse, perform(ask_facts, self.inst, ilse.id, question)

    def _answered(self) -> tuple[Person, uuid.UUID]:
        ilse, asked = self._asked()
        token = self.world.link_token(asked, ASK_NUMBER)
        perform(answer_facts, self.inst, token, Answers(number=self.world.number()))
        return ilse, asked

    def ask_facts(self) -> Run:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        task = self.world.task(self.world.typed_request(place, with_number=False))
        return lambda: perform(ask_facts, self.inst, ilse.id, Question({"number": "Om te koppelen"}, task.id))

    def answer_facts(self) -> Run:
        token = self.world.link_token(self._asked()[1], ASK_NUMBER)
        return lambda: perform(answer_facts, self.inst, token, Answers(number=self.world.number()))

    def answer_facts_by_refusing(self) -> Run:
        token = self.world.link_token(self._asked()[1], ASK_NUMBER)
        return lambda: perform(refuse_facts, self.inst, token)

    def read_answer(self) -> Run:
        ilse, asked = self._answered()
        return lambda: perform(read_answer, self.inst, ilse.id, asked)

    def read_answer_and_erase(self) -> Run:
        ilse, asked = self._answered()
        return lambda: perform(erase_answer, ilse.id, asked)

    def close_asked_facts(self) -> Run:
        self._answered()
        self.clock.shift(timedelta(hours=73))
        return lambda: perform(close_run_out)

    def suspend_right(self) -> Run:
        ilse, grant = self._right()
        return lambda: perform(suspend_right, self.inst, ilse.id, grant.id, Suspension("Lang afwezig."))

    def resume_right(self) -> Run:
        ilse, grant = self._right()
        perform(suspend_right, self.inst, ilse.id, grant.id, Suspension("Lang afwezig."))
        return lambda: perform(resume_right, self.inst, ilse.id, grant.id)

    def settle_suspensions_that_are_over(self) -> Run:
        ilse, grant = self._right()
        today = broker_clock.local_date(broker_clock.now())
        perform(suspend_right, self.inst, ilse.id, grant.id, Suspension("Lang afwezig.", today))
        self.clock.shift(timedelta(days=1))
        return lambda: perform(settle_suspensions, self.inst)

    def settle_suspensions_that_begin(self) -> Run:
        ilse, grant = self._right()
        begins = broker_clock.now() + timedelta(days=3)
        change(
            lambda session: write_suspension(session, session.get_one(Grant, grant.id), ilse.id, begins, None, "Weg.")
        )
        self.clock.shift(timedelta(days=4))
        return lambda: perform(settle_suspensions, self.inst)

    def announce_ends(self) -> Run:
        _ilse, grant = self._right()
        self.clock.shift(timedelta(days=340))
        return lambda: perform(announce_ends, self.inst, grant.organisation_id)

    def _campaign(self, **policy: Any) -> tuple[Person, uuid.UUID]:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        self.world.grant(self.world.person(), place)
        return ilse, opened(place, **policy).id

    def open_campaign(self) -> Run:
        _ilse, grant = self._right()
        return lambda: perform(open_campaign, self.inst, grant.organisation_id, grant.application_code, "2026")

    def confirm_rights_keep(self) -> Run:
        ilse, campaign_id = self._campaign()
        return lambda: perform(confirm_rights, self.inst, ilse.id, Confirmation(campaign_id, None, keep=True))

    def confirm_rights_end(self) -> Run:
        ilse, campaign_id = self._campaign()
        wish = Confirmation(campaign_id, None, keep=False, reason="Werkt hier niet meer.")
        return lambda: perform(confirm_rights, self.inst, ilse.id, wish)

    def confirm_rights_of_a_merged_organisation(self) -> Run:
        place, other = self.world.organisation(), self.world.organisation("Pajottegem")
        ilse = self.world.administrator_of(other)
        self.world.grant(self.world.person(), place)
        with audit.acting(audit.Acting("operator")):
            perform(merge_organisation, self.inst, None, Merger(place.id, other.id, "BVR-1"))
        campaign_id = db.session.scalars(select(RecertificationCampaign.id)).one()
        db.session.rollback()
        return lambda: perform(confirm_rights, self.inst, ilse.id, Confirmation(campaign_id, None, keep=True))

    def remind_campaign(self) -> Run:
        _ilse, campaign_id = self._campaign()
        self.clock.shift(timedelta(days=30))
        return lambda: perform(remind_campaign, self.inst, campaign_id)

    def close_campaign(self) -> Run:
        _ilse, campaign_id = self._campaign(unconfirmed="end")
        self.clock.shift(timedelta(days=60))
        return lambda: perform(close_campaign, self.inst, campaign_id)

    def merge_organisation(self) -> Run:
        place, other = self.world.organisation(), self.world.organisation("Pajottegem")
        lies, nele = self.world.officer_of("LB", "gemeente"), self.world.person()
        self.world.administrator_of(place)
        self.world.grant(nele, place)
        self.world.request(organisation=place)
        merger = Merger(place.id, other.id, "BVR-2026/114")
        return lambda: perform(merge_organisation, self.inst, lies.id, merger)

    def tell_reciprocal(self) -> Run:
        return lambda: perform(tell_reciprocal, self.inst)

    def remind_deciders(self) -> Run:
        _ilse, task = self._task()
        self.clock.shift(timedelta(days=40))
        return lambda: perform(remind_deciders, self.inst, task.id)

    def holders_of(self) -> Run:
        nele, catalogue = self.world.person(), self.inst.catalogue
        self.world.grant(nele, self.world.organisation())
        return lambda: perform(holders_of, catalogue, catalogue.applications["cultuurmonitor"], {nele.sub})

    def take_list(self) -> Run:
        ilse = self.world.administrator_of(self.world.organisation())
        return lambda: perform(take_list, ilse.id, "people", "csv", None)

    def _upload(self, *, checked: bool = True) -> tuple[Person, uuid.UUID]:
        """A file with one line, about somebody new."""
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        line = LineContent(self.world.number(), "roos@genk.test", "Roos", "Nieuw", "cultuurmonitor", "invoerder")
        upload_id = perform(keep_upload, self.inst, ilse.id, place.id, [(2, line)])
        while checked and perform(check_upload, self.inst, upload_id):
            pass
        return ilse, upload_id

    def keep_upload(self) -> Run:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        return lambda: perform(keep_upload, self.inst, ilse.id, place.id, [(2, LineContent(number="1"))])

    def check_upload(self) -> Run:
        _, upload_id = self._upload(checked=False)
        return lambda: perform(check_upload, self.inst, upload_id)

    def carry_out_upload(self) -> Run:
        ilse, upload_id = self._upload()
        return lambda: perform(carry_out_upload, ilse.id, upload_id, 1)

    def carry_out_line(self) -> Run:
        ilse, upload_id = self._upload()
        perform(carry_out_upload, ilse.id, upload_id, 1)
        line_id = db.session.scalars(select(UploadLine.id)).one()
        db.session.rollback()
        perform(add_newcomer, self.inst, line_id)
        return lambda: perform(carry_out_line, self.inst, line_id)

    def carry_out_line_of_a_newcomer(self) -> Run:
        ilse, upload_id = self._upload()
        perform(carry_out_upload, ilse.id, upload_id, 1)
        line_id = db.session.scalars(select(UploadLine.id)).one()
        db.session.rollback()
        return lambda: perform(add_newcomer, self.inst, line_id)

    def close_upload(self) -> Run:
        ilse, upload_id = self._upload()
        perform(carry_out_upload, ilse.id, upload_id, 1)
        perform(refuse_line, self.inst, db.session.scalars(select(UploadLine.id)).one(), Text("Nee", "No"))
        return lambda: perform(close_upload, upload_id)

    def close_upload_unwanted(self) -> Run:
        ilse, upload_id = self._upload()
        return lambda: perform(forget_upload, ilse.id, upload_id)

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

    def name_deputy(self) -> Run:
        place = self.world.organisation()
        ilse, eva = self.world.administrator_of(place), self.world.person("Eva Janssens", works_for=place)
        mandate_id = living_mandates(db.session(), person_id=ilse.id)[0].mandate_id
        today = broker_clock.local_date(broker_clock.now())
        wish = NewDeputy(eva.id, today, today + timedelta(days=5))
        return lambda: perform(name_deputy, self.inst, ilse.id, mandate_id, wish)

    def _deputy(self) -> tuple[Person, uuid.UUID]:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        eva = self.world.deputy_of(ilse, place)
        return ilse, living_deputies(db.session(), person_id=eva.id)[0].deputy.id

    def end_deputy(self) -> Run:
        ilse, deputy_id = self._deputy()
        return lambda: perform(end_deputy, self.inst, ilse.id, deputy_id)

    def settle_run_out_deputies(self) -> Run:
        self._deputy()
        self.clock.shift(timedelta(days=40))
        return lambda: perform(settle_run_out_deputies)

    def _last_head(self, *colleagues: str) -> tuple[Person, uuid.UUID, list[Person]]:
        place = self.world.organisation()
        karim = self.world.administrator_of(place, "Karim Benali", head=True)
        others = [self.world.administrator_of(place, name) for name in colleagues]
        return karim, living_mandates(db.session(), person_id=karim.id)[0].mandate_id, others

    def resign_mandate_with_a_successor(self) -> Run:
        karim, mandate_id, (ilse,) = self._last_head("Ilse Maes")
        return lambda: perform(resign_mandate, self.inst, karim.id, mandate_id, Resignation(successor_id=ilse.id))

    def resign_mandate_leaving_nobody(self) -> Run:
        karim, mandate_id, _ = self._last_head()
        return lambda: perform(resign_mandate, self.inst, karim.id, mandate_id, Resignation(leave_vacant=True))

    def _vacant(self) -> Organisation:
        place = self.world.organisation()
        ilse = self.world.administrator_of(place)
        job = self.world.affiliation(ilse, place)
        perform(end_affiliation, self.inst, job.id, ended_by=None, reason="left")
        return place

    def tell_vacancy(self) -> Run:
        place = self._vacant()
        return lambda: perform(tell_vacancy, self.inst, place.id)

    def close_vacancy(self) -> Run:
        marc, place = self.world.officer_of("LB", "gemeente"), self._vacant()
        perform(tell_vacancy, self.inst, place.id)
        task = self.world.task(organisation_id=place.id)
        return lambda: perform(close_vacancy, self.inst, marc.id, Decision(task.id, approve=False))

    def take_back_label(self) -> Run:
        lies = self.world.officer_of("EA", "economische_actor")
        label = self.world.label(self.world.organisation("De Kaai", kind="economische_actor"))
        return lambda: perform(take_back_label, self.inst, lies.id, label.id, "Niets meer ingevuld.")

    def _doubt(self, state: str) -> tuple[Person, Person, Task]:
        place = self.world.organisation()
        ilse, hanne = self.world.administrator_of(place), self.world.person("Hanne Smet", state=state)
        if state == "matched":
            self.world.affiliation(hanne, place, entered_given_name="Jan", entered_family_name="Peeters")
        self.world.grant(hanne, place)
        perform(open_doubts, self.inst, hanne.id)
        return ilse, hanne, self.world.task(doubted_person_id=hanne.id)

    def open_doubts(self) -> Run:
        hanne = self._doubted()
        return lambda: perform(open_doubts, self.inst, hanne.id)

    def decide_doubt_by_a_name(self) -> Run:
        ilse, _, task = self._doubt("matched")
        name = RightName("Hanne", "Smet")
        return lambda: perform(decide_doubt, self.inst, ilse.id, Decision(task.id, approve=True), name)

    def decide_doubt_by_a_number(self) -> Run:
        ilse, _, task = self._doubt("matched")
        name = RightName("", "")
        return lambda: perform(decide_doubt, self.inst, ilse.id, Decision(task.id, approve=False), name)

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
    "resend_tracking_for_caller": {"access:request:resend_tracking", "people:link:issue"},
    "look_up_request": {"access:request:look_up"},
    "look_up_administrators": {"people:organisation:look_up"},
    "send_announcement": {"access:announcement:send"},
    "spread_announcement": {"access:announcement:spread"},
    "accept_charter": {"access:charter:accept"},
    "choose_language": {"people:person:choose_language"},
    "withdraw_request": {"access:request:withdraw"},
    "expire_request": {"access:request:expire"},
    "forget_unproved": {"access:request:forget"},
    "take_list": {"access:list:take"},
    "holders_of": {"access:holders:ask"},
    "keep_upload": {"access:upload:keep"},
    "check_upload": {"people:person:look_up"},
    "carry_out_upload": {"access:upload:carry_out"},
    "carry_out_line": {"access:grant:give"},
    "carry_out_line_of_a_newcomer": {"people:person:look_up", "people:person:add", "people:affiliation:add"},
    "close_upload": {"access:upload:close"},
    "close_upload_unwanted": {"access:upload:forget"},
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
    "name_deputy": {"people:deputy:name"},
    "end_deputy": {"people:deputy:end"},
    "settle_run_out_deputies": {"people:deputy:expire"},
    "resign_mandate_with_a_successor": {"people:mandate:appoint", "people:mandate:dismiss"},
    "resign_mandate_leaving_nobody": {"people:mandate:dismiss", "access:task:open"},
    "tell_vacancy": {"access:task:open"},
    "close_vacancy": DECIDED,
    "take_back_label": {"access:label:end"},
    "open_doubts": {"access:task:open"},
    "decide_doubt_by_a_name": {*DECIDED, "people:affiliation:confirm", "people:person:settle_doubt"},
    "decide_doubt_by_a_number": {
        *DECIDED,
        "access:grant:end",
        "people:affiliation:end",
        "people:person:settle_doubt",
    },
    "add_person": {"people:person:add"},
    "settle_doubt_by_a_name": {"people:person:settle_doubt"},
    "settle_doubt_by_a_number": {"people:person:settle_doubt", "access:grant:end"},
    "give_right": {"access:grant:give"},
    "add_colleague": {"people:person:look_up", "people:person:add", "people:affiliation:add"},
    "invite_colleague": {"people:person:look_up", "people:link:issue"},
    "accept_invitation": {
        "people:link:use",
        "people:person:merge",
        "people:affiliation:add",
        "people:affiliation:end",
        "people:affiliation:confirm",
        "access:grant:end",
        "access:grant:give",
    },
    "look_up": {"people:person:look_up"},
    "count_role_elsewhere": {"people:person:look_up"},
    "send_link": {"access:link:send"},
    "follow_names_at_work": {"people:affiliation:confirm"},
    "end_right": {"access:grant:end"},
    "open_campaign": {"access:campaign:open"},
    "confirm_rights_keep": {"access:campaign:keep"},
    "confirm_rights_end": {"access:campaign:end", "access:grant:end"},
    "confirm_rights_of_a_merged_organisation": {"access:campaign:keep", "access:grant:extend"},
    "remind_campaign": {"access:campaign:remind"},
    "close_campaign": {"access:campaign:close", "access:grant:end"},
    "merge_organisation": {
        "access:campaign:open",
        "access:grant:end",
        "access:grant:give",
        "access:request:cancel",
        "access:request:submit",
        "access:task:open",
        "people:affiliation:add",
        "people:affiliation:end",
        "people:link:issue",
        "people:mandate:dismiss",
        "people:organisation:end",
        "people:organisation:merge",
    },
    "tell_reciprocal": {"access:report:reciprocal"},
    "change_last_day_earlier": {"access:grant:shorten"},
    "change_last_day_later": {"access:grant:extend"},
    "forget_typed": {"access:request:forget_typed"},
    "report_colleague": {"access:grant:report", "access:task:open"},
    "decide_report": {*DECIDED, "access:grant:end"},
    "nominate_colleague": {"access:account:nominate", "access:task:open"},
    "decide_nomination": DECIDED,
    "lapse_nomination": {"access:account:lapse"},
    "hand_over": {"access:grant:give", "access:grant:suspend", "access:grant:hand_over"},
    "leave_organisation": {"people:affiliation:end", "access:grant:end"},
    "change_contact": {"people:affiliation:change_contact"},
    "show_number": {"people:number:show"},
    "ask_facts": {"access:facts:ask", "people:link:issue"},
    "answer_facts": {"access:facts:answer", "people:link:use"},
    "answer_facts_by_refusing": {"access:facts:close", "people:link:use"},
    "read_answer": {"access:facts:show"},
    "read_answer_and_erase": {"access:facts:close"},
    "close_asked_facts": {"access:facts:close"},
    "suspend_right": {"access:grant:suspend"},
    "resume_right": {"access:grant:resume"},
    "settle_suspensions_that_are_over": {"access:grant:resume"},
    "settle_suspensions_that_begin": {"access:grant:begin_suspension"},
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
