"""Mergers of organisations (lifecycles §6): rights follow for ninety days and are confirmed, mandates and labels never follow, and
of two roles nobody chooses one (AP6)."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.access.access_request import AccessRequest
from broker.access.campaign import CampaignItem, RecertificationCampaign
from broker.access.confirm_rights import Confirmation, confirm_rights
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import live_rights
from broker.access.load_case import number_place
from broker.access.merge_organisation import Merger, merge_organisation
from broker.access.plan_merge import MergePlan, plan_merge
from broker.access.task import Task
from broker.audit import AuditEvent
from broker.clock import end_of_day, local_date, now
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import Installation, installation
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.standing_jobs import close_due_campaigns, settle_organisations
from tests.access.changed_policies import under, with_application
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

APPLICATION = "cultuurmonitor"


@pytest.fixture
def small(world: World) -> Organisation:
    return world.organisation("Galmaarden")


@pytest.fixture
def large(world: World) -> Organisation:
    return world.organisation("Pajottegem")


@pytest.fixture
def lies(world: World) -> Person:
    """The officer of municipalities."""
    return world.officer_of("LB", "gemeente")


def merge(actor: Person | None, predecessor: Organisation, successor: Organisation, **more: Any) -> MergePlan | None:
    """Let one go up in the other, by the officer or, without one, by the operator."""
    policies: Installation = more.pop("under", installation())
    merger = Merger(predecessor.id, successor.id, **{"decision": "BVR-2026/114"} | more)
    acting = audit.Acting("person", actor.id) if actor else audit.Acting("operator", label="os:test")
    with audit.acting(acting):
        done: MergePlan | None = perform(merge_organisation, policies, actor.id if actor else None, merger)
    db.session.rollback()
    return done


def at(session: Session, place: Organisation) -> list[Grant]:
    """The living rights at an organisation."""
    session.rollback()
    return list(session.scalars(select(Grant).where(Grant.organisation_id == place.id, Grant.ended_at.is_(None))))


def roles_per_organisation() -> Installation:
    """Policies under which a person has one role at each organisation."""
    return under(installation(), with_application(installation().catalogue, one_role_per="person_and_organisation"))


# Who may not


def test_only_the_officer_of_both_kinds_or_the_operator(world: World, small: Organisation, large: Organisation) -> None:
    """ID2, AP7: an administrator, a stranger and the officer of another kind find nothing."""
    others = [
        world.administrator_of(large, "Karim Benali", head=True),
        world.person("Niemand Hier"),
        world.officer_of("LB", "agb", "Marc Claes"),
    ]
    for actor in others:
        with pytest.raises(NotFoundError):
            merge(actor, small, large)
    elsewhere = world.organisation("AGB Pajottegem", kind="agb")
    with pytest.raises(NotFoundError):
        merge(world.officer_of("LB", "gemeente"), small, elsewhere)
    with pytest.raises(ForbiddenError):
        perform(merge_organisation, installation(), None, Merger(small.id, large.id, "BVR-1"))
    assert world.fresh(Organisation, small.id).ended_at is None


def test_what_cannot_be_is_refused(world: World, small: Organisation, large: Organisation, lies: Person) -> None:
    with pytest.raises(InvalidError):
        merge(lies, large, large)
    with pytest.raises(InvalidError):
        merge(lies, small, large, decision="zomaar een zin")
    other = world.organisation("Herne")
    merge(lies, other, small)
    merge(lies, small, large)
    with pytest.raises(ConflictError):
        merge(lies, large, small)  # the successor must live
    with pytest.raises(ConflictError):
        merge(lies, small, world.organisation("Elders"))


def test_a_page_that_is_out_of_date_changes_nothing(
    world: World, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    """ID5: somebody got a right between the preview and the button."""
    seen = plan_merge(session, installation().catalogue, lies.id, small, large).fingerprint
    session.rollback()
    world.grant(world.person(), small)
    with pytest.raises(ConflictError) as refused:
        merge(lies, small, large, seen=seen)
    assert refused.value.code == "plan_changed"
    assert world.fresh(Organisation, small.id).ended_at is None


# What follows, and what does not


def test_mandates_and_labels_never_follow(
    world: World, inbox: Inbox, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    """AP6: who administered the small one decides nothing in the large one."""
    ilse = world.administrator_of(small, head=True)
    merge(lies, small, large)
    assert living_mandates(session, person_id=ilse.id) == []
    assert session.scalars(select(Mandate.end_reason)).all().count("merged") == 1
    session.rollback()
    request = world.request(organisation=large)
    with pytest.raises(NotFoundError):
        perform(decide_request, installation(), ilse.id, Decision(world.task(request).id, approve=True))
    assert "niet langer hoofd lokale beheerder" in inbox.last_to(str(ilse.email)).subject


def test_a_right_follows_for_ninety_days_and_is_confirmed_there(
    world: World, inbox: Inbox, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    karim, nele = world.administrator_of(large, "Karim Benali"), world.person()
    old = world.grant(nele, small, valid_until=end_of_day(local_date(now()) + timedelta(days=400)))
    merge(lies, small, large)
    ended = session.get_one(Grant, old.id)
    assert (ended.end_reason, ended.ended_by) == ("merged", lies.id)
    (new,) = at(session, large)
    assert new.valid_until == end_of_day(local_date(now()) + timedelta(days=90))
    assert (new.person_id, new.right_code, new.given_by) == (nele.id, old.right_code, old.given_by)
    assert [each.organisation_id for each in live_rights(session, installation().catalogue, nele.id, APPLICATION)] == [
        large.id
    ]
    campaign = session.scalars(select(RecertificationCampaign)).one()
    assert (campaign.organisation_id, campaign.period, campaign.unconfirmed) == (large.id, f"merge-{small.code}", "end")
    session.rollback()
    assert "Galmaarden ging op in Pajottegem" in inbox.last_to(str(nele.email)).text
    assert "Een andere organisatie ging op in Pajottegem" in inbox.last_to(str(karim.email)).text
    told = [mail.text for mail in inbox.mails_to("ccinc@vlaanderen.be")]
    assert any("Galmaarden" in each and "beëindigd" in each for each in told)
    assert any("Pajottegem" in each and "toegekend" in each for each in told)
    # Confirmed, it lasts as long as it did.
    perform(confirm_rights, installation(), karim.id, Confirmation(campaign.id, (nele.id,), keep=True))
    assert at(session, large)[0].valid_until == old.valid_until
    assert "verlengd" in inbox.last_to(str(nele.email)).subject


def test_what_nobody_confirms_stops_after_ninety_days(
    world: World,
    session: Session,
    small: Organisation,
    large: Organisation,
    lies: Person,
    clock: time_machine.Traveller,
) -> None:
    world.administrator_of(large, "Karim Benali")
    world.grant(world.person(), small, valid_until=now() + timedelta(days=400))
    world.grant(world.person(), small, valid_until=now() + timedelta(days=20))
    merge(lies, small, large)
    (soon, later) = sorted(grant.valid_until for grant in at(session, large) if grant.valid_until)
    assert (soon - now()).days < 21  # never longer than it was
    clock.move_to(later)
    close_due_campaigns()
    session.rollback()
    assert all(grant.run_out(now()) for grant in at(session, large))
    assert session.scalars(select(RecertificationCampaign.closed_at)).one() is not None


def test_of_two_roles_nobody_chooses_one(
    world: World, inbox: Inbox, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    """AP6: Invoerder at one, Raadpleger at the other: given to nobody, and listed."""
    tom = world.person("Tom Bogaert")
    policies = roles_per_organisation()
    lost = world.grant(tom, small, "invoerder", role_key=f"{APPLICATION}:{tom.id}:{small.id}")
    there = world.grant(tom, large, "raadpleger", role_key=f"{APPLICATION}:{tom.id}:{large.id}")
    plan = merge(lies, small, large, under=policies)
    assert plan is not None
    assert [(each.person_name, each.outcome) for each in plan.listed] == [("Tom Bogaert", "role_conflict")]
    assert session.get_one(Grant, lost.id).end_reason == "merge_conflict"
    assert [each.id for each in at(session, large)] == [there.id]
    assert "één hebben" in inbox.last_to(str(tom.email)).text


@pytest.mark.parametrize("together", [True, False], ids=["named in one decision", "the second is named alone"])
def test_of_two_roles_at_two_that_merge_into_one_neither_is_chosen_whichever_comes_first(
    world: World, session: Session, small: Organisation, large: Organisation, lies: Person, together: bool
) -> None:
    """AP6: nor after a run that was cut off between the two."""
    herne, tom = world.organisation("Herne"), world.person("Tom Bogaert")
    policies = roles_per_organisation()
    world.grant(tom, small, "invoerder", role_key=f"{APPLICATION}:{tom.id}:{small.id}")
    world.grant(tom, herne, "raadpleger", role_key=f"{APPLICATION}:{tom.id}:{herne.id}")
    merge(lies, small, large, under=policies, also=(herne.id,))
    merge(lies, herne, large, under=policies, also=(small.id,) if together else ())
    assert at(session, large) == []
    assert set(session.scalars(select(Grant.end_reason))) == {"merge_conflict"}


def test_the_same_right_at_both_stays_as_it_is(
    world: World, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    tom, policies = world.person("Tom Bogaert"), roles_per_organisation()
    world.grant(tom, small, role_key=f"{APPLICATION}:{tom.id}:{small.id}")
    there = world.grant(tom, large, role_key=f"{APPLICATION}:{tom.id}:{large.id}")
    plan = merge(lies, small, large, under=policies)
    assert plan is not None
    assert plan.counted() == {"same": 1}
    (kept,) = at(session, large)
    assert (kept.id, kept.valid_until) == (there.id, there.valid_until)


def test_the_officer_gives_himself_no_right_by_a_merger(
    world: World, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    """DG1, rule 6: not by person, nor by a second identity with the same proved address."""
    twin = world.person("L. De Wolf", email=lies.email)
    world.grant(lies, small)
    world.grant(twin, small)
    plan = merge(lies, small, large)
    assert plan is not None
    assert plan.counted() == {"own": 2}
    assert at(session, large) == []


def test_a_right_that_the_successor_is_not_offered_stops_and_a_label_is_asked_anew(
    world: World, session: Session
) -> None:
    jette, hall = (
        world.organisation("Jette", kind="brusselse_gemeente"),
        world.organisation("Hal", kind="economische_actor"),
    )
    world.label(jette)
    world.grant(world.person("Amina Ouali"), jette)
    world.officer_of("EA", "economische_actor", "Marc Claes")
    merge(None, jette, hall)
    (new,) = at(session, hall)
    assert new.label_code == "cultuurmonitor_afnemer"
    labels = session.scalars(select(Label).order_by(Label.asked_at)).all()
    assert [(each.organisation_id, each.end_reason, each.approved_at is not None) for each in labels] == [
        (jette.id, "merged", True),
        (hall.id, None, False),
    ]
    assert live_rights(session, installation().catalogue, new.person_id, APPLICATION) == []
    session.rollback()
    dilbeek = world.organisation("Dilbeek")
    library = world.organisation("Bib Dilbeek", kind="ocmw", target_group="LB")
    world.grant(world.person(), dilbeek)
    plan = merge(None, dilbeek, library)
    assert plan is not None
    assert plan.counted() == {"not_offered": 1}
    assert at(session, library) == []


def test_an_open_request_is_cancelled_and_goes_on_at_the_successor(
    world: World, inbox: Inbox, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    """Lifecycles §1: moved_to; with everything that was asked, the sealed number as well."""
    world.administrator_of(small)
    karim = world.administrator_of(large, "Karim Benali")
    number = world.number()
    nele = world.person()
    requests = [world.request(nele, small), world.typed_request(small, number=number, email="hanne@voorbeeld.test")]
    merge(lies, small, large)
    for request in requests:
        first = world.fresh(AccessRequest, request.id)
        assert (first.status, first.number_sealed) == ("cancelled", None)
        copy = world.fresh(AccessRequest, first.moved_to)
        assert (copy.status, copy.organisation_id, copy.applicant_key) == ("open", large.id, first.applicant_key)
        assert copy.number != first.number
    keys = installation().keys
    assert keys.unseal(str(copy.number_sealed), number_place(copy.id)) == number
    mails = inbox.mails_to("hanne@voorbeeld.test")
    assert any(copy.number in each.text and "ging op in Pajottegem" in each.text for each in mails)
    assert session.scalars(select(Task.close_reason).where(Task.organisation_id == small.id)).all() == ["cancelled"] * 2
    session.rollback()
    perform(decide_request, installation(), karim.id, Decision(world.task(copy).id, approve=True))
    assert len(at(session, large)) == 1


def test_what_somebody_asks_at_both_is_one_request(
    world: World, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    nele = world.person()
    first, there = world.request(nele, small), world.request(nele, large)
    merge(lies, small, large)
    assert world.fresh(AccessRequest, first.id).moved_to == there.id
    assert len(session.scalars(select(AccessRequest).where(AccessRequest.status == "open")).all()) == 1


def test_a_suspended_right_stays_suspended_and_who_stands_in_stays_so(
    world: World, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    ilse, nele = world.administrator_of(small), world.person()
    back = end_of_day(local_date(now()) + timedelta(days=30))
    old = world.grant(
        nele,
        small,
        suspended_from=now(),
        suspended_until=back,
        suspended_by=ilse.id,
        suspension_note="Ziek.",
    )
    stand_in = world.grant(world.person("Tom Bogaert"), small, handed_over_from=old.id)
    merge(lies, small, large)
    rights = {grant.person_id: grant for grant in at(session, large)}
    moved = rights[nele.id]
    assert (moved.suspended_until, moved.suspended_by, moved.suspension_note) == (back, ilse.id, "Ziek.")
    assert rights[stand_in.person_id].handed_over_from == moved.id
    assert live_rights(session, installation().catalogue, nele.id, APPLICATION) == []


def test_a_merger_is_done_once_and_leaves_nothing_to_settle(
    world: World, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    """Resumable: the same again changes nothing."""
    world.administrator_of(small)
    nele = world.person()
    world.grant(nele, small)
    world.request(organisation=small)
    assert merge(lies, small, large) is not None
    assert merge(lies, small, large) is None
    ended = world.fresh(Organisation, small.id)
    assert (ended.end_reason, ended.successor_id) == ("merged", large.id)
    before = len(session.scalars(select(AuditEvent)).all())
    session.rollback()
    settle_organisations()
    assert len(session.scalars(select(AuditEvent)).all()) == before
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "people:organisation:merge")).one()
    assert (event.subject_id, event.details["decision"], event.details["moves"]) == (small.id, "BVR-2026/114", 1)
    jobs = session.scalars(select(Affiliation).where(Affiliation.person_id == nele.id)).all()
    assert {(each.organisation_id, each.ended_at is None) for each in jobs} == {(small.id, False), (large.id, True)}


def test_of_a_merger_and_a_decision_at_once_the_decision_moves_along_or_is_refused(
    app: Flask, world: World, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    """Lifecycles §14: decided before, it moves along; after, 409."""
    ilse = world.administrator_of(small)
    task = world.task(world.request(organisation=small))
    both = Barrier(2)
    outcomes: list[str] = []

    def run(name: str, doing: Any) -> None:
        with app.app_context():
            both.wait()
            try:
                doing()
                outcomes.append(name)
            except (ConflictError, ForbiddenError, NotFoundError, BusyError):
                outcomes.append(f"{name} refused")

    threads = [
        Thread(target=run, args=("merged", lambda: merge(lies, small, large))),
        Thread(
            target=run,
            args=("decided", lambda: perform(decide_request, installation(), ilse.id, Decision(task.id, approve=True))),
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "merged" in outcomes
    assert at(session, small) == []
    assert len(at(session, large)) == (1 if "decided" in outcomes else 0)
    items = session.scalars(select(CampaignItem.id)).all()
    assert len(items) == len(at(session, large))


def test_two_that_merge_into_each_other_at_once_leave_one(
    app: Flask, world: World, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    """No circle: the successor must live, under its lock."""
    both = Barrier(2)
    outcomes: list[str] = []

    def run(one: Organisation, other: Organisation) -> None:
        with app.app_context():
            both.wait()
            try:
                merge(lies, one, other)
                outcomes.append("merged")
            except (ConflictError, BusyError):
                outcomes.append("refused")

    threads = [Thread(target=run, args=pair) for pair in ((small, large), (large, small))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["merged", "refused"]
    living = session.scalars(select(Organisation).where(Organisation.ended_at.is_(None))).all()
    assert len(living) == 1
