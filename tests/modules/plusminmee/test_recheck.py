"""Every night the tool asks the broker who still has the right, and closes the memberships of the others (decision 2)."""

import io
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from modules.kit import Held, holders_now
from modules.kit.database import Database
from modules.kit.outgoing import BrokerUnreachableError
from modules.plusminmee.about import GEBRUIKER
from modules.plusminmee.clockwork import follow_nights, forget, tick
from modules.plusminmee.close_memberships import close_memberships_of
from modules.plusminmee.model import Membership, Professional
from modules.plusminmee.recheck_members import NightlyRecheck, recheck_members
from tests.modules.fake_broker import FakeBroker
from tests.modules.plusminmee.conftest import ANTON, ELZEVOORDE, FATIMA, POLITIE, SANNE
from tests.modules.plusminmee.pictures import telephone_photo
from tests.modules.plusminmee.visitors import GROUPS, Visitor


def holding(who: dict[str, str], organisation: tuple[str, str], right: str = GEBRUIKER) -> dict[str, Any]:
    """What the broker says of somebody who has the right."""
    return {"sub": who["sub"], "right": right, "organisation": organisation[0]}


EVERYBODY = [holding(FATIMA, ELZEVOORDE, "PMMBeheerder"), holding(ANTON, POLITIE)]


@pytest.fixture
def night(tool: Flask) -> Callable[[NightlyRecheck | None], list[dict[str, Any]]]:
    """What the clock does in a night; answers what it logged."""

    def pass_(recheck: NightlyRecheck | None = None) -> list[dict[str, Any]]:
        database: Database = tool.extensions["kit_database"]
        with tool.app_context(), capture_logs() as logged:
            follow_nights(database, recheck or NightlyRecheck())
        return [dict(each) for each in logged]

    return pass_


def open_ones(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(Membership).where(Membership.ended_at.is_(None))) or 0


def test_who_is_suspended_keeps_the_place_in_the_group_and_what_they_said_of_themselves(
    tool: Flask,
    night: Any,
    member: Visitor,
    fatima: Visitor,
    group: uuid.UUID,
    tool_broker: FakeBroker,
    engine: Engine,
) -> None:
    """A right that rests comes back by itself, and so does the work: it lets nobody in meanwhile, at the broker."""
    member.get("/plusminmee/profiel")
    member.post("/plusminmee/profiel", {"region": "Noord"})
    tool_broker.holders, tool_broker.resting = EVERYBODY[:1], EVERYBODY[1:]
    with tool.app_context():
        close_memberships_of(ANTON["sub"], POLITIE[0], frozenset())
    night()
    assert open_ones(engine) == 2
    assert 'value="Noord"' in member.get("/plusminmee/profiel").text
    tool_broker.resting = []
    with tool.app_context():
        close_memberships_of(ANTON["sub"], POLITIE[0], frozenset())
    assert open_ones(engine) == 1


def test_an_end_is_left_to_the_night_where_the_broker_does_not_say_whether_it_rests(
    tool: Flask, night: Any, member: Visitor, fatima: Visitor, tool_broker: FakeBroker, engine: Engine
) -> None:
    tool_broker.holders, tool_broker.holders_refused = EVERYBODY[:1], "server_error"
    with tool.app_context():
        close_memberships_of(ANTON["sub"], POLITIE[0], frozenset())
    assert open_ones(engine) == 2
    tool_broker.holders_refused = None
    night()
    assert open_ones(engine) == 1


def test_who_no_longer_has_the_right_is_in_no_group_any_more_though_no_event_came(
    night: Any, member: Visitor, fatima: Visitor, group: uuid.UUID, tool_broker: FakeBroker, engine: Engine
) -> None:
    tool_broker.holders = EVERYBODY
    night()
    assert open_ones(engine) == 2
    tool_broker.holders = EVERYBODY[:1]
    assert [each["event"] for each in night()] == ["members_rechecked"]
    assert open_ones(engine) == 1
    assert member.get(f"{GROUPS}/{group}/jongeren").status_code == 404
    log = fatima.get(f"{GROUPS}/{group}/logboek").text
    assert "Het recht van Anton Bos stopte, en daarmee de toegang tot de groep." in log
    with Session(engine) as session:
        assert session.scalars(select(Membership.end_reason).where(Membership.ended_at.is_not(None))).all() == [
            "right_ended"
        ]


def test_a_right_for_another_organisation_or_of_another_kind_keeps_nobody(
    night: Any, member: Visitor, tool_broker: FakeBroker, engine: Engine
) -> None:
    tool_broker.holders = [EVERYBODY[0], holding(ANTON, ELZEVOORDE), holding(ANTON, POLITIE, "PMMKijker")]
    night()
    assert open_ones(engine) == 1


@pytest.mark.parametrize("trouble", ["down", "refused", "nonsense", "unavailable"])
def test_without_a_whole_answer_nothing_is_closed_and_it_is_tried_again(
    night: Any,
    member: Visitor,
    tool_broker: FakeBroker,
    engine: Engine,
    clock: time_machine.Traveller,
    trouble: str,
) -> None:
    tool_broker.down = trouble == "down"
    tool_broker.holders_refused = "unauthorized_client" if trouble == "refused" else None
    tool_broker.holders_down_after = 0 if trouble == "unavailable" else None
    if trouble == "nonsense":
        tool_broker.holders = [{"sub": FATIMA["sub"]}]
    recheck = NightlyRecheck()
    (told,) = night(recheck)
    assert (told["event"], told["log_level"]) == ("recheck_failed", "error")
    assert open_ones(engine) == 2
    tool_broker.down, tool_broker.holders_refused, tool_broker.holders_down_after = False, None, None
    tool_broker.holders = EVERYBODY[:1]
    clock.shift(timedelta(minutes=5))
    assert night(recheck) == [], "not yet"
    clock.shift(timedelta(minutes=20))
    assert [each["event"] for each in night(recheck)] == ["members_rechecked"]
    assert open_ones(engine) == 1


def test_it_is_asked_once_a_night(
    night: Any, member: Visitor, tool_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    tool_broker.holders = EVERYBODY
    recheck = NightlyRecheck()
    for _ in range(3):
        night(recheck)
        clock.shift(timedelta(hours=4))
    assert len(tool_broker.holder_calls) == 1
    clock.shift(timedelta(hours=8))
    night(recheck)
    assert len(tool_broker.holder_calls) == 2


def fill(engine: Engine, group_id: uuid.UUID, many: int) -> list[str]:
    """Members beside Fatima; their names at the broker."""
    now = datetime.now(UTC)
    subs = [f"{number:040x}" for number in range(1, many + 1)]
    with Session(engine) as session, session.begin():
        for sub in subs:
            one = Professional(
                id=uuid.uuid4(),
                sub=sub,
                organisation_code=POLITIE[0],
                organisation_name=POLITIE[1],
                full_name=f"Nummer {sub[-3:]}",
                email=f"{sub[-6:]}@voorbeeld.test",
                email_key=f"{sub[-6:]}@voorbeeld.test",
                log_seen_at=now,
                first_seen_at=now,
            )
            session.add(one)
            session.flush()
            session.add(Membership(group_id=group_id, professional_id=one.id, since=now, confirmed_at=now))
    return subs


def test_an_answer_that_would_empty_the_tool_is_reported_and_not_believed(
    night: Any, fatima: Visitor, group: uuid.UUID, tool_broker: FakeBroker, engine: Engine
) -> None:
    subs = fill(engine, group, 20)
    tool_broker.holders = [EVERYBODY[0]]
    (told,) = night()
    assert (told["event"], told["log_level"]) == ("recheck_not_believed", "error")
    assert (told["lost"], told["members"]) == (20, 21)
    assert open_ones(engine) == 21
    tool_broker.holders = [EVERYBODY[0], *({**EVERYBODY[1], "sub": sub} for sub in subs[:10])]
    night()
    assert open_ones(engine) == 11, "ten at once are believed"


def test_a_hundred_people_are_asked_at_a_time(
    tool: Flask, fatima: Visitor, group: uuid.UUID, tool_broker: FakeBroker, engine: Engine, night: Any
) -> None:
    subs = fill(engine, group, 204)
    tool_broker.holders = [EVERYBODY[0], *({**EVERYBODY[1], "sub": sub} for sub in subs)]
    night()
    assert [len(each) for each in tool_broker.holder_calls] == [100, 100, 5]
    assert open_ones(engine) == 205
    with tool.app_context():
        assert holders_now([subs[0]]) == {Held(subs[0], GEBRUIKER, POLITIE[0])}


def test_half_of_the_answers_are_no_answer(
    night: Any, fatima: Visitor, group: uuid.UUID, tool_broker: FakeBroker, engine: Engine
) -> None:
    fill(engine, group, 120)
    tool_broker.holders_down_after = 1
    (told,) = night()
    assert told["event"] == "recheck_failed"
    assert open_ones(engine) == 121


def test_who_came_back_while_it_was_asked_stays(
    tool: Flask, member: Visitor, engine: Engine, clock: time_machine.Traveller
) -> None:
    """A membership that began after the question stands on a right that was given later."""
    database: Database = tool.extensions["kit_database"]

    def ask(_subs: object) -> set[Held]:
        clock.shift(timedelta(minutes=1))
        with Session(engine) as session, session.begin():
            anton = session.scalars(
                select(Membership)
                .join(Professional, Professional.id == Membership.professional_id)
                .where(Professional.sub == ANTON["sub"])
            ).one()
            anton.since = datetime.now(UTC)
        return {Held(FATIMA["sub"], "PMMBeheerder", ELZEVOORDE[0])}

    with tool.app_context():
        assert recheck_members(database, ask) == 0
    assert open_ones(engine) == 2


def test_with_nobody_to_ask_about_nobody_is_asked(night: Any, tool_broker: FakeBroker) -> None:
    night()
    assert tool_broker.holder_calls == []


def test_a_broker_without_the_endpoint_is_a_failure_and_no_empty_answer(tool: Flask, tool_broker: FakeBroker) -> None:
    tool.extensions["kit"].broker._metadata = None
    tool_broker.down = True
    with tool.app_context(), pytest.raises(BrokerUnreachableError):
        holders_now(["a" * 40])


@pytest.fixture
def names(tool: Flask, engine: Engine) -> Callable[[], list[str]]:
    """Whom the tool knows by name, once the clock has forgotten whom it may."""

    def known() -> list[str]:
        with tool.app_context():
            forget(tool.extensions["kit_database"])
        with Session(engine) as session:
            return sorted(session.scalars(select(Professional.full_name)))

    return known


def test_who_has_no_right_any_more_is_forgotten_once_their_groups_are(
    names: Callable[[], list[str]],
    tool: Flask,
    member: Visitor,
    sanne: Visitor,
    tool_broker: FakeBroker,
    clock: time_machine.Traveller,
) -> None:
    """Anton worked on the group, Sanne never on any, Fatima made it."""
    tool_broker.holders = [*EVERYBODY, holding(SANNE, ELZEVOORDE)]
    assert names() == ["Anton Bos", "Fatima Haddad", "Sanne Dekker"]
    tool_broker.holders = []
    assert names() == ["Anton Bos", "Fatima Haddad"], "the logbook names them"
    clock.shift(timedelta(days=300))
    with tool.app_context():
        tick(tool.extensions["kit_database"], lambda _mail: None, sender="tool@voorbeeld.test", address="http://tool")
    tool_broker.holders_refused = "server_error"
    assert names() == ["Anton Bos", "Fatima Haddad"], "nobody knows who has the right"
    tool_broker.holders_refused = None
    assert names() == []


def test_who_has_the_right_stays_known_without_any_group_and_comes_in_as_before(
    names: Callable[[], list[str]], sanne: Visitor, tool_broker: FakeBroker
) -> None:
    tool_broker.holders = [holding(SANNE, POLITIE)]
    sanne.get("/plusminmee/profiel")
    sanne.post("/plusminmee/profiel", {"region": "Noord", "photo": (io.BytesIO(telephone_photo()), "ik.jpg")})
    tool_broker.holders = [holding(SANNE, ELZEVOORDE)]
    assert names() == ["Sanne Dekker"]
    tool_broker.holders = [holding(SANNE, POLITIE)]
    assert names() == [], "a right for another organisation is another row"
    assert "Noord" not in sanne.get("/plusminmee/profiel").text, "who comes back begins anew"
