"""carry_out_line: one line of an upload becomes a right, in one transaction with its own mark (threats CU2).

Decided anew, under the mandate of whoever brought the file, by the very operation of the page (`give_right`). A line that has its
outcome is left alone, so a worker that was killed, or two of them, never give twice.
"""

import uuid
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.add_colleague import NewColleague, add_colleague
from broker.access.check_upload import direct_grant
from broker.access.decision import PAGE_OUT_OF_DATE
from broker.access.explain_direct import DirectGrant, explain_direct_at
from broker.access.give_grant import Given
from broker.access.give_right import give_right
from broker.access.rules.case import WARNING
from broker.access.upload import GIVEN, REFUSED, Upload, UploadLine
from broker.access.upload_content import Checked, check_content
from broker.access.upload_seal import content_of, seal_told
from broker.database import to_change
from broker.errors import ConflictError
from broker.installation import Installation
from broker.people.organisation import Organisation
from broker.text import Text


def add_newcomer(session: Session, installation: Installation, line_id: uuid.UUID) -> None:
    """Add whoever a line is about and does not work there yet: a step of its own, as on the pages, before the right is given.

    Raises:
        DomainError: why not; the line is as it was.
    """
    line = _to_do(session, line_id)
    if line is None or line.person_id is not None:
        return
    upload, _organisation, checked = _opened(session, installation, line)
    new = NewColleague(
        given_name=checked.given_name,
        family_name=checked.family_name,
        number=checked.number,
        email=checked.email,
    )
    line.person_id = add_colleague(session, installation, upload.person_id, upload.organisation_id, new).person_id


def carry_out_line(session: Session, installation: Installation, line_id: uuid.UUID) -> bool:
    """Give what the line says to somebody who works there; False where it is done already.

    Raises:
        DomainError: why not; the line is as it was (`refuse_line` says so to whoever brought the file).
    """
    line = _to_do(session, line_id)
    if line is None:
        return False
    upload, organisation, checked = _opened(session, installation, line)
    if line.person_id is None:
        raise ConflictError("person_changed", PERSON_CHANGED)
    direct = direct_grant(organisation, line.person_id, checked, line.seen)
    given = _give(session, installation, upload.person_id, organisation, direct)
    line.outcome, line.grant_id, line.content_sealed = GIVEN, given.grant.id, None
    return True


def refuse_line(session: Session, installation: Installation, line_id: uuid.UUID, why: Text) -> None:
    """The line was not carried out, and why."""
    line = _to_do(session, line_id)
    if line is not None:
        line.outcome, line.content_sealed = REFUSED, None
        line.told_sealed = seal_told(installation.keys, line.id, [why])


def _give(
    session: Session, installation: Installation, actor: uuid.UUID, organisation: Organisation, direct: DirectGrant
) -> Given:
    """Give it. An earlier line may have changed what is said of this one (the label is asked now); a warning that nobody read stops
    it all the same."""
    try:
        return give_right(session, installation, actor, direct)
    except ConflictError as error:
        if error.code != "explanation_changed":
            raise
    explanation = explain_direct_at(session, installation, actor, direct, organisation)
    if any(finding.weight == WARNING for finding in explanation.findings):
        raise ConflictError("explanation_changed", PAGE_OUT_OF_DATE)
    return give_right(session, installation, actor, replace(direct, seen=explanation.fingerprint))


def _opened(session: Session, installation: Installation, line: UploadLine) -> tuple[Upload, Organisation, Checked]:
    """The file of a line, its organisation, and what the line says; the operations lock what they use."""
    content = content_of(installation.keys, line)
    upload = session.get_one(Upload, line.upload_id)
    organisation = session.get_one(Organisation, upload.organisation_id)
    assert content is not None
    checked = check_content(
        content, installation.catalogue, organisation, test_domains=installation.settings.development
    )
    if isinstance(checked, list):
        raise ConflictError("line_cannot", checked[0])
    return upload, organisation, checked


def _to_do(session: Session, line_id: uuid.UUID) -> UploadLine | None:
    return session.scalar(
        to_change(select(UploadLine).where(UploadLine.id == line_id, UploadLine.outcome.is_(None), UploadLine.chosen))
    )


PERSON_CHANGED = Text(
    "Deze persoon werkt intussen niet meer bij u.",
    "This person no longer works for you.",
)
