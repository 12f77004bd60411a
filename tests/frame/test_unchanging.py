"""What the database itself refuses to change, by plain SQL, on both databases."""

from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.task import Task
from broker.audit.audit_event import AuditEvent
from broker.database import changing_session
from broker.people.affiliation import Affiliation
from broker.people.mandate import Mandate
from broker.people.person import Person
from tests.worlds.world import World


def change(kind: type[Any], row_id: Any, **values: Any) -> None:
    """UPDATE one row, past every rule."""
    with changing_session() as session, session.begin():
        session.execute(update(kind).where(kind.id == row_id).values(**values))


def refused(kind: type[Any], row_id: Any, **values: Any) -> str:
    with pytest.raises(DBAPIError) as caught:
        change(kind, row_id, **values)
    return str(caught.value.orig)


def end(kind: type[Any], row_id: Any) -> None:
    change(kind, row_id, ended_at=clock.now(), end_reason="test")


def test_an_ended_grant_never_changes(world: World) -> None:
    """lifecycles §0."""
    grant = world.grant(world.person(), world.organisation())
    end(Grant, grant.id)
    assert "ended" in refused(Grant, grant.id, ended_at=None, end_reason=None)
    assert "ended" in refused(Grant, grant.id, right_code="something_else")


def test_an_ended_mandate_never_changes(world: World, session: Session) -> None:
    world.administrator_of(world.organisation())
    mandate = session.query(Mandate).one()
    end(Mandate, mandate.id)
    assert "ended" in refused(Mandate, mandate.id, ended_at=None, end_reason=None)


def test_an_ended_label_never_changes(world: World) -> None:
    label = world.label(world.organisation("Etterbeek", "brusselse_gemeente"))
    end(Label, label.id)
    assert "ended" in refused(Label, label.id, ended_at=None, end_reason=None)


def test_an_ended_affiliation_changes_only_by_being_erased(world: World) -> None:
    """DESIGN §6: personal data goes when its purpose ends, the fact stays."""
    affiliation = world.affiliation(world.person(), world.organisation())
    end(Affiliation, affiliation.id)
    assert "ended" in refused(Affiliation, affiliation.id, ended_at=None, end_reason=None)
    assert "ended" in refused(Affiliation, affiliation.id, email="other@voorbeeld.test")
    change(Affiliation, affiliation.id, email=None, email_source=None, phone=None)


@pytest.mark.parametrize(
    "values",
    [
        {"given_name": "Iemand"},
        {"family_name": "Anders"},
        {"email": "other@voorbeeld.test"},
        {"right_code": "something_else"},
        {"context_code": "something_else"},
        {"entitlement_code": "something_else"},
        {"answers": {"centre": "elsewhere"}},
        {"applicant_key": "0" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_was_asked_never_changes(world: World, values: dict[str, Any]) -> None:
    """ID6: approving cannot change what was asked."""
    request = world.request()
    assert "asked" in refused(AccessRequest, request.id, **values)


def test_the_organisation_of_a_request_is_filled_in_once(world: World) -> None:
    request = world.request(organisation=world.organisation())
    assert "asked" in refused(AccessRequest, request.id, organisation_id=world.organisation("Hasselt").id)


def test_the_number_and_the_names_of_a_request_can_be_erased(world: World) -> None:
    """DESIGN §6."""
    request = world.typed_request()
    change(AccessRequest, request.id, number_sealed=None)
    assert "asked" in refused(AccessRequest, request.id, number_sealed="test1.x")
    change(AccessRequest, request.id, given_name="", family_name="", email="", phone=None, answers={})


def test_a_closed_task_never_changes(world: World) -> None:
    """lifecycles §2."""
    organisation = world.organisation()
    administrator = world.administrator_of(organisation)
    task = world.task(world.request(organisation=organisation))
    change(
        Task,
        task.id,
        decision="approved",
        decided_by=administrator.id,
        closed_at=clock.now(),
        close_reason="decided",
    )
    assert "decided" in refused(Task, task.id, decision="rejected")
    assert "decided" in refused(Task, task.id, decision=None, decided_by=None, closed_at=None, close_reason=None)


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET name = 'a:b:c'", "DELETE FROM audit_events"])
def test_an_event_of_the_audit_can_be_neither_changed_nor_deleted(world: World, statement: str) -> None:
    """AU2."""
    world.request()
    with pytest.raises(DBAPIError, match="append-only"), changing_session() as session, session.begin():
        session.execute(text(statement))


def test_rows_that_go_on_can_change(world: World, session: Session) -> None:
    person = world.person()
    change(Person, person.id, language="en")
    grant = world.grant(person, world.organisation())
    change(Grant, grant.id, valid_until=None)
    assert session.query(AuditEvent).count() == 0
