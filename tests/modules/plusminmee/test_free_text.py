"""What is written freely: a BSN blocks, a sensitive word is pointed out, and all the rest passes."""

import pytest

from modules.plusminmee.free_text import look_through
from modules.plusminmee.refusals import RefusedError
from tests.modules.plusminmee.numbers import BSN


def test_a_bsn_is_a_block_even_where_there_are_hints_too() -> None:
    with pytest.raises(RefusedError, match="text_bsn") as refused:
        look_through(f"Hij heeft schulden, BSN {BSN}.")
    assert BSN not in str(refused.value) + refused.value.words.nl + refused.value.words.en


def test_a_sensitive_word_is_a_hint() -> None:
    assert [(hint.word, str(hint.category.name)) for hint in look_through("Hij heeft schulden.")] == [
        ("schulden", "geld")
    ]


def test_an_ordinary_message_passes_without_a_word() -> None:
    assert look_through("Acht jongeren bij de supermarkt, na aanspreken zachter. Bel 06-12345678, 12-05-2024.") == ()
