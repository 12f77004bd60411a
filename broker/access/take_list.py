"""take_list: an administrator takes a list of their organisations along, or its yearly report on paper.

Owns who may, and that it stands in the audit. A deputy, who only decides tasks, may not. What stands in the list is `access.lists`,
in the report `access.yearly_report`.
"""

import uuid

from sqlalchemy.orm import Session

from broker import audit
from broker.access.mandate_over import own_organisations
from broker.errors import NotFoundError

PEOPLE, RIGHTS, TASKS, HISTORY = "people", "rights", "tasks", "history"
LISTS = (PEOPLE, RIGHTS, TASKS, HISTORY)
REPORT, PAPER = "report", "page"
FORMS = ("csv", "xlsx")


def take_list(
    session: Session, actor: uuid.UUID, which: str, form: str, organisation_id: uuid.UUID | None
) -> list[uuid.UUID]:
    """Write down that `actor` takes the list `which` as `form`; the organisations to read it for, one or all of theirs.

    Raises:
        NotFoundError: no such list or form, or not an administrator of that organisation.
    """
    mine = [each.id for each in own_organisations(session, actor)]
    chosen = mine if organisation_id is None else [each for each in mine if each == organisation_id]
    if not chosen or which not in LISTS or form not in FORMS:
        raise NotFoundError("list_unknown")
    for each in chosen:
        _write_down(session, actor, which, form, each)
    return chosen


def take_report(session: Session, actor: uuid.UUID, organisation_id: uuid.UUID | None) -> uuid.UUID:
    """Write down that `actor` takes the yearly report of one organisation, the first of theirs unless one was chosen; which it is.

    Raises:
        NotFoundError: not an administrator of that organisation, or of any.
    """
    mine = [each.id for each in own_organisations(session, actor)]
    chosen = next((each for each in mine if organisation_id in (None, each)), None)
    if chosen is None:
        raise NotFoundError("organisation_unknown")
    _write_down(session, actor, REPORT, PAPER, chosen)
    return chosen


def _write_down(session: Session, actor: uuid.UUID, which: str, form: str, organisation_id: uuid.UUID) -> None:
    audit.record(
        session,
        "access:list:take",
        subject_id=actor,
        organisation_id=organisation_id,
        details={"list": which, "form": form},
    )
