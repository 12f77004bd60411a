"""OneTimeLink: an address in a mail that proves somebody reads it. Owns the table, issuing and using it.

Nothing usable is stored: the token in the address is an HMAC over kind, id and nonce (lifecycles §8), so the worker
that delivers the mail derives it, and a copy of the database opens nothing.
"""

import uuid
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import CursorResult, Index, String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import audit, clock
from broker.database import Base, Identified, UtcDateTime
from broker.errors import NotFoundError
from broker.keys import Keys
from broker.text import Text

CONFIRM_EMAIL = "confirm_email"
TRACKING = "tracking"
ASK_NUMBER = "ask_number"
INVITATION = "invitation"
SET_PASSWORD = "set_password"  # noqa: S105  the kind of link
STOP_NUMBER = "stop_number"
PROVE_EMAIL = "prove_email"
LIFETIMES = {
    CONFIRM_EMAIL: timedelta(hours=24),
    TRACKING: timedelta(days=400),
    ASK_NUMBER: timedelta(hours=72),
    INVITATION: timedelta(hours=72),
    SET_PASSWORD: timedelta(hours=72),
    STOP_NUMBER: timedelta(hours=24),
    PROVE_EMAIL: timedelta(hours=24),
}

LINK_IS_OVER = Text(
    "Deze link werkt niet meer. Vraag een nieuwe.",
    "This link no longer works. Ask for a new one.",
)


class OneTimeLink(Identified, Base):
    """issued → used | revoked; expired is derived. `subject_id` is what it serves: an AccessRequest; for `ask_number` an
    AskedFacts, for `invitation` an Affiliation, for `set_password` a LocalAccount, for `stop_number` a PhoneChange, for
    `prove_email` an EmailChange."""

    __tablename__ = "one_time_links"

    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[uuid.UUID]
    nonce: Mapped[str] = mapped_column(String(32), default=lambda: token_hex(16))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "uq_one_time_links_open",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=text("used_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=text("used_at IS NULL AND revoked_at IS NULL"),
        ),
    )

    def reference(self) -> dict[str, str]:
        """What a message needs to build the address at delivery (`Keys.link_token`); opens nothing by itself."""
        return {"kind": self.kind, "id": str(self.id), "nonce": self.nonce}


def issue_link(session: Session, kind: str, subject_id: uuid.UUID) -> OneTimeLink:
    """A new link of `kind` for `subject_id`; an earlier open one is replaced, as a lost mail must not bar the way."""
    now = clock.now()
    revoke_links(session, kind, subject_id)
    link = OneTimeLink(kind=kind, subject_id=subject_id, issued_at=now, expires_at=now + LIFETIMES[kind])
    session.add(link)
    session.flush()
    audit.record(session, "people:link:issue", subject_id=subject_id, details={"kind": kind})
    return link


def revoke_links(session: Session, kind: str, subject_id: uuid.UUID) -> None:
    """End every open link of `kind` for `subject_id`."""
    session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.kind == kind,
            OneTimeLink.subject_id == subject_id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
    )


def find_link(session: Session, keys: Keys, kind: str, token: str) -> OneTimeLink:
    """The link that `token` belongs to, alive or not yet judged; use `link_is_open` or `use_link` for that.

    Raises:
        NotFoundError: the token is not one of ours (constant-time compare).
    """
    link_id = keys.link_id(token)
    link = session.get(OneTimeLink, link_id) if link_id else None
    if link is None or link.kind != kind or not keys.link_token_matches(token, link.kind, str(link.id), link.nonce):
        raise NotFoundError("link_unknown", LINK_IS_OVER)
    return link


def link_is_open(link: OneTimeLink) -> bool:
    """Neither used, nor replaced, nor run out."""
    return link.used_at is None and link.revoked_at is None and link.expires_at > clock.now()


def use_link(session: Session, link: OneTimeLink) -> None:
    """Consume the link in this transaction; of two at once, one.

    Raises:
        NotFoundError: it was used, replaced or ran out.
    """
    now = clock.now()
    result = session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.id == link.id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.revoked_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        .values(used_at=now)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise NotFoundError("link_over", LINK_IS_OVER)
    audit.record(session, "people:link:use", subject_id=link.subject_id, details={"kind": link.kind})


def open_link(session: Session, kind: str, subject_id: uuid.UUID) -> OneTimeLink | None:
    """The open link of `kind` for `subject_id`, if there is one."""
    return session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.kind == kind,
            OneTimeLink.subject_id == subject_id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.revoked_at.is_(None),
        )
    )


def newest_link(session: Session, kind: str, subject_id: uuid.UUID) -> OneTimeLink | None:
    """The last link of `kind` for `subject_id`, whatever became of it. Read-only."""
    return session.scalar(
        select(OneTimeLink)
        .where(OneTimeLink.kind == kind, OneTimeLink.subject_id == subject_id)
        .order_by(OneTimeLink.issued_at.desc(), OneTimeLink.id)
        .limit(1)
    )
