"""Finding an organisation: by name, municipality or number, among the living ones of one kind only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from broker.catalogue import Catalogue
from broker.clock import now
from broker.database import perform
from broker.people.find_organisations import find_organisations, organisation_by_code, search_condition
from broker.people.import_organisations import import_organisations
from broker.people.organisation import Organisation
from broker.people.organisation_file import read_organisation_file
from tests.people.organisation_files import csv_file
from tests.worlds.statements import Statements
from tests.worlds.world import World

LINES = (
    "gemeente,LB,Liège-aan-de-Maas,,71016,Limburg,0999000129,OVO900001,,1,",
    "gemeente,LB,Genk,,71017,Limburg,0999000228,,,1,",
    "gemeente,LB,Genkenberg,,71018,Limburg,0999000327,,,1,",
    "gemeente,LB,Oud Genk,,71019,Limburg,0999000426,,,0,",
    "agb,LB,AGB De Stiemer,,,Limburg,0999000525,,71017,1,",
    "brusselse_gemeente,EA,Elsene,Ixelles,21009,,,,,1,",
)


@pytest.fixture(autouse=True)
def _organisations(world: World, catalogue: Catalogue) -> None:
    file = read_organisation_file(csv_file(*LINES), catalogue)
    assert file.errors == []
    perform(import_organisations, world.installation, None, file)


@pytest.mark.parametrize(
    ("kind", "words", "names"),
    [
        ("LB/gemeente", "liege", ["Liège-aan-de-Maas"]),
        ("LB/gemeente", "  MAAS liè ", ["Liège-aan-de-Maas"]),
        ("LB/gemeente", "genk", ["Genk", "Genkenberg"]),
        ("LB/gemeente", "enk", []),
        ("LB/gemeente", "", ["Genk", "Genkenberg", "Liège-aan-de-Maas"]),
        ("LB/gemeente", "0999000228", ["Genk"]),
        ("LB/gemeente", "0999.000.228", ["Genk"]),
        ("LB/gemeente", "BE 0999.000.228", ["Genk"]),
        ("LB/gemeente", "999000228", ["Genk"]),
        ("LB/gemeente", "genk 0999.000.228", ["Genk"]),
        ("LB/gemeente", "0999.000", ["Genk", "Genkenberg", "Liège-aan-de-Maas"]),
        ("LB/gemeente", "OVO900001", ["Liège-aan-de-Maas"]),
        ("LB/gemeente", "71017", ["Genk"]),
        ("LB/gemeente", "%", []),
        ("LB/gemeente", "'; --", []),
        ("LB/gemeente", "stiemer", []),
        ("LB/agb", "genk", ["AGB De Stiemer"]),
        ("EA/brusselse_gemeente", "ixelles", ["Elsene"]),
        ("EA/brusselse_gemeente", "genk", []),
    ],
)
def test_every_word_begins_a_word_of_it_or_it_is_not_found(
    session: Session, kind: str, words: str, names: list[str]
) -> None:
    target_group, organisation_type = kind.split("/")
    found = find_organisations(session, target_group, organisation_type, words)
    assert [each.name for each in found] == names


def test_no_more_than_asked_in_one_statement(session: Session, statements: Statements) -> None:
    with statements() as seen:
        assert len(find_organisations(session, "LB", "gemeente", "", limit=2)) == 2
    assert len(seen) == 1


@given(st.text(max_size=80))
def test_whatever_is_typed_is_no_pattern(words: str) -> None:
    for condition in search_condition(words):
        pattern = condition.compile().params
        assert all(str(value).strip("% ").isalnum() for value in pattern.values() if value != " ")


def test_a_code_finds_the_living_one(session: Session) -> None:
    found = organisation_by_code(session, "0999000228")
    assert found is not None
    assert found.name == "Genk"
    assert organisation_by_code(session, "0999000426") is None
    session.execute(
        update(Organisation).where(Organisation.code == "0999000228").values(ended_at=now(), end_reason="inactive")
    )
    assert organisation_by_code(session, "0999000228") is None
