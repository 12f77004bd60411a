"""find_uploads: the files that somebody brought, and where they stand. Reads only, in a constant number of statements."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from broker.access.upload import CAN, CANNOT, GIVEN, LEFT_OUT, REFUSED, Upload, UploadLine
from broker.errors import NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import name_at_work
from broker.people.person import Person

PAGE = 50
LAST_ONES = 5
VIEWS: dict[str, tuple[ColumnElement[bool], ...]] = {
    "alle": (),
    "kan": (UploadLine.verdict == CAN,),
    "kan-niet": (UploadLine.verdict == CANNOT,),
    "gekozen": (UploadLine.chosen.is_(True),),
    "gegeven": (UploadLine.outcome == GIVEN,),
    "geweigerd": (UploadLine.outcome == REFUSED,),
    "weggelaten": (UploadLine.outcome == LEFT_OUT,),
}


@dataclass(frozen=True, slots=True)
class UploadCounts:
    """How many lines there are of each sort."""

    all: int
    unchecked: int
    can: int
    cannot: int
    chosen: int
    given: int
    refused: int
    left_out: int


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some lines, and the number after which the next ones come (None on the last page)."""

    lines: Sequence[UploadLine]
    next_after: int | None


def upload_of(session: Session, actor: uuid.UUID, upload_id: uuid.UUID) -> Upload:
    """A file that `actor` brought.

    Raises:
        NotFoundError: no such file, or somebody else's.
    """
    upload = session.scalar(select(Upload).where(Upload.id == upload_id, Upload.person_id == actor))
    if upload is None:
        raise NotFoundError("upload_unknown")
    return upload


def last_uploads(session: Session, actor: uuid.UUID) -> Sequence[Upload]:
    """The last files that `actor` brought, newest first."""
    return session.scalars(
        select(Upload).where(Upload.person_id == actor).order_by(Upload.created_at.desc(), Upload.id).limit(LAST_ONES)
    ).all()


def names_at_work(session: Session, upload: Upload, lines: Sequence[UploadLine]) -> dict[uuid.UUID, str]:
    """By what name the organisation knows the people that these lines are about; one statement."""
    rows = session.execute(
        select(Person, Affiliation)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.organisation_id == upload.organisation_id,
            Affiliation.ended_at.is_(None),
            Person.id.in_({line.person_id for line in lines if line.person_id is not None}),
        )
    )
    return {person.id: name_at_work(person, affiliation).full_name for person, affiliation in rows}


def count_lines(session: Session, upload: Upload) -> UploadCounts:
    """The lines of each sort; one statement."""
    rows = session.execute(
        select(UploadLine.verdict, UploadLine.chosen, UploadLine.outcome, func.count())
        .where(UploadLine.upload_id == upload.id)
        .group_by(UploadLine.verdict, UploadLine.chosen, UploadLine.outcome)
    ).all()

    def count(place: int, wanted: object) -> int:
        return sum(row[3] for row in rows if row[place] == wanted)

    return UploadCounts(
        all=upload.line_count,
        unchecked=count(0, None),
        can=count(0, CAN),
        cannot=count(0, CANNOT),
        chosen=count(1, True),
        given=count(2, GIVEN),
        refused=count(2, REFUSED),
        left_out=count(2, LEFT_OUT),
    )


def page_of_lines(session: Session, upload: Upload, view: str, after: int) -> LinePage:
    """The lines of `view` after the line of that number."""
    lines = session.scalars(
        select(UploadLine)
        .where(UploadLine.upload_id == upload.id, UploadLine.number > after, *VIEWS[view])
        .order_by(UploadLine.number)
        .limit(PAGE + 1)
    ).all()
    more = len(lines) > PAGE
    return LinePage(lines[:PAGE], lines[PAGE - 1].number if more else None)
