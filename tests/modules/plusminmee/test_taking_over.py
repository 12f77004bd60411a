"""A group whose last beheerder's right ended at the broker: taken over within its organisation, seen by nobody else."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, text

from modules.kit.database import database
from modules.plusminmee.clockwork import follow_losses, tick
from modules.plusminmee.close_memberships import close_memberships_of
from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.model import Professional
from modules.plusminmee.take_over_group import take_over_group
from modules.plusminmee.tell_left_alone import LeftAlone
from tests.modules.fake_broker import FakeBroker
from tests.modules.plusminmee.conftest import ANTON, ELZEVOORDE, FATIMA, POLITIE, SANNE, VERA
from tests.modules.plusminmee.visitors import GROUPS, Visitor

WAITING = "/plusminmee/zonder-beheerder"
NewVisitor = Callable[..., Visitor]


@pytest.fixture
def left_alone(tool: Flask, member: Visitor, group: uuid.UUID) -> uuid.UUID:
    """A group with a member and a youngster, whose only beheerder has no right any more."""
    member.add_youngster(group, "Yassin el Amrani")
    with tool.app_context():
        close_memberships_of(FATIMA["sub"], ELZEVOORDE[0], frozenset())
    return group


@pytest.fixture
def vera(new_visitor: NewVisitor) -> Visitor:
    """Vera, PMM Beheerder of Gemeente Elzevoorde."""
    return new_visitor(VERA, "PMMBeheerder")


def take_over(visitor: Visitor, group: uuid.UUID) -> int:
    visitor.get("/plusminmee/profiel")  # a page with a form, for its token
    return visitor.post(f"{WAITING}/{group}").status_code


def told(tool: Flask, left_alone: LeftAlone) -> list[EmailMessage]:
    """What leaves when the clock looks."""
    sent: list[EmailMessage] = []
    with tool.app_context():
        follow_losses(database(), left_alone)
        tick(database(), sent.append, sender="tool@voorbeeld.test", address="http://localhost:8003/plusminmee")
    return [each for each in sent if "geen beheerder meer" in each["Subject"]]


def holding(who: dict[str, str], right: str, organisation: tuple[str, str]) -> dict[str, str]:
    return {"sub": who["sub"], "right": right, "organisation": organisation[0]}


def test_each_pmm_beheerder_of_the_organisation_is_told_once_and_nobody_else(
    tool: Flask, tool_broker: FakeBroker, vera: Visitor, sanne: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    """Whoever the tool knows there and the broker says has the right now."""
    tool_broker.holders = [
        holding(VERA, "PMMBeheerder", ELZEVOORDE),
        holding(SANNE, "PMMGebruiker", ELZEVOORDE),
        holding(ANTON, "PMMBeheerder", POLITIE),
    ]
    assert told(tool, LeftAlone()) == [], "the group has one"
    assert tool_broker.holder_calls == [], "nothing to ask"
    with tool.app_context():
        close_memberships_of(FATIMA["sub"], ELZEVOORDE[0], frozenset())
    watch = LeftAlone()
    (mail,) = told(tool, watch)
    words = mail.get_body(("plain",))
    assert words is not None
    assert mail["To"] == "vera@voorbeeld.test"
    assert f"http://localhost:8003{WAITING}/{group}" in words.get_content()
    assert "Groep Stationsplein" in words.get_content()
    assert "Anton" not in mail.as_string()
    asked = len(tool_broker.holder_calls)
    assert told(tool, watch) == []
    assert len(tool_broker.holder_calls) == asked, "it is asked once"
    assert told(tool, LeftAlone()) == [], "nor after a start"
    assert take_over(vera, group) == 200


def test_who_is_told_waits_for_a_broker_that_does_not_answer(
    tool: Flask, tool_broker: FakeBroker, vera: Visitor, left_alone: uuid.UUID, clock: time_machine.Traveller
) -> None:
    tool_broker.holders = [holding(VERA, "PMMBeheerder", ELZEVOORDE)]
    tool_broker.holders_refused = "server_error"
    watch = LeftAlone()
    assert told(tool, watch) == []
    tool_broker.holders_refused = None
    assert told(tool, watch) == [], "not before its time"
    clock.shift(timedelta(minutes=20))
    assert [each["To"] for each in told(tool, watch)] == ["vera@voorbeeld.test"]


def test_a_second_loss_is_told_again(
    tool: Flask, tool_broker: FakeBroker, vera: Visitor, left_alone: uuid.UUID, clock: time_machine.Traveller
) -> None:
    tool_broker.holders = [holding(VERA, "PMMBeheerder", ELZEVOORDE)]
    watch = LeftAlone()
    assert len(told(tool, watch)) == 1
    take_over(vera, left_alone)
    clock.shift(timedelta(days=1))
    tool_broker.holders = []
    with tool.app_context():
        close_memberships_of(VERA["sub"], ELZEVOORDE[0], frozenset())
    tool_broker.holders = [holding(VERA, "PMMBeheerder", ELZEVOORDE)]
    assert len(told(tool, watch)) == 1


@pytest.mark.parametrize(
    ("who", "right", "organisation"),
    [(SANNE, "PMMGebruiker", ELZEVOORDE), (ANTON, "PMMGebruiker", POLITIE), (VERA, "PMMBeheerder", POLITIE)],
    ids=["a user of the organisation", "a member", "the beheerder of another organisation"],
)
def test_nobody_else_sees_that_it_waits_nor_takes_it(
    left_alone: uuid.UUID,
    new_visitor: NewVisitor,
    who: dict[str, str],
    right: str,
    organisation: tuple[str, str],
) -> None:
    visitor = new_visitor(who, right, organisation)
    overview = visitor.get(WAITING)
    assert overview.status_code == (404 if right == "PMMGebruiker" else 200)
    assert "Stationsplein" not in overview.text
    assert "van uw organisatie heeft geen beheerder" not in visitor.get(GROUPS).text
    assert visitor.get(f"{WAITING}/{left_alone}").status_code == 404
    assert take_over(visitor, left_alone) == 404


def test_a_group_with_a_beheerder_and_one_that_is_none_are_not_there(vera: Visitor, group: uuid.UUID) -> None:
    assert "Elke groep heeft een beheerder" in vera.get(WAITING).text
    for each in (group, uuid.uuid4()):
        assert vera.get(f"{WAITING}/{each}").status_code == 404
        assert take_over(vera, each) == 404
    assert vera.get(f"{GROUPS}/{group}").status_code == 404


def test_before_taking_over_one_sees_the_name_and_nothing_of_who_is_in_it(vera: Visitor, left_alone: uuid.UUID) -> None:
    assert "1 groep van uw organisatie heeft geen beheerder" in vera.get(GROUPS).text
    for page in (vera.get(WAITING).text, vera.get(f"{WAITING}/{left_alone}").text):
        assert "Groep Stationsplein" in page
        assert "Yassin" not in page
        assert "Anton" not in page
    assert vera.get(f"{GROUPS}/{left_alone}/jongeren").status_code == 404
    assert vera.get(f"{GROUPS}/{left_alone}/logboek").status_code == 404


def test_who_takes_it_over_leads_it_and_the_others_are_told(
    tool: Flask, vera: Visitor, left_alone: uuid.UUID, new_visitor: NewVisitor
) -> None:
    vera.get(f"{WAITING}/{left_alone}")
    page = vera.post(f"{WAITING}/{left_alone}")
    assert "U bent nu beheerder van deze groep." in page.text
    assert "Yassin el Amrani" in vera.get(f"{GROUPS}/{left_alone}/jongeren").text
    assert vera.get(f"{GROUPS}/{left_alone}/gegevens").status_code == 200
    anton = new_visitor(ANTON, "PMMGebruiker", POLITIE)
    assert "Vera Smit nam de groep over en is nu beheerder." in anton.get(f"{GROUPS}/{left_alone}/logboek").text
    assert "Vera Smit nam de groep over" in anton.get("/plusminmee/logboek").text
    sent: list[EmailMessage] = []
    with tool.app_context():
        tick(database(), sent.append, sender="tool@voorbeeld.test", address="http://localhost:8003/plusminmee")
    (mail,) = [each for each in sent if "nieuwe beheerder" in each["Subject"]]
    words = mail.get_body(("plain",))
    assert words is not None
    assert mail["To"] == "anton@voorbeeld.test"
    assert "Vera Smit van Gemeente Elzevoorde" in words.get_content()
    assert "Yassin" not in words.get_content()
    assert vera.get(WAITING).text.count("Stationsplein") == 0
    assert take_over(vera, left_alone) == 404, "it has a beheerder now"


def test_a_member_with_the_right_becomes_its_beheerder_and_stays_one_member(
    tool: Flask, fatima: Visitor, vera: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    fatima.invite(group, VERA["vo_email"])
    vera.accept()
    with tool.app_context():
        close_memberships_of(FATIMA["sub"], ELZEVOORDE[0], frozenset())
    assert take_over(vera, group) == 200
    with engine.connect() as connection:
        count = text("SELECT count(*) FROM memberships WHERE ended_at IS NULL AND group_id = :id")
        shown = group.hex if engine.dialect.name == "sqlite" else group
        assert connection.scalar(count, {"id": shown}) == 1


def test_the_right_is_asked_again_at_the_moment_of_taking(
    vera: Visitor, left_alone: uuid.UUID, new_visitor: NewVisitor
) -> None:
    vera.get(f"{WAITING}/{left_alone}")
    now_without = new_visitor(VERA, "PMMGebruiker")
    assert take_over(now_without, left_alone) == 404


def test_of_two_at_once_one_takes_it(
    tool: Flask, left_alone: uuid.UUID, vera: Visitor, sanne: Visitor, engine: Engine
) -> None:
    with tool.app_context():
        people = [
            database().reading().query(Professional).filter_by(full_name=name).one()
            for name in ("Vera Smit", "Sanne Dekker")
        ]
    answers: list[str] = []

    def take(who: Professional) -> None:
        with tool.app_context():
            try:
                database().perform(take_over_group, who, left_alone)
            except NotFoundError:
                answers.append("too late")
            else:
                answers.append("taken")

    threads = [threading.Thread(target=take, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["taken", "too late"]
