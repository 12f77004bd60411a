"""Words about health, religion, origin, crime and money are noticed, whole words only, and ordinary messages are left alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.plusminmee.sensitive_words import CATEGORIES, hints, read_word_list
from modules.plusminmee.words import Entry, TextsError


def noticed(text: str) -> list[tuple[str, str]]:
    """The words with what they are about."""
    return [(hint.word, hint.category.code) for hint in hints(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hij heeft ADHD en slikt medicatie.", [("ADHD", "health"), ("medicatie", "health")]),
        ("Er is een persoonlijkheidsstoornis vastgesteld.", [("persoonlijkheidsstoornis", "health")]),
        ("Zij is licht verstandelijk beperkt.", [("licht verstandelijk", "health")]),
        ("Het gezin is Islamitisch.", [("Islamitisch", "religion")]),
        ("Haar geloof speelt mee.", [("Haar geloof", "religion")]),
        ("Jongen van Marokkaanse afkomst.", [("Marokkaanse", "origin"), ("afkomst", "origin")]),
        ("Syriër zonder verblijfsvergunning.", [("Syriër", "origin"), ("verblijfsvergunning", "origin")]),
        ("Veroordeeld voor een vermogensdelict.", [("Veroordeeld", "crime"), ("vermogensdelict", "crime")]),
        ("Er is proces verbaal opgemaakt.", [("proces verbaal", "crime")]),
        (
            "Zijn moeder heeft schulden en een WW-uitkering.",
            [("schulden", "money"), ("WW", "money"), ("uitkering", "money")],
        ),
        ("Financiële problemen thuis.", [("Financiële problemen", "money")]),
    ],
)
def test_a_word_is_noticed_with_what_it_is_about(text: str, expected: list[tuple[str, str]]) -> None:
    assert noticed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Rond 21.00 uur stonden er acht jongeren op het plein bij de supermarkt. Ze ruimden hun afval op.",
        "Niemand aangetroffen bij de speeltuin in de Kerkstraat.",
        "Ik geloof dat hij volgende week aan zijn opleiding begint. Het is niet zijn schuld dat het misging.",
        "Halt gehouden bij de brug; aan de rechter kant stond een scooter. Dat was een verdachte stilte.",
        "Thuisgesprek gevoerd. Hij helpt zijn broertje met voetbal en wil bij de club komen werken.",
        "De ouders zijn betrokken en komen naar het overleg op dinsdag.",
        "Muziek was te hard, na aanspreken ging het zachter. Een ziek nummer, zeiden ze.",
        "Hij gaat om met de positieve groep en spreekt anderen aan op hun gedrag.",
        "Ze zaten op een terras met gras en een matras, en dronken turkooizen limonade.",
        "De jeugdboa sprak met hem af om vrijdag langs te komen; de gemeente regelt een ruimte.",
    ],
)
def test_an_ordinary_message_is_left_alone(text: str) -> None:
    assert noticed(text) == []


def test_a_word_counts_once_however_often_it_stands_there() -> None:
    assert noticed("Schulden, schulden en nog eens SCHULDEN.") == [("Schulden", "money")]


def test_accents_count_neither_written_nor_left_out_nor_apart() -> None:
    for written in ("Syriër", "Syrier", unicodedata.normalize("NFD", "Syriër")):
        assert [code for _, code in noticed(f"een {written} jongen")] == ["origin"]


def test_all_five_that_the_seed_names_are_there_in_both_languages() -> None:
    assert list(CATEGORIES) == ["health", "religion", "origin", "crime", "money"]
    assert all(category.name.nl and category.name.en for category in CATEGORIES.values())


@given(st.text(max_size=300))
def test_whatever_is_written_what_is_noticed_stands_in_it(text: str) -> None:
    for hint in hints(text):
        assert hint.word in unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("word", ["Schulden", "financiële", "a.*b", "x**", "(a+)+", "", " x"])
def test_a_word_that_could_not_be_looked_for_stops_the_start(word: str) -> None:
    category = {"name": {"nl": "geld", "en": "money"}, "words": [word]}
    with pytest.raises(TextsError):
        read_word_list(Entry("a list", {"version": "1", "categories": {"money": category}}))


def test_a_long_text_is_read_in_no_time() -> None:
    assert hints("delic" * 4000) == ()
    assert hints("a b " * 4000) == ()
