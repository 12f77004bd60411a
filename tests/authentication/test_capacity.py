"""For which organisation somebody comes (threats CC1)."""

import base64
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.access.live_rights import LiveRight
from broker.authentication.capacity import Capacity, Hint, NeedsChoice, capacities, choose_capacity, read_login_hint


def right(code: str, name: str, group: str = "LB", right_code: str = "invoerder") -> LiveRight:
    """A right at the organisation of that code."""
    return LiveRight(
        grant_id=uuid.uuid4(),
        organisation_id=uuid.uuid5(uuid.NAMESPACE_URL, code),
        organisation_code=code,
        organisation_name=name,
        target_group=group,
        organisation_type="gemeente",
        right_code=right_code,
        context_code="cultuurcentra",
        valid_until=None,
    )


GENK, AGB, KAAI = right("0999000101", "Genk"), right("0999000202", "AGB Genk"), right("0999000303", "De Kaai", "EA")
THREE = capacities([GENK, AGB, KAAI])


def hint(**values: object) -> str:
    """A login_hint in ACM's form."""
    return base64.b64encode(json.dumps(values).encode()).decode()


def test_rights_at_one_organisation_are_one_capacity() -> None:
    """However many rights."""
    (only,) = capacities([GENK, right("0999000101", "Genk", right_code="raadpleger")])
    assert len(only.rights) == 2
    assert choose_capacity([only]) == only


def test_several_need_a_choice_and_none_has_none() -> None:
    """The page shows them all."""
    assert choose_capacity(THREE) == NeedsChoice(THREE)
    assert choose_capacity([]) == NeedsChoice(())


def test_the_posted_organisation_is_chosen_among_ones_own() -> None:
    """CC1: recomputed from live rights."""
    chosen = choose_capacity(THREE, posted="0999000202")
    assert isinstance(chosen, Capacity)
    assert chosen.organisation_name == "AGB Genk"


@pytest.mark.parametrize("posted", ["0999000999", "", "0999000101 ", "Genk", "*"])
def test_another_organisation_posted_gives_the_page_again(posted: str) -> None:
    """CC1: foreign, unknown or nonsense make no difference."""
    assert choose_capacity(THREE, posted=posted) == NeedsChoice(THREE)
    assert choose_capacity(THREE[:1], posted=posted) == NeedsChoice(THREE[:1])


@pytest.mark.parametrize(
    "login_hint",
    [
        hint(cap_hint="LB", code_hint="0999000101"),
        hint(code_hint="0999000101"),
        hint(cap_hint="LB", code_hint="0999000101").rstrip("="),
        base64.urlsafe_b64encode(b'{"cap_hint":"LB","code_hint":"0999000101","x":"??>>"}').decode(),
    ],
)
def test_a_hint_in_the_form_of_acm_skips_the_choice(login_hint: str) -> None:
    """Domain facts §1.2: gericht aanmelden."""
    chosen = choose_capacity(THREE, login_hint)
    assert isinstance(chosen, Capacity)
    assert chosen.organisation_code == "0999000101"


def test_a_target_group_alone_chooses_where_one_fits_and_narrows_where_several_do() -> None:
    """Domain facts §1.2: doelgroep only."""
    chosen = choose_capacity(THREE, hint(cap_hint="EA"))
    assert isinstance(chosen, Capacity)
    assert chosen.organisation_name == "De Kaai"
    assert choose_capacity(THREE, hint(cap_hint="LB")) == NeedsChoice(THREE[:2])


@pytest.mark.parametrize(
    "login_hint",
    [
        hint(cap_hint="LB", code_hint="0207437468"),
        hint(cap_hint="EA", code_hint="0999000101"),
        hint(cap_hint="GID"),
        hint(code_hint=12),
        hint(),
        hint(cap_hint=None, code_hint=None),
        "nele@genk.be",
        "not base64 at all",
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b"[" * 300).decode(),
        "A" * 10_000,
    ],
)
def test_a_hint_that_names_nothing_of_ones_own_gives_the_plain_page(login_hint: str) -> None:
    """CC1: a hint is no probe: an existing organisation and nonsense are answered alike."""
    assert choose_capacity(THREE, login_hint) == NeedsChoice(THREE)
    assert choose_capacity(THREE, "") == NeedsChoice(THREE)


def test_a_hint_for_elsewhere_never_silently_picks_the_only_one() -> None:
    """CC1: the application asked for another organisation; the person must see that."""
    only_well_formed = hint(cap_hint="LB", code_hint="0207437468")
    assert choose_capacity(THREE[:1], only_well_formed) == NeedsChoice(THREE[:1])


@given(st.text())
def test_no_hint_breaks_the_reading(login_hint: str) -> None:
    """Whatever stands there."""
    read = read_login_hint(login_hint)
    assert read is None or isinstance(read, Hint)
