"""A new secret key, after the numbers themselves are gone (threats RE4, OP2)."""

import base64
import os

import pytest

from broker.database import perform
from broker.installation import Installation
from broker.keys import Keys
from broker.keys.noted_keys import lost_keys, note_keys
from broker.keys_in_use import MissingKeyError, require_keys
from broker.people.find_person import find_person_by_number
from broker.people.person import Person
from broker.people.raise_number_hashes import raise_number_hashes


def _with_a_newer_key(installation):
    newer = {"k2": os.urandom(32), **installation.keys.secrets}
    return Installation(installation.settings, installation.catalogue, Keys(newer))


def test_a_person_is_found_under_the_newer_key_though_the_number_is_erased(world, session):
    """RE4: raised from the row alone, looked up as before."""
    nele = world.person("Nele Vercauteren", number="85073099833")
    rotated = _with_a_newer_key(world.installation)
    assert find_person_by_number(session, rotated.keys, "85073099833").id == nele.id
    assert perform(raise_number_hashes, rotated) == 1
    assert perform(raise_number_hashes, rotated) == 0
    assert world.fresh(Person, nele.id).number_hash_version == "k2"
    assert find_person_by_number(session, rotated.keys, "85073099833").id == nele.id


def test_a_key_that_was_ever_used_here_may_not_be_taken_away_or_replaced(world, session):
    """OP2: look-up hashes build on it though no row names it any more."""
    rotated = _with_a_newer_key(world.installation)
    perform(note_keys, rotated.keys)
    perform(note_keys, rotated.keys)
    [old] = world.installation.keys.secrets
    without = Keys({"k2": rotated.keys.secrets["k2"]})
    with pytest.raises(MissingKeyError, match=old):
        require_keys(session, without)
    another = Keys(rotated.keys.secrets | {old: base64.b64decode("A" * 43 + "=")})
    assert lost_keys(session, another) == [old]
    require_keys(session, rotated.keys)
