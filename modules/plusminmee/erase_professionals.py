"""The clock: a professional who has no right any more and whom nothing here names is forgotten (DESIGN §6).

While a group lives its logbook names who worked on it; with the group that goes (erase_group.py), and then so do they. Owns: who
that is. Whether somebody still has the right is the broker's to say. Who set a term of retention stays named there.
"""

import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.orm import Session

from modules.kit.database import Database
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.model import Base, Professional, ProfessionalPhoto
from modules.plusminmee.recheck_members import Ask

Who = tuple[uuid.UUID, str, str]
"""The id of a row, the person (`sub`) and the organisation that they worked here for."""


def erase_professionals(database: Database, ask: Ask) -> int:
    """Forget them; returns how many.

    Raises:
        BrokerUnreachableError: the broker did not answer for everybody; nothing is done.
    """
    unnamed = database.perform(unnamed_now)
    held = {
        (each.sub, each.organisation_code)
        for each in ask({sub for _id, sub, _code in unnamed})
        if each.right in (GEBRUIKER, BEHEERDER)
    }
    return database.perform(_erase, [row_id for row_id, sub, code in unnamed if (sub, code) not in held])


def unnamed_now(session: Session) -> Collection[Who]:
    """Everybody whom no row of another table names."""
    rows = session.execute(
        select(Professional.id, Professional.sub, Professional.organisation_code).where(*_named_nowhere())
    )
    return [(row_id, sub, code) for row_id, sub, code in rows]


def _erase(session: Session, ids: Collection[uuid.UUID]) -> int:
    """Those who are still named nowhere. The file of a photo is swept."""
    gone = session.scalars(
        select(Professional.id).where(Professional.id.in_(ids), *_named_nowhere()).with_for_update()
    ).all()
    session.execute(delete(ProfessionalPhoto).where(ProfessionalPhoto.professional_id.in_(gone)))
    session.execute(delete(Professional).where(Professional.id.in_(gone)))
    return len(gone)


def _named_nowhere() -> list[ColumnElement[bool]]:
    """Read from the tables, so that a new one that names professionals is in it."""
    professionals, photos = Professional.__table__, ProfessionalPhoto.__table__
    assert isinstance(professionals, Table)
    return [
        ~select(key.parent).where(key.parent == professionals.c.id).exists()
        for table in Base.metadata.sorted_tables
        if table is not photos
        for key in table.foreign_keys
        if key.column.table is professionals
    ]
