"""Somebody no longer works for an organisation: the job and all rights end at once, and never the way to decide (lifecycles §6)."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.grant import Grant
from broker.access.leave_organisation import leave_organisation
from broker.database import perform
from broker.errors import ForbiddenError, NotFoundError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.at_once import at_once
from tests.worlds.world import World


def leave(world: World, actor: Person, leaver: Person, place: Organisation) -> int:
    return perform(leave_organisation, installation(), actor.id, world.affiliation(leaver, place).id)


def test_every_right_there_ends_and_none_elsewhere(world: World, session: Session) -> None:
    genk, peer = world.organisation("Genk"), world.organisation("Peer")
    ilse, nele = world.administrator_of(genk), world.person()
    here = world.grant(nele, genk)
    there = world.grant(nele, peer, role_key=None)
    assert leave(world, ilse, nele, genk) == 1
    assert session.get_one(Grant, here.id).ended_at is not None
    assert session.get_one(Grant, there.id).ended_at is None


def test_a_job_elsewhere_does_not_exist(world: World) -> None:
    """ID2."""
    ilse = world.administrator_of(world.organisation("Genk"))
    with pytest.raises(NotFoundError):
        leave(world, ilse, world.person(), world.organisation("Peer"))


def test_an_administrator_is_not_dismissed_by_way_of_the_job(world: World, session: Session) -> None:
    """AP3: only who may dismiss a fellow administrator may say that they left."""
    genk = world.organisation()
    head, ilse = world.administrator_of(genk, "An Hoofd", head=True), world.administrator_of(genk)
    karim = world.administrator_of(genk, "Karim Benali")
    for leaver in (head, karim):
        with pytest.raises(ForbiddenError) as refused:
            leave(world, ilse, leaver, genk)
        assert refused.value.code == "no_authority"
    assert leave(world, head, karim, genk) == 0
    assert {view.person_id for view in living_mandates(session, scope_key=organisation_scope(genk.id))} == {
        head.id,
        ilse.id,
    }


def test_of_two_heads_who_let_each_other_go_at_once_one_stays(app: Flask, world: World, session: Session) -> None:
    """AP3: never an organisation left with no way to decide."""
    genk = world.organisation()
    one, other = (world.administrator_of(genk, name, head=True) for name in ("An Hoofd", "Bo Hoofd"))
    outcomes = at_once(app, lambda: leave(world, one, other, genk), lambda: leave(world, other, one, genk))
    assert "done" in outcomes
    assert sorted(outcomes) in (["done", "mandate_ended"], ["done", "organisation_unknown"], ["done", "not_found"])
    assert len(living_mandates(session, scope_key=organisation_scope(genk.id))) == 1


def test_of_an_approval_and_the_leaving_of_the_applicant_at_once_no_right_outlives_the_job(
    app: Flask, world: World, session: Session
) -> None:
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    nele = world.person(works_for=genk)
    job = world.affiliation(nele, genk)
    task = world.task(world.request(nele, genk))
    at_once(
        app,
        lambda: perform(leave_organisation, installation(), ilse.id, job.id),
        lambda: perform(decide_request, installation(), karim.id, Decision(task.id, approve=True)),
    )
    assert session.get_one(Affiliation, job.id).ended_at is not None
    living = session.scalars(select(Grant).where(Grant.person_id == nele.id, Grant.ended_at.is_(None))).all()
    jobs = {each.affiliation_id for each in living}
    assert job.id not in jobs, "a right given after the leaving stands on a job of its own"
