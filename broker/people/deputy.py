"""Deputy (plaatsvervanger): somebody who decides tasks for an administrator who is away (lifecycles §5, threats AP1, AP2).

Owns the table. A deputyship hangs on a mandate, so the database itself knows no deputy of a deputy. Naming one is `name_deputy`.
"""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Ending, Identified, ending_checks


class Deputy(Identified, Ending, Base):
    """`deputy_person_id` decides the tasks of the mandate of `holder_person_id` within these dates, and nothing else.

    It counts while that mandate lives and the deputy works for the organisation (`living_deputies`).
    """

    __tablename__ = "deputies"

    mandate_id: Mapped[uuid.UUID]
    holder_person_id: Mapped[uuid.UUID]
    deputy_person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["mandate_id", "holder_person_id"], ["mandates.id", "mandates.person_id"], name="fk_deputies_mandate"
        ),
        Index(
            "uq_deputies_living",
            "mandate_id",
            "deputy_person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("deputy_person_id <> holder_person_id", name="somebody_else"),
        *ending_checks(),
    )
