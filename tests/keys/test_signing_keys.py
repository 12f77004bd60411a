"""Signing keys come, take over and go without a gap, on every node at the same moment."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.audit import AuditEvent
from broker.database import db, perform
from broker.errors import NotFoundError
from broker.installation import installation
from broker.keys.jose import JoseError, sign, verify
from broker.keys.rotate_signing_key import ensure_signing_keys, revoke_signing_key, rotate_signing_key
from broker.keys.signing_keys import ANNOUNCED_FOR, JWKS_MAX_AGE, REREAD_SECONDS, KeyRing, SigningKeyRow

LONGEST = timedelta(minutes=5)


@pytest.fixture
def ring(app: Flask) -> Callable[[], KeyRing]:
    """Makes a node: its own view of the keys."""
    return lambda: KeyRing(installation().keys, lambda: Session(bind=db.engine))


def ensure() -> list[str]:
    return perform(ensure_signing_keys, installation().keys)


def rotate(algorithm: Any = "ES256") -> str:
    return perform(rotate_signing_key, installation().keys, algorithm, LONGEST)


def states(session: Session) -> dict[str, str]:
    session.rollback()
    return {row.kid: row.state(broker_clock.now()) for row in session.scalars(select(SigningKeyRow))}


def kids(ring: KeyRing) -> set[str]:
    return {key["kid"] for key in ring.jwks()["keys"]}


def test_the_first_start_makes_one_key_an_algorithm_and_the_next_none(app: Flask, ring: Callable[[], KeyRing]) -> None:
    assert len(ensure()) == 2
    assert ensure() == []
    assert ring().algorithms() == ["RS256", "ES256"]


def test_nodes_that_start_together_make_one_key_an_algorithm(app: Flask, session: Session) -> None:
    """OA11: exactly one under concurrency."""
    start, made, errors = threading.Barrier(4), [], []

    def begin() -> None:
        with app.app_context():
            start.wait()
            try:
                made.extend(ensure())
            except Exception as error:  # noqa: BLE001  a thread has nobody to raise to
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(made) == 2
    assert sorted(session.scalars(select(SigningKeyRow.algorithm))) == ["ES256", "RS256"]


def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(
    app: Flask, ring: Callable[[], KeyRing], session: Session, clock: time_machine.Traveller
) -> None:
    """OA11: announced for longer than the key set is kept, retired for longer than a token lives, then gone."""
    ensure()
    old = ring().signing("ES256").kid
    new = rotate()
    assert timedelta(seconds=JWKS_MAX_AGE) < ANNOUNCED_FOR
    assert (states(session)[old], states(session)[new]) == ("signing", "announced")
    assert ring().signing("ES256").kid == old
    assert {old, new} <= kids(ring())
    clock.shift(ANNOUNCED_FOR + timedelta(seconds=1))
    assert (states(session)[old], states(session)[new]) == ("retired", "signing")
    assert ring().signing("ES256").kid == new
    assert {old, new} <= kids(ring())
    clock.shift(LONGEST + timedelta(seconds=61))
    assert states(session)[old] == "gone"
    assert old not in kids(ring())


def test_a_node_that_saw_the_rotation_changes_over_at_the_moment_itself(
    app: Flask, ring: Callable[[], KeyRing], clock: time_machine.Traveller
) -> None:
    """OA11: the moment is written when the key is announced, so no node needs to be told."""
    ensure()
    node = ring()
    rotated = rotate()
    assert node.signing("ES256").kid != rotated
    clock.shift(ANNOUNCED_FOR + timedelta(seconds=1))
    assert node.signing("ES256").kid == rotated


def test_tokens_of_the_old_key_are_good_until_they_run_out(
    app: Flask, ring: Callable[[], KeyRing], still_clock: time_machine.Traveller
) -> None:
    ensure()
    rotate()
    still_clock.shift(ANNOUNCED_FOR - timedelta(seconds=1))
    now = int(broker_clock.now().timestamp())
    claims = {"iss": "i", "aud": "a", "iat": now, "exp": now + 300}
    token = sign(claims, ring().signing("ES256"), "JWT")
    still_clock.shift(timedelta(seconds=299))
    assert verify(token, keys=ring().verifying("ES256"), algorithm="ES256", issuer="i", audience="a")


def test_a_retired_key_never_signs(app: Flask, ring: Callable[[], KeyRing], clock: time_machine.Traveller) -> None:
    """OA11: a node with a stale view refuses rather than signs with a key of before."""
    ensure()
    node = ring()
    rotate()
    node.forget()
    node.jwks()
    rows = node._read().rows
    clock.shift(ANNOUNCED_FOR + timedelta(seconds=1))
    assert [row.state(row.retired_at) for row in rows if row.retired_at is not None] == ["retired"]
    only_old = [row for row in rows if row.retired_at is not None]
    object.__setattr__(node._read(), "rows", tuple(only_old))
    with pytest.raises(JoseError, match="no_signing_key"):
        node.signing("ES256")


def test_every_node_reads_again_within_thirty_seconds(app: Flask) -> None:
    """OA11."""
    assert REREAD_SECONDS <= 30


def test_two_rotations_in_a_row_leave_no_gap(
    app: Flask, ring: Callable[[], KeyRing], session: Session, clock: time_machine.Traveller
) -> None:
    ensure()
    rotate()
    clock.shift(timedelta(minutes=1))
    rotate()
    for _ in range(30):
        node = ring()
        assert node.signing("ES256").kid in kids(node)
        clock.shift(timedelta(minutes=1))
    assert sorted(states(session).values()) == ["gone", "gone", "signing", "signing"]


def test_a_revoked_key_is_gone_at_once_and_another_signs(
    app: Flask, ring: Callable[[], KeyRing], session: Session
) -> None:
    """OA11: for emergencies."""
    ensure()
    leaked = ring().signing("RS256").kid
    successor = perform(revoke_signing_key, installation().keys, leaked)
    assert ring().signing("RS256").kid == successor
    assert leaked not in kids(ring())
    with pytest.raises(NotFoundError):
        perform(revoke_signing_key, installation().keys, leaked)
    names = session.scalars(select(AuditEvent.name).where(AuditEvent.name.startswith("keys:"))).all()
    assert sorted(set(names)) == ["keys:signing_key:announce", "keys:signing_key:revoke"]


def test_a_revoked_key_hands_over_to_the_one_announced(app: Flask, ring: Callable[[], KeyRing]) -> None:
    ensure()
    leaked = ring().signing("ES256").kid
    announced = rotate()
    assert perform(revoke_signing_key, installation().keys, leaked) == announced
    assert ring().signing("ES256").kid == announced


def test_the_private_half_rests_sealed_for_its_own_row(app: Flask, session: Session) -> None:
    ensure()
    for row in session.scalars(select(SigningKeyRow)):
        assert "PRIVATE" not in row.private_sealed
        assert not {"d", "p", "q"} & set(row.public_jwk)
        with pytest.raises(ValueError, match="touched"):
            installation().keys.unseal(row.private_sealed, "signing_keys.private_sealed:another")
