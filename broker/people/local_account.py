"""LocalAccount: a user name and password of our own, for a person without a digital key. Owns the table, and what a user name is.

Made by invitation only (`add_local_account`). Who it is stands on the Person, with who vouched for each fact: the e-mail is proved
by the link in the invitation, the mobile number by a code; with both proved, and a password set, the account is `ready`. The
password itself, codes and devices are authentication/'s.
"""

import re
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime
from broker.people.identifiers import folded
from broker.people.person import Person

LONGEST_USER_NAME = 60
_NOT_IN_USER_NAME = re.compile(r"[^a-z0-9]+")


class LocalAccount(Identified, Base):
    """invited → ready → ended. `password_hash` is argon2id in its own notation, None until the person sets one.

    `wrong_codes` counts those typed since `wrong_codes_since`, whichever code it was (threats PW4). `invited_for` is the
    application that the administrator had in mind, whose page the person is led to.
    """

    __tablename__ = "local_accounts"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    user_name: Mapped[str] = mapped_column(String(LONGEST_USER_NAME), unique=True)
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wrong_codes: Mapped[int] = mapped_column(default=0)
    wrong_codes_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    invited_for: Mapped[str | None] = mapped_column(String(40))
    link_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    links_sent: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        Index(
            "uq_local_accounts_living",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("ended_at IS NULL OR password_hash IS NULL", name="password_goes_with_it"),
        CheckConstraint("(password_hash IS NULL) = (password_set_at IS NULL)", name="password_has_date"),
    )

    def end(self, instant: datetime, reason: str) -> None:
        """End it; the user name is never given to somebody else."""
        self.ended_at, self.end_reason = instant, reason
        self.password_hash = self.password_set_at = None


def is_ready(account: LocalAccount, person: Person) -> bool:
    """Whether somebody can sign in with it: a password was set, and e-mail and mobile number are proved."""
    return (
        account.ended_at is None
        and account.password_hash is not None
        and person.email_source == "proved"
        and person.phone_source == "proved"
    )


def made_for(account: LocalAccount | None) -> dict[str, str]:
    """The application that an account was made for, as the fact of a mail; nothing where none was named."""
    code = account.invited_for if account is not None else None
    return {"application_code": code} if code else {}


def typed_user_name(typed: str) -> str:
    """A user name as somebody types it, in the form in which it is kept: case and spaces around it do not matter."""
    return typed.strip().lower()[:200]


def user_name_of(given_name: str, family_name: str) -> str:
    """A user name made of a name: "nele.vercauteren"; never empty."""
    parts = [_NOT_IN_USER_NAME.sub("", folded(each)) for each in (given_name, family_name)]
    return ".".join(part for part in parts if part)[: LONGEST_USER_NAME - 6] or "gebruiker"
