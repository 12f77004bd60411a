"""OA5: nothing that a policy calls a code can carry the signs that separate the parts of a claim."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.catalogue.application_file import read_application
from broker.catalogue.found import Found, Reading, UnreadableError
from broker.catalogue.target_groups_file import read_target_groups
from broker.catalogue.yaml_lines import Block, Entry, Node, Scalar, read_tree
from tests.catalogue.folders import ROOT

APPLICATION, _ = read_tree("x.yaml", (ROOT / "policies" / "applications" / "cultuurmonitor.yaml").read_bytes())
GROUPS, _ = read_tree("x.yaml", (ROOT / "policies" / "target_groups.yaml").read_bytes())
SAFE = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
SEPARATOR = re.compile(r"[:,\-\s]")

any_code = st.one_of(
    st.text(min_size=1, max_size=30),
    st.text(alphabet="aZ0_:-, .", min_size=1, max_size=10),
    st.text(alphabet="aZ9_", min_size=1, max_size=10),
)

# Where in the application a code stands: keys of mappings (named by what holds them) and values.
NAMES = ["contexts", "rights", "entitlement_codes", "labels"]
VALUES = ["rights.invoerder.claim", "scope", "claim"]


def _with_name(tree: Node, key: str, name: str) -> Block:
    """The tree with the first name under `key` replaced."""
    assert isinstance(tree, Block)
    held = tree.entries[key].node
    assert isinstance(held, Block)
    first, *others = held.entries.items()
    entries = dict([(name, first[1]), *(each for each in others if each[0] != name)])
    return Block(1, {**tree.entries, key: Entry(1, replace(held, entries=entries))})


def _with_value(tree: Node, path: str, value: str) -> Block:
    """The tree with the value at a dotted path replaced."""
    assert isinstance(tree, Block)
    key, _, rest = path.partition(".")
    node: Node = _with_value(tree.entries[key].node, rest, value) if rest else Scalar(1, value, "text")
    return Block(1, {**tree.entries, key: Entry(1, node)})


def _accepts(tree: Node, name: str = "cultuurmonitor") -> bool:
    """Whether an application is read from the tree without any mistake."""
    reading = Reading({}, development=False)
    try:
        read_application(name, Found(reading, "x.yaml", "", 1, tree))
    except UnreadableError:
        return False
    return not reading.mistakes


@pytest.mark.parametrize("key", NAMES)
@settings(max_examples=40, deadline=None)
@given(code=any_code)
def test_no_name_with_a_separator_gets_through(key: str, code: str) -> None:
    """OA5: rights, contexts, entitlement codes and labels."""
    if _accepts(_with_name(APPLICATION, key, code)):
        assert SAFE.fullmatch(code)
        assert not SEPARATOR.search(code)


@pytest.mark.parametrize("path", VALUES)
@settings(max_examples=40, deadline=None)
@given(code=any_code)
def test_no_claim_or_scope_with_a_separator_gets_through(path: str, code: str) -> None:
    """OA5: the parts of the claim itself."""
    accepted = _accepts(_with_value(APPLICATION, path, code))
    if accepted:
        assert SAFE.fullmatch(code)
    if SEPARATOR.search(code):
        assert not accepted


@settings(max_examples=40, deadline=None)
@given(code=any_code)
def test_no_target_group_or_type_with_a_separator_gets_through(code: str) -> None:
    """OA5: `vo_doelgroepcode`, and what stands in links."""
    reading = Reading({}, development=False)
    tree = _with_name(GROUPS, "target_groups", code)
    try:
        groups = read_target_groups(Found(reading, "x.yaml", "", 1, tree))
    except UnreadableError:
        return
    assert all(SAFE.fullmatch(name) for name in groups)


def test_a_plain_code_does_get_through() -> None:
    assert _accepts(_with_value(APPLICATION, "claim", "cjm_ander_rol_3D"))
    assert _accepts(_with_name(APPLICATION, "labels", "Ander_label_2"))
