"""rotate_signing_key and ensure_signing_keys: the operations that make signing keys, retire them and withdraw them."""

from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import insert_into, to_change
from broker.errors import NotFoundError
from broker.keys.jose import ALGORITHMS, Algorithm, new_private_key, signing_key
from broker.keys.secret_keys import Keys
from broker.keys.signing_keys import ANNOUNCED_FOR, SKEW, SigningKeyRow, seal_place
from broker.text import Text

_NO_KEY = Text("Zo'n sleutel is er niet.", "There is no such key.")


def ensure_signing_keys(session: Session, keys: Keys) -> list[str]:
    """Make a key that signs at once for every algorithm that has none; the new kids.

    Of two nodes that start together one makes the key (unique index), the other finds it.
    """
    present = set(session.scalars(select(SigningKeyRow.algorithm).where(SigningKeyRow.retired_at.is_(None))))
    now = clock.now()
    made = []
    for algorithm in ALGORITHMS:
        if algorithm not in present:
            kid = _make(session, keys, algorithm, now, now)
            if kid:
                made.append(kid)
    return made


def rotate_signing_key(session: Session, keys: Keys, algorithm: Algorithm, longest_token: timedelta) -> str:
    """Announce a new key for `algorithm` that takes over from the present one once every cache knows it; its kid.

    `longest_token`: the longest life of a token that the old key may have signed; it stays published that much longer.
    """
    now = clock.now()
    present = session.scalar(
        to_change(select(SigningKeyRow).where(SigningKeyRow.algorithm == algorithm, SigningKeyRow.retired_at.is_(None)))
    )
    takes_over = now
    if present is not None:
        takes_over = max(now, present.signing_from) + ANNOUNCED_FOR
        present.retired_at = takes_over
        present.gone_at = takes_over + longest_token + SKEW
        session.flush()
        audit.record(session, "keys:signing_key:retire", details={"kid": present.kid, "algorithm": algorithm})
    kid = _make(session, keys, algorithm, now, takes_over)
    assert kid is not None  # the row of the present key is locked, and its slot free
    return kid


def revoke_signing_key(session: Session, keys: Keys, kid: str) -> str | None:
    """Withdraw a key at once (it leaked), so that nothing it signed is valid; the kid of its successor if it needs one.

    Raises:
        NotFoundError: no such key.
    """
    now = clock.now()
    row = session.get(SigningKeyRow, kid, with_for_update={"key_share": True}, populate_existing=True)
    if row is None or row.state(now) == "gone":
        raise NotFoundError("key_unknown", _NO_KEY)
    signing = row.state(now) == "signing"
    if row.retired_at is None or row.retired_at > now:
        row.retired_at = now
    row.gone_at = now
    session.flush()
    audit.record(session, "keys:signing_key:revoke", details={"kid": kid, "algorithm": row.algorithm})
    algorithm: Algorithm = "RS256" if row.algorithm == "RS256" else "ES256"
    successor = session.scalar(
        to_change(select(SigningKeyRow).where(SigningKeyRow.algorithm == algorithm, SigningKeyRow.retired_at.is_(None)))
    )
    if successor is None:
        return _make(session, keys, algorithm, now, now)
    if signing:
        successor.signing_from = min(successor.signing_from, now)
        return successor.kid
    return None


def _make(session: Session, keys: Keys, algorithm: Algorithm, now: datetime, signing_from: datetime) -> str | None:
    kid = token_hex(16)  # typed on the command line: it may not begin with a dash
    pem = new_private_key(algorithm)
    values = {
        "kid": kid,
        "algorithm": algorithm,
        "private_sealed": keys.seal(pem, seal_place(kid)),
        "public_jwk": signing_key(kid, algorithm, pem).public_jwk(),
        "created_at": now,
        "signing_from": signing_from,
    }
    made = session.scalar(
        insert_into(session, SigningKeyRow).values(values).on_conflict_do_nothing().returning(SigningKeyRow.kid)
    )
    if made is not None:
        audit.record(session, "keys:signing_key:announce", details={"kid": kid, "algorithm": algorithm})
    return made
