"""Operations: the beheerder notes that a proposal was discussed, takes it over, or declines it with a reason (C2, W23)."""

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import ChangedMeanwhileError, NotFoundError
from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.keep_intervention import InterventionFields, add_intervention
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.place_youngster import place_youngster
from modules.plusminmee.proposal_model import OPEN, PROPOSAL_ANSWER, PROPOSAL_WHY, Proposal
from modules.plusminmee.write_log import write_log


def discuss_proposal(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, proposal_id: uuid.UUID, day: date
) -> None:
    """Note the day of the meeting in which it was discussed.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them. ChangedMeanwhileError: decided already.
    """
    row = _lock_open(session, professional_id, group_id, proposal_id)
    row.state, row.discussed_on = "discussed", day
    write_log(session, group_id, professional_id, "proposal_discussed", youngster_id=row.youngster_id)
    session.flush()


def take_over_place(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    proposal_id: uuid.UUID,
    day: date,
) -> None:
    """Move the youngster as proposed; what was proposed stands in the history as the reason. Discussed on `day`.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them, or not about a place. ChangedMeanwhileError: decided already.
    """
    row = _lock_open(session, professional_id, group_id, proposal_id)
    if row.place is None:
        raise NotFoundError
    why = kept.sealer.open_text(row.why, PROPOSAL_WHY.of(row.id))
    place_youngster(session, kept, professional_id, group_id, row.youngster_id, row.place, why)
    row.state, row.discussed_on = "taken_over", day
    write_log(session, group_id, professional_id, "proposal_taken_over", youngster_id=row.youngster_id)
    session.flush()


def take_over_talk(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    proposal_id: uuid.UUID,
    day: date,
    sign: str,
    for_id: uuid.UUID,
) -> uuid.UUID:
    """Make the intervention that was proposed, with its youngster and words; returns its id. `sign` and `for_id` are chosen now.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them, or not a talk. NotInGroupError: for who is no member.
        ChangedMeanwhileError: decided already.
    """
    row = _lock_open(session, professional_id, group_id, proposal_id)
    if row.kind != "talk":
        raise NotFoundError
    words = kept.sealer.open_text(row.why, PROPOSAL_WHY.of(row.id))
    fields = InterventionFields(sign, row.youngster_id, words, for_id, False, None, None)
    row.intervention_id = add_intervention(session, kept, professional_id, group_id, fields)
    row.state, row.discussed_on = "taken_over", day
    write_log(session, group_id, professional_id, "proposal_taken_over", youngster_id=row.youngster_id)
    session.flush()
    return row.intervention_id


def decline_proposal(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    proposal_id: uuid.UUID,
    day: date,
    answer: str,
) -> None:
    """Do not follow it, and say why.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them. ChangedMeanwhileError: decided already.
    """
    row = _lock_open(session, professional_id, group_id, proposal_id)
    row.state, row.discussed_on = "declined", day
    row.answer = kept.sealer.seal_text(answer, PROPOSAL_ANSWER.of(row.id))
    write_log(session, group_id, professional_id, "proposal_declined", youngster_id=row.youngster_id)
    session.flush()


def _lock_open(session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, proposal_id: uuid.UUID) -> Proposal:
    hold_membership(session, professional_id, group_id, as_beheerder=True)
    row = session.scalars(
        select(Proposal)
        .where(Proposal.id == proposal_id, Proposal.group_id == group_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError
    if row.state not in OPEN:
        raise ChangedMeanwhileError
    return row
