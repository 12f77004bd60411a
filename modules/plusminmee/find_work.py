"""Finding what is done and proposed for one youngster (W20); that the reader may see them is asked before (who.py).

Owns: those queries. The lists of a whole group stand with their pages.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.proposal_model import OPEN, Proposal
from modules.plusminmee.work_model import Intervention


def interventions_for(session: Session, youngster_id: uuid.UUID, most: int | None = None) -> Sequence[Intervention]:
    """Running ones first, the newest first; all of them, or the first `most`."""
    return session.scalars(
        select(Intervention)
        .where(Intervention.youngster_id == youngster_id)
        .order_by(Intervention.settled_on.is_not(None), Intervention.added_at.desc(), Intervention.id)
        .limit(most)
    ).all()


def proposals_about(session: Session, youngster_id: uuid.UUID, most: int | None = None) -> Sequence[Proposal]:
    """Open ones first, the newest first; all of them, or the first `most`."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.youngster_id == youngster_id)
        .order_by(Proposal.state.not_in(OPEN), Proposal.made_at.desc(), Proposal.id)
        .limit(most)
    ).all()
