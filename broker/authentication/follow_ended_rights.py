"""follow_ended_rights: what the worker does when somebody's rights changed: a right that ends, ends now (decisions 1).

Sessions and refresh families that no longer have what they stand on end, and their applications are told in the same
transaction; so do those of an application that could not learn otherwise that one of several rights ended. Event streams
hear what the rights are now. Owns the channel "change" of the outbox. Does not own what a
change is (`access.tell_rights_changed`) nor who is told what (`tell_applications`). Done twice, it does nothing more.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from broker.access.grant import Grant
from broker.access.live_rights import live_rights
from broker.authentication.client_session import ClientSession
from broker.authentication.end_narrowed_sessions import end_narrowed_sessions, narrowed_sessions
from broker.authentication.end_rightless_sessions import AT_ONCE, end_rightless_sessions
from broker.authentication.revoke_client_sessions import RevokedSession
from broker.authentication.tell_applications import RightsOf, anybody_hears, tell_nothing_left, tell_rights
from broker.database import db, perform
from broker.errors import BusyError
from broker.installation import Installation
from broker.notifications.channels import HandOver
from broker.notifications.outbox_message import OutboxMessage
from broker.notifications.post import NotNowError


@dataclass(frozen=True, slots=True)
class RightsChange:
    """One row of the channel: whose rights, where and in what; None is all of them. `key` is the id of the row, `at` when it
    was written."""

    key: str
    reason: str
    at: datetime
    person_id: uuid.UUID | None
    organisation_id: uuid.UUID | None
    application_code: str | None

    @property
    def sessions(self) -> tuple[ColumnElement[bool], ...]:
        """A condition for the ClientSessions that may hang on it."""
        return tuple(
            column == value
            for column, value in (
                (ClientSession.person_id, self.person_id),
                (ClientSession.organisation_id, self.organisation_id),
                (ClientSession.application_code, self.application_code),
            )
            if value is not None
        )


def prepare_change(installation: Installation, message: OutboxMessage) -> HandOver:
    """What the outbox does with one change."""
    facts = message.facts or {}
    change = RightsChange(
        key=str(message.id),
        reason=facts["reason"],
        at=message.created_at,
        person_id=uuid.UUID(facts["person"]) if "person" in facts else None,
        organisation_id=uuid.UUID(facts["organisation"]) if "organisation" in facts else None,
        application_code=facts.get("application"),
    )

    def follow() -> None:
        try:
            follow_ended_rights(installation, change)
        except (BusyError, DBAPIError) as error:
            raise NotNowError("database_busy") from error

    return follow


def follow_ended_rights(installation: Installation, change: RightsChange) -> None:
    """End what no longer stands, then tell what is left; each part a transaction that can be done again."""
    ended: set[RightsOf] = set()
    while revoked := perform(end_rightless_sessions, installation, change.sessions, change.reason):
        ended.update(_rights_of(revoked))
    for sids in narrowed_sessions(installation, change.sessions, change.at, change.reason):
        perform(end_narrowed_sessions, installation, sids, change.at, change.reason)
    for some in _concerned(change):
        if heard := [each for each in some if anybody_hears(installation, each.application_code)]:
            perform(_tell, installation, heard, ended, change)


def _rights_of(revoked: Sequence[RevokedSession]) -> Iterator[RightsOf]:
    for each in revoked:
        if each.organisation_id is not None:
            yield RightsOf(each.person_id, each.organisation_id, each.application_code)


def _tell(
    session: Session,
    installation: Installation,
    concerned: Sequence[RightsOf],
    ended: set[RightsOf],
    change: RightsChange,
) -> None:
    tell_rights(session, installation, concerned, change.key, change.reason)
    gone = [each for each in concerned if each not in ended and not _any_right(session, installation, each)]
    tell_nothing_left(session, installation, gone, change.key, change.reason)


def _any_right(session: Session, installation: Installation, of: RightsOf) -> bool:
    rights = live_rights(session, installation.catalogue, of.person_id, of.application_code)
    return any(right.organisation_id == of.organisation_id for right in rights)


def _concerned(change: RightsChange) -> Iterator[list[RightsOf]]:
    """Whose rights may be others now, AT_ONCE a time: of one person there, or of every open grant that it is about."""
    if change.person_id and change.organisation_id and change.application_code:
        yield [RightsOf(change.person_id, change.organisation_id, change.application_code)]
        return
    conditions = [
        column == value
        for column, value in (
            (Grant.person_id, change.person_id),
            (Grant.organisation_id, change.organisation_id),
            (Grant.application_code, change.application_code),
        )
        if value is not None
    ]
    if not conditions:
        return  # the policies changed: what ended was ended above, and who is not signed in reads the right at the next sign-in
    found = select(Grant.person_id, Grant.organisation_id, Grant.application_code).where(
        Grant.ended_at.is_(None), *conditions
    )
    with Session(db.engine) as reading:
        rows = reading.execute(found.distinct().order_by(Grant.person_id, Grant.organisation_id)).all()
    everything = [RightsOf(*row) for row in rows]
    for start in range(0, len(everything), AT_ONCE):
        yield everything[start : start + AT_ONCE]
