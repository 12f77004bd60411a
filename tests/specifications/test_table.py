"""docs/specifications.md names every test of a specification, and no test that is not there."""

import re
from pathlib import Path


def test_the_table_and_the_folder_say_the_same(repository: Path) -> None:
    table = (repository / "docs" / "specifications.md").read_text()
    named = set(re.findall(r"`(test_\w+\.py)`", table))
    here = {file.name for file in (repository / "tests" / "specifications").glob("test_*.py")}
    assert named == here - {Path(__file__).name}
    elsewhere = re.findall(r"`(tests/\w+/test_\w+\.py)`", table)
    assert elsewhere
    assert all((repository / each).is_file() for each in elsewhere)


def test_every_row_says_whether(repository: Path) -> None:
    table = (repository / "docs" / "specifications.md").read_text()
    rows = [line.split("|")[2].strip() for line in table.splitlines() if line.startswith("| ") and "---" not in line]
    assert set(rows) - {""} == {"yes", "in part", "not", "on purpose not", "ours"}
