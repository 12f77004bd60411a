"""Which secret keys this database has ever been used with (threats OP2).

Look-up hashes are layered (threats RE4): once raised to a newer key they no longer name the older ones, yet cannot be computed
without them. So every key is noted once, by id and a check value that says nothing of it, and a start without one is refused.
"""

from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import audit, clock
from broker.database import Base, UtcDateTime, insert_into
from broker.keys.secret_keys import Keys


class NotedKey(Base):
    """A secret key that was in use here. `check_value` tells the same key from another one under the same id."""

    __tablename__ = "noted_keys"

    key_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    check_value: Mapped[str] = mapped_column(String(64))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)


def note_keys(session: Session, keys: Keys) -> None:
    """Note the keys in use now; those that were noted before stay as they are."""
    noted = set(session.scalars(select(NotedKey.key_id)))
    for key_id in keys.secrets:
        if key_id in noted:
            continue
        values = {"key_id": key_id, "check_value": keys.check_value(key_id), "noted_at": clock.now()}
        made = session.scalar(
            insert_into(session, NotedKey).values(values).on_conflict_do_nothing().returning(NotedKey.key_id)
        )
        if made is not None:  # another node that starts at the same moment did not
            audit.record(session, "keys:secret_key:note", details={"key": key_id})


def lost_keys(session: Session, keys: Keys) -> list[str]:
    """The ids of noted keys that are not there any more, or that another key stands in for."""
    return [
        noted.key_id
        for noted in session.scalars(select(NotedKey).order_by(NotedKey.noted_at))
        if noted.key_id not in keys.secrets or keys.check_value(noted.key_id) != noted.check_value
    ]
