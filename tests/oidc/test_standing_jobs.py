"""What the worker does for codes and sessions of applications; nothing at the door waits for it."""

from collections.abc import Callable
from datetime import timedelta

import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.audit import AuditEvent
from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.client_session import ClientSession
from broker.authentication.end_rightless_sessions import end_rightless_sessions
from broker.authentication.single_use import SingleUseValue
from broker.authentication.sweep_spent import sweep_spent
from broker.database import perform
from broker.installation import installation
from tests.oidc.conftest import Relying
from tests.worlds.client import Client
from tests.worlds.world import World

Make = Callable[..., Relying]


def test_sessions_whose_right_ran_out_are_ended_in_writing(
    world: World, client: Client, relying: Make, session: Session, clock: time_machine.Traveller
) -> None:
    """OA2: within a minute, once, with its reason; other sessions stay."""
    nele, tom = world.person("Nele Vercauteren"), world.person("Tom Bogaert")
    world.grant(nele, world.organisation("Genk"), valid_until=broker_clock.now() + timedelta(minutes=10))
    world.grant(tom, world.organisation("Peer"))
    for person in (nele, tom):
        world.sign_in(client, person)
        relying().tokens()
    world.sign_in(client, world.person("Hanne Smet"))
    relying("test-anybody").tokens()
    assert perform(end_rightless_sessions, installation()) == []
    clock.shift(timedelta(minutes=11))
    assert len(perform(end_rightless_sessions, installation())) == 1
    assert perform(end_rightless_sessions, installation()) == []
    ended = session.scalars(select(ClientSession).where(ClientSession.revoked_at.is_not(None))).one()
    assert (ended.person_id, ended.revoke_reason) == (nele.id, "right_ended")
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "authentication:client_session:revoke")).one()
    assert event.details == {"sid": str(ended.id), "reason": "right_ended"}


def test_spent_codes_and_assertions_are_thrown_away_when_they_can_do_nothing_more(
    world: World, client: Client, relying: Make, session: Session, clock: time_machine.Traveller
) -> None:
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    relying("test-jwt").tokens()
    assert perform(sweep_spent) == 0
    clock.shift(timedelta(minutes=2))
    assert perform(sweep_spent) == 1, "the assertion; a code used twice must still be noticed"
    clock.shift(timedelta(days=1))
    assert perform(sweep_spent) == 1
    for table in (AuthorizationCode, SingleUseValue):
        assert session.scalar(select(func.count()).select_from(table)) == 0
