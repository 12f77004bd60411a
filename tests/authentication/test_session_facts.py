"""What a session of an application says, in one statement; and that it agrees with everybody else on which rights count."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import grant_is_active, grant_state, label_join, live_rights
from broker.authentication.browser_session import ABSOLUTE, IDLE, BrowserSession
from broker.authentication.client_session import ClientSession
from broker.authentication.revoked_token import RevokedToken
from broker.authentication.session_facts import SessionFacts, session_facts
from broker.catalogue import Catalogue
from broker.database import changing_session, db, reading
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.oidc.conftest import app, catalogue, client_key
from tests.worlds.statements import Statements
from tests.worlds.world import World

__all__ = ["app", "catalogue", "client_key"]

APPLICATION = "cultuurmonitor"
WORLDS = 150


def keep(*rows: Any) -> None:
    """Write rows, in the order in which they hang together."""
    with changing_session() as session, session.begin():
        for row in rows:
            session.add(row)
            session.flush()
    db.session.rollback()


def session_of(person: Person, organisation: Organisation | None, client_id: str, **columns: Any) -> uuid.UUID:
    """A living ClientSession of `person`; its id."""
    now = broker_clock.now()
    signed_in = {
        "person_id": person.id,
        "provider_code": "itsme",
        "acr": "urn:be:vlaanderen:authmech:itsme",
        "level": 27,
        "amr": ["pop"],
        "auth_time": now,
        "created_at": now,
    }
    browser = BrowserSession(id=uuid.uuid4(), token_hash=uuid.uuid4().hex, last_seen=now, **signed_in)
    row = ClientSession(
        **{
            "id": uuid.uuid4(),
            "browser_session_id": browser.id,
            "client_id": client_id,
            "application_code": APPLICATION,
            "organisation_id": organisation.id if organisation else None,
            "scopes": "openid vo",
            "generation": 1,
            "expires_at": now + timedelta(hours=8),
            **signed_in,
        }
        | columns
    )
    keep(browser, row)
    return row.id


# Everybody agrees on which rights count


def some_dates(chance: random.Random, now: datetime) -> dict[str, datetime | None]:
    """Begun or not, over or not: at the very instant too."""
    steps = [timedelta(days=-30), timedelta(seconds=-1), timedelta(0), timedelta(days=30)]
    begins = now + chance.choice([steps[0]] * 16 + steps)
    ends = chance.choice([None] * 16 + [now + step for step in steps if now + step > begins])
    return {"valid_from": begins, "valid_until": ends}


def some_end(chance: random.Random, now: datetime) -> dict[str, Any]:
    """Mostly not ended."""
    return {"ended_at": now, "end_reason": "ended"} if chance.random() < 0.06 else {}


def random_worlds(world: World, catalogue: Catalogue, now: datetime) -> Iterator[tuple[Person, Organisation]]:
    """People with jobs, rights and labels of every kind, made so that about half of the rights count."""
    chance = random.Random(20261117)
    rights = catalogue.applications[APPLICATION].rights.values()
    offered = [(right.code, context) for right in rights for context in right.contexts]
    offers = [*offered, *((right.code, context) for right in rights for context in ("", "gone")), ("gone", "")]
    keeper = world.person("Wie Keurde")
    for n in range(WORLDS):
        person = world.person(f"Iemand {n}", state=chance.choice(["matched"] * 18 + ["doubted", "unlinked"]))
        place = world.organisation(f"Plaats {n}", kind=chance.choice(["gemeente", "economische_actor"]))
        jobs = [
            Affiliation(id=uuid.uuid4(), person_id=person.id, organisation_id=place.id, **some_dates(chance, now))
            for _ in range(chance.choice([1, 1, 2]))
        ]
        for before in jobs[1:]:
            before.ended_at, before.end_reason = now, "left"
        for key, value in some_end(chance, now).items():
            setattr(jobs[0], key, value)
        labels = [
            Label(
                id=uuid.uuid4(),
                organisation_id=place.id,
                application_code=APPLICATION,
                label_code="afnemer",
                target_group=chance.choice([place.target_group] * 4 + ["GID"]),
                organisation_type=place.organisation_type,
                asked_at=now,
                valid_until=some_dates(chance, now)["valid_until"],
                **({"approved_at": now, "approved_by": keeper.id} if chance.random() < 0.8 else {}),
                **some_end(chance, now),
            )
            for _ in range(chance.choice([0, 1]))
        ]
        grants = [
            Grant(
                id=uuid.uuid4(),
                person_id=person.id,
                organisation_id=place.id,
                affiliation_id=chance.choice([jobs[0]] * 4 + jobs).id,
                application_code=chance.choice([APPLICATION] * 9 + ["another"]),
                right_code=right,
                context_code=context,
                label_code=chance.choice([None, None, "afnemer"]),
                given_at=now,
                **some_dates(chance, now),
                **some_end(chance, now),
            )
            for right, context in sorted({chance.choice(offered), chance.choice(offers)})
        ]
        ended = {"ended_at": now, "end_reason": "inactive"} if chance.random() < 0.05 else {}
        keep(*jobs, *labels, *grants)
        with changing_session() as session, session.begin():
            for key, value in ended.items():
                setattr(session.get_one(Organisation, place.id), key, value)
        yield person, place


def test_the_state_of_a_grant_the_live_rights_and_the_facts_of_a_session_always_agree(
    world: World, catalogue: Catalogue, clock: Any, session: Session
) -> None:
    """OA1, decisions 1: one condition says which rights count; nobody gets in by the one door who is kept out at another."""
    clock.move_to(broker_clock.now(), tick=False)
    now = broker_clock.now()
    people = list(random_worlds(world, catalogue, now))
    counted = 0
    for person, place in people:
        rows = session.execute(label_join(now).where(Grant.person_id == person.id)).all()
        active = {
            row[0].id
            for row in rows
            if grant_state(*row, catalogue=catalogue, instant=now) == "active"
            and row[0].application_code == APPLICATION
        }
        assert {each.grant_id for each in live_rights(session, catalogue, person.id, APPLICATION)} == active
        assert {
            row[0].id
            for row in rows
            if row[0].application_code == APPLICATION and grant_is_active(session, catalogue, row[0].id)
        } == active
        session.rollback()
        facts = session_facts(session, catalogue, session_of(person, place, "test-confidential"))
        assert (facts is not None) == bool(active), "a client that asks a right"
        of_anybody = session_facts(session, catalogue, session_of(person, place, "test-anybody"))
        for each in filter(None, (facts, of_anybody)):
            assert each.capacity is not None
            assert list(each.capacity.rights) == sorted(
                live_rights(session, catalogue, person.id, APPLICATION), key=lambda right: right.grant_id.hex
            )
        if active:
            assert of_anybody is not None
        session.rollback()
        counted += len(active)
    assert WORLDS / 4 < counted < WORLDS, f"the worlds must hold both kinds: {counted}"


# When a session counts


@pytest.mark.parametrize(
    "columns",
    [
        {"generation": 0},
        {"revoked_at": datetime.fromisoformat("2026-11-17T08:00:00+00:00"), "revoke_reason": "signed_out"},
        {"expires_at": datetime.fromisoformat("2026-11-17T07:59:00+00:00")},
        {"client_id": "gone"},
    ],
)
def test_one_that_does_not_count_says_nothing(
    world: World, catalogue: Catalogue, session: Session, columns: dict[str, Any]
) -> None:
    nele, genk = world.person(), world.organisation()
    world.grant(nele, genk)
    assert session_facts(session, catalogue, session_of(nele, genk, "test-confidential")) is not None
    columns = {"client_id": "test-confidential"} | columns
    client_id = columns.pop("client_id")
    assert session_facts(session, catalogue, session_of(nele, genk, client_id, **columns)) is None
    assert session_facts(session, catalogue, uuid.uuid4()) is None


def test_somebody_who_works_for_nobody_has_a_session_where_anybody_may_come(
    world: World, catalogue: Catalogue, session: Session
) -> None:
    nele = world.person()
    facts = session_facts(session, catalogue, session_of(nele, None, "test-anybody"))
    assert facts is not None
    assert (facts.capacity, facts.email) == (None, nele.email)
    assert session_facts(session, catalogue, session_of(nele, None, "test-confidential")) is None


def test_a_policy_that_was_tightened_holds_for_sessions_that_began_before(
    world: World, catalogue: Catalogue, session: Session
) -> None:
    """PF4: what the row was granted counts no further than the policy of now; least of all a rijksregisternummer."""
    nele, genk = world.person(), world.organisation()
    world.grant(nele, genk)
    sid = session_of(nele, genk, "test-confidential", scopes="offline_access openid rrn vo", offline=True)
    client = catalogue.clients["test-confidential"]

    def under(**changes: Any) -> SessionFacts | None:
        now = replace(client, **changes)
        return session_facts(session, replace(catalogue, clients={**catalogue.clients, client.client_id: now}), sid)

    wide = under(scopes=("openid", "vo", "rrn", "email", "offline_access"))
    assert wide is not None
    assert (wide.scopes, wide.offline) == ({"openid", "vo", "rrn", "offline_access"}, True)
    narrow = under(scopes=("openid",))
    assert narrow is not None
    assert (narrow.scopes, narrow.offline) == ({"openid"}, False)
    assert under(application_code="another") is None, "it began in another application"


def test_a_token_taken_back_says_nothing_and_the_others_go_on(
    world: World, catalogue: Catalogue, session: Session
) -> None:
    """Decisions 12: (jti, exp) in one table, read in the same statement."""
    nele, genk = world.person(), world.organisation()
    world.grant(nele, genk)
    sid = session_of(nele, genk, "test-confidential")
    keep(RevokedToken(jti="one", expires_at=broker_clock.now() + timedelta(minutes=5)))
    assert session_facts(session, catalogue, sid, "one") is None
    assert session_facts(session, catalogue, sid, "other") is not None
    assert session_facts(session, catalogue, sid) is not None


def test_it_costs_one_statement_in_a_transaction_or_out_of_one(
    world: World, catalogue: Catalogue, session: Session, statements: Statements
) -> None:
    nele, genk = world.person(), world.organisation()
    world.grant(nele, genk)
    sid = session_of(nele, genk, "test-confidential")
    with statements() as seen:
        in_session = session_facts(session, catalogue, sid, "jti")
    assert len(seen) == 1
    with statements() as seen, reading() as connection:
        alone = session_facts(connection, catalogue, sid, "jti")
    assert len(seen) == 1
    assert alone == in_session


def test_it_says_until_when_the_browser_lives(world: World, catalogue: Catalogue, session: Session) -> None:
    """Lifecycles §9: idle or absolute, whichever comes first."""
    nele, genk = world.person(), world.organisation()
    world.grant(nele, genk)
    sid = session_of(nele, genk, "test-confidential")
    facts = session_facts(session, catalogue, sid)
    row = session.scalars(select(BrowserSession)).one()
    row_id = row.id
    assert facts is not None
    assert facts.browser_ends_at == row.ends_at == min(row.last_seen + IDLE, row.created_at + ABSOLUTE)
    session.rollback()
    with changing_session() as changing, changing.begin():
        changing.get_one(BrowserSession, row_id).end(broker_clock.now(), "signed_out")
    facts = session_facts(session, catalogue, sid)
    assert facts is not None
    assert facts.browser_ends_at is None
