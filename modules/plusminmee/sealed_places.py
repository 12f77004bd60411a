"""Every place where PlusMinMee keeps something sealed: columns, and files that a column names.

Owns: that list, for sealing anew and for seeing which keys are in use. A new sealed column or file belongs in it: a test compares
it with the tables.
"""

from typing import Any

from sqlalchemy import Column, ColumnElement, func

from modules.plusminmee.incident_model import HAPPENED_ON, LEADER, WHAT
from modules.plusminmee.model import KEPT_LONGER, PORTRAIT, Base
from modules.plusminmee.proposal_model import PROPOSAL_ANSWER, PROPOSAL_WHY
from modules.plusminmee.sealing import SealedField, head_of
from modules.plusminmee.work_model import ATTACHMENT, ATTACHMENT_NAME, INTERVENTION_TEXT, MESSAGE_TEXT
from modules.plusminmee.youngster_model import (
    BORN,
    CHECKED_ON,
    DESCRIPTION,
    DOCUMENT_NUMBER,
    KENTEKEN,
    NAME,
    PHOTO,
    PHOTO_SQUARE,
    WHY,
)

TEXTS = (
    NAME,
    KENTEKEN,
    DESCRIPTION,
    DOCUMENT_NUMBER,
    WHY,
    INTERVENTION_TEXT,
    MESSAGE_TEXT,
    ATTACHMENT_NAME,
    PROPOSAL_WHY,
    PROPOSAL_ANSWER,
    WHAT,
    LEADER,
    KEPT_LONGER,
)
DATES = (BORN, CHECKED_ON, HAPPENED_ON)
FILES = (PHOTO, PHOTO_SQUARE, PORTRAIT, ATTACHMENT)


def column_of(field: SealedField) -> tuple[Column[Any], Column[Any]]:
    """The id of the rows and the column itself."""
    table = Base.metadata.tables[field.table]
    (row_id,) = table.primary_key.columns
    return row_id, table.columns[field.column]


def stands_under(column: ColumnElement[Any], key_id: str) -> ColumnElement[bool]:
    """Whether a sealed column names this key, for the database to say."""
    head = head_of(key_id)
    return func.substr(column, 1, len(head)) == head
