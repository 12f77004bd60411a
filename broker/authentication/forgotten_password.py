"""Forgotten password: somebody asks for a new link, and hears the same whether there is such an account (threats PW3).

The page writes one row of the outbox, whatever was typed; the worker looks whether it is somebody's, and sends the mail. So neither
words nor time tell. A link goes only to an address that the person has proved (DG8), once in 15 minutes and three times a day.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import perform, to_change
from broker.installation import Installation
from broker.notifications import OutboxMessage, put_mail
from broker.notifications.put_message import put_message
from broker.people.find_local_account import accounts_to_recover, recovers
from broker.people.local_account import LocalAccount, made_for, typed_user_name
from broker.people.one_time_link import SET_PASSWORD, issue_link
from broker.people.person import Person

FORGOTTEN = "forgotten"
BETWEEN = timedelta(minutes=15)
A_DAY = 3


def ask_password_link(session: Session, installation: Installation, typed: str) -> None:
    """Note that somebody asks; `typed` is a user name or an e-mail address."""
    wanted = typed_user_name(typed)
    key = installation.keys.private_hash(wanted, "forgotten passwords")
    minute = clock.now().strftime("%Y%m%dT%H%M")
    put_message(
        session,
        channel=FORGOTTEN,
        template="forgotten_password",
        lane=FORGOTTEN,
        recipient=FORGOTTEN,
        key=f"{minute}:{key}",
        facts={"typed": wanted},
    )
    audit.record(session, "authentication:password:ask", details={"key": sha256(key.encode()).hexdigest()[:16]})


def prepare_forgotten(installation: Installation, message: OutboxMessage) -> Callable[[], None]:
    """See `channels.Prepare`: the mails, if what was typed is somebody's."""
    typed = str((message.facts or {}).get("typed", ""))
    return lambda: perform(send_password_links, typed)


def send_password_links(session: Session, typed: str) -> None:
    """A link for each account that `typed` names, unless it had one a moment ago."""
    for unlocked, person in accounts_to_recover(session, typed):
        account = session.scalars(to_change(select(LocalAccount).where(LocalAccount.id == unlocked.id))).one()
        session.refresh(person)  # another address may have been proved since it was looked for
        if recovers(typed, account, person) and _may_have_one(account):
            _send(session, account, person)


def _may_have_one(account: LocalAccount) -> bool:
    now = clock.now()
    if account.link_sent_at is None or now >= account.link_sent_at + timedelta(days=1):
        account.links_sent = 0
        return True
    return now >= account.link_sent_at + BETWEEN and account.links_sent < A_DAY


def _send(session: Session, account: LocalAccount, person: Person) -> None:
    assert person.email is not None
    link = issue_link(session, SET_PASSWORD, account.id)
    account.link_sent_at, account.links_sent = clock.now(), account.links_sent + 1
    put_mail(
        session,
        "password_link",
        person.email,
        key=f"password:{link.id}",
        language=person.language,
        facts={"given_name": person.given_name, "user_name": account.user_name, **made_for(account)},
        link=link.reference(),
        subject_id=person.id,
    )
