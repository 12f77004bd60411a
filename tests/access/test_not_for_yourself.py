"""Rule 6: nobody decides for himself, by any road. One test over every operation that decides something for somebody."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.add_colleague import NewColleague, add_colleague
from broker.access.admit_organisation import admit_organisation
from broker.access.appoint_head_administrator import NewHead, appoint_head_administrator
from broker.access.carry_out_line import carry_out_line
from broker.access.change_last_day import LastDay, change_last_day
from broker.access.confirm_rights import Confirmation, confirm_rights
from broker.access.decide_doubt import decide_doubt
from broker.access.decide_label import decide_label
from broker.access.decide_report import decide_report
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.explain_direct import DirectGrant
from broker.access.follow_retype import follow_retype
from broker.access.give_right import give_right
from broker.access.grant import Grant
from broker.access.hand_over import HandOver, hand_over
from broker.access.keep_upload import keep_upload
from broker.access.leave_organisation import leave_organisation
from broker.access.open_doubts import open_doubts
from broker.access.report_colleague import report_colleague
from broker.access.resume_right import resume_right
from broker.access.settle_doubt import RightName
from broker.access.submit_request import ProposedOrganisation
from broker.access.suspend_right import Suspension, suspend_right
from broker.access.task import Task
from broker.access.upload import Upload, UploadLine
from broker.access.upload_content import LineContent
from broker.database import db, perform
from broker.errors import ForbiddenError
from broker.people.affiliation import Affiliation
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.deputy import Deputy
from broker.people.living_mandates import living_mandates
from broker.people.mandate import HEAD_LOCAL_ADMIN, LOCAL_ADMIN, Mandate
from broker.people.name_deputy import NewDeputy, name_deputy
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.access.test_campaigns import opened
from tests.worlds.world import World

NUMBER, EMAIL, PHONE = "83021999892", "ilse@voorbeeld.test", "+32470123456"

Attempt = Callable[[World, Person, str], Callable[[], Any]]


def oneself(world: World) -> Person:
    """Who tries."""
    return world.person("Ilse Maes", number=NUMBER, email=EMAIL, phone=PHONE, phone_source="proved")


def second_self(world: World, me: Person, shared: str) -> Person:
    """The same human with another account, as far as `shared` tells."""
    if shared == "person":
        return me
    columns: dict[str, Any] = {"email": {"email": EMAIL}, "phone": {"phone": PHONE, "phone_source": "proved"}}[shared]
    return world.person("Ilse Tweede", **columns)


def ask_as(world: World, me: Person, shared: str, **about: Any) -> Any:
    """The request of the second self: by digital key, or typed."""
    if shared == "person":
        return world.request(me, about.pop("organisation", None), **about)
    typed: dict[str, Any] = {"number": {"number": NUMBER}, "email": {"email": EMAIL}, "phone": {"phone": PHONE}}[shared]
    return world.typed_request(about.pop("organisation", None), name="Ilse Tweede", **about, **typed)


def _open_task() -> uuid.UUID:
    found = db.session.scalars(select(Task.id).where(Task.closed_at.is_(None))).one()
    db.session.rollback()
    return found


def deciding_a_request(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    world.administrator_of(genk, "Karim Benali")
    ask_as(world, me, shared, organisation=genk)
    return lambda: perform(decide_request, world.installation, me.id, Decision(_open_task(), approve=True))


def rejecting_a_request(world: World, me: Person, shared: str) -> Callable[[], Any]:
    deciding_a_request(world, me, shared)
    return lambda: perform(decide_request, world.installation, me.id, Decision(_open_task(), False, "Neen."))


def deciding_in_place_of_an_administrator(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.officer_of("LB", "gemeente", person=me)
    world.officer_of("LB", "gemeente", "Marc Claes")
    ask_as(world, me, shared, organisation=genk)
    return lambda: perform(decide_request, world.installation, me.id, Decision(_open_task(), approve=True))


def deciding_a_label_one_waits_for(world: World, me: Person, shared: str) -> Callable[[], Any]:
    kaai = world.organisation("De Kaai", kind="economische_actor")
    world.officer_of("EA", "economische_actor", person=me)
    world.grant(second_self(world, me, shared), kaai)
    perform(follow_retype, world.installation, kaai.id)
    return lambda: perform(decide_label, world.installation, me.id, Decision(_open_task(), approve=True))


def deciding_a_label_for_a_right_one_gave(world: World, me: Person, shared: str) -> Callable[[], Any]:
    kaai = world.organisation("De Kaai", kind="economische_actor")
    world.officer_of("EA", "economische_actor", person=me)
    world.grant(world.person(), kaai, given_by=second_self(world, me, shared).id)
    perform(follow_retype, world.installation, kaai.id)
    return lambda: perform(decide_label, world.installation, me.id, Decision(_open_task(), approve=True))


def admitting_one_s_own_organisation(world: World, me: Person, shared: str) -> Callable[[], Any]:
    world.officer_of("EA", "economische_actor", person=me)
    proposal = ProposedOrganisation("0999000228", "De Nieuwe Zaal", "Markt 1, 3600 Genk", "An Peeters")
    ask_as(world, me, shared, proposal=proposal, entitlement="CJM_Cultuurmonitor_EA_CompEnt_Invoerder")
    return lambda: perform(admit_organisation, world.installation, me.id, Decision(_open_task(), approve=True))


def appointing_as_head(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, head=True, person=me)
    wish = Appointment(person_id=second_self(world, me, shared).id, kind=LOCAL_ADMIN, organisation_id=genk.id)
    return lambda: perform(appoint_mandate, world.installation, me.id, wish)


def appointing_as_officer(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.officer_of("LB", "gemeente", person=me)
    wish = Appointment(
        person_id=second_self(world, me, shared).id, kind=HEAD_LOCAL_ADMIN, organisation_id=genk.id, evidence="Brief."
    )
    return lambda: perform(appoint_mandate, world.installation, me.id, wish)


def appointing_by_number(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.officer_of("LB", "gemeente", person=me)
    head = NewHead(given_name="Ilse", family_name="Tweede", number=NUMBER, email="x@voorbeeld.test", evidence="Brief.")
    return lambda: perform(appoint_head_administrator, world.installation, me.id, genk.id, head)


def _own_right(world: World, me: Person, shared: str) -> Grant:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    return world.grant(second_self(world, me, shared), genk)


def suspending(world: World, me: Person, shared: str) -> Callable[[], Any]:
    grant = _own_right(world, me, shared)
    return lambda: perform(suspend_right, world.installation, me.id, grant.id, Suspension("Zo."))


def resuming(world: World, me: Person, shared: str) -> Callable[[], Any]:
    grant = _own_right(world, me, shared)
    karim = world.administrator_of(world.fresh(Organisation, grant.organisation_id), "Karim Benali")
    perform(suspend_right, world.installation, karim.id, grant.id, Suspension("Zo."))
    return lambda: perform(resume_right, world.installation, me.id, grant.id)


def extending(world: World, me: Person, shared: str) -> Callable[[], Any]:
    grant = _own_right(world, me, shared)
    assert grant.valid_until is not None
    wish = LastDay(clock.local_date(clock.now()) + timedelta(days=500), "", clock.last_day(grant.valid_until))
    return lambda: perform(change_last_day, world.installation, me.id, grant.id, wish)


def handing_over_ones_own(world: World, me: Person, shared: str) -> Callable[[], Any]:
    grant = _own_right(world, me, shared)
    tom = world.affiliation(world.person("Tom Bogaert"), world.fresh(Organisation, grant.organisation_id))
    return lambda: perform(hand_over, world.installation, me.id, _until_new_year(grant, tom))


def handing_over_to_oneself(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    grant, job = world.grant(world.person(), genk), world.affiliation(second_self(world, me, shared), genk)
    return lambda: perform(hand_over, world.installation, me.id, _until_new_year(grant, job))


def _until_new_year(grant: Grant, job: Affiliation) -> HandOver:
    return HandOver(grant.id, job.id, date(2026, 12, 31), "Lang afwezig.")


def deciding_a_report_about_oneself(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    world.administrator_of(genk, "Karim Benali")
    nele = world.person()
    own, reported = world.grant(nele, genk), world.grant(second_self(world, me, shared), genk)
    perform(report_colleague, world.installation, nele.id, own.id, reported.id, "Weg.")
    return lambda: perform(decide_report, world.installation, me.id, Decision(_open_task(), approve=False))


def leaving(world: World, me: Person, shared: str) -> Callable[[], Any]:
    grant = _own_right(world, me, shared)
    return lambda: perform(leave_organisation, world.installation, me.id, grant.affiliation_id)


def giving_a_right_directly(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    other = second_self(world, me, shared)
    world.affiliation(other, genk)
    wish = DirectGrant(genk.id, other.id, "cultuurmonitor", "invoerder", "cultuurcentra")
    return lambda: perform(give_right, world.installation, me.id, wish)


def uploading(world: World, me: Person, shared: str) -> Callable[[], Any]:
    """As if the preview had let it through."""
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    other = second_self(world, me, shared)
    world.affiliation(other, genk)
    line = LineContent(email="x@genk.test", application="cultuurmonitor", right="invoerder")
    upload_id = perform(keep_upload, world.installation, me.id, genk.id, [(2, line)])

    def let_through(session: Session) -> uuid.UUID:
        upload, kept = session.get_one(Upload, upload_id), session.scalars(select(UploadLine)).one()
        upload.checked_at = upload.decided_at = clock.now()
        kept.verdict, kept.chosen, kept.person_id = "can", True, other.id
        return kept.id

    line_id = perform(let_through)
    return lambda: perform(carry_out_line, world.installation, line_id)


def adding_by_number(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    new = NewColleague(given_name="Ilse", family_name="Tweede", number=NUMBER, email="x@voorbeeld.test")
    return lambda: perform(add_colleague, world.installation, me.id, genk.id, new)


def standing_in_for_oneself(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    second = second_self(world, me, shared)
    world.affiliation(second, genk)
    mandate_id = living_mandates(db.session(), person_id=me.id)[0].mandate_id
    today = clock.local_date(clock.now())
    wish = NewDeputy(second.id, today, today)
    return lambda: perform(name_deputy, world.installation, me.id, mandate_id, wish)


def deciding_through_a_deputy(world: World, me: Person, shared: str) -> Callable[[], Any]:
    """The deputy is somebody else; who asks is the one they stand in for (AP2)."""
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    world.administrator_of(genk, "Karim Benali")
    eva = world.deputy_of(me, genk)
    ask_as(world, me, shared, organisation=genk)
    return lambda: perform(decide_request, world.installation, eva.id, Decision(_open_task(), approve=True))


def answering_a_doubt_about_oneself(world: World, me: Person, shared: str) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    second = second_self(world, me, shared)
    world.grant(second, genk)
    perform(open_doubts, world.installation, second.id)
    name = RightName("Ilse", "Tweede")
    return lambda: perform(decide_doubt, world.installation, me.id, Decision(_open_task(), approve=True), name)


def keeping_one_s_own_right(world: World, me: Person, shared: str) -> Callable[[], Any]:
    return _confirming(world, me, shared, keep=True)


def ending_it_when_rights_are_confirmed(world: World, me: Person, shared: str) -> Callable[[], Any]:
    return _confirming(world, me, shared, keep=False)


def _confirming(world: World, me: Person, shared: str, *, keep: bool) -> Callable[[], Any]:
    genk = world.organisation("Genk")
    world.administrator_of(genk, person=me)
    world.grant(second_self(world, me, shared), genk)
    wish = Confirmation(opened(genk).id, None, keep=keep, reason="Zo is het.")
    return lambda: perform(confirm_rights, world.installation, me.id, wish)


ROADS: dict[Attempt, str] = {
    keeping_one_s_own_right: "person email phone",
    ending_it_when_rights_are_confirmed: "person email phone",
    giving_a_right_directly: "person email phone",
    uploading: "person email phone",
    adding_by_number: "number",
    suspending: "person email phone",
    resuming: "person email phone",
    extending: "person email phone",
    handing_over_ones_own: "person email phone",
    handing_over_to_oneself: "person email phone",
    leaving: "person email phone",
    deciding_a_report_about_oneself: "person email phone",
    deciding_a_request: "person number email phone",
    rejecting_a_request: "person number email phone",
    deciding_in_place_of_an_administrator: "number email phone",
    deciding_a_label_one_waits_for: "person email phone",
    deciding_a_label_for_a_right_one_gave: "person email phone",
    admitting_one_s_own_organisation: "person number email phone",
    appointing_as_head: "person email phone",
    appointing_as_officer: "person email phone",
    appointing_by_number: "number",
    standing_in_for_oneself: "person email phone",
    deciding_through_a_deputy: "person number email phone",
    answering_a_doubt_about_oneself: "email phone",
}


@pytest.mark.parametrize(
    ("road", "shared"),
    [(road, each) for road, shared in ROADS.items() for each in shared.split()],
    ids=lambda part: getattr(part, "__name__", part),
)
def test_nobody_decides_for_himself(world: World, road: Attempt, shared: str) -> None:
    """ID1, LA2, DG1, AP1: by person, number, proved address and telephone; and nothing was written."""
    me = oneself(world)
    attempt = road(world, me, shared)
    before = _written()
    with audit.acting(audit.Acting("person", me.id)), pytest.raises(ForbiddenError) as refused:
        attempt()
    assert refused.value.code in ("not_for_yourself", "label_by_someone_else")
    assert _written() == before


def _written() -> tuple[int, ...]:
    found = tuple(
        len(db.session.scalars(query).all())
        for query in (
            select(Grant.id),
            select(Mandate.id),
            select(Deputy.id),
            select(Organisation.id),
            select(Task.id).where(Task.decision.is_not(None)),
        )
    )
    db.session.rollback()
    return found


def test_an_officer_s_own_request_is_not_in_the_pool_that_decides_in_place(world: World) -> None:
    """Decisions 9: who asked is left out; there the operator is told."""
    me = oneself(world)
    world.officer_of("LB", "gemeente", person=me)
    request = world.request(me, world.organisation("Genk"))
    with pytest.raises(ForbiddenError):
        perform(decide_request, world.installation, me.id, Decision(world.task(request).id, approve=True))


def test_the_database_itself_refuses_a_right_given_to_oneself(world: World) -> None:
    """DG1: held twice, by rule and by constraint."""
    ilse, genk = world.person(), world.organisation()
    with pytest.raises(IntegrityError):
        world.grant(ilse, genk, given_by=ilse.id)
