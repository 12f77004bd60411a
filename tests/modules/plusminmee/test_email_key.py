"""When two addresses are the same (M11): capitals say nothing, and the domain is what the DNS has."""

import pytest

from modules.plusminmee.email_key import key_of_email


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Jan.Jansen@Elzevoorde.test", " jan.jansen@elzevoorde.test ", id="capitals and spaces"),
        pytest.param("jan@stra\u00dfe.test", "jan@xn--strae-oqa.test", id="a domain as the DNS has it"),
    ],
)
def test_these_are_the_same(one: str, other: str) -> None:
    assert key_of_email(one) == key_of_email(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("jan@stra\u00dfe.test", "jan@strasse.test", id="two domains"),
        pytest.param("stra\u00dfe@elzevoorde.test", "strasse@elzevoorde.test", id="two boxes"),
        pytest.param("jan@elzevoorde.test", "jan@elzevoord.test", id="another place"),
    ],
)
def test_these_are_not(one: str, other: str) -> None:
    """An invitation is accepted by whoever proved its address, and by nobody else."""
    assert key_of_email(one) != key_of_email(other)


def test_what_is_no_address_has_a_key_too() -> None:
    assert key_of_email(" Nobody ") == "nobody"
