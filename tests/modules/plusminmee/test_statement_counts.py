"""Every page asks the database the same number of times for a group of 200 youngsters and 20,000 messages as for one of 10, and at
most fifteen times (issue 5). The routes are read from the application, so a new page is in it; so is what its forms send."""

import re
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.modules.plusminmee.crowds import Crowd
from tests.modules.plusminmee.things import Things, address, one_of_everything, rules
from tests.modules.plusminmee.visitors import GROUP, GROUPS, Visitor
from tests.worlds.statements import Statements

MOST = 15


@pytest.fixture
def things(fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine) -> Things:
    """One of everything in the group."""
    return one_of_everything(fatima, member, group, engine)


def test_every_page_asks_as_much_of_a_large_group_as_of_a_small_one_and_little(
    tool: Flask, fatima: Visitor, group: uuid.UUID, things: Things, statements: Statements
) -> None:
    crowd, counts = Crowd(tool, group), []
    for turn, times in enumerate((1, 19)):
        crowd.fill(
            youngsters=10 * times,
            interventions=10 * times,
            proposals=10 * times,
            placements=10 * times,
            professionals=3 * times,
            log_entries=100 * times,
        )
        crowd.fill(messages=1000 * times)
        counts.append(dict(asked(tool, fatima, group, things, statements, turn)))
    assert counts[0] == counts[1]
    assert {path: count for path, count in counts[1].items() if count > MOST} == {}
    assert len(counts[0]) > 35


def asked(
    tool: Flask, visitor: Visitor, group: uuid.UUID, things: Things, statements: Statements, turn: int
) -> Iterator[tuple[str, int]]:
    """How often each page asks, and each form that is sent."""
    earlier = f"{GROUPS}/{group}/methode?dag=2026-11-16"
    only_nobody = f"{GROUPS}/{group}/berichten?niemand=1"
    pages = {rule.rule: address(tool, rule, group, things) for rule in rules(tool) if "GET" in (rule.methods or ())}
    for name, path in {**pages, "earlier": earlier, "only nobody": only_nobody}.items():
        if name.startswith(("/plusminmee/uitnodigingen/", "/plusminmee/zonder-beheerder/")):
            continue  # leads back to the overview; and there is no such group
        visitor.get(path)
        with statements() as seen:
            assert visitor.get(path).status_code == 200, path
        yield name, len(seen)
    for path, form in forms(visitor, group, things, turn).items():
        visitor.get("/plusminmee/profiel")
        with statements() as seen:
            status = visitor.post(path, form, follow=False).status_code
        assert status == (200 if path.endswith("/afschrift") else 303), path
        yield path.replace(str(group), ""), len(seen)


def forms(visitor: Visitor, group: uuid.UUID, things: Things, turn: int) -> dict[str, dict[str, str]]:
    """What is sent by the forms of a group, so that each changes something at every turn."""
    inside, youngster = f"{GROUPS}/{group}", str(things["youngster_id"])
    page = visitor.get(f"{inside}/interventies/nieuw").text
    (anton,) = re.findall(r'value="([0-9a-f-]{36})"[^>]*>Anton Bos<', page)
    shown = visitor.get(f"{inside}/interventies/{things['intervention_id']}").text
    (version,) = re.findall(r'name="version" value="(\d+)"', shown)
    intervention = {"sign": "plus", "words": "Thuisgesprek", "youngster": youngster, "professional": anton}
    discussed = {"decision": "discussed", "day": f"2026-11-{10 + turn}"}
    return {
        f"{inside}/methode/plaats": {"youngster": youngster, "place": "plus"},
        f"{inside}/methode/{youngster}/monitoren": {"months": "1", "agreed": anton},
        f"{inside}/jongeren/nieuw": {"name": "Sibe"},
        f"{inside}/jongeren/{youngster}/afschrift": {},
        f"{inside}/interventies/nieuw": intervention,
        f"{inside}/interventies/{things['intervention_id']}": {**intervention, "version": version},
        f"{inside}/berichten/nieuw": {"words": "Rustige avond."},
        f"{inside}/berichten/niemand": {},
        f"{inside}/voorstellen/nieuw": {"youngster": youngster, "wanted": "talk", "why": "Omdat."},
        f"{inside}/voorstellen/{things['proposal_id']}": discussed,
        f"{inside}/professionals/bevestigen": {},
        f"{inside}/professionals/{things['membership_id']}/rol": {"rol": "lid"},
        f"{GROUPS}/nieuw": {**GROUP, "name": f"Groep Park {turn}"},
    }
