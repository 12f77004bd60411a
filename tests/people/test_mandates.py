"""Appointing and dismissing: who may, who may not, who hears of it, and what two at once leave."""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import audit
from broker import clock as broker_clock
from broker.access.own_pools import own_pools
from broker.audit import Acting, AuditEvent
from broker.database import changing_session, perform
from broker.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.living_mandates import living_mandates
from broker.people.mandate import (
    APPLICATION_OWNER,
    HEAD_LOCAL_ADMIN,
    HELPDESK,
    HELPDESK_SCOPE,
    LOCAL_ADMIN,
    TARGET_GROUP_OFFICER,
    Mandate,
    organisation_scope,
)
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.inbox import Inbox
from tests.worlds.world import World


@pytest.fixture
def operator() -> Iterator[None]:
    """The command line is acting."""
    with audit.acting(Acting(kind="operator", label="os:tester")):
        yield


def appoint(
    world: World,
    actor: Person | None,
    appointee: Person,
    kind: str,
    organisation: Organisation | None = None,
    **more: Any,
) -> Mandate:
    appointment = Appointment(
        **{
            "person_id": appointee.id,
            "kind": kind,
            "organisation_id": organisation.id if organisation else None,
            "evidence": "Besluit van 3 november.",
        }
        | more
    )
    return perform(appoint_mandate, world.installation, actor.id if actor else None, appointment)


def mandate_of(session: Session, person: Person) -> Mandate:
    session.rollback()
    return session.scalars(select(Mandate).where(Mandate.person_id == person.id)).one()


# Who appoints whom


def test_a_head_appoints_a_local_administrator_who_then_works_there(world: World, session: Session) -> None:
    genk = world.organisation()
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    ilse = world.person("Ilse Maes")
    mandate = appoint(world, karim, ilse, LOCAL_ADMIN, genk, evidence="", email="ilse@voorbeeld.test")
    assert (mandate.appointed_by, mandate.scope_key) == (karim.id, organisation_scope(genk.id))
    views = living_mandates(session, person_id=ilse.id)
    assert [(view.kind, view.email) for view in views] == [(LOCAL_ADMIN, "ilse@voorbeeld.test")]
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "people:mandate:appoint")).one()
    assert (event.subject_id, event.organisation_id) == (ilse.id, genk.id)


def test_an_officer_appoints_a_head_and_says_on_what_grounds(world: World, session: Session) -> None:
    """AP4: the officer records evidence; it stays out of the audit."""
    genk = world.organisation()
    marc, karim = world.officer_of("LB", "gemeente", "Marc Claes"), world.person("Karim Benali")
    with pytest.raises(InvalidError) as refusal:
        appoint(world, marc, karim, HEAD_LOCAL_ADMIN, genk, evidence="  ")
    assert set(refusal.value.fields) == {"evidence"}
    appoint(world, marc, karim, HEAD_LOCAL_ADMIN, genk)
    assert mandate_of(session, karim).evidence == "Besluit van 3 november."
    assert "Besluit" not in str(session.scalars(select(AuditEvent.details)).all())


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("a local administrator", LOCAL_ADMIN),
        ("a local administrator", HEAD_LOCAL_ADMIN),
        ("the head", HEAD_LOCAL_ADMIN),
        ("the head elsewhere", LOCAL_ADMIN),
        ("the officer", LOCAL_ADMIN),
        ("the officer of another type", HEAD_LOCAL_ADMIN),
        ("somebody who works there", LOCAL_ADMIN),
        ("the system", HEAD_LOCAL_ADMIN),
    ],
)
def test_nobody_else_appoints(world: World, session: Session, who: str, kind: str) -> None:
    genk = world.organisation()
    makers = {
        "a local administrator": lambda: world.administrator_of(genk),
        "the head": lambda: world.administrator_of(genk, head=True),
        "the head elsewhere": lambda: world.administrator_of(world.organisation("Hasselt"), head=True),
        "the officer": lambda: world.officer_of("LB", "gemeente"),
        "the officer of another type": lambda: world.officer_of("EA", "brusselse_gemeente"),
        "somebody who works there": lambda: world.person(works_for=genk),
        "the system": lambda: None,
    }
    actor, hanne = makers[who](), world.person("Hanne Smet")
    with pytest.raises(ForbiddenError):
        appoint(world, actor, hanne, kind, genk)
    assert living_mandates(session, person_id=hanne.id) == []


def test_an_administrator_who_was_dismissed_appoints_nobody(world: World) -> None:
    """ID4: authority is read again where it is used."""
    genk = world.organisation()
    karim, hanne = world.administrator_of(genk, head=True), world.person("Hanne Smet")
    with changing_session() as session, session.begin():
        session.execute(update(Affiliation).values(ended_at=broker_clock.now(), end_reason="left"))
    with pytest.raises(ForbiddenError):
        appoint(world, karim, hanne, LOCAL_ADMIN, genk)


@pytest.mark.parametrize("same", ["person", "email", "phone"])
def test_nobody_appoints_himself_by_any_road(world: World, same: str) -> None:
    """AP1: not as the person, nor as a second person with the same proved address or telephone."""
    genk = world.organisation()
    columns = {"phone": "+32470123456", "phone_source": "proved"}
    karim = world.administrator_of(
        genk, head=True, person=world.person("Karim Benali", email="k@voorbeeld.test", **columns)
    )
    twin = {
        "person": karim,
        "email": karim if same != "email" else world.person("Karim B", email="k@voorbeeld.test"),
        "phone": karim if same != "phone" else world.person("Karim B", **columns),
    }[same]
    with pytest.raises(ForbiddenError) as refusal:
        appoint(world, karim, twin, LOCAL_ADMIN, genk)
    assert refusal.value.code == "not_for_yourself"


@pytest.mark.usefixtures("operator")
def test_the_operator_appoints_officers_owners_and_the_first_of_an_organisation(world: World) -> None:
    """AP7: the same rules, save the first mandate."""
    genk = world.organisation()
    marc, karim, ilse = world.person("Marc Claes"), world.person("Karim Benali"), world.person("Ilse Maes")
    appoint(world, None, marc, TARGET_GROUP_OFFICER, target_group="LB", organisation_type="gemeente")
    appoint(world, None, marc, APPLICATION_OWNER, application_code="cultuurmonitor")
    appoint(world, None, karim, HEAD_LOCAL_ADMIN, genk)
    for kind in (HEAD_LOCAL_ADMIN, LOCAL_ADMIN):
        with pytest.raises(ForbiddenError) as refusal:
            appoint(world, None, ilse, kind, genk)
        assert refusal.value.code == "not_the_first"


@pytest.mark.usefixtures("operator")
def test_the_helpdesk_is_appointed_by_the_operator_and_decides_nothing(world: World, session: Session) -> None:
    """Seed-sentences M6: it looks up, in the whole installation; no head or officer gives that away."""
    genk, hilde = world.organisation(), world.person("Hilde Martens")
    mandate = appoint(world, None, hilde, HELPDESK)
    assert (mandate.scope_key, mandate.organisation_id, mandate.application_code) == (HELPDESK_SCOPE, None, None)
    assert [view.kind for view in living_mandates(session, person_id=hilde.id)] == [HELPDESK]
    assert own_pools(session, hilde.id).scopes == []
    session.rollback()
    for actor in (world.administrator_of(genk, head=True), world.officer_of("LB", "gemeente"), hilde):
        with pytest.raises(ForbiddenError):
            appoint(world, actor, world.person(), HELPDESK)


@pytest.mark.usefixtures("operator")
def test_the_operator_always_says_why(world: World) -> None:
    """AP7: a reason is required."""
    with pytest.raises(InvalidError):
        appoint(world, None, world.person(), APPLICATION_OWNER, application_code="cultuurmonitor", evidence="")


@pytest.mark.parametrize(
    ("scope", "field"),
    [
        ({"kind": "emperor"}, "kind"),
        ({"kind": LOCAL_ADMIN}, "organisation"),
        (
            {"kind": TARGET_GROUP_OFFICER, "target_group": "LB", "organisation_type": "economische_actor"},
            "organisation_type",
        ),
        ({"kind": APPLICATION_OWNER, "application_code": "nergens"}, "application"),
    ],
)
@pytest.mark.usefixtures("operator")
def test_a_scope_that_does_not_exist_is_named(world: World, scope: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        appoint(world, None, world.person(), **{"kind": "", **scope})
    assert set(refusal.value.fields) == {field}


def test_somebody_who_never_signed_in_may_be_appointed_and_decides_once_matched(world: World, session: Session) -> None:
    """AP4: no power rests on a name that somebody entered."""
    genk = world.organisation()
    karim, hanne = world.administrator_of(genk, head=True), world.person("Hanne Smet", state="unlinked")
    appoint(world, karim, hanne, LOCAL_ADMIN, genk)
    assert living_mandates(session, person_id=hanne.id) == []
    with changing_session() as changing, changing.begin():
        changing.execute(update(Person).where(Person.id == hanne.id).values(state="matched"))
    session.rollback()
    assert len(living_mandates(session, person_id=hanne.id)) == 1


def test_a_mandate_held_already_is_a_conflict_and_one_that_ran_out_is_not(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    karim, ilse = world.administrator_of(genk, head=True), world.person("Ilse Maes")
    until = broker_clock.now() + timedelta(days=3)
    old = appoint(world, karim, ilse, LOCAL_ADMIN, genk, valid_until=until)
    with pytest.raises(ConflictError) as refusal:
        appoint(world, karim, ilse, LOCAL_ADMIN, genk)
    assert refusal.value.code == "already_has_mandate"
    clock.shift(timedelta(days=4))
    new = appoint(world, karim, ilse, LOCAL_ADMIN, genk)
    assert new.id != old.id
    session.rollback()
    ended = session.get_one(Mandate, old.id)
    assert (ended.ended_at, ended.end_reason, ended.ended_by) == (until, "expired", None)


def test_neither_an_ended_organisation_nor_an_erased_person_takes_part(world: World) -> None:
    genk = world.organisation()
    karim = world.administrator_of(genk, head=True)
    with pytest.raises(ConflictError):
        appoint(world, karim, world.person("Wie Weg", state="erased"), LOCAL_ADMIN, genk)
    with pytest.raises(NotFoundError):
        perform(
            appoint_mandate,
            world.installation,
            karim.id,
            Appointment(person_id=uuid.uuid4(), kind=LOCAL_ADMIN, organisation_id=genk.id),
        )
    with changing_session() as session, session.begin():
        session.execute(update(Organisation).values(ended_at=broker_clock.now(), end_reason="inactive"))
    with pytest.raises(ConflictError):
        appoint(world, karim, world.person(), LOCAL_ADMIN, genk)


def test_the_appointee_the_others_and_the_general_address_are_told(world: World, inbox: Inbox) -> None:
    """AP4: an organisation is not captured in silence."""
    genk = world.organisation(email="info@genk.voorbeeld.test")
    marc = world.officer_of("LB", "gemeente")
    ilse = world.administrator_of(genk)
    owner = world.person("Els Owner", email="els@voorbeeld.test")
    with audit.acting(Acting(kind="operator")):
        appoint(world, None, owner, APPLICATION_OWNER, application_code="cultuurmonitor")
    before = len(inbox.mails)
    karim = world.person("Karim Benali", email="karim@voorbeeld.test")
    appoint(world, marc, karim, HEAD_LOCAL_ADMIN, genk)
    told = {mail.to: mail for mail in inbox.mails[before:]}
    assert set(told) == {"karim@voorbeeld.test", ilse.email, "info@genk.voorbeeld.test", "els@voorbeeld.test"}
    assert "Karim Benali" in told[str(ilse.email)].text
    assert "Genk" in told["karim@voorbeeld.test"].text


# Who dismisses whom


def test_a_head_dismisses_a_local_administrator_and_everybody_hears(
    world: World, session: Session, inbox: Inbox
) -> None:
    genk = world.organisation(email="info@genk.voorbeeld.test")
    karim, ilse = world.administrator_of(genk, "Karim Benali", head=True), world.administrator_of(genk)
    ended = perform(dismiss_mandate, world.installation, karim.id, mandate_of(session, ilse).id, "Werkt elders.")
    assert (ended.end_reason, ended.ended_by, ended.end_note) == ("dismissed", karim.id, "Werkt elders.")
    session.rollback()
    assert living_mandates(session, person_id=ilse.id) == []
    assert {mail.to for mail in inbox.mails} == {ilse.email, karim.email, "info@genk.voorbeeld.test"}
    assert session.scalars(select(AuditEvent.name)).all() == ["people:mandate:dismiss"]


def test_dismissing_again_is_a_conflict_that_says_who(world: World, session: Session) -> None:
    genk = world.organisation()
    karim, ilse = world.administrator_of(genk, head=True), world.administrator_of(genk)
    mandate_id = mandate_of(session, ilse).id
    perform(dismiss_mandate, world.installation, karim.id, mandate_id)
    with pytest.raises(ConflictError) as refusal:
        perform(dismiss_mandate, world.installation, karim.id, mandate_id)
    assert refusal.value.facts["ended_by"] == karim.id


@pytest.mark.parametrize(
    ("who", "error"),
    [("a local administrator", ForbiddenError), ("the head elsewhere", NotFoundError), ("a stranger", NotFoundError)],
)
def test_nobody_else_dismisses_and_strangers_learn_nothing(
    world: World, session: Session, who: str, error: type[DomainError]
) -> None:
    """ID2: what is not yours to see is not there."""
    genk = world.organisation()
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    makers = {
        "a local administrator": lambda: world.administrator_of(genk),
        "the head elsewhere": lambda: world.administrator_of(world.organisation("Hasselt"), "Wie Anders", head=True),
        "a stranger": lambda: world.person("Hanne Smet"),
    }
    actor = makers[who]()
    with pytest.raises(error):
        perform(dismiss_mandate, world.installation, actor.id, mandate_of(session, karim).id)
    with pytest.raises(NotFoundError):
        perform(dismiss_mandate, world.installation, actor.id, uuid.uuid4())


@pytest.mark.usefixtures("operator")
def test_the_operator_dismisses_officers_with_a_reason_and_no_local_administrators(
    world: World, session: Session
) -> None:
    """AP7: the command line is no back door."""
    marc = world.officer_of("LB", "gemeente")
    ilse = world.administrator_of(world.organisation())
    with pytest.raises(ForbiddenError):
        perform(dismiss_mandate, world.installation, None, mandate_of(session, ilse).id, "Omdat het kan.")
    with pytest.raises(InvalidError):
        perform(dismiss_mandate, world.installation, None, mandate_of(session, marc).id)
    perform(dismiss_mandate, world.installation, None, mandate_of(session, marc).id, "Andere functie.")


def test_the_last_head_stays_until_there_is_a_successor(world: World, session: Session) -> None:
    """AP3: nobody leaves an organisation without a head by resigning."""
    genk = world.organisation()
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    with pytest.raises(ConflictError) as refusal:
        perform(dismiss_mandate, world.installation, karim.id, mandate_of(session, karim).id)
    assert refusal.value.code == "head_needs_successor"
    world.administrator_of(genk, "Eva Janssens", head=True)
    resigned = perform(dismiss_mandate, world.installation, karim.id, mandate_of(session, karim).id)
    assert resigned.end_reason == "resigned"


def test_an_officer_dismisses_the_last_head(world: World, session: Session) -> None:
    genk = world.organisation()
    marc, karim = world.officer_of("LB", "gemeente"), world.administrator_of(genk, head=True)
    perform(dismiss_mandate, world.installation, marc.id, mandate_of(session, karim).id, "Uit dienst.")
    assert living_mandates(session, person_id=karim.id) == []


def test_of_two_heads_who_dismiss_each_other_one_stays(world: World, session: Session, app: Flask) -> None:
    """AP3: the organisation is locked, so the second finds himself dismissed."""
    genk = world.organisation()
    one, other = (world.administrator_of(genk, name, head=True) for name in ("Karim Benali", "Eva Janssens"))
    mandates = {one.id: mandate_of(session, other).id, other.id: mandate_of(session, one).id}
    session.rollback()
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def dismiss(actor: uuid.UUID) -> None:
        with app.app_context():
            ready.wait()
            try:
                perform(dismiss_mandate, world.installation, actor, mandates[actor])
            except DomainError as error:
                outcomes.append(type(error).__name__)
            else:
                outcomes.append("dismissed")

    threads = [threading.Thread(target=dismiss, args=(actor,)) for actor in mandates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ForbiddenError", "dismissed"]
    assert len(living_mandates(session, scope_key=organisation_scope(genk.id))) == 1
