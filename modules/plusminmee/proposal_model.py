"""The table of PlusMinMee about proposals for the method (W23). What somebody wrote in them is sealed.

Owns: that table. Does not own what taking one over does (decide_proposal.py).
"""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.kit.database import Instant
from modules.plusminmee.model import Base, Professional
from modules.plusminmee.sealing import Sealed, SealedField
from modules.plusminmee.youngster_model import IN_CIRCLE, Youngster

KINDS = ("place", "talk")
STATES = ("proposed", "discussed", "taken_over", "declined")
OPEN = ("proposed", "discussed")
PROPOSAL_WHY = SealedField("proposals", "why")
PROPOSAL_ANSWER = SealedField("proposals", "answer")


class Proposal(Base):
    """A member proposes a place in the circle, or a talk, for a youngster, and says why (C2). It is discussed on a day, then taken
    over, which moves the youngster or makes the intervention it links to, or declined with a reason.
    """

    __tablename__ = "proposals"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youth_groups.id"), index=True)
    youngster_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youngsters.id"), index=True)
    kind: Mapped[str] = mapped_column(String(5))
    place: Mapped[str | None] = mapped_column(String(12))
    why: Mapped[Sealed] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"))
    discussed_on: Mapped[date | None]
    answer: Mapped[Sealed | None] = mapped_column(LargeBinary)
    intervention_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("interventions.id"))

    youngster: Mapped[Youngster] = relationship()
    maker: Mapped[Professional] = relationship(foreign_keys=[made_by])

    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS!r}", name="kind"),
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint(f"place IS NULL OR place IN {IN_CIRCLE!r}", name="place"),
        CheckConstraint("(kind = 'place') = (place IS NOT NULL)", name="kind_of_place"),
        CheckConstraint("(state = 'proposed') = (discussed_on IS NULL)", name="discussed"),
        CheckConstraint("(state = 'declined') = (answer IS NOT NULL)", name="declined"),
        CheckConstraint("(state = 'taken_over' AND kind = 'talk') = (intervention_id IS NOT NULL)", name="taken_over"),
    )
