"""`poortwachter retention run`: what an operator's timer starts, and what somebody reads before trusting it."""

import json
from datetime import timedelta

import time_machine
from sqlalchemy.orm import Session

from broker.people.person import Person
from tests.cli.conftest import Command
from tests.worlds.world import World


def test_a_dry_run_prints_every_rule_and_changes_nothing(
    world: World, poortwachter: Command, session: Session, clock: time_machine.Traveller
) -> None:
    person = world.person()
    clock.shift(timedelta(days=731))
    result = poortwachter("retention", "run", "--dry-run", "--json")
    rows = {row["rule"]: row for row in json.loads(result.stdout)}
    assert len(rows) == 9
    assert rows["people_without_ties"]["would_be_erased"] == 1
    assert session.get_one(Person, person.id).state == "matched"


def test_a_run_erases_and_a_second_one_finds_nothing(
    world: World, poortwachter: Command, clock: time_machine.Traveller
) -> None:
    world.person()
    clock.shift(timedelta(days=731))
    for erased in (1, 0):
        rows = json.loads(poortwachter("retention", "run", "--json").stdout)
        assert {row["rule"]: row["erased"] for row in rows}["people_without_ties"] == erased


def test_somebody_is_held_and_released(world: World, poortwachter: Command, clock: time_machine.Traveller) -> None:
    person = world.person()
    assert poortwachter("people", "hold", str(person.id), "--case", "2026/14").exit_code == 0
    refused = poortwachter("people", "hold", str(person.id), "--case", "2026/14")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "investigation" in refused.stderr or "onderzoek" in refused.stderr
    assert poortwachter("people", "release", str(person.id), "--case", "een zaak").exit_code == 1
    assert poortwachter("people", "release", str(person.id), "--case", "2026/14").exit_code == 0
