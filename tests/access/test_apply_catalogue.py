"""A policy changed: what grants copied from it follows, or nothing does (PF4)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broker import clock as broker_clock
from broker.access.apply_catalogue import apply_catalogue
from broker.access.catalogue_applied import applied_fingerprint, is_applied
from broker.access.decide_label import decide_label
from broker.access.decision import Decision
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import live_rights
from broker.access.task import Task
from broker.audit import AuditEvent
from broker.database import perform
from tests.access.changed_policies import CODE, under, with_application, with_label_for_municipalities


@pytest.fixture
def genk(world):
    return world.organisation("Genk")


def _apply(world, catalogue, **more):
    return perform(apply_catalogue, under(world.installation, catalogue), **more)


def _events(session, name):
    return session.scalars(select(AuditEvent).where(AuditEvent.name == name).order_by(AuditEvent.happened_at)).all()


def test_a_new_database_has_nothing_to_follow_and_says_which_policies_it_agrees_with(world, session, catalogue):
    """PF2: fingerprint and files stand in the audit, once for each application."""
    assert not is_applied(session, catalogue)
    session.rollback()
    for _ in range(2):
        assert _apply(world, catalogue, only_if_rows_agree=True).applied
    session.rollback()
    assert is_applied(session, catalogue)
    [event] = _events(session, "catalogue:policies:load")
    assert event.details["fingerprint"] == catalogue.fingerprint
    assert "policies/applications/cultuurmonitor.yaml" in event.details.values()
    assert sum(name.startswith("file_") for name in event.details) == len(catalogue.files)


def test_a_new_label_stops_the_right_until_an_officer_approves_it(world, session, catalogue, genk, inbox):
    """PF4: the label is asked at once, by nobody, of the right officers; one label for several rights."""
    officer = world.officer_of("LB", "gemeente", "Marc Claes")
    people = [world.person(), world.person("Sofie Aerts")]
    grants = [world.grant(person, genk) for person in people]
    other = with_label_for_municipalities(catalogue)
    applied = _apply(world, other)
    assert (set(applied.grant_ids), applied.labels_asked) == ({grant.id for grant in grants}, 1)
    session.rollback()
    assert applied_fingerprint(session) == other.fingerprint
    assert all(live_rights(session, other, person.id, CODE) == [] for person in people)
    assert {world.fresh(Grant, grant.id).label_code for grant in grants} == {"lb_label"}
    assert len(inbox.mails_to(officer.email)) == 1
    task = world.task(label_id=session.scalars(select(Label.id)).one())
    assert task.pool_key == "officer:LB:gemeente"
    perform(decide_label, under(world.installation, other), officer.id, Decision(task.id, approve=True))
    assert len(live_rights(session, other, people[0].id, CODE)) == 1
    assert len(_events(session, "access:grant:follow_policy")) == 2


def test_a_label_that_is_no_longer_needed_lets_the_right_start(world, session, catalogue):
    etterbeek = world.organisation("Etterbeek", kind="brusselse_gemeente")
    amina = world.person("Amina Ouali")
    grant = world.grant(amina, etterbeek)
    assert live_rights(session, catalogue, amina.id, CODE) == []
    other = with_application(catalogue, labels={})
    _apply(world, other)
    assert world.fresh(Grant, grant.id).label_code is None
    assert len(live_rights(session, other, amina.id, CODE)) == 1


def test_a_label_that_the_organisation_has_is_not_asked_again(world, session, catalogue):
    etterbeek = world.organisation("Etterbeek", kind="brusselse_gemeente")
    world.label(etterbeek)
    world.grant(world.person(), etterbeek, label_code=None)
    assert _apply(world, catalogue).labels_asked == 0
    session.rollback()
    assert session.scalars(select(Task)).all() == []


def test_a_role_conflict_is_listed_with_ids_and_codes_and_nothing_is_applied(world, session, catalogue, genk):
    """PF4: nobody chooses between two roles but a person."""
    aalst = world.organisation("Aalst")
    tom = world.person("Tom Bogaert")
    grants = [world.grant(tom, place, role_key=None) for place in (genk, aalst)]
    other = world.grant(world.person("Sofie Aerts"), genk, role_key=None)
    refused = _apply(world, catalogue)
    assert not refused.applied
    [conflict] = refused.conflicts
    assert (conflict.person_id, set(conflict.grant_ids)) == (tom.id, {grant.id for grant in grants})
    assert set(conflict.organisation_codes) == {genk.code, aalst.code}
    session.rollback()
    assert applied_fingerprint(session) is None
    assert world.fresh(Grant, other.id).role_key is None


def test_a_role_per_organisation_takes_other_slots_and_back_again(world, catalogue, genk):
    tom = world.person("Tom Bogaert")
    grant = world.grant(tom, genk)
    looser = with_application(catalogue, one_role_per="person_and_organisation")
    _apply(world, looser)
    assert world.fresh(Grant, grant.id).role_key == f"{CODE}:{tom.id}:{genk.id}"
    _apply(world, catalogue)
    assert world.fresh(Grant, grant.id).role_key == f"{CODE}:{tom.id}"
    _apply(world, with_application(catalogue, one_role_per=None))
    assert world.fresh(Grant, grant.id).role_key is None


def test_a_right_that_ran_out_neither_conflicts_nor_holds_the_slot(world, catalogue, genk, clock):
    """Settled in writing by who needs the slot."""
    tom = world.person("Tom Bogaert")
    soon = broker_clock.now() + timedelta(days=1)
    old = world.grant(tom, genk, valid_until=soon)
    kept = world.grant(tom, world.organisation("Aalst"), role_key=None)
    clock.shift(timedelta(days=2))
    assert _apply(world, catalogue).applied
    assert (world.fresh(Grant, old.id).end_reason, world.fresh(Grant, old.id).ended_at) == ("expired", soon)
    assert world.fresh(Grant, kept.id).role_key == f"{CODE}:{tom.id}"


def test_rows_that_would_change_are_not_changed_without_being_asked(world, session, catalogue, genk):
    world.grant(world.person(), genk)
    other = with_label_for_municipalities(catalogue)
    assert not _apply(world, other, only_if_rows_agree=True).applied
    session.rollback()
    assert session.scalars(select(Grant.label_code)).all() == [None]
    assert session.scalars(select(Label)).all() == []


def test_ended_rights_keep_what_they_had(world, catalogue, genk):
    now = broker_clock.now()
    grant = world.grant(world.person(), genk, ended_at=now, end_reason="given_back", role_key=None)
    assert _apply(world, catalogue).grant_ids == ()
    assert world.fresh(Grant, grant.id).role_key is None
