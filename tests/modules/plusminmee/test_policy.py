"""The policy of the tool: a bad one is refused at start, with the place in the file (M13, M14, seed 004 last page)."""

from typing import Any

import pytest

from modules.plusminmee.functions import FUNCTIONS
from modules.plusminmee.policy import POLICY, read_policy
from modules.plusminmee.words import Entry, TextsError

GOOD: dict[str, Any] = {
    "data_protection_officer": "fg@voorbeeld.test",
    "confirm_members_every_months": 3,
    "functions": {"politie": {"nl": "politie", "en": "police"}},
}


def test_the_policy_in_the_repository_is_that_of_the_seed() -> None:
    assert POLICY.data_protection_officer == "fg@straatcontact.nl"
    assert POLICY.confirm_members_every_months == 3
    assert FUNCTIONS == ("jeugdboa", "politie", "ketenregisseur", "pga", "jongerenwerk", "other")


def test_another_policy_is_read() -> None:
    read = read_policy(Entry("policy.yaml", GOOD))
    assert (read.data_protection_officer, list(read.functions)) == ("fg@voorbeeld.test", ["politie"])


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"data_protection_officer": "fg"}, "data_protection_officer"),
        ({"confirm_members_every_months": 0}, "confirm_members_every_months"),
        ({"confirm_members_every_months": "3"}, "confirm_members_every_months"),
        ({"functions": {}}, "functions"),
        ({"functions": {"politie": {"nl": "politie"}}}, "functions.politie"),
        ({"functions": {"other": {"nl": "ander", "en": "other"}}}, "functions"),
        ({"kleur": "blauw"}, "kleur"),
    ],
    ids=["address", "months", "no number", "no functions", "one language", "other", "unknown"],
)
def test_a_bad_one_names_the_place(changed: dict[str, Any], place: str) -> None:
    with pytest.raises(TextsError, match=place):
        read_policy(Entry("policy.yaml", GOOD | changed))
