"""Sealed values move to the newest secret key, and open nowhere else than before (threats OP2)."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.load_case import number_place
from broker.audit import AuditEvent
from broker.database import db, perform
from broker.installation import installation
from broker.keys import Keys
from broker.keys.rotate_signing_key import ensure_signing_keys
from broker.keys.signing_keys import KeyRing, SigningKeyRow
from broker.keys_in_use import keys_in_use
from broker.reencrypt import reencrypt
from tests.worlds.settings import secret_key
from tests.worlds.world import World

COMMAND = "from broker.cli import main; main()"


def with_a_newer_key() -> Keys:
    """The keys of the installation with a new one in front."""
    return Keys({"newer": bytes(range(32)), **installation().keys.secrets})


def test_everything_sealed_opens_under_the_newest_key(app: Flask, world: World, session: Session) -> None:
    perform(ensure_signing_keys, installation().keys)
    number = world.number()
    request = world.typed_request(world.organisation(), number=number)
    keys = with_a_newer_key()
    done = {each.place: each.count for each in reencrypt(keys)}
    assert done["signing_keys.private_sealed"] == 2
    assert done["access_requests.number_sealed"] == 1
    sealed = session.get_one(AccessRequest, request.id).number_sealed
    assert sealed is not None
    assert sealed.startswith("newer.")
    assert keys.unseal(sealed, number_place(request.id)) == number
    assert KeyRing(keys, lambda: Session(bind=db.engine)).signing("ES256").algorithm == "ES256"
    only_hashes = {key for key, count in keys_in_use(session).items() if key != "newer" and count}
    assert not any(row.private_sealed.split(".")[0] in only_hashes for row in session.scalars(select(SigningKeyRow)))


def test_a_second_run_finds_nothing_to_do(app: Flask, session: Session) -> None:
    perform(ensure_signing_keys, installation().keys)
    keys = with_a_newer_key()
    assert sum(each.count for each in reencrypt(keys)) == 2
    assert sum(each.count for each in reencrypt(keys)) == 0
    events = session.scalars(select(AuditEvent).where(AuditEvent.name == "keys:secret_key:reencrypt")).all()
    assert [event.details["count"] for event in events] == [2]


def test_many_rows_go_in_batches(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.reencrypt.AT_ONCE", 2)
    genk = world.organisation()
    for _ in range(5):
        world.typed_request(genk)
    done = {each.place: each.count for each in reencrypt(with_a_newer_key())}
    assert done["access_requests.number_sealed"] == 5


def test_the_command_says_what_it_did(
    app: Flask, world: World, run_command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    perform(ensure_signing_keys, installation().keys)
    newer = f"newer:{secret_key('z')},test1:{secret_key('a')}"
    again = run_command(sys.executable, "-c", COMMAND, "keys", "reencrypt", "--json", BROKER_SECRET_KEYS=newer)
    assert again.returncode == 0, again.stderr
    assert {row["place"]: row["sealed_anew"] for row in json.loads(again.stdout)}["signing_keys.private_sealed"] == 2
