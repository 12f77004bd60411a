"""What a policy may say of local accounts: the levels must be true (threats UP7, PW8)."""

import pytest

from tests.catalogue.folders import Folders

APPLICATION = "policies/applications/cultuurmonitor.yaml"
BLOCK = """\
local_account:
  statement: {nl: Ik ken het doel., en: I know the purpose.}
  remember_days: %(days)s
  terms:
    - {code: algemeen, version: "1", title: {nl: Voorwaarden, en: Terms}, page: https://a.example.org/}
scope: cjm_cultuurmonitor
"""


def allow(folders: Folders, level: int, days: int = 7) -> None:
    """The Cultuurmonitor takes local accounts too."""
    folders.change(APPLICATION, "sign_in: [", "sign_in: [local_account, ")
    folders.change(APPLICATION, "minimum_level: 25", f"minimum_level: {level}")
    folders.change(APPLICATION, "scope: cjm_cultuurmonitor\n", BLOCK % {"days": days})


def test_an_application_takes_local_accounts_beside_digital_keys(folders: Folders) -> None:
    allow(folders, level=10)
    application = folders.read().applications["cultuurmonitor"]
    assert application.local_account is not None
    assert [each.code for each in application.local_account.terms] == ["algemeen"]
    assert "local_account" in application.sign_in


@pytest.mark.parametrize(
    ("level", "days", "expected"),
    [
        (25, 7, "at most 10, or local_account.remember_days: 0"),
        (27, 0, "at most 26, or no local_account"),
    ],
)
def test_a_level_that_cannot_be_reached_is_a_mistake(folders: Folders, level: int, days: int, expected: str) -> None:
    allow(folders, level, days)
    (mistake,) = folders.mistakes()
    assert (mistake.key, mistake.expected) == ("minimum_level", expected)


def test_without_remembered_devices_the_level_of_a_code_may_be_asked(folders: Folders) -> None:
    allow(folders, level=25, days=0)
    assert folders.read().applications["cultuurmonitor"].minimum_level == 25


def test_a_code_from_an_app_is_demanded_by_its_level(folders: Folders) -> None:
    allow(folders, level=26, days=0)
    assert folders.read().applications["cultuurmonitor"].minimum_level == 26
