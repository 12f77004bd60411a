"""Somebody whose verified name did not fit has a way out (threats DG6, lifecycles §7)."""

import pytest

from broker.access.decide_label import decide_label
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.grant import Grant
from broker.access.settle_doubt import RightName, settle_doubt
from broker.access.task import Task
from broker.database import perform
from broker.errors import ConflictError, ForbiddenError
from broker.people.find_person import find_person_by_number
from broker.people.person import Person


def test_a_corrected_name_lets_the_next_sign_in_link(world):
    doubted = world.person("Hane Smit", state="doubted", email=None)
    perform(settle_doubt, world.installation, doubted.id, RightName("Hanne", "Smet"))
    person = world.fresh(Person, doubted.id)
    assert (person.full_name, person.state, person.number_hash is None) == ("Hanne Smet", "unlinked", False)
    with pytest.raises(ConflictError):
        perform(settle_doubt, world.installation, doubted.id, None)


def test_a_wrong_number_is_let_go_and_the_rights_given_to_it_end(world, session):
    number = world.number()
    doubted = world.person("Hanne Smet", number=number, state="doubted", email=None)
    grant = world.grant(doubted, world.organisation("Genk"), "raadpleger")
    assert perform(settle_doubt, world.installation, doubted.id, None) == 1
    assert world.fresh(Grant, grant.id).end_reason == "wrong_number"
    assert find_person_by_number(session, world.installation.keys, number) is None


def test_an_officer_does_not_decide_the_label_of_a_second_identity(world, session):
    """LA2, ID1: the telephone on the waiting request is the officer's."""
    etterbeek = world.organisation("Etterbeek", kind="brusselse_gemeente")
    jan = world.administrator_of(etterbeek, "Jan Peeters")
    lies = world.officer_of("EA", "brusselse_gemeente", person=world.person("Lies De Wolf", phone="+32470111222"))
    request = world.typed_request(etterbeek, phone="+32470111222")
    perform(decide_request, world.installation, jan.id, Decision(world.task(request).id, approve=True))
    from sqlalchemy import select

    task_id = session.scalars(select(Task.id).where(Task.kind == "label")).one()
    session.rollback()
    with pytest.raises(ForbiddenError):
        perform(decide_label, world.installation, lies.id, Decision(task_id, approve=True))
