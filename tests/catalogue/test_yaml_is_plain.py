"""PF1: what of YAML is let through."""

import time

import pytest

from broker.catalogue.yaml_lines import DEEPEST, LARGEST_BYTES, Block, Refused, Scalar, read_tree

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        (
            "a: 1\nb: !!python/object/apply:os.system [ls]\n",
            2,
            "the tag tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("a: !secret x\n", 1, "the tag !secret"),
        ("a: 1\nb: &here 2\n", 2, "the anchor &here"),
        ("a: 1\nb: 2\na: 3\n", 3, "a key that already stands on line 1"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", 4, "a key that already stands on line 2"),
        ("? [a, b]\n: 1\n", 1, "a list or mapping as a key"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "broken YAML"),
        ("a: 1\n\tb: 2\n", 2, "broken YAML"),
        ("a: 'x\n", 2, "broken YAML"),
        ("a: 1\nb: \x07\n", 2, "the sign U+0007"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", 1, "too deep a nesting"),
    ],
)
def test_what_is_not_plain_is_refused_at_its_line(text: str, line: int, found: str) -> None:
    """PF1: tags, anchors, double keys, second documents, broken and deep YAML."""
    _, mistakes = read_tree("x.yaml", text.encode())
    assert [(mistake.line, mistake.found[: len(found)]) for mistake in mistakes] == [(line, found)]


def test_a_bomb_of_aliases_is_refused_without_growing() -> None:
    """PF1: an alias is never followed, so nothing multiplies."""
    tree, mistakes = read_tree("x.yaml", BOMB.encode())
    assert sum("alias" in mistake.found for mistake in mistakes) == 4
    assert isinstance(tree, Block)


def test_a_file_that_is_too_large_is_not_even_parsed() -> None:
    """PF1: size limit."""
    before = time.process_time()
    tree, mistakes = read_tree("x.yaml", b"- a\n" * LARGEST_BYTES)
    assert isinstance(tree, Refused)
    assert mistakes[0].expected == f"at most {LARGEST_BYTES} bytes"
    assert time.process_time() - before < 0.2


def test_nesting_up_to_the_limit_is_allowed() -> None:
    _, mistakes = read_tree("x.yaml", ("[" * DEEPEST + "]" * DEEPEST).encode())
    assert mistakes == []


def test_bytes_that_are_not_utf8_are_reported_with_their_line() -> None:
    _, mistakes = read_tree("x.yaml", b"a: 1\nb: \xff\n")
    assert (mistakes[0].line, mistakes[0].found) == (2, "bytes that are not UTF-8")


def test_an_empty_file_holds_nothing() -> None:
    assert read_tree("x.yaml", b"# only a comment\n") == (Scalar(1, "", "nothing"), [])


def test_quoted_values_are_text_and_plain_ones_are_what_yaml_takes_them_for() -> None:
    tree, _ = read_tree("x.yaml", b"a: 12\nb: '12'\nc: no\nd: 2026-01-01\ne:\n")
    assert isinstance(tree, Block)
    kinds = [entry.node.kind for entry in tree.entries.values() if isinstance(entry.node, Scalar)]
    assert kinds == ["whole number", "text", "yes or no", "date", "nothing"]
