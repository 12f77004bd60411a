"""`poortwachter campaigns`, and `organisations merge`, whose rights are confirmed in one."""

import json

import time_machine

from broker.people.organisation import Organisation
from tests.access.test_campaigns import campaign_of, confirm
from tests.cli.conftest import Command
from tests.worlds.world import World


def test_a_campaign_from_opening_to_closing(world: World, poortwachter: Command, clock: time_machine.Traveller) -> None:
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    nele = world.person()
    world.grant(nele, genk)
    world.grant(world.person(), genk)
    dry = poortwachter("campaigns", "open", "cultuurmonitor", "--dry-run")
    assert dry.stdout == "Would be opened at 1 organisations.\n"
    assert poortwachter("campaigns", "progress").stdout == "No campaigns.\n"
    done = poortwachter("campaigns", "open", "cultuurmonitor")
    assert done.stdout == "Opened at 1 organisations, with 2 rights to confirm.\n"
    assert poortwachter("campaigns", "open", "cultuurmonitor").stdout.startswith("Opened at 0")
    confirm(ilse, campaign_of(genk), nele)
    (line,) = json.loads(poortwachter("campaigns", "progress", "--application", "cultuurmonitor", "--json").stdout)
    assert (line["organisation"], line["kept"], line["left"], line["closed"]) == (genk.code, 1, 1, False)
    assert poortwachter("campaigns", "close").stdout == "Closed: 0.\n"
    clock.move_to(campaign_of(genk).due_at)
    assert poortwachter("campaigns", "close").stdout == "Closed: 1.\n"
    (found,) = json.loads(poortwachter("campaigns", "progress", "--json").stdout)
    assert (found["not_confirmed"], found["left"], found["complete"]) == (1, 0, 0)


def test_an_application_without_recertification_has_no_campaign(poortwachter: Command) -> None:
    refused = poortwachter("campaigns", "open", "iets")
    assert refused.exit_code == 1
    assert "recertification" in refused.stderr


def test_the_command_says_first_and_does_then_and_does_it_once(world: World, poortwachter: Command) -> None:
    """AP7: with a decision, as the operator."""
    small, large = world.organisation("Galmaarden"), world.organisation("Pajottegem")
    world.grant(world.person("Nele Vercauteren"), small)
    words = ("organisations", "merge", small.code, "--into", large.code)
    assert poortwachter(*words).exit_code == 2
    dry = poortwachter(*words, "--decision", "BVR-2026/114", "--dry-run")
    assert (dry.exit_code, "Nothing was changed." in dry.stdout) == (0, True)
    assert world.fresh(Organisation, small.id).ended_at is None
    done = json.loads(poortwachter(*words, "--decision", "BVR-2026/114", "--json").stdout)
    assert done["organisations"][0]["rights_that_follow"] == 1
    assert world.fresh(Organisation, small.id).successor_id == large.id
    again = poortwachter(*words, "--decision", "BVR-2026/114")
    assert again.stdout == "Nothing to do: they merged before.\n"
