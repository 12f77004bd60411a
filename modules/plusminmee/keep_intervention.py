"""Operations: a member adds an intervention, or changes and settles one (W18: every member may)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import ChangedMeanwhileError, NotFoundError, NotInGroupError
from modules.plusminmee.find_membership import hold_membership, members_of
from modules.plusminmee.find_youngsters import hold_youngster
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.work_model import INTERVENTION_TEXT, Intervention
from modules.plusminmee.write_log import write_log


@dataclass(frozen=True)
class InterventionFields:
    """What is said of an intervention; `youngster_id` None is the whole group."""

    sign: str
    youngster_id: uuid.UUID | None
    words: str
    professional_id: uuid.UUID
    street_value: bool
    remind_on: date | None
    settled_on: date | None


def add_intervention(
    session: Session, kept: Keeping, professional_id: uuid.UUID, group_id: uuid.UUID, fields: InterventionFields
) -> uuid.UUID:
    """Add one; returns its id.

    Raises:
        NotFoundError: no member of such a group. NotInGroupError: for a youngster or a professional who is not in it.
    """
    hold_membership(session, professional_id, group_id)
    _hold_for_whom(session, group_id, fields.youngster_id)
    row = Intervention(
        id=uuid.uuid4(), group_id=group_id, added_at=datetime.now(UTC), added_by=professional_id, version=0
    )
    _fill_in(session, kept, row, fields)
    session.add(row)
    write_log(session, group_id, professional_id, "intervention_added", youngster_id=fields.youngster_id)
    session.flush()
    return row.id


def change_intervention(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    intervention_id: uuid.UUID,
    fields: InterventionFields,
    seen_version: int,
) -> None:
    """Change one; with a day in `settled_on` it is settled. It may stay for who left the group since.

    Raises:
        NotFoundError: no member of such a group, or no such intervention in it. NotInGroupError: as above.
        ChangedMeanwhileError: somebody else changed it since `seen_version`.
    """
    hold_membership(session, professional_id, group_id)
    _hold_for_whom(session, group_id, fields.youngster_id)
    row = session.scalars(
        select(Intervention)
        .where(Intervention.id == intervention_id, Intervention.group_id == group_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError
    if row.version != seen_version:
        raise ChangedMeanwhileError
    settled_now = fields.settled_on is not None and row.settled_on is None
    _fill_in(session, kept, row, fields)
    kind = "intervention_settled" if settled_now else "intervention_changed"
    write_log(session, group_id, professional_id, kind, youngster_id=fields.youngster_id)
    session.flush()


def _fill_in(session: Session, kept: Keeping, row: Intervention, fields: InterventionFields) -> None:
    _check_by_whom(session, row, fields)
    row.sign, row.youngster_id = fields.sign, fields.youngster_id
    row.words = kept.sealer.seal_text(fields.words, INTERVENTION_TEXT.of(row.id))
    row.professional_id, row.street_value = fields.professional_id, fields.street_value
    row.remind_on, row.settled_on = fields.remind_on, fields.settled_on
    row.version += 1


def _hold_for_whom(session: Session, group_id: uuid.UUID, youngster_id: uuid.UUID | None) -> None:
    """Before the intervention, as removing a youngster locks in that order."""
    if youngster_id is not None:
        try:
            hold_youngster(session, group_id, youngster_id)
        except NotFoundError:
            raise NotInGroupError("youngster") from None


def _check_by_whom(session: Session, row: Intervention, fields: InterventionFields) -> None:
    members = {each.professional_id for each in members_of(session, row.group_id)}
    if fields.professional_id not in members | {row.professional_id}:
        raise NotInGroupError("professional")
