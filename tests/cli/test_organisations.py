"""`poortwachter organisations`: import with its report, and lists."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.database import db
from broker.people.organisation import Organisation
from tests.cli.conftest import Command
from tests.people.organisation_files import GENK, INVENTED, JETTE, csv_file
from tests.worlds.inbox import Inbox
from tests.worlds.world import World


@pytest.fixture
def good(tmp_path: Path) -> str:
    """A file without mistakes."""
    path = tmp_path / "good.csv"
    path.write_bytes(csv_file(*INVENTED).getvalue())
    return str(path)


@pytest.fixture
def mixed(tmp_path: Path) -> str:
    """A file with one good line and one with a wrong KBO number."""
    path = tmp_path / "mixed.csv"
    path.write_bytes(csv_file(GENK.replace("0999000129", "0999000130"), JETTE).getvalue())
    return str(path)


def test_a_good_file_goes_in_once_and_the_second_time_all_is_the_same(poortwachter: Command, good: str) -> None:
    first = poortwachter("organisations", "import", good)
    assert first.exit_code == 0
    assert first.stdout.startswith("6 new, 0 changed")
    second = poortwachter("organisations", "import", good, "--json")
    assert second.exit_code == 0
    assert json.loads(second.stdout) == {
        "dry_run": False,
        "new": 0,
        "changed": 0,
        "retyped": 0,
        "ended": 0,
        "same": 6,
        "errors": [],
    }


def test_a_dry_run_changes_nothing(poortwachter: Command, good: str) -> None:
    result = poortwachter("organisations", "import", "--dry-run", good)
    assert (result.exit_code, result.stdout[:15]) == (0, "Would be: 6 new")
    assert poortwachter("organisations", "list").stdout == "No organisations.\n"


def test_a_bad_line_is_reported_and_the_good_one_goes_in(poortwachter: Command, mixed: str) -> None:
    result = poortwachter("organisations", "import", mixed)
    assert result.exit_code == 1
    assert result.stderr.startswith("line 2, kbo: 0999000130: This is not a valid KBO number")
    assert "1 new" in result.stdout
    report = json.loads(poortwachter("organisations", "import", mixed, "--json").stdout)
    assert report["same"] == 1
    assert [(error["line"], error["column"]) for error in report["errors"]] == [(2, "kbo")]


def test_a_file_may_come_by_standard_input(poortwachter: Command) -> None:
    result = poortwachter("organisations", "import", "-", typed=csv_file(*INVENTED).getvalue())
    assert (result.exit_code, result.stdout[:5]) == (0, "6 new")


def test_what_is_no_such_file_is_one_line(poortwachter: Command) -> None:
    result = poortwachter("organisations", "import", "-", typed="a,b\n1,2\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Columns are missing from the first line: type, doelgroep" in result.stderr
    assert result.stderr.count("\n") == 1


def test_organisations_are_listed_by_kind_words_and_number(poortwachter: Command, good: str) -> None:
    poortwachter("organisations", "import", good)

    def names(*options: str) -> list[str]:
        result = poortwachter("organisations", "list", "--json", *options)
        assert result.exit_code == 0
        return [row["name"] for row in json.loads(result.stdout)]

    assert names() == ["Etterbeek", "Jette", "AGB Genk", "Genk", "Limburg"]
    assert names("--ended", "--type", "agb") == ["AGB Genk", "AGB Voorbij"]
    assert names("--target-group", "EA") == ["Etterbeek", "Jette"]
    assert names("--search", "0999.000.129") == ["Genk"]
    assert "0999000129" in poortwachter("organisations", "list", "--search", "genk").stdout


def test_an_organisation_that_ends_takes_its_rights_and_requests_along(
    poortwachter: Command, world: World, inbox: Inbox
) -> None:
    """Decisions 16: right after the import, each organisation a transaction of its own."""
    poortwachter("organisations", "import", "-", typed=csv_file(GENK, JETTE).getvalue())
    genk = next(each for each in db.session.scalars(select(Organisation)) if each.nis == "71016")
    db.session.expunge(genk)
    db.session.rollback()
    tom = world.person("Tom Bogaert")
    grant, request = world.grant(tom, genk), world.request(organisation=genk)
    ended = csv_file(GENK.replace(",1,invented", ",0,invented"), JETTE)
    assert poortwachter("organisations", "import", "--dry-run", "-", typed=ended.getvalue()).exit_code == 0
    assert world.fresh(Grant, grant.id).ended_at is None
    assert "1 ended" in poortwachter("organisations", "import", "-", typed=ended.getvalue()).stdout
    assert world.fresh(Grant, grant.id).end_reason == "organisation_ended"
    assert world.fresh(AccessRequest, request.id).status == "cancelled"
    assert "bestaat niet meer" in inbox.last_to(str(tom.email)).text
