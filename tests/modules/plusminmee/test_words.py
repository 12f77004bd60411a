"""A file of texts that lacks something stops the start, and says where."""

from pathlib import Path

import pytest

from look.language import use_language
from modules.kit.words import Words
from modules.plusminmee.refusals import RefusedError
from modules.plusminmee.words import Entry, TextsError, read_file


def test_a_text_speaks_the_language_of_its_reader() -> None:
    words = Words(nl="Werkinstructies", en="Work instructions")
    with use_language("nl"):
        assert str(words) == "Werkinstructies"
    with use_language("en"):
        assert str(words) == "Work instructions"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a: [", "is not YAML"),
        ("- a", "must be a mapping"),
        ("", "must be a mapping"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "texts.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(TextsError, match=rf"texts\.yaml.* {told}"):
        read_file("texts.yaml", tmp_path)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({}, r"texts\.title must be a mapping"),
        ({"nl": "Ja"}, r"texts\.title\.en must be a text"),
        ({"nl": "Ja", "en": " "}, r"texts\.title\.en must be a text"),
        ({"nl": "Ja", "en": True}, r"texts\.title\.en must be a text"),
        ({"nl": "Ja", "en": "Yes", "fr": "Oui"}, r"texts\.title has what nobody reads: fr"),
    ],
)
def test_a_text_that_lacks_a_language_is_told_with_its_place(value: object, told: str) -> None:
    with pytest.raises(TextsError, match=told):
        Entry("texts", {"title": value}).words("title")


@pytest.mark.parametrize("value", [None, [], "a", ["a", "a"], [""], [1]])
def test_a_list_is_a_list_of_different_texts(value: object) -> None:
    with pytest.raises(TextsError, match=r"texts\.words"):
        Entry("texts", {"words": value}).texts("words")


def test_a_refusal_has_a_code_and_a_sentence_and_nothing_else() -> None:
    error = RefusedError("document_bsn")
    assert error.reason == str(error) == "document_bsn"
    assert "BSN" in error.words.nl
    assert "BSN" in error.words.en
