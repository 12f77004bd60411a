"""Operation: a member proposes a place or a talk for a youngster (seed 004, Methode voorstellen; W18: every member may)."""

import uuid
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from modules.plusminmee.errors import NotFoundError, NotInGroupError
from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.find_youngsters import hold_youngster
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.proposal_model import PROPOSAL_WHY, Proposal
from modules.plusminmee.write_log import write_log


def make_proposal(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    youngster_id: uuid.UUID,
    place: str | None,
    why: str,
) -> None:
    """Propose that a youngster comes to stand at `place` (in the circle), or, without one, that somebody talks with them.

    Raises:
        NotFoundError: no member of such a group. NotInGroupError: no such youngster in it.
    """
    hold_membership(session, professional_id, group_id)
    try:
        hold_youngster(session, group_id, youngster_id)
    except NotFoundError:
        raise NotInGroupError("youngster") from None
    proposal_id = uuid.uuid4()
    session.add(
        Proposal(
            id=proposal_id,
            group_id=group_id,
            youngster_id=youngster_id,
            kind="talk" if place is None else "place",
            place=place,
            why=kept.sealer.seal_text(why, PROPOSAL_WHY.of(proposal_id)),
            made_at=datetime.now(UTC),
            made_by=professional_id,
        )
    )
    write_log(session, group_id, professional_id, "proposal_made", youngster_id=youngster_id)
    session.flush()
