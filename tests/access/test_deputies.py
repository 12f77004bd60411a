"""A deputy decides tasks, and tasks only; and whatever happens at once, somebody can decide (threats AP1, AP2, AP3)."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.administered_grant import administered_grant
from broker.access.claim_task import claim_task
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.end_affiliation import end_affiliation
from broker.access.end_self_decided import end_self_decided
from broker.access.grant import Grant
from broker.access.list_tasks import list_tasks
from broker.access.mandate_over import mandate_over
from broker.access.pool import deciders_of
from broker.access.read_task import read_task
from broker.access.resign_mandate import Resignation, resign_mandate
from broker.access.task import FOR_VACANCY, Task
from broker.audit import AuditEvent
from broker.database import changing_session, db, perform
from broker.errors import DomainError, ForbiddenError, NotFoundError
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.end_deputy import end_deputy
from broker.people.living_deputies import living_deputies
from broker.people.living_mandates import living_mandates
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.standing_jobs import tell_of_vacancies
from tests.worlds.inbox import Inbox
from tests.worlds.world import World


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, genk: Organisation) -> Person:
    return world.administrator_of(genk, head=True)


@pytest.fixture
def eva(world: World, genk: Organisation, ilse: Person) -> Person:
    return world.deputy_of(ilse, genk)


def approve(world: World, actor: Person, task: Task) -> Any:
    return perform(decide_request, world.installation, actor.id, Decision(task.id, approve=True))


def mandate_of(person: Person) -> uuid.UUID:
    found = living_mandates(db.session(), person_id=person.id)[0].mandate_id
    db.session.rollback()
    return found


def deputyship_of(person: Person) -> uuid.UUID:
    found = living_deputies(db.session(), person_id=person.id)[0].deputy.id
    db.session.rollback()
    return found


# What a deputy decides


def test_open_tasks_show_for_both_and_new_ones_are_told_to_both(
    world: World, session: Session, inbox: Inbox, genk: Organisation, ilse: Person
) -> None:
    old = world.task(world.request(organisation=genk))
    eva = world.deputy_of(ilse, genk)
    page = list_tasks(session, world.installation.catalogue, eva.id)
    assert page is not None
    assert [line.task_id for line in page.lines] == [old.id]
    session.rollback()
    new = world.task(world.request(world.person("Sofie Aerts"), genk))
    assert [member.person_id for member in deciders_of(session, new).members] == [ilse.id, eva.id]
    assert "wacht op uw beslissing" in inbox.last_to(str(eva.email)).subject


def test_a_decision_says_for_whom_it_was_made(
    world: World, session: Session, genk: Organisation, ilse: Person, eva: Person
) -> None:
    task = world.task(world.request(organisation=genk))
    decided = approve(world, eva, task)
    fresh = world.fresh(Task, task.id)
    assert (fresh.decided_by, fresh.on_behalf_of, fresh.in_place_of_administrator) == (eva.id, ilse.id, False)
    assert world.fresh(Grant, decided.grant_id).given_by == eva.id
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:task:decide")).one()
    assert event.details["deputy"] == str(deputyship_of(eva))


def test_a_deputy_does_not_decide_for_the_absent_one(
    world: World, session: Session, genk: Organisation, ilse: Person, eva: Person
) -> None:
    """AP2: not_for_yourself covers everybody acted for, by person and by the address on a typed request."""
    world.administrator_of(genk, "Karim Benali")
    own = world.task(world.request(ilse, genk))
    typed = world.task(world.typed_request(genk, name="Ilse Tweede", email=ilse.email))
    for task in (own, typed):
        with pytest.raises(ForbiddenError) as refused:
            approve(world, eva, task)
        assert refused.value.code == "not_for_yourself"
        assert eva.id not in {member.person_id for member in deciders_of(session, task).members}
        session.rollback()
    page = list_tasks(session, world.installation.catalogue, eva.id)
    assert page is not None
    assert {line.task_id: line.own for line in page.lines}[own.id]


def test_a_deputy_of_two_is_barred_by_either(world: World, genk: Organisation, ilse: Person, eva: Person) -> None:
    """AP2: the other deputyship is no way round."""
    karim = world.administrator_of(genk, "Karim Benali")
    world.deputy_of(karim, genk, person=eva)
    for applicant in (ilse, karim):
        with pytest.raises(ForbiddenError):
            approve(world, eva, world.task(world.request(applicant, genk)))


def test_a_deputy_does_not_decide_for_himself(world: World, genk: Organisation, ilse: Person, eva: Person) -> None:
    """AP1, DG1"""
    with pytest.raises(ForbiddenError):
        approve(world, eva, world.task(world.request(eva, genk)))


def test_who_was_appointed_meanwhile_decides_for_nobody_else(
    world: World, genk: Organisation, ilse: Person, eva: Person
) -> None:
    world.administrator_of(genk, person=eva)
    task = world.task(world.request(ilse, genk))
    approve(world, eva, task)
    assert world.fresh(Task, task.id).on_behalf_of is None


def test_where_the_only_administrator_asks_the_officer_decides_and_not_the_deputy(
    world: World, session: Session, genk: Organisation, ilse: Person, eva: Person
) -> None:
    """AP2, decisions 9"""
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    task = world.task(world.request(ilse, genk))
    deciders = deciders_of(session, task)
    assert ([member.person_id for member in deciders.members], deciders.in_place) == ([marc.id], True)
    session.rollback()
    approve(world, marc, task)


def test_a_deputy_administers_no_rights_and_no_people(
    world: World, session: Session, genk: Organisation, ilse: Person, eva: Person
) -> None:
    """AP1: ending, extending and giving take a mandate."""
    grant = world.grant(world.person(), genk)
    for attempt in (
        lambda: administered_grant(session, eva.id, grant.id),
        lambda: mandate_over(session, eva.id, genk.id),
        lambda: perform(resign_mandate, world.installation, eva.id, mandate_of(ilse), Resignation()),
    ):
        with pytest.raises(NotFoundError):
            attempt()
        session.rollback()


def test_a_deputy_is_not_in_the_pool_of_another_organisation(world: World, ilse: Person, eva: Person) -> None:
    """ID2"""
    hasselt = world.organisation("Hasselt")
    world.administrator_of(hasselt, "Wie Elders")
    with pytest.raises(NotFoundError):
        approve(world, eva, world.task(world.request(organisation=hasselt)))


def test_what_a_deputy_took_on_is_free_again_when_the_deputyship_ends(
    world: World, session: Session, genk: Organisation, ilse: Person, eva: Person
) -> None:
    task = world.task(world.request(organisation=genk))
    perform(claim_task, world.installation, eva.id, task.id)
    claimer = read_task(session, task.id).claimer
    assert claimer is not None
    assert claimer.id == eva.id
    session.rollback()
    perform(end_deputy, world.installation, ilse.id, deputyship_of(eva))
    assert read_task(session, task.id).claimer is None


def test_a_right_that_a_deputy_gave_to_the_second_self_of_the_absent_one_ends_at_the_link(
    world: World, genk: Organisation, ilse: Person, eva: Person
) -> None:
    """AP2, lifecycles §7: past decisions are looked at again, for whom they were made as well."""
    twin = world.person("Ilse Tweede")
    approve(world, eva, world.task(world.request(twin, genk)))
    with changing_session() as changing, changing.begin():
        for each in (twin, ilse):
            found = changing.get_one(Person, each.id)
            found.phone, found.phone_source = "+32470123456", "proved"
    assert perform(end_self_decided, world.installation, twin.id) == 1


# At once, on both databases


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[str]:
    """Run each in a thread of its own, from one barrier; what came of each: "done" or the code of the refusal."""
    ready = threading.Barrier(len(acts))
    outcomes = [""] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        with app.app_context():
            ready.wait()
            try:
                act()
            except DomainError as error:
                outcomes[place] = error.code
            else:
                outcomes[place] = "done"

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return outcomes


def somebody_can_decide(session: Session, organisation: Organisation) -> None:
    """Every open task has a pool with somebody in it, and an organisation without a head or anybody has its vacancy told."""
    session.rollback()
    for task in session.scalars(select(Task).where(Task.closed_at.is_(None))).all():
        assert deciders_of(session, task).members, f"nobody decides a task of kind {task.kind}"
    heads = [
        view
        for view in living_mandates(session, scope_key=organisation_scope(organisation.id))
        if view.kind == "head_local_admin"
    ]
    vacancies = session.scalars(select(Task).where(Task.kind == FOR_VACANCY, Task.closed_at.is_(None))).all()
    assert heads or len(vacancies) == 1
    session.rollback()


@pytest.mark.parametrize("turn", range(3))
def test_holder_and_deputy_decide_at_once_and_one_of_them_did(
    world: World, app: Flask, session: Session, genk: Organisation, ilse: Person, eva: Person, turn: int
) -> None:
    task = world.task(world.request(organisation=genk))
    outcomes = at_once(app, lambda: approve(world, ilse, task), lambda: approve(world, eva, task))
    assert sorted(outcomes) == ["already_decided", "done"]
    assert len(session.scalars(select(Grant)).all()) == 1
    assert world.fresh(Task, task.id).on_behalf_of in (None, ilse.id)


@pytest.mark.parametrize(
    "what", ["the deputyship ends", "the holder is dismissed", "the deputy leaves", "the holder leaves"]
)
def test_a_deputy_who_loses_it_while_deciding_either_decided_before_or_not_at_all(
    world: World, app: Flask, session: Session, genk: Organisation, ilse: Person, eva: Person, what: str
) -> None:
    """AP3, ID4: mandate and deputyship are locked and read again; the task is never left to nobody."""
    world.officer_of("LB", "gemeente", "Marc Claes")
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    task = world.task(world.request(organisation=genk))
    deputyship, mandate = deputyship_of(eva), mandate_of(ilse)
    jobs = {person.id: world.affiliation(person, genk).id for person in (ilse, eva)}
    end = {
        "the deputyship ends": lambda: perform(end_deputy, world.installation, ilse.id, deputyship),
        "the holder is dismissed": lambda: perform(dismiss_mandate, world.installation, karim.id, mandate),
        "the deputy leaves": lambda: _leave(world, jobs[eva.id]),
        "the holder leaves": lambda: _leave(world, jobs[ilse.id]),
    }[what]
    outcomes = at_once(app, lambda: approve(world, eva, task), end)
    assert outcomes[0] in ("done", "mandate_ended", "task_unknown")
    assert outcomes[1] == "done"
    assert (world.fresh(Task, task.id).closed_at is not None) == (outcomes[0] == "done")
    assert living_deputies(session, person_id=eva.id) == []
    somebody_can_decide(session, genk)


def _leave(world: World, job: uuid.UUID) -> None:
    perform(end_affiliation, world.installation, job, ended_by=None, reason="left")


def test_two_heads_who_stop_at_once_leave_one_or_tell_the_officers(
    world: World, app: Flask, session: Session, genk: Organisation, ilse: Person
) -> None:
    """AP3: the second sees that nobody would be left."""
    world.officer_of("LB", "gemeente", "Marc Claes")
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    mandates = {person.id: mandate_of(person) for person in (ilse, karim)}
    outcomes = at_once(
        app,
        *(
            lambda actor=actor, mandate=mandate: perform(
                resign_mandate, world.installation, actor, mandate, Resignation()
            )
            for actor, mandate in mandates.items()
        ),
    )
    assert sorted(outcomes) == ["done", "successor_needed"]
    somebody_can_decide(session, genk)


def test_the_last_head_stops_while_the_chosen_successor_is_dismissed_or_leaves(
    world: World, app: Flask, session: Session, genk: Organisation, ilse: Person
) -> None:
    """AP3: either the successor took over before, or the head stays."""
    world.officer_of("LB", "gemeente", "Marc Claes")
    tom = world.administrator_of(genk, "Tom Bogaert")
    mandate, job = mandate_of(ilse), world.affiliation(tom, genk).id
    wish = Resignation(successor_id=tom.id)
    outcomes = at_once(
        app,
        lambda: perform(resign_mandate, world.installation, ilse.id, mandate, wish),
        lambda: _leave(world, job),
    )
    assert outcomes[0] in ("done", "successor_unknown")
    tell_of_vacancies()
    somebody_can_decide(session, genk)


def test_head_stops_deputy_decides_and_the_other_head_leaves_all_at_once(
    world: World, app: Flask, session: Session, genk: Organisation, ilse: Person, eva: Person
) -> None:
    """AP3: resignation, leaver and decision together leave nobody without somebody."""
    world.officer_of("LB", "gemeente", "Marc Claes")
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    task = world.task(world.request(organisation=genk))
    mandate, job = mandate_of(ilse), world.affiliation(karim, genk).id
    at_once(
        app,
        lambda: perform(resign_mandate, world.installation, ilse.id, mandate, Resignation(leave_vacant=True)),
        lambda: _leave(world, job),
        lambda: approve(world, eva, task),
    )
    tell_of_vacancies()
    somebody_can_decide(session, genk)


def test_several_workers_find_one_vacancy(world: World, app: Flask, session: Session, genk: Organisation) -> None:
    world.officer_of("LB", "gemeente", "Marc Claes")
    only = world.administrator_of(genk, "Tom Bogaert")
    _leave(world, world.affiliation(only, genk).id)
    assert at_once(app, *[tell_of_vacancies] * 4) == ["done"] * 4
    assert len(session.scalars(select(Task).where(Task.kind == FOR_VACANCY)).all()) == 1
