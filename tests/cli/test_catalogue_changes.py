"""`poortwachter catalogue plan` and `apply`: a change of policy on a database with rights."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from broker.access.grant import Grant
from tests.cli.conftest import Command
from tests.worlds.client import Client
from tests.worlds.settings import ROOT
from tests.worlds.world import World

NEEDED = "      - {target_group: EA, organisation_type: economische_actor}\n"


@pytest.fixture
def stricter(tmp_path: Path) -> str:
    """Policies in which municipalities need the label as well."""
    folder = tmp_path / "stricter"
    shutil.copytree(ROOT / "policies", folder)
    shutil.copytree(ROOT / "tests" / "policies", folder, dirs_exist_ok=True)
    file = folder / "applications" / "cultuurmonitor.yaml"
    written = file.read_text(encoding="utf-8")
    assert written.count(NEEDED) == 1
    file.write_text(written.replace(NEEDED, NEEDED + "      - {target_group: LB, organisation_type: gemeente}\n"))
    return str(folder)


def test_a_change_is_planned_applied_and_only_then_is_the_broker_ready(
    poortwachter: Command, world: World, client: Client, stricter: str
) -> None:
    """PF4: edit, start, plan, apply."""
    genk = world.organisation("Genk")
    grant = world.grant(world.person("Tom Bogaert"), genk)
    failed = client.get("/health/ready").get_json()["failed"]
    assert "catalogue_applied" in failed
    assert poortwachter("catalogue", "apply").exit_code == 0
    assert "catalogue_applied" not in client.get("/health/ready").get_json()["failed"]

    planned = poortwachter("catalogue", "plan", stricter)
    assert planned.exit_code == 0
    assert f"1 grant would wait for a label:\n  {grant.id}" in planned.stdout
    assert f"label to ask: cultuurmonitor_afnemer for {genk.code}" in planned.stdout
    plan = json.loads(poortwachter("catalogue", "plan", stricter, "--json").stdout)
    assert (plan["grants_waiting"], plan["applications"]["changed"]) == ([str(grant.id)], ["cultuurmonitor"])
    assert world.fresh(Grant, grant.id).label_code is None

    again = poortwachter("database", "upgrade", BROKER_POLICIES=stricter)
    assert "poortwachter catalogue apply" in again.stdout
    done = json.loads(poortwachter("catalogue", "apply", "--json", BROKER_POLICIES=stricter).stdout)
    assert (done["applied"], done["grant_ids"], done["labels_asked"]) == (True, [str(grant.id)], 1)
    assert world.fresh(Grant, grant.id).label_code == "cultuurmonitor_afnemer"
    assert "catalogue_applied" in client.get("/health/ready").get_json()["failed"], "this node has other policies"


def test_a_role_too_many_is_listed_without_names_and_nothing_is_applied(poortwachter: Command, world: World) -> None:
    """PF4: exit status 1."""
    tom = world.person("Tom Bogaert")
    places = [world.organisation(name) for name in ("Genk", "Aalst")]
    for place in places:
        world.grant(tom, place, role_key=None)
    refused = poortwachter("catalogue", "apply")
    assert (refused.exit_code, refused.stdout.splitlines()[-1]) == (1, "Nothing was applied.")
    assert str(tom.id) in refused.stdout
    assert all(place.code in refused.stdout for place in places)
    assert "Bogaert" not in refused.stdout
    report = json.loads(poortwachter("catalogue", "apply", "--json").stdout)
    assert [conflict["person_id"] for conflict in report["conflicts"]] == [str(tom.id)]


def test_policies_with_mistakes_are_not_planned(poortwachter: Command, stricter: str) -> None:
    Path(stricter, "helpdesk.yaml").write_text("phone: 1\n")
    refused = poortwachter("catalogue", "plan", stricter)
    assert refused.exit_code == 1
    assert "helpdesk.yaml" in refused.stderr
    assert poortwachter("catalogue", "plan", "/nowhere").exit_code == 2


def test_the_same_policies_change_nothing(poortwachter: Command, world: World) -> None:
    world.grant(world.person(), world.organisation())
    same = f"{ROOT / 'policies'}:{ROOT / 'tests' / 'policies'}"
    said = poortwachter("catalogue", "plan", same, str(ROOT / "forms")).stdout
    assert said == "These are the policies of now; nothing differs.\nNo grant and no request would change.\n"


class TestNewDatabase:
    """A database that was never migrated."""

    @pytest.fixture
    def database_url(self, bare_database_url: str) -> str:
        return bare_database_url

    def test_upgrade_and_demo_leave_nothing_to_apply(self, poortwachter: Command, database_url: str) -> None:
        def applied() -> list[str]:
            engine = create_engine(database_url)
            with engine.connect() as connection:
                found = connection.execute(text("SELECT fingerprint FROM catalogue_applied")).scalars().all()
            engine.dispose()
            return list(found)

        assert poortwachter("database", "upgrade").exit_code == 0
        first = applied()
        assert len(first) == 1
        assert poortwachter("demo").exit_code == 0
        assert applied() == first
        assert "0 grants changed, 0 labels asked" in poortwachter("catalogue", "apply").stdout
