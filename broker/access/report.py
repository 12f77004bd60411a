"""Report (melding): a holder of a right says that a colleague should no longer have theirs (seed 000). Owns the table.

What becomes of it is the task that it opens.
"""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime


class Report(Identified, Base):
    """One right of a colleague, who reported it, and what they wrote; the words go when the report is settled."""

    __tablename__ = "reports"

    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grants.id"), index=True)
    reporter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    note: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
